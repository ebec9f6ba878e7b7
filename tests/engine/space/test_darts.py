import itertools
import random
from collections import Counter
from math import comb

import msgspec
import pytest

from engine.space import SPACES
from engine.space.architecture import CellArchitecture
from engine.space.cells import Cell, Edge, Node, faults
from engine.space.darts import DartsSpace
from engine.space.decisions import Decisions, OutsideSpace
from engine.space.genotype import parse
from engine.space.operations import DARTS_OPERATIONS

SPACE = DartsSpace()
SMALL = DartsSpace(nodes=2, operations=("none", "skip_connect", "sep_conv_3x3"))


def enumerated(nodes: int, operations: tuple[str, ...]) -> list[CellArchitecture]:
    """All architectures of a space, built without it: two different earlier states per node, an operation on each."""
    choices = [
        [
            Node((Edge(first, one), Edge(second, two)))
            for first, second in itertools.combinations(range(2 + index), 2)
            for one, two in itertools.product(operations, repeat=2)
        ]
        for index in range(nodes)
    ]
    cells = [Cell(chosen, tuple(range(2, 2 + nodes))) for chosen in itertools.product(*choices)]
    return [CellArchitecture(normal=normal, reduction=reduction) for normal in cells for reduction in cells]


def test_the_published_size():
    """Liu et al. 2019, section 3.1: (k+1)k/2 · 7² over nodes, squared for the two cells: about 10^18."""
    assert SPACE.size() == (180 * 7**8) ** 2 == (comb(2, 2) * comb(3, 2) * comb(4, 2) * comb(5, 2) * 7**8) ** 2
    assert DartsSpace(operations=tuple(name for name in DARTS_OPERATIONS if name != "none")).size() == SPACE.size()


@pytest.mark.parametrize(("nodes", "operations"), [(1, ("skip_connect", "sep_conv_3x3")), (2, ("skip_connect",))])
def test_size_and_members_against_enumeration(nodes: int, operations: tuple[str, ...]):
    space = DartsSpace(nodes=nodes, operations=operations)
    expected = enumerated(nodes, operations)
    assert space.size() == len(expected)
    assert {space.decode(space.at(rank)) for rank in range(space.size())} == set(expected)


def test_completions_of_every_prefix_against_enumeration():
    everything = [SMALL.at(rank) for rank in range(SMALL.size())]
    beginnings = Counter(decisions[:length] for decisions in everything for length in range(len(decisions) + 1))
    assert len(beginnings) > 3000
    assert all(SMALL.completions(prefix) == count for prefix, count in beginnings.items())


def test_encode_is_the_inverse_of_decode():
    for rank in range(SMALL.size()):
        assert SMALL.encode(SMALL.decode(SMALL.at(rank))) == SMALL.at(rank)
    rng = random.Random(0)
    for space in (SPACE, SPACE.sized(7), SPACE.restrict(("sep_conv_3x3",))):
        for _ in range(200):
            decisions = space.sample(rng)
            architecture = space.decode(decisions)
            assert faults(architecture.normal) == faults(architecture.reduction) == []
            assert space.encode(architecture) == decisions


def test_encode_takes_the_inputs_of_a_node_in_any_order():
    rng = random.Random(0)
    for _ in range(50):
        decisions = SPACE.sample(rng)
        normal, reduction = SPACE.decode(decisions).normal, SPACE.decode(decisions).reduction
        turned = tuple(Node(node.inputs[::-1]) for node in normal.nodes)
        assert SPACE.encode(CellArchitecture(Cell(turned, normal.concat), reduction)) == decisions


def test_samples_are_uniform():
    """Node 1 has twice as many completions behind its first choice: drawing choice by choice would show at once."""
    rng = random.Random(1)
    size, draws = SMALL.size(), 10
    counts = Counter(SMALL.sample(rng) for _ in range(size * draws))
    assert size == (4 * 3 * 4) ** 2
    chi_square = sum((counts[SMALL.at(rank)] - draws) ** 2 / draws for rank in range(size))
    # size - 1 degrees of freedom: mean 2303, standard deviation 67.9
    assert abs(chi_square - (size - 1)) < 4 * 67.9
    pairs = Counter(decisions[4] for decisions in counts.elements())
    assert pairs[0] / counts.total() == pytest.approx(2 / 3, abs=0.01)


def test_each_decision_describes_itself():
    first = SPACE.next(())
    assert (first.kind, first.choices, first.refs, first.label) == ("input", ("k−2",), (0,), "normal node 0")
    operation = SPACE.next((0,))
    assert (operation.kind, operation.label) == ("operation", "normal node 0")
    assert operation.choices == ("max 3×3", "avg 3×3", "skip", "sep 3×3", "sep 5×5", "dil 3×3", "dil 5×5")
    assert operation.refs == (None,) * 7
    # The third node's second input, when its first is k−1: one of the two nodes before it.
    third = SPACE.next((0, 0, 0, 0) * 2 + (1, 0))
    assert (third.choices, third.refs, third.label) == (("0", "1"), (2, 3), "normal node 2")
    assert SPACE.next((0,) * 16).label == "reduction node 0"
    assert SPACE.next((0,) * 32) is None


def test_the_supernet_edges_in_published_order():
    assert SPACE.cells == ("normal", "reduction")
    assert SPACE.edges() == (
        *((0, 0), (0, 1)),
        *((1, 0), (1, 1), (1, 2)),
        *((2, 0), (2, 1), (2, 2), (2, 3)),
        *((3, 0), (3, 1), (3, 2), (3, 3), (3, 4)),
    )
    assert SPACE.edge_names()[:5] == ("k−2→0", "k−1→0", "k−2→1", "k−1→1", "0→1")
    assert len(SPACE.edge_names()) == 14


def edges(architecture: CellArchitecture) -> set[tuple[str, int, int, str]]:
    cells = (("normal", architecture.normal), ("reduction", architecture.reduction))
    return {
        (name, index, edge.source, edge.operation)
        for name, cell in cells
        for index, node in enumerate(cell.nodes)
        for edge in node.inputs
    }


def moves(decisions: Decisions, kind: str) -> set[Decisions]:
    """Every architecture one mutation away, found by looking through the whole space."""
    before = edges(SMALL.decode(decisions))
    found = set()
    for rank in range(SMALL.size()):
        after = edges(SMALL.decode(SMALL.at(rank)))
        gone, come = before - after, after - before
        if len(gone) == len(come) == 1:
            (cell, node, source, operation), (new_cell, new_node, new_source, new_operation) = *gone, *come
            same_place = (cell, node) == (new_cell, new_node)
            moved = kind == "input" and operation == new_operation and source != new_source
            redrawn = kind == "operation" and operation != new_operation and source == new_source
            if same_place and (moved or redrawn):
                found.add(SMALL.at(rank))
    return found


@pytest.mark.parametrize("kind", ["input", "operation"])
def test_a_mutation_reaches_exactly_the_neighbours(kind: str):
    rng = random.Random(0)
    for _ in range(5):
        decisions = SMALL.sample(rng)
        reached = Counter(SMALL.mutate(decisions, rng, kind) for _ in range(800))
        assert set(reached) == moves(decisions, kind)
        # Each about equally likely: an input mutation has 4 of them, an operation mutation 8.
        assert min(reached.values()) > 0.7 * 800 / len(reached)


def test_both_mutations_are_equally_likely():
    rng = random.Random(0)
    decisions = SPACE.sample(rng)
    moved = 0
    for _ in range(2000):
        change = SPACE.describe_change(decisions, SPACE.mutate(decisions, rng))
        assert change.count("→") == 1
        moved += "input" in change
    assert 0.45 < moved / 2000 < 0.55


def test_where_nothing_else_is_possible_a_mutation_changes_nothing():
    rng = random.Random(0)
    single = DartsSpace(nodes=1, operations=("skip_connect",))
    for kind in (None, "input", "operation"):
        assert single.mutate((0,) * 8, rng, kind) == (0,) * 8
    one_node = DartsSpace(nodes=1)
    assert one_node.mutate((0,) * 8, rng, "input") == (0,) * 8
    assert all(one_node.mutate((0,) * 8, rng) != (0,) * 8 for _ in range(50))
    one_operation = DartsSpace(operations=("skip_connect",))
    assert all(one_operation.mutate((0,) * 32, rng) != (0,) * 32 for _ in range(50))


def test_changes_in_words():
    a = SPACE.encode(parse_with("sep_conv_3x3", 0))
    assert SPACE.describe_change(a, SPACE.encode(parse_with("skip_connect", 0))) == "normal node 2: sep 3×3 → skip"
    assert SPACE.describe_change(a, SPACE.encode(parse_with("sep_conv_3x3", 2))) == "normal node 2: input k−2 → 0"
    assert SPACE.describe_change(a, a) == "no change"


def parse_with(operation: str, source: int) -> CellArchitecture:
    """An architecture whose normal node 2 reads states `source` and 1."""
    rest = "('sep_conv_3x3', 0), ('max_pool_3x3', 1)"
    normal = f"{rest}, {rest}, ('{operation}', {source}), ('dil_conv_3x3', 1), {rest}"
    reduction = ", ".join([rest] * 4)
    return parse(
        f"Genotype(normal=[{normal}], normal_concat=range(2, 6), reduce=[{reduction}], reduce_concat=range(2, 6))"
    )


def outside(**changes) -> CellArchitecture:
    sound = parse_with("sep_conv_3x3", 0)
    return CellArchitecture(normal=msgspec.structs.replace(sound.normal, **changes), reduction=sound.reduction)


NODES = parse_with("sep_conv_3x3", 0).normal.nodes


@pytest.mark.parametrize(
    ("architecture", "reason"),
    [
        (outside(concat=(2, 3, 4)), r"normal cell: its output concatenates \[2, 3, 4\], not all nodes in order"),
        (outside(nodes=NODES[:3]), "normal cell: it has 3 nodes, and the space's cells have 4"),
        (outside(inputs=3), "normal cell: it has 3 inputs"),
        (outside(nodes=(Node((Edge(0, "none"), Edge(1, "none"))), *NODES[1:])), "normal node 0: operation 'none' is"),
        (
            outside(nodes=(Node((Edge(0, "sep_conv_7x7"), Edge(1, "skip_connect"))), *NODES[1:])),
            "operation 'sep_conv_7x7' is not one the space decides on",
        ),
        (outside(nodes=(Node((Edge(1, "skip_connect"),) * 2), *NODES[1:])), "both inputs come from k−1"),
        (outside(nodes=(Node((Edge(0, "skip_connect"),) * 3), *NODES[1:])), "normal node 0: it has 3 inputs"),
        (outside(nodes=(Node(NODES[0].inputs, "concat"), *NODES[1:])), "normal node 0: it combines by concat"),
        (outside(nodes=(Node((Edge(0, "skip_connect"), Edge(2, "skip_connect"))), *NODES[1:])), "no state 2 before it"),
    ],
)
def test_what_lies_outside_the_space_is_refused_with_the_reason(architecture: CellArchitecture, reason: str):
    with pytest.raises(OutsideSpace, match=reason):
        SPACE.encode(architecture)


def test_decisions_of_another_space_are_refused():
    with pytest.raises(OutsideSpace, match="too few"):
        SPACE.decode(SMALL.sample(random.Random(0)))
    with pytest.raises(OutsideSpace, match="too many"):
        SMALL.decode((0,) * 32)
    with pytest.raises(OutsideSpace, match="7 is none of 7 choices"):
        SPACE.decode((0, 7, *(0,) * 30))


def test_canonical_sees_through_the_order_of_nodes():
    one, other = (("sep_conv_3x3", 0), ("skip_connect", 1)), (("max_pool_3x3", 0), ("dil_conv_5x5", 1))
    sound = SMALL.decode(SMALL.at(0))

    def cell(*nodes) -> CellArchitecture:
        built = Cell(tuple(Node(tuple(Edge(source, name) for name, source in node)) for node in nodes), (2, 3))
        return CellArchitecture(normal=built, reduction=sound.reduction)

    assert SMALL.canonical(cell(one, other)) == SMALL.canonical(cell(other, one))
    assert SMALL.canonical(cell(one, other)) != SMALL.canonical(cell(one, one))


def test_another_size_or_palette_is_another_space():
    assert SPACE.sized(5).size() == (180 * comb(6, 2) * 7**10) ** 2
    fewer = SPACE.restrict(("skip_connect", "none", "max_pool_3x3"))
    assert fewer.operations == ("none", "max_pool_3x3", "skip_connect")  # the space's own order
    assert fewer.size() == (180 * 2**8) ** 2
    with pytest.raises(OutsideSpace, match="no operation 'sep_conv_7x7'"):
        SPACE.restrict(("sep_conv_7x7", "skip_connect"))
    for wrong in ({"operations": ("none",)}, {"operations": ("a",)}, {"operations": ("none", "none")}, {"nodes": 0}):
        with pytest.raises(ValueError, match=r"nodes:|operations:"):
            DartsSpace(**wrong)


def test_the_registry_knows_the_space_by_its_kind():
    assert all(space.__struct_config__.tag == kind for kind, space in SPACES.items())
    assert SPACES["darts"] is DartsSpace
