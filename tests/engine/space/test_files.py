"""Files of architectures: round trips, and one clear line about everything that is none."""

from pathlib import Path

import msgspec
import pytest

from engine.space import files, library
from engine.space.architecture import Architecture, ArchitectureError, StackedCell
from engine.space.bounded_parsing import NotationError
from engine.space.cells import Cell, Edge, Node
from engine.space.text import SpaceError, presets

CONCAT = StackedCell(Cell((Node((Edge(0, "skip_connect"), Edge(0, "conv_1x1")), "concat"),), (1,), inputs=1))


@pytest.mark.parametrize("name", ["one.toml", "one.graphml"])
@pytest.mark.parametrize("published", library.cells(), ids=lambda cell: cell.name)
def test_published_architectures_come_back(tmp_path: Path, published, name: str):
    path = tmp_path / name
    files.save(published.architecture, path)
    assert files.is_architecture(path)
    assert files.load(path) == published.architecture
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_text_file_holds_the_notation(tmp_path: Path):
    published = next(cell for cell in library.cells() if cell.name == "DARTS V2")
    path = tmp_path / "one.txt"
    files.save(published.architecture, path)
    assert path.read_text(encoding="utf-8").startswith("Genotype(")
    assert files.load(path) == published.architecture


def test_what_no_notation_can_say_leaves_the_file_as_it_was(tmp_path: Path):
    path = tmp_path / "one.txt"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(NotationError):
        files.save(CONCAT, path)
    assert path.read_text(encoding="utf-8") == "before"
    files.save(CONCAT, path.with_suffix(".toml"))
    assert files.load(path.with_suffix(".toml")) == CONCAT


def test_every_kind_of_architecture_is_known():
    kinds = {msgspec.inspect.type_info(kind).tag for kind in Architecture.__args__}
    assert kinds <= set(files.KINDS)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.toml", b"kind = 'cells'", "missing required field `normal`"),
        ("a.toml", b"nonsense", "not an architecture"),
        ("a.toml", b"\xff\xfe\x00", "the file holds no text"),
        ("a.toml", b"#" * 300_000, "longer than"),
        ("a.toml", b"kind = 'cell'\n[cell]\nconcat = [5]\ninputs = 1\n[[cell.nodes]]\ninputs = []", "names state 5"),
        ("a.graphml", b"<graphml>", "not GraphML"),
        ("a.graphml", b" " * 1_100_000, "longer than"),
        ("a.txt", b"hello", "not a notation"),
        ("a.txt", b"Genotype(normal=[('sep_conv_4x4', 0)])", "Genotype lacks"),
    ],
)
def test_everything_else_is_one_line(tmp_path: Path, name: str, content: bytes, reason: str):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises((ArchitectureError, NotationError), match=reason) as caught:
        files.load(path)
    assert "\n" not in str(caught.value)


def test_plans_and_spaces_are_no_architectures(tmp_path: Path):
    path = tmp_path / "plan.toml"
    path.write_text("name = 'x'\n[method]\nkind = 'darts'\n", encoding="utf-8")
    assert not files.is_architecture(path)
    path.write_text("kind = 'darts'\nnodes = 4\n", encoding="utf-8")
    assert not files.is_architecture(path)
    assert not files.is_architecture(tmp_path / "absent.toml")
    assert not files.is_architecture(tmp_path / "session.h5")


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path):
    with pytest.raises(OSError, match="No such file"):
        files.save(CONCAT, tmp_path / "absent" / "one.toml")
    with pytest.raises(OSError, match="No such file"):
        files.load(tmp_path / "absent.toml")


@pytest.mark.parametrize("name", presets())
def test_spaces_come_back(tmp_path: Path, name: str):
    path = tmp_path / "space.toml"
    files.save_space(presets()[name], path)
    assert files.is_space(path)
    assert not files.is_architecture(path)
    assert files.load_space(path) == presets()[name]
    assert [file.name for file in tmp_path.iterdir()] == ["space.toml"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"x" * 300_000, "no space is"),
        (b"\xff\xfe", "holds no text"),
        (b'kind = "darts"\nnodes = 0', "not a space"),
        (b'kind = "cells"', "not a space"),
    ],
)
def test_what_is_no_space_says_so_in_one_line(tmp_path: Path, content: bytes, reason: str):
    path = tmp_path / "space.toml"
    path.write_bytes(content)
    with pytest.raises(SpaceError, match=reason) as caught:
        files.load_space(path)
    assert "\n" not in str(caught.value)
