"""What the networks of a whole cell space cost, exactly and without drawing any.

That is possible where every cell has the same output, whatever its nodes read: then a network costs a constant, and a
sum over the edges of its cells. All prices are differences of `count`, so nothing here knows what a layer costs.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial

from engine.space.cell_space import CellSpace, choices_of
from engine.space.cells import Cell, Combine, Edge, Node
from engine.space.counts import Skeleton, count
from engine.space.limits import Quantity
from engine.space.node_choices import NodeChoices
from engine.space.output import output
from engine.space.spread import Spread, joint

MOST = 2_000_000
"""Sums that are still worked out to join two spreads; more would take seconds."""


class CellCosts:
    """The costs of a space's networks in a skeleton. Raises Unbuildable where the two do not go together."""

    def __init__(self, space: CellSpace, skeleton: Skeleton, counts: Quantity) -> None:
        self._space, self._skeleton, self._counts = space, skeleton, counts
        empty = (Node(()),) * space.nodes
        self._empty = [
            Cell(empty, output(space.output, empty, space.cell_inputs), space.cell_inputs) for _ in space.cells
        ]
        self._constant = self._count(self._empty)
        self._price = cache(self._priced)

    def bounds(self) -> tuple[int, int]:
        """The least and the most that any member costs."""
        spreads = list(self._nodes())
        return self._constant + sum(map(min, spreads)), self._constant + sum(map(max, spreads))

    def spread(self, going_on: Callable[[], bool] = lambda: True) -> Spread | None:
        """Every cost with the number of members that have it; None where there are too many different ones.

        `going_on` is asked now and then, and None is given once it denies.
        """
        total: Spread = {self._constant: 1}
        for node in sorted(self._nodes(), key=len):
            if len(total) * len(node) > MOST or not going_on():
                return None
            total = joint(total, node)
        return total

    def _nodes(self) -> Iterator[Spread]:
        """What each node of each cell adds."""
        choices = choices_of(self._space).nodes
        for index, node in enumerate(choices):
            place = index // self._space.nodes
            yield self._combined(place, node, node.spread(partial(self._edge, place)))

    def _edge(self, place: int, state: int, name: str) -> int:
        """What an edge adds; where it leads makes no difference."""
        return self._price(place, state < self._space.cell_inputs, name)

    def _combined(self, place: int, node: NodeChoices, spread: Spread) -> Spread:
        """The spread with what it costs to combine the inputs in every way there is."""
        total: Spread = {}
        for combine in node.combines:
            dear = self._price(place, True, "none", combine, node.reads)
            for value, ways in spread.items():
                total[value + dear] = total.get(value + dear, 0) + ways
        return total

    def _priced(self, place: int, outer: bool, name: str, combine: Combine = "add", edges: int = 1) -> int:
        """What edges with this operation add to a node, by whether they come from an input of the cell."""
        cell = self._empty[place]
        index = 0 if outer else len(cell.nodes) - 1
        edge = Edge(0 if outer else cell.inputs, name)
        nodes = list(cell.nodes)
        nodes[index] = Node((edge,) * edges, combine)
        cells = [*self._empty[:place], Cell(tuple(nodes), cell.concat, cell.inputs), *self._empty[place + 1 :]]
        return self._count(cells) - self._constant

    def _count(self, cells: list[Cell]) -> int:
        counted: int = getattr(count(self._space.joined(cells), self._skeleton), self._counts)
        return counted


def is_additive(space: CellSpace) -> bool:
    """Whether the output of the space's cells is always the same, so that `CellCosts` tells the truth."""
    return space.output in ("nodes", "last node")
