"""A cell space as a person may edit it: its settings, its edges, and the ways to get another space from it."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Self

import msgspec
from msgspec import Struct

from engine.space.cells import OutputRule, state_name, unknown_operation
from engine.space.decisions import DecisionSpace, OutsideSpace
from engine.space.limits import Limit, limit_list
from engine.space.node_choices import Pairing
from engine.space.operations import OPERATIONS, label
from engine.space.setting import setting, shared

EdgeOf = tuple[int, int]
"""An edge that may be there: (index of the node, number of the state it reads), as in `CellSpace.edges()`."""


class Restriction(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One edit of a cell space.

    Attributes:
        cell: the cell it holds in; None for every cell of the space.
        edge: the edge it holds on; None for every edge.
        operations: all that is allowed there. None allows what the space does; none at all forbids the edge.
        fixed: the edge is always there.
    """

    cell: str | None = None
    edge: EdgeOf | None = None
    operations: tuple[str, ...] | None = None
    fixed: bool = False

    def __str__(self) -> str:
        where = f"{self.cell} cell" if self.cell else "every cell"
        if self.edge is not None:
            where = f"{self.cell or 'every'} node {self.edge[0]} from state {self.edge[1]}"
        allowed = [] if self.operations is None else [" or ".join(map(label, self.operations)) or "nothing"]
        return f"{where}: {', '.join(allowed + ['fixed'] * self.fixed)}"

    def holds(self, cell: str, edge: EdgeOf) -> bool:
        """Whether it speaks of this edge of this cell."""
        return self.cell in (None, cell) and self.edge in (None, edge)


def fault(
    restriction: Restriction, cells: tuple[str, ...], nodes: int, inputs: int, operations: tuple[str, ...]
) -> str:
    """What makes a restriction meaningless in a space of such cells, or an empty string."""
    if restriction.cell is not None and restriction.cell not in cells:
        return f"there is no cell '{restriction.cell[:40]}', only {' and '.join(cells)}"
    if restriction.edge is not None:
        node, source = restriction.edge
        if not 0 <= node < nodes:
            return f"there is no node {node} in cells of {nodes}"
        if not 0 <= source < inputs + node:
            return f"node {node} has no state {source} before it, only 0 to {inputs + node - 1}"
    elif restriction.fixed:
        return "what is fixed is one edge, and none is named"
    for name in restriction.operations or ():
        if name not in operations:
            return f"the space has no operation '{name[:40]}'"
    return ""


LARGEST = 12
"""Nodes of the largest cells a space may have."""


class EditableCells(DecisionSpace, frozen=True, kw_only=True):
    """The settings of a cell space and its edits: more or fewer nodes, other palettes, edges that are always there.

    Edits are settings like all others, so that a plan records exactly the space that was searched.
    """

    cells: ClassVar[tuple[str, ...]] = ("normal", "reduction")
    cell_inputs: ClassVar[int] = 2
    pairing: ClassVar[Pairing]

    nodes: int
    operations: tuple[str, ...]
    output: OutputRule
    restrictions: Annotated[
        tuple[Restriction, ...],
        setting(
            "What was edited by hand on single cells and edges.",
            label="Restrictions",
            source="none in any published space",
            allowed="a list of tables with operations, fixed, cell and edge",
        ),
    ] = ()
    limits: Annotated[tuple[Limit, ...], limit_list()] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.nodes <= LARGEST:
            raise ValueError(f"nodes: a cell has 1 to {LARGEST} nodes, not {self.nodes}")
        for name in self.operations:
            if name not in OPERATIONS:
                raise ValueError(f"operations: {unknown_operation(name)}")
        if len(set(self.operations)) < len(self.operations):
            raise ValueError("operations: one is named twice")
        if not self.decided:
            raise ValueError("operations: at least one other than none is needed")
        for restriction in self.restrictions:
            if reason := fault(restriction, self.cells, self.nodes, self.cell_inputs, self.operations):
                raise ValueError(f"restrictions: {reason}")

    @property
    def decided(self) -> tuple[str, ...]:
        """The operations a decision chooses from."""
        return tuple(name for name in self.operations if name != "none" or self.pairing == "every")

    def edges(self) -> tuple[EdgeOf, ...]:
        """The edges a cell may have, in published order, as (index of the node, number of the source state)."""
        return tuple((node, source) for node in range(self.nodes) for source in range(self.cell_inputs + node))

    def edge_names(self) -> tuple[str, ...]:
        """Names of `edges()` for people: "k−2→0", "k−1→0", "k−2→1", ..."""
        return tuple(f"{state_name(source, self.cell_inputs)}→{node}" for node, source in self.edges())

    def palette(self, cell: str, edge: EdgeOf) -> tuple[str, ...]:
        """The operations that one edge of one cell may carry, candidates of the supernet included."""
        allowed = [
            restriction.operations
            for restriction in self.restrictions
            if restriction.operations is not None and restriction.holds(cell, edge)
        ]
        return self._ordered(*allowed)

    def sized(self, nodes: int) -> Self:
        """The same space with another number of nodes per cell. Edits of nodes that are gone are gone, too."""
        kept = (edit for edit in self.restrictions if edit.edge is None or edit.edge[0] < nodes)
        return msgspec.structs.replace(self, nodes=nodes, restrictions=tuple(kept))

    def restrict(self, operations: tuple[str, ...], cell: str | None = None, edge: EdgeOf | None = None) -> Self:
        """The part of the space that uses only these operations: everywhere, in one cell, or on one edge.

        No operations at all forbid an edge. Raises OutsideSpace for an operation that the space does not have,
        ValueError where a node could no longer be decided.
        """
        for name in operations:
            if name not in self.operations:
                raise OutsideSpace(f"the space has no operation '{name}'")
        if cell is not None or edge is not None:
            before = self._edit(cell, edge).operations
            allowed = tuple(name for name in operations if before is None or name in before)
            return self._with(msgspec.structs.replace(self._edit(cell, edge), operations=self._ordered(allowed)))
        edits = tuple(
            edit
            if edit.operations is None
            else msgspec.structs.replace(edit, operations=tuple(name for name in edit.operations if name in operations))
            for edit in self.restrictions
        )
        return msgspec.structs.replace(self, operations=self._ordered(operations), restrictions=edits)

    def fix(self, edge: EdgeOf, cell: str | None = None) -> Self:
        """The part of the space in which an edge is always there. Raises ValueError where that is impossible."""
        return self._with(msgspec.structs.replace(self._edit(cell, edge), fixed=True))

    def free(self, edge: EdgeOf | None = None, cell: str | None = None) -> Self:
        """The space without the edits made at exactly this place."""
        kept = tuple(edit for edit in self.restrictions if (edit.cell, edit.edge) != (cell, edge))
        return msgspec.structs.replace(self, restrictions=kept)

    def edit_at(self, cell: str, edge: EdgeOf | None = None) -> Restriction:
        """What was edited at one place of one cell, there or for all cells; an empty edit where nothing was."""
        made = [edit for edit in self.restrictions if edit.edge == edge and edit.cell in (None, cell)]
        allowed = [edit.operations for edit in made if edit.operations is not None]
        return Restriction(
            cell=cell,
            edge=edge,
            operations=self._ordered(*allowed) if allowed else None,
            fixed=any(edit.fixed for edit in made),
        )

    def edited(self, edits: Iterable[Restriction]) -> Self:
        """The space in which exactly these edits hold at their places, each in one cell, whatever held there before.

        An edit that allows whatever wider ones do allows all. Raises ValueError where a node could not be decided.
        """
        places = dict.fromkeys((cell, edit.edge) for edit in self.restrictions for cell in self.cells)
        made = {(cell, edge): self.edit_at(cell, edge) for cell, edge in places}
        made |= {(edit.cell or "", edit.edge): edit for edit in edits}
        for place, edit in made.items():
            wider = made.get((place[0], None), Restriction()).operations if edit.edge else None
            if edit.operations is not None and set(edit.operations) >= set(self.operations if wider is None else wider):
                made[place] = msgspec.structs.replace(edit, operations=None)
        kept = [edit for edit in made.values() if edit.operations is not None or edit.fixed]
        return msgspec.structs.replace(self, restrictions=_in_order(kept))

    def _ordered(self, *lists: tuple[str, ...]) -> tuple[str, ...]:
        """The operations that are in all of these lists."""
        return tuple(name for name in self.operations if all(name in names for names in lists))

    def _edit(self, cell: str | None, edge: EdgeOf | None) -> Restriction:
        """The edit made at exactly this place, or an empty one."""
        made = (edit for edit in self.restrictions if (edit.cell, edit.edge) == (cell, edge))
        return next(made, Restriction(cell=cell, edge=edge))

    def _with(self, edit: Restriction) -> Self:
        """The space with one edit made or made anew, in an order that does not depend on who came first."""
        edits = (*self.free(edit.edge, edit.cell).restrictions, edit)
        return msgspec.structs.replace(self, restrictions=_in_order(edits))


def _in_order(edits: Iterable[Restriction]) -> tuple[Restriction, ...]:
    """The edits in an order that does not depend on who came first."""
    return tuple(sorted(edits, key=lambda one: (one.cell or "", one.edge or (-1, -1))))


node_count = shared("Intermediate nodes of each cell.", label="Nodes", low=1, high=LARGEST)
operation_list = shared("The operations an edge may carry.", label="Operations", choices=tuple(OPERATIONS))
output_rule = shared("What the cell's output concatenates.", label="Output")
