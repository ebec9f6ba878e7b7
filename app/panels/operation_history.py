"""What became of the operations of a one-shot search: its stages, what was dropped and when, what the cell keeps."""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from app.theme import Theme
from engine.session import SessionSource, View
from engine.space.architecture import Architecture, ArchitectureError, from_bytes, named_cells
from engine.space.cells import state_name
from engine.space.operations import OPERATIONS
from engine.words import grouped

_decoded = lru_cache(maxsize=256)(from_bytes)

Place = tuple[int, int]
"""Edge and operation."""


class Stage(NamedTuple):
    """A part of a search in which the edges carry the same operations: its first row of weights, and what they carry,
    (cells, edges, operations)."""

    row: int
    carried: np.ndarray


class StageBook:
    """Finds the stages of one session, looking at each row once. Answers for a view of its rows alone."""

    def __init__(self, source: SessionSource) -> None:
        self.source = source
        self._seen = 0
        self._stages: list[Stage] = []

    def stages(self, view: View) -> list[Stage]:
        """From the first to the one that the view ends in."""
        array, length = self.source.tables["weights"].published
        start = max(0, self._seen - 1)
        carried = np.isfinite(array["values"][start:length])
        if not self._stages and length:
            self._stages.append(Stage(0, carried[0]))
        changed = (carried[1:] != carried[:-1]).any(axis=(1, 2, 3))
        self._stages += [Stage(start + 1 + int(place), carried[1 + place]) for place in np.flatnonzero(changed)]
        self._seen = length
        return [stage for stage in self._stages if stage.row < len(view.rows("weights"))]


def dropped(view: View, stages: list[Stage], cell: int) -> dict[Place, str]:
    """The operations of one cell that the search began with and has dropped, and when, in words."""
    steps, found = view.rows("weights")["step"], {}
    for number, (before, after) in enumerate(pairwise(stages), 2):
        for edge, operation in np.argwhere(before.carried[cell] & ~after.carried[cell]).tolist():
            found[edge, operation] = f"dropped at step {grouped(int(steps[after.row]) + 1)}, as stage {number} began"
    for edge, operation in np.argwhere(stages[-1].carried[cell]).tolist() if stages else ():
        found.pop((edge, operation), None)
    return found


def derived(view: View) -> Architecture | None:
    """What the search would give at the view's moment."""
    rows = view.rows("derived")
    if not len(rows):
        return None
    try:
        return _decoded(view.bytes(rows["architecture"][-1]))
    except ArchitectureError:
        return None


def chosen(
    architecture: Architecture | None, cell: str, edges: tuple[str, ...], operations: tuple[str, ...]
) -> np.ndarray:
    """Which operation of which edge is part of a cell of the architecture: (edges, operations) of bool."""
    result = np.zeros((len(edges), len(operations)), bool)
    found = dict(named_cells(architecture)).get(cell) if architecture is not None else None
    for number, node in enumerate(found.nodes if found is not None else ()):
        for edge in node.inputs:
            name = f"{state_name(edge.source, found.inputs)}→{number}" if found is not None else ""
            if name in edges and edge.operation in operations:
                result[edges.index(name), operations.index(edge.operation)] = True
    return result


def colours(operations: tuple[str, ...], theme: Theme) -> list[str]:
    """A colour for each operation: that of its kind, fainter for the second and third of a kind."""
    kinds = [OPERATIONS[name].kind if name in OPERATIONS else "none" for name in operations]
    before = [kinds[:place].count(kind) for place, kind in enumerate(kinds)]
    return [_mixed(theme.operation(kind), theme.surface, 0.62**many) for kind, many in zip(kinds, before, strict=True)]


def _mixed(colour: str, ground: str, share: float) -> str:
    """A colour laid over another, as `#rrggbb`."""
    pairs = (tuple(int(text[at : at + 2], 16) for at in (1, 3, 5)) for text in (colour, ground))
    return "#" + "".join(f"{round(share * top + (1 - share) * under):02x}" for top, under in zip(*pairs, strict=True))
