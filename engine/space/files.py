"""Files that hold architectures (TOML, GraphML or, in any other text file, whatever notations) or a space (TOML)."""

import os
import tomllib
from pathlib import Path

from engine.space import graphml, notations
from engine.space.architecture import Architecture, ArchitectureError
from engine.space.bounded_parsing import NotationError, decoded
from engine.space.finder import MOST
from engine.space.spaces import SPACES, Space
from engine.space.text import LONGEST, SpaceError, read_architecture, read_space, write_architecture, write_space

KINDS = ("cells", "cell", "layers", "motifs", "recurrent", "tree")
"""What TOML files of architectures name as their `kind`; plans have none, and spaces others."""


def is_architecture(path: Path) -> bool:
    """Whether a file seems to hold an architecture. What is wrong with it, if anything, `load` says."""
    if path.suffix.lower() != ".toml":
        return path.suffix.lower() in (".txt", ".graphml")
    return _kind(path) in KINDS


def is_space(path: Path) -> bool:
    """Whether a file seems to hold a space. What is wrong with it, if anything, `load_space` says."""
    return _kind(path) in SPACES


def load(path: Path) -> Architecture:
    """The architecture in a TOML or GraphML file, or the one that any other text file holds in a notation.

    Raises:
        ArchitectureError, NotationError: what is wrong with the content, in one line.
        OSError: the file cannot be read.
    """
    if path.suffix.lower() == ".graphml":
        return graphml.read(text(path, graphml.LONGEST))
    return read_architecture(text(path)) if path.suffix.lower() == ".toml" else notations.read(text(path, 2 * MOST))


def found(path: Path, as_: str | None = None) -> list[notations.Found]:
    """All architectures in a file, read as `engine.space.notations.find` reads a text. Raises as `load` does."""
    kind = {".toml": "TOML", ".graphml": "GraphML"}.get(path.suffix.lower())
    if kind and as_ is None:
        return [notations.Found(path.stem, 1, "", {kind: load(path)})]
    return notations.find(text(path, 2 * MOST), as_)


def text(path: Path, most: int = LONGEST) -> str:
    """The content of a file of up to `most` bytes. Raises NotationError, ArchitectureError or OSError."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ArchitectureError(f"the file is longer than {most:,} bytes; no architecture is")
    return decoded(data)


def save(architecture: Architecture, path: Path) -> None:
    """Write a TOML file or, by the name's ending, GraphML (.graphml) or the architecture's usual notation (.txt).

    Raises:
        NotationError: the notation cannot express it; nothing is written.
        OSError: the file cannot be written; one that was there is as it was.
    """
    match path.suffix.lower():
        case ".txt":
            written = notations.write(architecture) + "\n"
        case ".graphml":
            written = graphml.write(architecture)
        case _:
            written = write_architecture(architecture)
    _write(path, written)


def load_space(path: Path) -> Space:
    """The space in a TOML file. Raises SpaceError or OSError."""
    try:
        return read_space(text(path))
    except (ArchitectureError, NotationError) as error:  # too long, or no text at all
        raise SpaceError(str(error).replace("no architecture is", "no space is")) from None


def save_space(space: Space, path: Path) -> None:
    """Write a TOML file. Raises OSError; a file that was there is then as it was."""
    _write(path, write_space(space))


def _kind(path: Path) -> object:
    """The kind that a TOML file names; None where it names none, or cannot be read."""
    try:
        return tomllib.loads(text(path)).get("kind")
    except (ValueError, OSError):
        return None


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
