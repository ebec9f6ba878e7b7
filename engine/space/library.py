"""Published architectures with what their papers say of them, from resources/library.

Each TOML file there holds a list of `[[cell]]`; a new architecture is a new entry.
"""

from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from engine.space.architecture import Architecture
from engine.space.bounded_parsing import NotationError, either
from engine.space.notations import holds_one, read

LONGEST_NAME = 80
"""Characters of an unknown name that are compared with the known ones."""


class Published(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One published architecture. What is None is not stated.

    Attributes:
        name: as the field calls it.
        source: the paper.
        notation: the architecture in one of the notations of `engine.space.notations`.
        as_: the name of that notation, where the text alone does not tell.
        data: the data set of the numbers below.
        measure: what `error` is.
        error, spread: the published result, and the ± printed beside it.
        cutout: whether the network was trained with cutout.
        parameters: of the published network, in millions.
        gpu_days: cost of the search, on the paper's own GPUs.
        notes: where paper, code and count disagree, and what else one should know.
    """

    name: str
    source: str
    notation: str
    as_: str | None = msgspec.field(default=None, name="as")
    data: str = "CIFAR-10"
    measure: str = "test error, %"
    error: float | None = None
    spread: float | None = None
    cutout: bool | None = None
    parameters: float | None = None
    gpu_days: float | None = None
    notes: str = ""

    @property
    def architecture(self) -> Architecture:
        return read(self.notation, self.as_)


class Shelf(Struct, frozen=True, forbid_unknown_fields=True):
    """The content of one file."""

    cell: tuple[Published, ...]


@lru_cache(maxsize=1)
def cells() -> tuple[Published, ...]:
    """All published architectures, file by file."""
    found = sorted(((file.name, file) for file in (files("resources") / "library").iterdir()), key=lambda one: one[0])
    shelves = (msgspec.toml.decode(file.read_bytes(), type=Shelf) for name, file in found if name.endswith(".toml"))
    return tuple(published for shelf in shelves for published in shelf.cell)


def published(name: str) -> Published:
    """The published architecture of this name, small and large letters alike where that leaves only one.

    Raises NotationError for a name that none has, in one line with those that are close.
    """
    every = cells()
    same = [one for one in every if one.name == name] or [one for one in every if _plain(one.name) == _plain(name)]
    if len(same) == 1:
        return same[0]
    what = f"{name[:40]!r} is neither a notation nor the name of a published architecture"
    if same:
        raise NotationError(f"{name[:40]!r} could be {either([one.name for one in same])}; write it exactly so")
    close = get_close_matches(_plain(name[:LONGEST_NAME]), [_plain(one.name) for one in every], n=3, cutoff=0.5)
    near = [one.name for one in every if _plain(one.name) in close]
    if near:
        raise NotationError(f"{what}; did you mean {either(near)}?")
    raise NotationError(f"{what}; there are {', '.join(one.name for one in every)}")


def architecture(text: str, as_: str | None = None) -> Architecture:
    """The architecture that a text names or describes; what begins like a notation, or is said to be one, is one.

    Raises NotationError: what is wrong with the text, in one line.
    """
    described = as_ is not None or holds_one(text)
    return read(text, as_) if described else published(text.strip()).architecture


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
