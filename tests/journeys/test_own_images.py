"""A person's own photos: dropped on the window they are looked at, shown, made into a plan, searched with."""

import json
import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from engine.commands import main
from engine.plan import override
from tests.engine.data.wild_folders import CASES, fill, picture, put
from tests.journeys.test_window import drop, shown, start, until

pytestmark = pytest.mark.slow


@pytest.fixture
def photos(tmp_path):
    """Three kinds of mushrooms, 120 photos of several formats and depths, and what lies around in such a folder."""
    root = tmp_path / "mushrooms"
    for label, name in enumerate(("amanita", "boletus", "morel")):
        fill(root / name, label, 20, "jpg")
        fill(root / name / "2025", label, 10, "png")
        fill(root / name / "2026", label, 10, "webp")
    put(root / "amanita" / "grey.png", Image.fromarray(np.full((40, 40), 30_000, np.uint16)))
    (root / "morel" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    (root / "morel" / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic")
    (root / "notes.txt").write_text("where I found them")
    put(root / "cover.jpg", picture(0))
    return root


def previewed(window):
    return window.plan.preview.text


def test_a_dropped_folder_is_shown_becomes_a_plan_and_is_searched_with(qtbot, window, photos):
    drop(window, photos)
    qtbot.waitUntil(lambda: "3 classes · 121 images" in previewed(window))
    text = previewed(window)
    for name in ("amanita", "boletus", "morel"):
        assert name in text.splitlines()
    for line in (
        "Left out: 1 file, damaged or cut short (morel/broken.jpg)",
        "Left out: 1 file, .heic is not read here (morel/phone.heic)",
        "Left out: 1 file, no image by its ending .txt (notes.txt)",
        "Left out: 1 file, not in a class's folder (cover.jpg)",
        "1 16-bit image with values 30000 to 30000: 0 is black, 65535 is white",
    ):
        assert line in text.splitlines()
    form = window.plan.form
    assert form.text("name") == "mushrooms"
    assert form.text("data.folder") == str(photos)
    assert form.text("data.image") == "32"
    assert int(form.text("method.batch")) <= 12
    assert window.plan.fault == ""
    assert window.top.notice.text == ""

    for key, value in {"method.layers": "3", "method.channels": "2", "budget.epochs": "1", "threads": "1"}.items():
        line = form.rows[key].editor.face
        line.selectAll()
        qtbot.keyClicks(line, value)
    path = start(qtbot, window)
    assert path.name.startswith("mushrooms-")
    until(qtbot, window, "finished")
    qtbot.waitUntil(lambda: "3 classes (amanita, boletus, morel), 121 images" in shown(window, "log"))
    assert "left out: 1 file, damaged or cut short (morel/broken.jpg)" in shown(window, "log")

    drop(window, path)  # open the session again
    qtbot.waitUntil(lambda: window.plan.locked == "opened")
    qtbot.waitUntil(lambda: "3 classes · 121 images" in previewed(window))
    assert "morel/broken.jpg" in previewed(window)


def test_a_batch_that_is_too_large_is_marked_before_the_start_in_the_forms_words(qtbot, window, photos):
    drop(window, photos)
    qtbot.waitUntil(lambda: "3 classes" in previewed(window))
    line = window.plan.form.rows["method.batch"].editor.face
    line.selectAll()
    qtbot.keyClicks(line, "64")
    assert not window.top.start.isEnabled()
    assert window.plan.fault == "Batch must be at most 48, the images of the validation split, got 64"
    assert window.plan.form.rows["method.batch"].fault.text().startswith("Must be at most 48")
    share = window.plan.form.rows["data.validation_share"].editor.face
    share.selectAll()
    qtbot.keyClicks(share, "0.3")
    assert "at most 29" in window.plan.fault
    line.selectAll()
    qtbot.keyClicks(line, "16")
    assert window.plan.fault == ""


def test_a_folder_that_is_typed_into_the_plan_is_looked_at_too(qtbot, window, photos, tmp_path):
    window.controller.show_plan(window.presets["darts-digits"])
    kind = window.plan.form.rows["data"].editor.combo
    kind.setCurrentIndex(kind.findData("folder"))
    kind.activated.emit(kind.currentIndex())
    line = window.plan.form.rows["data.folder"].editor.line
    qtbot.keyClicks(line, str(photos))
    qtbot.waitUntil(lambda: "3 classes · 121 images" in previewed(window))
    assert window.plan.form.text("name") == "darts-digits"  # what a person typed elsewhere stays
    assert "at most 48" in window.plan.fault


@pytest.mark.parametrize(
    ("name", "says"),
    [("loose", "names begin with cat, dog"), ("rare", "2 classes · 41 images"), ("mnist", "10 classes")],
)
def test_what_was_dropped_is_taken_or_refused_in_one_line(qtbot, window, tmp_path, name, says):
    CASES[name](tmp_path / name)
    before = window.plan.plan
    drop(window, tmp_path / name)
    qtbot.waitUntil(lambda: says in window.top.notice.text + previewed(window))
    assert "\n" not in window.top.notice.text
    assert (window.plan.plan == before) == (name == "loose")


def test_a_large_folder_shows_how_far_it_is_and_can_be_given_up(qtbot, window, photos, monkeypatch):
    import engine.data.folder as folder

    held, release, opened = [], threading.Event(), folder._opened

    def slow(path, side):
        held.append(path)
        if len(held) == 30:
            release.wait()
        return opened(path, side)

    monkeypatch.setattr(folder, "_opened", slow)
    before = window.plan.plan
    drop(window, photos)
    qtbot.waitUntil(lambda: "29 of 122 images" in previewed(window))
    assert window.top.start.isEnabled()  # the window answers
    [cancel] = window.plan.preview.findChildren(QPushButton)
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: previewed(window) == "")
    release.set()
    assert window.plan.plan == before


def test_the_record_is_in_the_session_for_show(tmp_path, capsys):
    CASES["rare"](tmp_path / "rare")
    out = tmp_path / "s.h5"
    changes = ["data=folder", f"data.folder={tmp_path / 'rare'}", "data.image=8", "budget.evaluations=1"]
    small = ["evaluator.epochs=1", "evaluator.channels=2", "evaluator.layers=3", "threads=1"]
    assert main(["run", "random-digits", "--out", str(out), "--set", *changes, *small]) == 0
    log = capsys.readouterr().out
    assert "data: 2 classes (neg, pos), 41 images: 17 training, 16 validation, 8 test" in log
    assert "data: class pos (1 image) without an image in the validation and the test split" in log
    assert main(["show", str(out), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["classes"][1] == {"name": "pos", "train": 1, "validation": 0, "test": 0}
    assert data["images"] == 41
    assert data["smallest"] == {"training": "pos", "validation": "pos", "test": "pos"}
    assert data["left_out"] == []
    assert 0 <= data["values"][0] < data["values"][1] <= 255
    assert main(["show", str(out)]) == 0
    assert "2 classes (neg, pos), 41 images" in capsys.readouterr().out


def test_a_start_before_the_images_were_looked_at_fails_in_the_forms_words_beside_its_field(qtbot, window, photos):
    plan = override(window.presets["darts-digits"], ["data=folder", f"data.folder={photos}", "method.batch=64"])
    window.controller.show_plan(plan)
    start(qtbot, window)
    qtbot.waitUntil(lambda: "failed" in window.windowTitle())
    says = "at most 48, the images of the validation split, got 64"
    assert window.top.notice.text == f"The search failed: Batch must be {says}"
    assert window.plan.form.rows["method.batch"].fault.text() == f"Must be {says}"
