"""Derived cells: each method's rule by hand, and that what comes out of any edited space belongs to it."""

import random

import numpy as np
import pytest

from engine.search.derivation import every_edge, in_edge_order, strongest
from engine.space.cell_space import CellSpace
from engine.space.cells import Cell, Edge, Node
from engine.space.darts import DartsSpace
from engine.space.edit_operations import Restriction
from engine.space.nasbench201 import NasBench201Space
from engine.space.operations import DARTS_OPERATIONS

TWO = DartsSpace(nodes=2)
NONE, MAX, AVG, SKIP, SEP3, SEP5, DIL3, DIL5 = DARTS_OPERATIONS


def faint(space: CellSpace) -> np.ndarray:
    """Weights that are small everywhere but for "none", as an array to write into."""
    weights = np.full((len(space.edges()), len(space.operations)), 0.01)
    weights[:, space.operations.index(NONE)] = 0.9
    return weights


def table() -> np.ndarray:
    """Two nodes of the DARTS space, with one real operation standing out on every edge."""
    weights = faint(TWO)
    for row, operation, weight in ((0, 4, 0.2), (1, 3, 0.3), (2, 1, 0.4), (3, 5, 0.1), (4, 7, 0.5)):
        weights[row, operation] = weight
    return weights


def test_a_node_keeps_its_two_strongest_edges_the_stronger_first():
    assert strongest(table(), TWO, "normal") == Cell(
        nodes=(Node((Edge(1, SKIP), Edge(0, SEP3))), Node((Edge(2, DIL5), Edge(0, MAX)))),
        concat=(2, 3),
    )


def test_among_equals_the_first_edge_and_operation_win():
    cell = strongest(np.full((14, 8), 1 / 8), DartsSpace(), "normal")
    assert all(node.inputs == (Edge(0, MAX), Edge(1, MAX)) for node in cell.nodes)


def test_edge_weights_decide_between_edges_and_not_between_operations():
    """Node 1's edges have 0.4, 0.1 and 0.5; times 0.1, 0.8 and 0.1 that is 0.04, 0.08 and 0.05."""
    cell = strongest(table(), TWO, "normal", np.array([0.5, 0.5, 0.1, 0.8, 0.1]))
    assert cell.nodes[1].inputs == (Edge(1, SEP5), Edge(2, DIL5))


def test_in_edge_order_a_nodes_inputs_ascend():
    cell = in_edge_order(table(), TWO, "normal")
    assert cell.nodes == (Node((Edge(0, SEP3), Edge(1, SKIP))), Node((Edge(0, MAX), Edge(2, DIL5))))


def test_the_weakest_skips_beyond_the_limit_are_replaced():
    """Three skips of 0.3, 0.4 and 0.5; with one allowed, the edges of the two weaker fall back to what comes next."""
    weights = faint(TWO)
    for row, weight in ((0, 0.3), (1, 0.4), (2, 0.5)):
        weights[row, 3] = weight
    weights[0, 4], weights[1, 7] = 0.25, 0.05  # what comes next there
    weights[3, 5], weights[4, 1] = 0.2, 0.1
    skipping = (Node((Edge(0, SKIP), Edge(1, SKIP))), Node((Edge(0, SKIP), Edge(1, SEP5))))
    assert in_edge_order(weights, TWO, "normal").nodes == skipping
    assert in_edge_order(weights, TWO, "normal", skips=3).nodes == skipping
    one = (Node((Edge(0, SEP3), Edge(1, DIL5))), Node((Edge(0, SKIP), Edge(1, SEP5))))
    assert in_edge_order(weights, TWO, "normal", skips=1).nodes == one
    weights[2, 4] = 0.15  # the last one's edge keeps its place, above that of 0.1
    none = (one[0], Node((Edge(0, SEP3), Edge(1, SEP5))))
    assert in_edge_order(weights, TWO, "normal", skips=0).nodes == none


def test_the_skips_of_every_family_count_as_skips():
    """The limit of P-DARTS takes away that of NASNet's code, too, and on its edge that of ENAS's with it."""
    space = DartsSpace(nodes=1, operations=("skip_nasnet", "skip_enas", SEP3))
    weights = np.array([[[0.6, 0.3, 0.1], [0.1, 0.5, 0.4]]] * 2)[0]
    assert in_edge_order(weights, space, "normal").nodes[0] == Node((Edge(0, "skip_nasnet"), Edge(1, "skip_enas")))
    assert in_edge_order(weights, space, "normal", skips=1).nodes[0] == Node((Edge(0, "skip_nasnet"), Edge(1, SEP3)))
    assert in_edge_order(weights, space, "normal", skips=0).nodes[0] == Node((Edge(0, SEP3), Edge(1, SEP3)))


def test_a_skip_taken_away_may_cost_its_edge_the_place():
    weights = faint(TWO)
    weights[0, 4] = weights[1, 4] = 0.2
    weights[2, 3], weights[3, 5], weights[4, 7] = 0.5, 0.3, 0.2
    assert in_edge_order(weights, TWO, "normal", skips=1).nodes[1] == Node((Edge(0, SKIP), Edge(1, SEP5)))
    assert in_edge_order(weights, TWO, "normal", skips=0).nodes[1] == Node((Edge(1, SEP5), Edge(2, DIL5)))


def test_skips_without_alternative_stay():
    space = TWO.restrict((SKIP,), edge=(0, 0)).restrict((SKIP, SEP3), edge=(0, 1))
    weights = carried(space, random.Random(0))[0]
    weights[1, 3], weights[1, 4] = 0.9, 0.1
    cell = in_edge_order(weights, space, "normal", skips=0)
    assert cell.nodes[0] == Node((Edge(0, SKIP), Edge(1, SEP3)))


def test_every_edge_stays_with_its_likeliest_operation_none_included():
    weights = table()
    weights[1, 0] = weights[4, 0] = 0.05
    assert every_edge(weights, TWO, "normal").nodes == (
        Node((Edge(0, NONE), Edge(1, SKIP))),
        Node((Edge(0, NONE), Edge(1, NONE), Edge(2, DIL5))),
    )


def test_a_fixed_edge_is_kept_whatever_its_weight():
    space = TWO.fix((1, 1), cell="normal")
    assert strongest(table(), space, "normal").nodes[1].inputs == (Edge(2, DIL5), Edge(1, SEP5))
    assert strongest(table(), space, "reduction").nodes[1].inputs == (Edge(2, DIL5), Edge(0, MAX))
    assert every_edge(table(), space, "normal").nodes[1].inputs == (Edge(0, NONE), Edge(1, SEP5), Edge(2, NONE))


@pytest.mark.parametrize("rule", [strongest, in_edge_order, every_edge])
def test_in_nasbench201_every_rule_keeps_the_argmax_of_every_edge(rule):
    space = NasBench201Space()
    weights = np.random.default_rng(0).random((6, 5))
    weights[2, 0] = 1
    cell = rule(weights, space, "cell")
    rows = [edge for node in cell.nodes for edge in node.inputs]
    assert [(edge.source, edge.operation) for edge in rows] == [
        (source, space.operations[row.argmax()]) for (_, source), row in zip(space.edges(), weights, strict=True)
    ]
    assert cell.concat == (3,)
    assert any(edge.operation == NONE for edge in rows)


def test_in_nasbench201_none_loses_where_it_was_dropped():
    space = NasBench201Space()
    weights = np.random.default_rng(0).random((6, 5))
    weights[:, 0] = np.nan
    cell = in_edge_order(weights, space, "cell")
    assert all(edge.operation != NONE for node in cell.nodes for edge in node.inputs)


def edited(rng: random.Random) -> CellSpace:
    """A space with other sizes, palettes per edge and fixed edges, as far as there is one with these edits."""
    while True:
        try:
            if rng.random() < 0.3:
                space: CellSpace = NasBench201Space(nodes=rng.randint(1, 4))
            else:
                names = tuple(name for name in DARTS_OPERATIONS if rng.random() < 0.7) or (SKIP,)
                space = DartsSpace(nodes=rng.randint(1, 5), inputs=rng.randint(1, 3), operations=names)
            edits = []
            for cell in space.cells:
                for edge in space.edges():
                    palette = tuple(name for name in space.operations if rng.random() < 0.6)
                    allowed = palette if rng.random() < 0.4 else None
                    edits.append(Restriction(cell=cell, edge=edge, operations=allowed, fixed=rng.random() < 0.15))
            return space.edited(edits)
        except ValueError:
            continue  # a node that could not be decided any more


def carried(space: CellSpace, rng: random.Random, dropped: float = 0.0) -> list[np.ndarray]:
    """Weights of each cell where its edges carry an operation; some dropped, but never the last that is not none."""
    draw = np.random.default_rng(rng.randrange(1 << 30))
    found = []
    for cell in space.cells:
        weights = draw.random((len(space.edges()), len(space.operations)))
        for row, edge in enumerate(space.edges()):
            palette = space.palette(cell, edge)
            real = [name for name in palette if name != NONE]
            stays = rng.choice(real) if real else ""
            for place, name in enumerate(space.operations):
                if name not in palette or (name != stays and rng.random() < dropped):
                    weights[row, place] = np.nan
        found.append(weights)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_what_is_derived_from_an_edited_space_belongs_to_it(seed):
    rng = random.Random(seed)
    space = edited(rng)
    for dropped in (0.0, 0.5):
        weights = carried(space, rng, dropped)
        edges = np.random.default_rng(seed).random(len(space.edges()))
        for derive in (
            lambda rows, cell: strongest(rows, space, cell),
            lambda rows, cell, edges=edges: strongest(rows, space, cell, edges),
            lambda rows, cell: in_edge_order(rows, space, cell, skips=1),
        ):
            cells = [derive(rows, cell) for rows, cell in zip(weights, space.cells, strict=True)]
            space.encode(space.joined(cells))
        for rows, cell in zip(weights, space.cells, strict=True):
            whole = every_edge(rows, space, cell)
            for (node, source), row in zip(space.edges(), rows, strict=True):
                edge = whole.nodes[node].inputs[source]
                palette = [name for name, weight in zip(space.operations, row, strict=True) if not np.isnan(weight)]
                assert edge.source == source
                assert edge.operation in palette or edge.operation == NONE
                if space.edit_at(cell, (node, source)).fixed:
                    assert edge.operation != NONE
