"""Files that hold an architecture (TOML, GraphML or, in a text file, any of the notations) or a space (TOML)."""

import os
import tomllib
from pathlib import Path

from engine.space import graphml, notations
from engine.space.architecture import Architecture, ArchitectureError
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
    """The architecture in a TOML or GraphML file, or in a notation in any other text file.

    Raises:
        ArchitectureError, NotationError: what is wrong with the content, in one line.
        OSError: the file cannot be read.
    """
    if path.suffix.lower() == ".graphml":
        return graphml.read(_text(path, graphml.LONGEST))
    text = _text(path)
    return read_architecture(text) if path.suffix.lower() == ".toml" else notations.read(text)


def save(architecture: Architecture, path: Path) -> None:
    """Write a TOML file or, by the name's ending, GraphML (.graphml) or the architecture's usual notation (.txt).

    Raises:
        NotationError: the notation cannot express it; nothing is written.
        OSError: the file cannot be written; one that was there is as it was.
    """
    match path.suffix.lower():
        case ".txt":
            text = notations.write(architecture) + "\n"
        case ".graphml":
            text = graphml.write(architecture)
        case _:
            text = write_architecture(architecture)
    _write(path, text)


def load_space(path: Path) -> Space:
    """The space in a TOML file. Raises SpaceError or OSError."""
    try:
        return read_space(_text(path))
    except ArchitectureError as error:  # too long, or no text at all
        raise SpaceError(str(error).replace("no architecture is", "no space is")) from None


def save_space(space: Space, path: Path) -> None:
    """Write a TOML file. Raises OSError; a file that was there is then as it was."""
    _write(path, write_space(space))


def _kind(path: Path) -> object:
    """The kind that a TOML file names; None where it names none, or cannot be read."""
    try:
        return tomllib.loads(_text(path)).get("kind")
    except (ValueError, OSError):
        return None


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _text(path: Path, most: int = LONGEST) -> str:
    """The content of a file, no longer than an architecture may be."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ArchitectureError(f"the file is longer than {most:,} bytes; no architecture is")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ArchitectureError("the file holds no text") from None
