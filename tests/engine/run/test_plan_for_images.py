"""What a path holds, and the plan that is fitted to it: it can be started, whatever the images are."""

import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from engine.plan import faults, kind_of, preset, presets
from engine.run import own_images
from tests.engine.data.wild_folders import CASES, fill

PRESETS = presets()


def fitted(path, plan="darts-digits"):
    data = own_images.settings_for(Path(path))
    seen = own_images.look(data, lambda done, total: None)
    return own_images.fitted(preset(plan), data, seen), seen


@pytest.fixture
def photos(tmp_path):
    for label in range(3):
        fill(tmp_path / "my photos" / f"c{label}", label, 8)
    return tmp_path / "my photos"


@pytest.mark.parametrize("name", [name for name, plan in PRESETS.items() if own_images.looks_at_images(plan)])
def test_every_method_gets_a_plan_that_can_be_started(photos, name):
    plan, seen = fitted(photos, name)
    assert faults(plan) == []
    assert own_images.faults_with(plan, seen, seen.record(plan.data)) == {}
    assert plan.name == "my photos"
    assert (plan.space, type(plan.method), plan.budget) == (
        PRESETS[name].space, type(PRESETS[name].method), PRESETS[name].budget,
    )  # fmt: skip


@pytest.mark.parametrize(("count", "batch"), [(8, 2), (40, 8), (200, 16), (2000, 64)])
def test_the_batch_leaves_some_steps_in_an_epoch_and_is_never_larger_than_before(tmp_path, count, batch, monkeypatch):
    monkeypatch.setattr("engine.data.preview.MOST_OPENED", 12)
    one = fill(tmp_path / "set" / "a", 0, 1) / "0.png"
    for name in "ab":
        (tmp_path / "set" / name).mkdir(exist_ok=True)
        for number in range(count // 2):
            (tmp_path / "set" / name / f"x{number}.png").symlink_to(one)
    (tmp_path / "set" / "a" / "x0.png").unlink()
    plan, seen = fitted(tmp_path / "set")
    training, validation, test = seen.record(plan.data).splits
    assert training + validation + test == count
    assert plan.method.batch == batch <= min(training, validation)


def test_a_handful_of_images_is_refused_in_one_line(tmp_path):
    for label in (0, 1):
        fill(tmp_path / f"c{label}", label, 2)
    with pytest.raises(ValueError, match=r"too few images to search with \(0\.2 of 4 images") as caught:
        fitted(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("side", "image"), [(5, 8), (8, 8), (22, 20), (31, 28), (100, 32)])
def test_the_size_is_that_of_the_images_as_far_as_a_processor_can_search_on_them(tmp_path, side, image):
    from PIL import Image

    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(5):
            Image.new("RGB", (side, side + 40), (number * 20, 0, 99)).save(tmp_path / name / f"{number}.png")
    assert fitted(tmp_path)[0].data.image == image


def test_a_small_set_gets_a_narrow_network(photos):
    assert fitted(photos, "darts-cifar10")[0].method.channels == 8
    assert fitted(photos, "random-digits")[0].evaluator.channels <= 8


def test_what_lies_in_a_path_is_told_by_its_files(tmp_path):
    CASES["mnist"](tmp_path / "mnist")
    CASES["splits"](tmp_path / "splits")
    np.savez(tmp_path / "x.npz", train_images=np.zeros((4, 8, 8), np.uint8), train_labels=np.arange(4) % 2)
    np.savez(tmp_path / "table.npz", ops=np.zeros((4, 6)))
    for name in ("cifar-10-python.tar.gz", "cifar-100-binary.tar.gz"):
        tarfile.open(tmp_path / name, "w:gz").close()
    (tmp_path / "cifar-10-batches-bin").mkdir()
    (tmp_path / "cifar-10-batches-bin" / "test_batch.bin").write_bytes(b"")
    emnist = tmp_path / "emnist"
    emnist.mkdir()
    (emnist / "emnist-letters-train-images-idx3-ubyte.gz").write_bytes(b"")
    fashion = tmp_path / "FashionMNIST" / "raw"
    fashion.mkdir(parents=True)
    (fashion / "train-images-idx3-ubyte").write_bytes(b"")
    found = {
        "mnist": "mnist",
        "mnist/MNIST/raw": "mnist",
        "mnist/MNIST/raw/train-images-idx3-ubyte": "mnist",
        "FashionMNIST": "fashion-mnist",
        "emnist": "emnist",
        "splits": "folder",
        "x.npz": "npz",
        "cifar-10-python.tar.gz": "cifar10",
        "cifar-100-binary.tar.gz": "cifar100",
        "cifar-10-batches-bin": "cifar10",
    }
    assert {name: kind_of(own_images.settings_for(tmp_path / name)) for name in found} == found
    assert own_images.settings_for(emnist).part == "letters"
    assert all(own_images.are_images(tmp_path / name) for name in found)
    assert not any(own_images.are_images(tmp_path / name) for name in ("table.npz", "s.h5", "plan.toml"))


def test_a_relative_path_becomes_a_whole_one(photos, monkeypatch):
    monkeypatch.chdir(photos)
    plan, _ = fitted(".")
    assert plan.data.folder == str(photos)
    assert plan.name == "my photos"


def test_looking_at_images_loads_no_torch(photos):
    code = """
import sys
from pathlib import Path
from engine.run import own_images
data = own_images.settings_for(Path(sys.argv[1]))
own_images.look(data, lambda done, total: None).record(data)
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code, str(photos)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_look_counts_as_the_search_does(photos):
    (photos / "c1" / "broken.png").write_bytes(b"")
    plan, seen = fitted(photos)
    from engine.data import load

    record, taken = seen.record(plan.data), load(plan.data).record
    assert (record.classes, record.left_out, record.notes) == (taken.classes, taken.left_out, taken.notes)
