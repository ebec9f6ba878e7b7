"""What holds for every family of cell spaces, checked on small members by looking at all there is."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from engine.space.amoebanet import AmoebaNetSpace
from engine.space.architecture import Architecture, named_cells
from engine.space.cell_space import CellSpace
from engine.space.cells import Edge, Node, faults
from engine.space.darts import DartsSpace
from engine.space.decisions import Decisions, OutsideSpace
from engine.space.enas_micro import EnasMicroSpace
from engine.space.nao import NaoSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.nasnet import NasnetSpace
from engine.space.pnas import PnasSpace

FAMILIES = (DartsSpace, NasnetSpace, AmoebaNetSpace, PnasSpace, EnasMicroSpace, NaoSpace, NasBench201Space)
TWO = ("skip_connect", "conv_3x3")
SMALL = (
    DartsSpace(nodes=2, operations=(*TWO, "none")),
    NasnetSpace(nodes=1, operations=TWO),
    AmoebaNetSpace(nodes=1, operations=TWO),
    PnasSpace(nodes=2, operations=TWO),
    PnasSpace(nodes=2, operations=("skip_connect",), inputs=3),
    EnasMicroSpace(nodes=2, operations=("conv_3x3",)),
    NaoSpace(nodes=1, operations=(*TWO, "max_pool_2x2")),
    NasBench201Space(nodes=3, operations=(*TWO, "none")),
)

families = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
small = pytest.mark.parametrize("space", SMALL, ids=lambda space: f"{type(space).__name__}-{space.size()}")


def everything(space: CellSpace) -> list[Decisions]:
    return [space.at(rank) for rank in range(space.size())]


def nodes(space: CellSpace, index: int) -> list[Node]:
    """Every node number `index` of an unedited family, from the family's rule in words."""
    states = range(space.cell_inputs + index)
    operations = [name for name in space.operations if name != "none" or space.pairing == "every"]
    chosen: Iterator[tuple[int, ...]] = {
        "distinct": lambda: itertools.combinations(states, min(space.reads, len(states))),
        "ordered": lambda: itertools.product(states, repeat=space.reads),
        "every": lambda: iter([tuple(states)]),
    }[space.pairing]()
    return [
        Node(tuple(map(Edge, sources, names)), combine)
        for sources in chosen
        for names in itertools.product(operations, repeat=len(sources))
        for combine in space.combines
    ]


@small
def test_the_members_are_those_that_the_rule_in_words_gives(space: CellSpace):
    cells = list(itertools.product(*(nodes(space, index) for index in range(space.nodes))))
    expected = set(itertools.product(cells, repeat=len(space.cells)))
    assert space.size() == len(expected)
    found = set()
    for decisions in everything(space):
        held = [cell.nodes for _, cell in named_cells(space.decode(decisions))]
        found.add(tuple(held[: len(space.cells)]))
    assert found == expected


@small
def test_completions_of_every_prefix(space: CellSpace):
    beginnings = Counter(decisions[:length] for decisions in everything(space) for length in range(len(decisions) + 1))
    assert all(space.completions(prefix) == count for prefix, count in beginnings.items())
    ways_on = Counter(prefix[:-1] for prefix in beginnings if prefix)
    for prefix in beginnings:  # every choice offered leads somewhere
        decision = space.next(prefix)
        assert ways_on[prefix] == (len(decision.choices) if decision else 0)


@small
def test_encode_is_the_inverse_of_decode(space: CellSpace):
    assert len({space.decode(decisions) for decisions in everything(space)}) == space.size()
    for decisions in everything(space):
        assert space.encode(space.decode(decisions)) == decisions


@families
def test_random_members_are_sound_and_come_back(family: type[CellSpace]):
    rng = random.Random(0)
    space = family()
    for _ in range(200):
        decisions = space.sample(rng)
        architecture = space.decode(decisions)
        assert [faults(cell) for _, cell in named_cells(architecture)] == [[]] * len(named_cells(architecture))
        assert space.encode(architecture) == decisions
        assert space.decode(space.encode(architecture)) == architecture


@small
def test_samples_are_uniform(space: CellSpace):
    rng = random.Random(0)
    size, draws = space.size(), 20
    counts = Counter(space.sample(rng) for _ in range(size * draws))
    chi_square = sum((counts[decisions] - draws) ** 2 / draws for decisions in everything(space))
    assert abs(chi_square - (size - 1)) < 4.5 * (2 * (size - 1)) ** 0.5


def neighbours(space: CellSpace, decisions: Decisions, kind: str) -> set[Decisions]:
    """Every member one mutation away, found by looking through the whole space."""
    before = edges(space.decode(decisions), space)
    found = set()
    for other in everything(space):
        after = edges(space.decode(other), space)
        gone, come = before - after, after - before
        if gone.total() == come.total() == 1:
            (cell, node, source, what), (new_cell, new_node, new_source, new_what) = *gone, *come
            differs = "combine" if source is None else "input" if source != new_source else "operation"
            same = what == new_what if differs == "input" else source == new_source
            if differs == kind and same and (cell, node) == (new_cell, new_node):
                found.add(other)
    return found


def edges(architecture: Architecture, space: CellSpace) -> Counter:
    """Edges as (cell, node, source, operation) and combinations as (cell, node, None, combine), in any order."""
    cells = named_cells(architecture)[: len(space.cells)]
    return Counter(
        item
        for name, cell in cells
        for index, node in enumerate(cell.nodes)
        for item in (
            *((name, index, edge.source, edge.operation) for edge in node.inputs),
            (name, index, None, node.combine),
        )
    )


@small
@pytest.mark.parametrize("kind", ["input", "operation", "combine"])
def test_a_mutation_reaches_its_neighbours_and_nothing_else(space: CellSpace, kind: str):
    rng = random.Random(0)
    for _ in range(3):
        decisions = space.sample(rng)
        near = neighbours(space, decisions, kind)
        reached = {space.mutate(decisions, rng, kind) for _ in range(300)}
        if not near:
            assert reached == {decisions}
        elif space.pairing == "ordered":
            # Moving one input onto its twin, or back, the same graph is reached in the other order of inputs, too.
            assert {space.canonical(space.decode(one)) for one in reached} == {
                space.canonical(space.decode(one)) for one in near
            }
            assert reached <= near
        else:
            assert reached == near


@families
def test_all_kinds_of_mutation_are_equally_likely(family: type[CellSpace]):
    rng = random.Random(0)
    space = family()
    decisions = space.sample(rng)
    kinds = [kind for kind in ("input", "operation", "combine") if space.mutate(decisions, rng, kind) != decisions]
    found: Counter[str] = Counter()
    for _ in range(600):
        gone = edges(space.decode(decisions), space) - edges(space.decode(space.mutate(decisions, rng)), space)
        assert gone.total() == 1
        found["combine" if next(iter(gone))[2] is None else "edge"] += 1
    assert found["combine"] / 600 == pytest.approx(kinds.count("combine") / len(kinds), abs=0.08)
    assert ("combine" in kinds) == (family is NasnetSpace)
    assert ("input" in kinds) == (family is not NasBench201Space)


@families
def test_changes_in_words_name_the_place(family: type[CellSpace]):
    rng = random.Random(1)
    space = family()
    decisions = space.sample(rng)
    assert space.describe_change(decisions, decisions) == "no change"
    for kind in ("input", "operation", "combine"):
        mutant = space.mutate(decisions, rng, kind)
        if mutant != decisions:
            words = space.describe_change(decisions, mutant)
            assert words.count("→") == 1
            assert words.startswith(("normal node", "reduction node") if len(space.cells) == 2 else "node")


@families
def test_another_kind_of_architecture_is_outside(family: type[CellSpace]):
    other = DartsSpace() if family is NasBench201Space else NasBench201Space()
    with pytest.raises(OutsideSpace, match=r"the space holds (pairs of cells|single cells)"):
        family().encode(other.decode(other.sample(random.Random(0))))


@families
def test_every_edge_of_a_member_is_one_that_the_space_names(family: type[CellSpace]):
    rng = random.Random(0)
    space = family()
    seen = set()
    for _ in range(300):
        for _, cell in named_cells(space.decode(space.sample(rng))):
            seen |= {(index, edge.source) for index, node in enumerate(cell.nodes) for edge in node.inputs}
    assert seen == set(space.edges())
    assert len(set(space.edge_names())) == len(space.edges())


def test_the_example_that_node_choices_explain_themselves_by():
    node = DartsSpace()._node_choices("normal", 1)
    assert node.total == 147
    assert node.question(()).refs == (0, 1)
    assert node.at(97)[0] == 0
    assert node.at(100) == (1, 0, 0, 2)
