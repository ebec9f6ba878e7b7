"""Which file knows which kind of space."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.space import Space
from engine.space.cell_space import CellSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.motif_space import MotifSpace
from engine.space.nas_rl import NasRlSpace
from engine.space.nas_rl_recurrent import NasRlRecurrentSpace
from engine.space.recurrent_space import RecurrentSpace

from .cells import CellSpaces
from .chains import Networks, RecurrentCells
from .motifs import MotifSpaces
from .slots import Drawn, Key, Part, Slot, SpaceKind, Wish
from .trees import Trees

KINDS: tuple[tuple[type, SpaceKind[Any]], ...] = (
    (CellSpace, CellSpaces()),
    (NasRlSpace, Networks()),
    (EnasMacroSpace, Networks()),
    (MotifSpace, MotifSpaces()),
    (RecurrentSpace, RecurrentCells()),
    (NasRlRecurrentSpace, Trees()),
)


class Unknown(SpaceKind[Any]):
    """A space whose picture nobody has drawn yet: its settings and its numbers are there all the same."""

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
