"""Spaces and architectures as TOML, to be kept in files and shared, and the spaces of the field."""

from functools import lru_cache
from importlib.resources import files
from typing import Union

import msgspec

from engine.space.architecture import Architecture, ArchitectureError, from_bytes, to_bytes
from engine.space.spaces import SPACES, Space

LONGEST = 1 << 18
"""Characters of a text that are still read; a real one has about a thousand."""


class SpaceError(ValueError):
    """Text that is no space; one line."""


def write_space(space: Space) -> str:
    """The space as TOML, every setting written out."""
    return msgspec.toml.encode(space).decode()


def read_space(text: str) -> Space:
    """The space in a TOML text. Raises SpaceError."""
    if len(text) > LONGEST:
        raise SpaceError(f"the text has {len(text):,} characters; a space of up to {LONGEST:,} is read")
    try:
        space = known(msgspec.toml.decode(text))
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise SpaceError(f"not a space: {_line(error)}") from None
    return space


def known(plain: object) -> Space:
    """The space that plain values describe, of whatever kind is registered. Raises msgspec.ValidationError."""
    space: Space = msgspec.convert(plain, Union[tuple(SPACES.values())])  # noqa: UP007 - they come and go
    return space


def write_architecture(architecture: Architecture) -> str:
    """The architecture as TOML."""
    return msgspec.toml.encode(architecture).decode()


def read_architecture(text: str) -> Architecture:
    """The architecture in a TOML text. Raises ArchitectureError for anything else, and for a faulty one."""
    if len(text) > LONGEST:
        raise ArchitectureError(f"the text has {len(text):,} characters; an architecture of up to {LONGEST:,} is read")
    try:
        architecture: Architecture = msgspec.toml.decode(text, type=Architecture)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise ArchitectureError(f"not an architecture: {_line(error)}") from None
    return from_bytes(to_bytes(architecture))


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def presets() -> dict[str, Space]:
    """All of them by name, in the order of SPACES; a kind without one stands there as it is by itself."""
    found = _presets()
    others = {kind: of() for kind, of in SPACES.items() if of not in map(type, found.values())}
    return found | others


@lru_cache(maxsize=1)
def _presets() -> dict[str, Space]:
    found = {
        file.name.removesuffix(".toml"): read_space(file.read_text(encoding="utf-8"))
        for file in (files("resources") / "spaces").iterdir()
        if file.name.endswith(".toml")
    }
    kinds = list(SPACES.values())
    return dict(sorted(found.items(), key=lambda item: (kinds.index(type(item[1])), item[0])))
