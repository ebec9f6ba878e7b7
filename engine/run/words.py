"""What a search says about itself, in words made from weights and cells. No clock: equal runs have equal words."""

import numpy as np

from engine.space.architecture import Architecture, named_cells
from engine.space.cells import Cell
from engine.space.operations import OPERATIONS, label

LEAD = 1.02
"""How many times the leader's weight another operation needs to overtake it; nearer, two would swap at every look."""

MANY = 3
"""More overtakings at once than this are told in one line."""


def percent(value: float) -> str:
    return f"{value:.1f} %"


def unit_of(series: str) -> str:
    """The unit of a series of scalars, told by its name."""
    return "%" if "accuracy" in series or "score" in series else ""


def count(number: int, noun: str) -> str:
    """`count(1, "epoch")` is "1 epoch", `count(3, "epoch")` is "3 epochs"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class Leaders:
    """Follows which operation leads on each edge of the supernet and tells when another one overtakes it."""

    def __init__(self, cells: tuple[str, ...], edges: tuple[str, ...], operations: tuple[str, ...]) -> None:
        self._cells, self._edges, self._operations = cells, edges, operations
        self._leaders: np.ndarray | None = None

    def look(self, weights: np.ndarray) -> list[str]:
        """Lines for what changed since the last look. `weights`: (cells, edges, operations), NaN where absent."""
        real = np.array([name != "none" for name in self._operations])
        values = np.where(real & np.isfinite(weights), weights, -1.0)
        first = values.argmax(axis=2)
        if self._leaders is None:
            self._leaders = first
            return []
        best = np.take_along_axis(values, first[..., None], 2)[..., 0]
        held = np.take_along_axis(values, self._leaders[..., None], 2)[..., 0]
        overtaken = best > held * LEAD
        lines = []
        for cell, name in enumerate(self._cells):
            edges = np.flatnonzero(overtaken[cell])
            if len(edges) > MANY:
                lines.append(f"{name} cell: another operation leads on {len(edges)} of {len(self._edges)} edges")
                continue
            for edge in edges:
                new, old = (self._label(int(numbers[cell, edge])) for numbers in (first, self._leaders))
                lines.append(f"{name} cell, edge {self._edges[edge]}: {new} overtakes {old}")
        self._leaders = np.where(overtaken, first, self._leaders)
        return lines

    def _label(self, operation: int) -> str:
        return label(self._operations[operation])


def choices(architecture: Architecture) -> set[tuple[str, int, int, str]]:
    """The architecture's edges as (cell, node, source, operation)."""
    return {
        (name, node, edge.source, edge.operation)
        for name, cell in named_cells(architecture)
        for node, inputs in enumerate(cell.nodes)
        for edge in inputs.inputs
    }


def difference(before: Architecture, after: Architecture) -> str:
    """How much of the derived cells is new, e.g. "derived cell changed in 3 of 16 edges"."""
    new, all_edges = choices(after) - choices(before), choices(after)
    return f"derived cell changed in {len(new)} of {len(all_edges)} edges"


def skips(cell: Cell) -> tuple[int, int]:
    """How many of the cell's operations are skips, and how many operations it has."""
    operations = [edge.operation for node in cell.nodes for edge in node.inputs]
    return sum(OPERATIONS[name].kind == "skip" for name in operations), len(operations)


def about_skips(cell: Cell) -> tuple[str, str]:
    """A line on the normal cell, and its level. Many skips are DARTS's known way to fail (P-DARTS, section 3.3)."""
    number, total = skips(cell)
    line = f"normal cell: {number} of {total} operations {'is a skip' if number == 1 else 'are skips'}"
    if number * 2 >= total:
        return f"{line} · a sign of collapse", "warning"
    return line, "info"
