"""Edits of a cell space: fewer operations in a cell or on an edge, and edges that are always there."""

from msgspec import Struct

from engine.space.operations import label

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
