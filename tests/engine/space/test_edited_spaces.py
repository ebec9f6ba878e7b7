"""Edits of cell spaces: an edited space holds exactly those members of the whole space that the edit allows."""

import random
from collections.abc import Callable
from functools import cache

import msgspec
import pytest

from engine.plan import PlanError, check, dumps, loads, override, preset
from engine.space.architecture import Architecture, CellArchitecture, named_cells
from engine.space.cell_space import CellSpace
from engine.space.cells import Cell, Edge, Node
from engine.space.darts import DartsSpace
from engine.space.decisions import OutsideSpace
from engine.space.edit_operations import LARGEST, Restriction
from engine.space.nasbench201 import NasBench201Space
from engine.space.nasnet import NasnetSpace
from engine.space.pnas import PnasSpace

SKIP, CONV, POOL = "skip_connect", "conv_3x3", "max_pool_3x3"
DARTS = DartsSpace(nodes=2, operations=(SKIP, CONV))
PNAS = PnasSpace(nodes=2, operations=(SKIP, CONV))
THREE = PnasSpace(nodes=1, operations=(SKIP, CONV), inputs=3)
NASNET = NasnetSpace(nodes=1, operations=(SKIP, CONV))
BENCH = NasBench201Space(nodes=2, operations=("none", SKIP, CONV))

Where = tuple[str, int, int]
"""A cell, the index of a node in it, and the number of a state."""


@cache
def members(space: CellSpace) -> dict[Architecture, dict[Where, list[str]]]:
    """Every member, with the operations that each state is read through: by cell, index of the node, state."""
    found = {}
    for rank in range(space.size()):
        architecture = space.decode(space.at(rank))
        edges: dict[Where, list[str]] = {(cell, *edge): [] for cell in space.cells for edge in space.edges()}
        for name, (_, cell) in zip(space.cells, named_cells(architecture), strict=False):
            for index, node in enumerate(cell.nodes):
                for edge in node.inputs:
                    edges[name, index, edge.source].append(edge.operation)
        found[architecture] = edges
    return found


def allows(*operations: str, cell: str | None = None, edge: tuple[int, int] | None = None) -> Callable:
    def allowed(edges: dict[Where, list[str]]) -> bool:
        return all(
            set(names) <= set(operations)
            for (name, *where), names in edges.items()
            if cell in (None, name) and edge in (None, tuple(where))
        )

    return allowed


def has(edge: tuple[int, int], cell: str | None = None) -> Callable:
    def held(edges: dict[Where, list[str]]) -> bool:
        return all(
            set(names) - {"none"}
            for (name, *where), names in edges.items()
            if cell in (None, name) and edge == tuple(where)
        )

    return held


@pytest.mark.parametrize(
    ("whole", "edited", "keeps"),
    [
        (DARTS, DARTS.restrict((SKIP,)), [allows(SKIP)]),
        (DARTS, DARTS.restrict((SKIP,), cell="normal"), [allows(SKIP, cell="normal")]),
        (DARTS, DARTS.restrict((SKIP,), edge=(1, 2)), [allows(SKIP, edge=(1, 2))]),
        (DARTS, DARTS.restrict((), cell="reduction", edge=(1, 0)), [allows(cell="reduction", edge=(1, 0))]),
        (DARTS, DARTS.fix((1, 2)), [has((1, 2))]),
        (DARTS, DARTS.fix((1, 2)).fix((1, 0)), [has((1, 2)), has((1, 0))]),
        (
            DARTS,
            DARTS.restrict((CONV,), "normal", (1, 2)).fix((1, 2), "normal").restrict((SKIP,), "reduction"),
            [allows(CONV, cell="normal", edge=(1, 2)), has((1, 2), "normal"), allows(SKIP, cell="reduction")],
        ),
        (PNAS, PNAS.fix((1, 2)), [has((1, 2))]),
        (PNAS, PNAS.fix((1, 2)).fix((1, 1)), [has((1, 2)), has((1, 1))]),
        (PNAS, PNAS.restrict((), edge=(0, 0)), [allows(edge=(0, 0))]),
        (PNAS, PNAS.restrict((SKIP,), edge=(1, 2)).fix((1, 2)), [allows(SKIP, edge=(1, 2)), has((1, 2))]),
        (THREE, THREE.fix((0, 0)), [has((0, 0))]),
        (THREE, THREE.fix((0, 0)).fix((0, 1)), [has((0, 0)), has((0, 1))]),
        (NASNET, NASNET.fix((0, 1), "reduction"), [has((0, 1), "reduction")]),
        (BENCH, BENCH.restrict(("none", CONV), edge=(1, 0)), [allows("none", CONV, edge=(1, 0))]),
        (BENCH, BENCH.restrict((), edge=(1, 0)), [allows("none", edge=(1, 0))]),
        (BENCH, BENCH.fix((1, 1)), [has((1, 1))]),
    ],
)
def test_the_members_are_those_that_the_edit_allows(whole: CellSpace, edited: CellSpace, keeps: list[Callable]):
    kept = {architecture for architecture, edges in members(whole).items() if all(keep(edges) for keep in keeps)}
    assert 0 < len(kept) < whole.size()
    assert edited.size() == len(kept)
    assert {edited.decode(edited.at(rank)) for rank in range(edited.size())} == kept
    for architecture in members(whole):
        if architecture in kept:
            assert edited.decode(edited.encode(architecture)) == architecture
        else:
            with pytest.raises(OutsideSpace):
                edited.encode(architecture)


@pytest.mark.parametrize(
    "space",
    [
        DARTS.fix((1, 2)).restrict((), "normal", (1, 0)),
        PNAS.fix((1, 2)).restrict((SKIP,), edge=(1, 0)).restrict((), edge=(1, 1)),
        BENCH.fix((1, 0)),
    ],
)
def test_sampling_and_mutation_stay_inside(space: CellSpace):
    rng = random.Random(0)
    for _ in range(200):
        decisions = space.sample(rng)
        for length in range(len(decisions)):  # every choice offered leads somewhere
            choices = len(space.next(decisions[:length]).choices)
            assert all(space.completions((*decisions[:length], choice)) for choice in range(choices))
        for kind in (None, "input", "operation"):
            mutant = space.mutate(decisions, rng, kind)
            assert space.encode(space.decode(mutant)) == mutant


def test_a_moved_input_takes_another_operation_only_where_its_own_is_not_allowed():
    space = PnasSpace(nodes=1, operations=(SKIP, CONV, POOL)).restrict((POOL,), edge=(0, 1))
    rng = random.Random(0)
    for first, moved in ((SKIP, POOL), (POOL, POOL)):
        decisions = space.encode(_one_node(space, Edge(0, first), Edge(0, first)))
        mutants = {space.decode(space.mutate(decisions, rng, "input")) for _ in range(30)}
        assert mutants == {
            _one_node(space, Edge(1, moved), Edge(0, first)),
            _one_node(space, Edge(0, first), Edge(1, moved)),
        }


def _one_node(space: CellSpace, *edges: Edge) -> CellArchitecture:
    cell = Cell((Node(edges),), (2,))
    return CellArchitecture(normal=cell, reduction=cell)


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda: DARTS.restrict(("sep_conv_3x3",), "normal"), "the space has no operation 'sep_conv_3x3'"),
        (lambda: DARTS.restrict((SKIP,), "middle"), "there is no cell 'middle', only normal and reduction"),
        (lambda: DARTS.restrict((SKIP,), edge=(2, 0)), "there is no node 2 in cells of 2"),
        (lambda: DARTS.fix((1, 3)), "node 1 has no state 3 before it, only 0 to 2"),
        (lambda: DARTS.restrict((), edge=(0, 0)), "normal node 0 cannot be decided any more"),
        (lambda: DARTS.fix((1, 0)).fix((1, 1)).fix((1, 2)), "normal node 1 cannot be decided any more"),
        (lambda: DARTS.restrict((), edge=(1, 2)).fix((1, 2)), "normal node 1 cannot be decided any more"),
        (lambda: BENCH.restrict(("none",), edge=(1, 0)).fix((1, 0)), "node 1 cannot be decided any more"),
        (lambda: DARTS.restrict(()), "at least one other than none is needed"),
        (lambda: DARTS.sized(LARGEST + 1), "nodes: a cell has 1 to 12 nodes, not 13"),
    ],
)
def test_impossible_edits_are_refused_with_the_reason(edit: Callable, reason: str):
    with pytest.raises(ValueError, match=reason):
        edit()


def test_edits_narrow_each_other_and_can_be_taken_back():
    space = DartsSpace(operations=(SKIP, CONV, POOL))
    once = space.restrict((SKIP, CONV), edge=(1, 0)).restrict((CONV, POOL), edge=(1, 0))
    assert once.palette("normal", (1, 0)) == (CONV,)
    assert once.palette("normal", (1, 1)) == (SKIP, CONV, POOL)
    assert once.restrict((SKIP, POOL), "reduction").palette("reduction", (1, 1)) == (SKIP, POOL)
    assert once.restrict((SKIP, POOL)).palette("normal", (1, 0)) == ()
    assert once.free((1, 0)) == space
    assert once.free((1, 0), "normal") == once  # another place


def test_the_order_of_edits_means_nothing():
    one = DARTS.restrict((SKIP,), "normal").fix((1, 2)).restrict((CONV,), "reduction", (0, 1))
    other = DARTS.restrict((CONV,), "reduction", (0, 1)).restrict((SKIP,), "normal").fix((1, 2))
    assert one == other
    assert hash(one) == hash(other)


def test_edits_in_words():
    edited = DARTS.restrict((SKIP,), "normal").restrict((SKIP, CONV), edge=(0, 1)).fix((1, 2)).restrict((), edge=(1, 0))
    assert [str(edit) for edit in edited.restrictions] == [
        "every node 0 from state 1: skip or conv 3×3",
        "every node 1 from state 0: nothing",
        "every node 1 from state 2: fixed",
        "normal cell: skip",
    ]


def test_edits_of_nodes_that_are_gone_are_gone():
    edited = DARTS.fix((1, 2)).restrict((SKIP, CONV), edge=(0, 0))
    assert edited.sized(1) == DARTS.sized(1).restrict((SKIP, CONV), edge=(0, 0))
    assert edited.sized(3).size() < DARTS.sized(3).size()


def test_more_inputs_than_there_are_states():
    space = DartsSpace(nodes=2, operations=(SKIP, CONV), inputs=3)
    assert space.size() == (2**2 * 2**3) ** 2  # the first node has but two states to read
    assert DartsSpace(inputs=1).size() == ((2 * 3 * 4 * 5) * 7**4) ** 2


@pytest.mark.parametrize(
    ("rule", "concat"),
    [("nodes", (2, 3, 4)), ("loose nodes", (3, 4)), ("loose states", (1, 3, 4)), ("last node", (4,))],
)
def test_the_rule_of_the_output(rule: str, concat: tuple[int, ...]):
    """Nodes read k−2 twice, then k−2 and node 0, then node 0 twice: k−1 and nodes 1 and 2 are loose."""
    space = PnasSpace(nodes=3, operations=(SKIP,), output=rule)
    nodes = [Node(tuple(Edge(state, SKIP) for state in states)) for states in ((0, 0), (0, 2), (2, 2))]
    cell = Cell(tuple(nodes), concat)
    assert space.decode(space.encode(CellArchitecture(normal=cell, reduction=cell))).normal.concat == concat


def test_an_edge_that_carries_none_reads_nothing():
    space = NasBench201Space(nodes=2, output="loose states")
    for operations, concat in (((1, 0, 0), (1, 2)), ((1, 0, 1), (2,)), ((0, 0, 0), (0, 1, 2))):
        assert space.decode(operations).cell.concat == concat


def test_a_plan_records_exactly_the_edited_space():
    edited = DartsSpace().sized(3).restrict((SKIP, "sep_conv_3x3"), edge=(2, 0)).fix((1, 2), "normal")
    edited = edited.restrict((), "reduction", (2, 3))
    plan = msgspec.structs.replace(preset("evolution-digits"), space=edited)
    text = dumps(plan)
    assert "[[space.restrictions]]" in text
    assert loads(text) == plan
    assert loads(text).space.size() == edited.size()


def test_bad_restrictions_in_a_plan_are_told_in_one_line():
    text = dumps(preset("evolution-digits"))
    for lines, reason in (
        ("[[space.restrictions]]\nedge = [9, 0]\nfixed = true", "there is no node 9 in cells of 4"),
        ("[[space.restrictions]]\nfixed = true", "what is fixed is one edge, and none is named"),
        ("[[space.restrictions]]\ncolour = 1", "colour"),
        ("[[space.restrictions]]\nedge = 3", "space.restrictions must be a list of tables"),
    ):
        with pytest.raises(PlanError, match=reason) as caught:
            loads(text.replace("restrictions = []\n", "") + f"\n{lines}\n")
        assert "\n" not in str(caught.value)


def test_a_supernet_refuses_a_space_that_it_would_not_respect():
    plan = preset("darts-digits")
    check(plan)
    for changes, key in ((["space=nasnet"], "space"), (["space.output=loose nodes"], "space.output")):
        with pytest.raises(PlanError) as caught:
            check(override(plan, changes))
        assert caught.value.key == key


def test_edits_at_a_place_replace_what_was_edited_there():
    space = DartsSpace(operations=(SKIP, CONV, POOL))
    edge = Restriction(cell="normal", edge=(1, 0), operations=(SKIP, CONV))
    once = space.edited([edge])
    assert once.palette("normal", (1, 0)) == (SKIP, CONV)
    assert once.palette("reduction", (1, 0)) == (SKIP, CONV, POOL)
    other = Restriction(cell="normal", edge=(1, 0), operations=(POOL,), fixed=True)
    assert once.edited([other]) == space.restrict((POOL,), "normal", (1, 0)).fix((1, 0), "normal")
    assert once.edited([Restriction(cell="normal", edge=(1, 0))]) == space
    assert once.edited([Restriction(cell="normal", edge=(1, 0), operations=space.operations)]) == space


def test_an_edit_of_an_edge_that_its_cell_makes_anyway_is_none():
    space = DartsSpace(operations=(SKIP, CONV, POOL)).edited([Restriction(cell="normal", operations=(SKIP, CONV))])
    assert space.edited([Restriction(cell="normal", edge=(1, 0), operations=(SKIP, CONV))]) == space
    assert space.edited([Restriction(cell="normal", edge=(1, 0), operations=(SKIP,))]) != space


def test_an_edit_of_one_cell_leaves_the_other_as_it_was():
    space = DartsSpace(operations=(SKIP, CONV, POOL)).restrict((SKIP, CONV), edge=(1, 0)).fix((1, 2))
    edited = space.edited([Restriction(cell="normal", edge=(1, 0))])
    assert edited.palette("normal", (1, 0)) == (SKIP, CONV, POOL)
    assert edited.palette("reduction", (1, 0)) == (SKIP, CONV)
    assert edited.edit_at("normal", (1, 2)) == Restriction(cell="normal", edge=(1, 2), fixed=True)


def test_several_edits_are_made_at_once():
    """One after the other, the first of these would leave node 1 with too little to read."""
    space = DARTS.edited([Restriction(cell="normal", edge=(1, 0), operations=())])
    swap = [Restriction(cell="normal", edge=(1, 1), operations=()), Restriction(cell="normal", edge=(1, 0))]
    swapped = space.edited(swap)
    assert swapped.palette("normal", (1, 1)) == ()
    assert swapped.palette("normal", (1, 0)) == (SKIP, CONV)
    with pytest.raises(ValueError, match="normal node 1 cannot be decided any more"):
        space.edited(swap[:1])
