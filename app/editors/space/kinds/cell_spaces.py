"""Cell spaces: every edge that may be in a cell, with the operations it may carry."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec

from app.editors.space.kinds.choices import (
    DiagramRef,
    Drawn,
    Key,
    Part,
    Slot,
    SlotStyle,
    SpaceKind,
    Wish,
    note,
    style_of,
    usual,
)
from app.graph.kinds import Choice, EdgeRef
from app.graph.model import OUTPUT, Diagram, DiagramEdge, DiagramNode, titled
from engine.space.cell_space import CellSpace
from engine.space.cells import state_name
from engine.space.edit_operations import EdgeOf, Restriction
from engine.space.operations import OPERATIONS, about

Place = tuple[str, EdgeOf | None]
"""A cell and an edge of it; no edge stands for the whole cell."""


class CellSpaces(SpaceKind[CellSpace]):
    """Slots are the edges of each cell, and the cells."""

    def slots(self, space: CellSpace) -> dict[Key, Slot]:
        return dict(_slots(space))

    def drawn(self, space: CellSpace) -> tuple[Drawn, ...]:
        slots = _slots(space)
        absent = "none" if space.pairing == "every" else "forbidden"
        return tuple(
            Drawn(
                _diagram(cell, space.nodes, space.cell_inputs, _outputs(space)),
                tuple(style_of(slots[cell, edge], "ops", absent) for edge in space.edges())
                + (SlotStyle(),) * len(_outputs(space)),
                note=note(slots[cell, None]),
            )
            for cell in space.cells
        )

    def keys(self, space: CellSpace, part: Part) -> Sequence[Key]:
        if isinstance(part, DiagramRef):
            return [(part.diagram, None)]
        if isinstance(part, EdgeRef):
            edges = space.edges()
            return [(part.diagram, edges[part.index])] if part.index < len(edges) else []
        node = part.number - space.cell_inputs
        if part.number == OUTPUT:
            return []
        if node < 0:
            return [(part.diagram, edge) for edge in space.edges() if edge[1] == part.number]
        return [(part.diagram, edge) for edge in space.edges() if edge[0] == node]

    def parts(self, space: CellSpace, key: Key) -> Sequence[Part]:
        cell, edge = _place(key)
        return [DiagramRef(cell)] if edge is None else [EdgeRef(cell, space.edges().index(edge))]

    def with_wishes(self, space: CellSpace, wishes: Mapping[Key, Wish]) -> CellSpace:
        edits = []
        for key, wish in wishes.items():
            cell, edge = _place(key)
            # What is never decided stays a candidate of the supernet wherever anything is allowed at all.
            kept = [
                name
                for name in space.operations
                if name in wish.allowed or (wish.allowed and name not in space.decided)
            ]
            edits.append(Restriction(cell=cell, edge=edge, operations=tuple(kept), fixed=wish.always))
        return space.edited(edits)

    def named(self, name: str) -> Choice:
        return replace(super().named(name), about=about(name))

    def with_palette(self, space: CellSpace, names: Sequence[str]) -> CellSpace:
        first = usual(space, self.palette(space))
        chosen = set(names) | (set(space.operations) - set(space.decided))
        order = [*first, *(name for name in OPERATIONS if name not in first)]
        kept = space.restrict(tuple(name for name in space.operations if name in chosen))
        return msgspec.structs.replace(kept, operations=tuple(name for name in order if name in chosen))

    def with_setting(self, space: CellSpace, name: str, value: Any) -> CellSpace:
        return space.sized(value) if name == "nodes" else super().with_setting(space, name, value)


@lru_cache(maxsize=16)
def _slots(space: CellSpace) -> Mapping[Key, Slot]:
    choices = tuple(map(CellSpaces().named, space.decided))
    names = frozenset(space.decided)
    found: dict[Key, Slot] = {}
    for cell in space.cells:
        within = space.edit_at(cell).operations
        open_here = names if within is None else names & set(within)
        found[cell, None] = Slot((cell, None), cell, titled(cell), choices, open_here, whole=True)
        for edge in space.edges():
            found[cell, edge] = Slot(
                (cell, edge),
                cell,
                f"{state_name(edge[1], space.cell_inputs)} → {edge[0]}",
                choices,
                names & set(space.palette(cell, edge)),
                closed=names - open_here,
                optional=True,
                always=space.edit_at(cell, edge).fixed,
            )
    return found


def _place(key: Key) -> Place:
    assert isinstance(key, tuple)
    return key


def _outputs(space: CellSpace) -> tuple[int, ...]:
    """The states that may be in the output."""
    last = space.cell_inputs + space.nodes - 1
    first = {"last node": last, "loose states": 0}.get(space.output, space.cell_inputs)
    return tuple(range(first, last + 1))


@lru_cache(maxsize=64)
def _diagram(name: str, count: int, inputs: int, outputs: tuple[int, ...]) -> Diagram:
    """Every edge that a cell of so many nodes may have, in the order of `CellSpace.edges`."""
    nodes = [
        DiagramNode(state, "input", state_name(state, inputs), "c", state_name(state, inputs))
        for state in range(inputs)
    ]
    nodes += [DiagramNode(inputs + node, "node", str(node), str(node)) for node in range(count)]
    nodes.append(DiagramNode(OUTPUT, "output", "k", "c", "k"))
    edges = [DiagramEdge(source, inputs + node, "") for node in range(count) for source in range(inputs + node)]
    return Diagram(name, tuple(nodes), (*edges, *(DiagramEdge(state, OUTPUT) for state in outputs)))
