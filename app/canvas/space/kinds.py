"""Which file knows which kind of space."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.space import Space
from engine.space.cell_space import CellSpace

from .cells import CellSpaces
from .slots import Drawn, Key, Part, Slot, SpaceKind, Wish

KINDS: tuple[tuple[type, SpaceKind[Any]], ...] = ((CellSpace, CellSpaces()),)


class Unknown(SpaceKind[Any]):
    """A space whose picture nobody has drawn yet: its settings and its numbers are there all the same."""

    palette = ""

    def slots(self, space: Any) -> dict[Key, Slot]:
        return {}

    def drawn(self, space: Any) -> tuple[Drawn, ...]:
        return ()

    def keys(self, space: Any, part: Part) -> Sequence[Key]:
        return ()

    def parts(self, space: Any, key: Key) -> Sequence[Part]:
        return ()

    def with_wishes(self, space: Any, wishes: Mapping[Key, Wish]) -> Any:
        return space

    def with_palette(self, space: Any, names: Sequence[str]) -> Any:
        return space


UNKNOWN = Unknown()


def kind_of(space: Space) -> SpaceKind[Any]:
    """The kind of a space."""
    return next((kind for known, kind in KINDS if isinstance(space, known)), UNKNOWN)
