"""Published architectures with what their papers say of them, from resources/library.

Each TOML file there holds a list of `[[cell]]`; a new architecture is a new entry.
"""

from functools import lru_cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from engine.space.architecture import Architecture
from engine.space.notations import read


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
