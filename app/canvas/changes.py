"""Which edges of a cell are new, for marking them."""

from engine.space.cells import Cell


def changed_edges(before: Cell, after: Cell) -> frozenset[int]:
    """The edges of `after`, counted through all its nodes, that the same node did not have before."""
    changed, count = set(), 0
    for index, node in enumerate(after.nodes):
        left = list(before.nodes[index].inputs) if index < len(before.nodes) else []
        for edge in node.inputs:
            if edge in left:
                left.remove(edge)
            else:
                changed.add(count)
            count += 1
    return frozenset(changed)
