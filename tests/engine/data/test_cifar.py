"""CIFAR's python version, in files pickled here as Python 2 wrote them, its binary version, and both as downloaded; and
pickles that are up to something."""

import io
import pickle
import pickletools
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

from engine.data import DataError, cifar
from engine.data.cifar import CIFAR10, CIFAR100, read_cifar


def old(value: object) -> bytes:
    """`value` as protocol 2 of Python 2 wrote it: text as byte strings, arrays under old names."""
    match value:
        case str():
            raw = value.encode("latin-1")
            return b"U" + bytes([len(raw)]) + raw if len(raw) < 256 else b"T" + struct.pack("<i", len(raw)) + raw
        case bytes():
            return b"T" + struct.pack("<i", len(value)) + value
        case bool():
            return b"\x88" if value else b"\x89"
        case int():
            return b"J" + struct.pack("<i", value)
        case None:
            return b"N"
        case list():
            return b"](" + b"".join(map(old, value)) + b"e"
        case tuple():
            return b"(" + b"".join(map(old, value)) + b"t"
        case dict():
            return b"}(" + b"".join(old(key) + old(item) for key, item in value.items()) + b"u"
        case np.ndarray():
            kind = b"cnumpy\ndtype\n" + old(("u1", 0, 1)) + b"R" + old((3, "|", None, None, None, -1, -1, 0)) + b"b"
            empty = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n" + old((0,)) + old("b") + b"tR"
            return empty + b"(" + old(1) + old(value.shape) + kind + old(False) + old(value.tobytes()) + b"tb"
    raise TypeError(type(value))


def old_file(value: object) -> bytes:
    return b"\x80\x02" + old(value) + b"."


def images(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, 3072)).astype(np.uint8)


NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def write10(folder: Path, **replaced: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    contents = {"batches.meta": old_file({"num_cases_per_batch": 3, "label_names": NAMES, "num_vis": 3072})}
    for index, name in enumerate([f"data_batch_{n}" for n in range(1, 6)] + ["test_batch"]):
        content = {
            "data": images(3 + index),
            "labels": [index] * (3 + index),
            "batch_label": name,
            "filenames": ["a.png"],
        }
        contents[name] = old_file(content)
    for name, content in {**contents, **replaced}.items():
        (folder / name).write_bytes(content)
    return folder


def test_the_files_written_here_are_what_python_2_would_load():
    """Python's own unpickler, told about byte strings, agrees; and the opcodes are those of protocol 2."""
    content = {"data": images(2), "labels": [1, 2]}
    loaded = pickle.loads(old_file(content), encoding="bytes")
    np.testing.assert_array_equal(loaded[b"data"], content["data"])
    assert loaded[b"labels"] == [1, 2]
    assert max(opcode.proto for opcode, _, _ in pickletools.genops(old_file(content))) == 2


def test_cifar10_is_read_whole_and_in_order(tmp_path):
    train, test, classes = read_cifar(str(write10(tmp_path / "cifar-10-batches-py")), CIFAR10)
    assert classes == tuple(NAMES)
    assert train.labels.tolist() == [0] * 3 + [1] * 4 + [2] * 5 + [3] * 6 + [4] * 7
    assert test.labels.tolist() == [5] * 8
    np.testing.assert_array_equal(train.images[3:7], images(4).reshape(4, 3, 32, 32))
    np.testing.assert_array_equal(test.images, images(8).reshape(8, 3, 32, 32))


def test_the_folder_around_it_does_as_well(tmp_path):
    write10(tmp_path / "cifar-10-batches-py")
    assert len(read_cifar(str(tmp_path), CIFAR10)[1].labels) == 8


def test_cifar100_has_its_fine_labels(tmp_path):
    names = [f"class {n}" for n in range(100)]
    part = {"data": images(2), "fine_labels": [99, 5], "coarse_labels": [1, 2], "batch_label": "x", "filenames": []}
    for name, content in (("train", part), ("test", part), ("meta", {"fine_label_names": names})):
        (tmp_path / name).write_bytes(old_file(content))
    train, test, classes = read_cifar(str(tmp_path), CIFAR100)
    assert train.labels.tolist() == test.labels.tolist() == [99, 5]
    assert classes == tuple(names)


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_a_file_pickled_anew_by_python_3_is_read_too(tmp_path, protocol):
    text = {"data": images(3), "labels": [1, 2, 3]}
    if protocol == 2:  # there, Python 3 spells the bytes of an array as a call of a codec, which stays refused
        write10(tmp_path, test_batch=pickle.dumps(text, protocol))
        with pytest.raises(DataError, match=r"_codecs\.encode"):
            read_cifar(str(tmp_path), CIFAR10)
    else:
        write10(tmp_path, test_batch=pickle.dumps(text, protocol))
        np.testing.assert_array_equal(read_cifar(str(tmp_path), CIFAR10)[1].images, text["data"].reshape(3, 3, 32, 32))


class _Trap:
    """Pickles as a call that leaves a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_that_calls_something_is_refused_and_does_not_run(tmp_path):
    sprung = tmp_path / "sprung"
    traps = {
        "reduce": pickle.dumps({"data": _Trap(sprung)}, 2),
        "system": b"\x80\x02cos\nsystem\n" + old((f"touch {sprung}",)) + b"R.",
        "builtin": b"\x80\x02c__builtin__\neval\n" + old((f"open({str(sprung)!r}, 'w')",)) + b"R.",
        "numpy": b"\x80\x02cnumpy\nload\n" + old((str(sprung),)) + b"R.",
        "module path": b"\x80\x04\x8c\x05numpy\x8c\x0bos.path.sep\x93.",
        "instance": b"(S'touch " + str(sprung).encode() + b"'\nios\nsystem\n.",
        "persistent": b"\x80\x02Pstranger\n.",
        "extension": b"\x80\x02\x82\x01.",
    }
    for name, content in traps.items():
        folder = write10(tmp_path / name.replace(" ", ""), test_batch=content)
        with pytest.raises(DataError, match="test_batch"):
            read_cifar(str(folder), CIFAR10)
        assert not sprung.exists(), name
    pickle.loads(traps["reduce"])
    assert sprung.exists(), "the trap itself is broken"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a CIFAR file"),
        (b"not a pickle", "not a CIFAR file"),
        (old_file({"data": images(3)})[:-40], "not a CIFAR file"),
        (old_file([1, 2]), "no dictionary"),
        (old_file({"data": "text", "labels": []}), "3072 bytes"),
        (old_file({"data": images(3)[:, :100], "labels": [1, 2, 3]}), "3072 bytes"),
        (old_file({"data": images(3), "labels": [1, 2]}), "labels for each image"),
        (old_file({"data": images(3)}), "labels for each image"),
        (old_file({"data": images(3), "labels": [1, 2, 10]}), "outside 0 to 9"),
        (old_file({"data": images(3), "labels": [1, 2, "x"]}), "outside 0 to 9"),
    ],
)
def test_a_damaged_file_is_named_with_its_fault(tmp_path, content, says):
    with pytest.raises(DataError, match=f"test_batch.*{says}") as caught:
        read_cifar(str(write10(tmp_path, test_batch=content)), CIFAR10)
    assert "\n" not in str(caught.value)


def test_an_array_that_lies_about_its_size_or_type_is_refused(tmp_path):
    honest = old_file({"data": images(3), "labels": [1, 2, 3]})
    larger = honest.replace(old(images(3).shape), old((1 << 30, 3072)))
    floats = honest.replace(old("u1"), old("f8"))
    objects = honest.replace(old("u1"), old("O8"))
    for content in (larger, floats, objects):
        assert content != honest
        with pytest.raises(DataError, match="test_batch"):
            read_cifar(str(write10(tmp_path, test_batch=content)), CIFAR10)


def binary(count: int, classes: int, before: int, seed: int) -> bytes:
    """A part of the binary version: for each image `before` label bytes and 3,072 of pixels."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 256, (count, before + 3072)).astype(np.uint8)
    rows[:, :before] = np.arange(count)[:, None] % classes
    return rows.tobytes()


def archive(path: Path, inner: str, contents: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as members:
        folder = tarfile.TarInfo(inner)
        folder.type = tarfile.DIRTYPE
        members.addfile(folder)
        for name, content in contents.items():
            member = tarfile.TarInfo(f"{inner}/{name}")
            member.size = len(content)
            members.addfile(member, io.BytesIO(content))
    return path


def binary10() -> dict[str, bytes]:
    parts = {f"{name}.bin": binary(4, 10, 1, seed) for seed, name in enumerate((*CIFAR10.train, CIFAR10.test))}
    return parts | {"batches.meta.txt": "\n".join(NAMES).encode() + b"\n\n", "readme.html": b"<html>"}


@pytest.mark.parametrize("named", ["archive", "folder"])
def test_the_python_version_is_read_from_its_archive_as_from_its_folder(tmp_path, named):
    folder = write10(tmp_path / "cifar-10-batches-py")
    contents = {path.name: path.read_bytes() for path in folder.iterdir()}
    (tmp_path / "there").mkdir()
    packed = archive(tmp_path / "there" / "cifar-10-python.tar.gz", "cifar-10-batches-py", contents)
    one = read_cifar(str(packed if named == "archive" else packed.parent), CIFAR10)
    other = read_cifar(str(folder), CIFAR10)
    assert one[2] == other[2]
    for part in (0, 1):
        np.testing.assert_array_equal(one[part].images, other[part].images)
        np.testing.assert_array_equal(one[part].labels, other[part].labels)
    assert sorted(path.name for path in packed.parent.iterdir()) == [packed.name]  # nothing is unpacked anywhere


@pytest.mark.parametrize("packed", [False, True])
def test_the_binary_version_is_read_too(tmp_path, packed):
    contents = binary10()
    if packed:
        place = archive(tmp_path / "cifar-10-binary.tar.gz", "cifar-10-batches-bin", contents)
    else:
        place = tmp_path / "cifar-10-batches-bin"
        place.mkdir()
        for name, content in contents.items():
            (place / name).write_bytes(content)
    train, test, classes = read_cifar(str(place), CIFAR10)
    assert classes == tuple(NAMES)
    assert train.labels.tolist() == [0, 1, 2, 3] * 5
    first = np.frombuffer(contents["data_batch_2.bin"], np.uint8)[1:3073].reshape(3, 32, 32)
    np.testing.assert_array_equal(train.images[4], first)
    assert len(test.labels) == 4


def test_cifar100s_binary_version_has_its_fine_labels(tmp_path):
    part = binary(3, 100, 2, 0)
    coarse = np.frombuffer(part, np.uint8).reshape(3, -1).copy()
    coarse[:, 0], coarse[:, 1] = 7, (5, 99, 0)
    names = "\n".join(f"class {n}" for n in range(100)).encode()
    contents = {"train.bin": coarse.tobytes(), "test.bin": coarse.tobytes(), "fine_label_names.txt": names}
    train, _, classes = read_cifar(str(archive(tmp_path / "x.tgz", "cifar-100-binary", contents)), CIFAR100)
    assert train.labels.tolist() == [5, 99, 0]
    assert classes[99] == "class 99"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("test_batch.bin", bytes(100), "not a whole number of images"),
        ("test_batch.bin", b"", "not a whole number of images"),
        ("test_batch.bin", b"\xff" + bytes(3072), "labels outside 0 to 9"),
        ("batches.meta.txt", b"cat\ndog\n", "10 names"),
    ],
)
def test_a_damaged_binary_file_is_named(tmp_path, name, content, says):
    packed = archive(tmp_path / "x.tar.gz", "cifar-10-batches-bin", binary10() | {name: content})
    with pytest.raises(DataError, match=f"x.tar.gz: {name}.*{says}"):
        read_cifar(str(packed), CIFAR10)


def test_an_archive_that_is_none_holds_nothing_or_too_much_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "x.tar.gz"
    whole = archive(path, "cifar-10-batches-bin", binary10()).read_bytes()
    for content in (b"", b"no archive", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"x\.tar\.gz") as caught:
            read_cifar(str(path), CIFAR10)
        assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="no file of this CIFAR set"):
        read_cifar(str(archive(path, "other", {"a.txt": b"a"})), CIFAR10)
    part = {name: content for name, content in binary10().items() if name != "data_batch_3.bin"}
    with pytest.raises(DataError, match=r"x\.tar\.gz: no data_batch_3\.bin"):
        read_cifar(str(archive(path, "cifar-10-batches-bin", part)), CIFAR10)
    monkeypatch.setattr(cifar, "MOST_UNPACKED", 1000)
    with pytest.raises(DataError, match="holds more than any CIFAR archive"):
        read_cifar(str(archive(path, "cifar-10-batches-bin", binary10())), CIFAR10)


def test_members_that_are_links_or_lie_outside_are_not_followed(tmp_path):
    """What a member claims to be called leads nowhere: only its last name counts, and only plain files are read."""
    (tmp_path / "secret").write_bytes(binary(4, 10, 1, 0))
    path = tmp_path / "x.tar.gz"
    with tarfile.open(path, "w:gz") as members:
        link = tarfile.TarInfo("cifar-10-batches-bin/test_batch.bin")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
        members.addfile(link)
    with pytest.raises(DataError, match="no file of this CIFAR set"):
        read_cifar(str(path), CIFAR10)


def test_no_folder_and_the_wrong_folder_are_said(tmp_path):
    with pytest.raises(DataError, match=r"data\.folder is empty"):
        read_cifar("", CIFAR10)
    with pytest.raises(DataError, match="cifar-100-python"):
        read_cifar(str(tmp_path), CIFAR100)
