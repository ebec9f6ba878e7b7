"""What a search says about itself, in words made from weights and cells. No clock: equal runs have equal words."""

import numpy as np

from engine.run import collapse as health
from engine.space.architecture import Architecture, named_cells
from engine.space.cells import Cell
from engine.space.operations import label

LEAD = 1.02
"""How many times the leader's weight another operation needs to overtake it; nearer, two would swap at every look."""

MANY = 3
"""More overtakings at once than this are told in one line."""


def unit_of(series: str) -> str:
    """The unit of a series of scalars, told by its name."""
    units = {"accuracy": "%", "score": "%", "share": "%", "entropy": "nat", "seconds": "s"}
    return next((unit for word, unit in units.items() if word in series), "")


class Leaders:
    """Follows which operation leads on each edge of the supernet and tells when another one overtakes it."""

    def __init__(self, cells: tuple[str, ...], edges: tuple[str, ...], operations: tuple[str, ...]) -> None:
        self._cells, self._edges, self._operations = cells, edges, operations
        self._leaders: np.ndarray | None = None
        self._carried = np.empty(0, bool)

    def look(self, weights: np.ndarray) -> list[str]:
        """Lines for what changed since the last look. `weights`: (cells, edges, operations), NaN where absent.

        Where other operations are absent than before, the weights have been drawn anew and there is nothing to tell.
        """
        real = np.array([name != "none" for name in self._operations])
        values = np.where(real & np.isfinite(weights), weights, -1.0)
        first = values.argmax(axis=2)
        carried = np.isfinite(weights)
        if self._leaders is None or (carried != self._carried).any():  # a new network, with operations dropped
            self._leaders, self._carried = first, carried
            return []
        best = np.take_along_axis(values, first[..., None], 2)[..., 0]
        held = np.take_along_axis(values, self._leaders[..., None], 2)[..., 0]
        overtaken = (best > held * LEAD) & (first != self._leaders)
        lines = []
        for cell, name in enumerate(self._cells):
            edges = np.flatnonzero(overtaken[cell])
            if len(edges) > MANY:
                lines.append(
                    f"{health.titled(name)}: another operation leads on {len(edges)} of {len(self._edges)} edges"
                )
                continue
            for edge in edges:
                new, old = (self._label(int(numbers[cell, edge])) for numbers in (first, self._leaders))
                lines.append(f"{health.titled(name)}, edge {self._edges[edge]}: {new} overtakes {old}")
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


def about_skips(name: str, cell: Cell) -> str:
    """A line on the skip connections of a cell: "normal cell: 2 of 8 edges are skips"."""
    made_of = health.composition(cell)
    return f"{health.titled(name)}: {health.of_edges(made_of.skips, made_of.edges, 'skip')}"


def alarm(text: str, healthy: int | None, steps_per_epoch: int) -> str:
    """The whole line of an alarm. `healthy`: the step, from 0, after which nothing was wrong for the last time."""
    if healthy is None:
        return f"{text}; it has been so since the first look"
    return f"{text}; last healthy at step {healthy + 1:,} (epoch {healthy // steps_per_epoch + 1})"
