"""The hierarchical space: sizes, tables, the paper's mutation and first population, what is the same cell."""

import random
from collections import Counter

import msgspec
import pytest

from engine.space.architecture import ArchitectureError, from_bytes
from engine.space.counts import PUBLISHED, Count, Skeleton, Unbuildable, count, published_frame
from engine.space.decisions import OutsideSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.hierarchical import FlatSpace, HierarchicalSpace
from engine.space.limits import Limit, NothingFits
from engine.space.motifs import Motif, MotifArchitecture, live_edges, motif_faults, pairs

SPACE = HierarchicalSpace()
CONV, DEPTH, SEP, MAX, MEAN, SKIP = range(1, 7)
PRIMITIVES = SPACE.primitives
replace = msgspec.structs.replace


def two_levels(*motifs: Motif, cell: Motif) -> MotifArchitecture:
    return MotifArchitecture((motifs, (cell,)), PRIMITIVES)


def flat(nodes: int, *edges: int) -> MotifArchitecture:
    return MotifArchitecture(((Motif(nodes, edges),),), PRIMITIVES)


def test_sizes():
    assert SPACE.size() == 7**46
    assert FlatSpace().size() == 7**55
    assert HierarchicalSpace(motifs=2, motif_nodes=3, cell_nodes=2, primitives=("conv_1x1",)).size() == 2**6 * 3


def test_a_table_is_read_row_by_row():
    assert pairs(4) == ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
    questions = SPACE.questions(SPACE.at(0))
    assert len(questions) == 46
    assert [question.label for question in questions[:3]] == [
        "motif 1 edge 0→1",
        "motif 1 edge 0→2",
        "motif 1 edge 0→3",
    ]
    assert questions[0].choices == ("no edge", "conv 1×1", "depth 3×3", "sep 3×3", "max 3×3", "avg 3×3", "skip")
    assert (questions[36].label, questions[36].choices[:2]) == ("cell edge 0→1", ("no edge", "motif 1"))
    member = SPACE.decode((1, 0, 2, *(0,) * 43))
    assert member.levels[0][0] == Motif(4, (CONV, 0, DEPTH, 0, 0, 0))


def test_a_mutation_replaces_one_edge_as_the_paper_draws_it():
    """Level, motif, successor, predecessor, operation, each uniformly: edges of a level are not equally likely."""
    rng = random.Random(0)
    start = (1,) * 46
    drawn = Counter()
    tries = 60_000
    for _ in range(tries):
        mutant = SPACE.neighbour(start, rng)
        changed = [place for place in range(46) if mutant[place] != 1]
        assert len(changed) <= 1
        drawn.update([(changed[0], mutant[changed[0]])] if changed else [None])
    expected = {None: 1 / 7}
    for place, question in enumerate(SPACE.questions(start)):
        source, target = map(int, question.label.rpartition(" ")[2].split("→"))
        motif = 1 / 6 / 3 if place < 36 else 1 / 4
        for operation in (0, *range(2, 7)):
            expected[place, operation] = 1 / 2 * motif / target / 7
        assert source < target
    assert sum(expected.values()) == pytest.approx(1)
    # Chi-square with 276 degrees of freedom: its 99.99 % quantile is 372.
    assert sum((drawn[key] - share * tries) ** 2 / (share * tries) for key, share in expected.items()) < 372


def test_there_is_one_kind_of_mutation():
    rng = random.Random(0)
    decisions = SPACE.sample(rng)
    assert SPACE.neighbour(decisions, rng, "input") == decisions
    assert any(SPACE.neighbour(decisions, rng, "operation") != decisions for _ in range(20))


def test_the_first_population_is_chains_of_identity_mutated():
    whole = SPACE.decode(SPACE.simplest())
    assert {motif.edges for motif in whole.levels[0]} == {(SKIP, 0, 0, SKIP, 0, SKIP)}
    assert whole.levels[1][0].edges == (1, 0, 0, 0, 1, 0, 0, 1, 0, 1)
    assert SPACE.diversified(random.Random(0), mutations=0) == SPACE.simplest()
    members = [SPACE.diversified(random.Random(seed), 1000) for seed in range(40)]
    assert len(set(members)) == 40
    # After 1,000 mutations nothing of the chain is left: every choice of an edge is about as frequent as another.
    edges = Counter(choice for member in members for choice in member)
    assert all(abs(edges[choice] / (40 * 46) - 1 / 7) < 0.05 for choice in range(7))


def test_the_chain_follows_what_an_edited_space_allows():
    assert FlatSpace(primitives=("conv_1x1", "max_pool_3x3")).simplest()[:2] == (1, 0)
    edited = SPACE.restrict("motif 1 edge 0→1", ("conv 1×1", "max 3×3"))
    assert edited.decode(edited.simplest()).levels[0][0].edges[0] == CONV


def test_members_within_limits_alone_are_drawn():
    skeleton, space = Skeleton(channels=4), FlatSpace(cell_nodes=4)
    most = count(space.decode(space.simplest()), skeleton).params + 200
    limited = replace(space, limits=(Limit(counts="params", skeleton=skeleton, most=most),))
    rng = random.Random(0)
    assert all(count(limited.decode(limited.diversified(rng, 50)), skeleton).params <= most for _ in range(20))
    assert any(count(space.decode(space.diversified(rng, 50)), skeleton).params > most for _ in range(20))
    impossible = replace(limited, limits=(Limit(counts="params", skeleton=skeleton, most=1),))
    with pytest.raises(NothingFits):
        impossible.diversified(rng, mutations=0)


def test_what_leads_nowhere_is_not_alive():
    architecture = two_levels(
        Motif(4, (CONV, 0, 0, SEP, 0, 0)),  # nothing reaches node 3
        Motif(4, (0, MAX, 0, CONV, 0, SKIP)),  # nothing reaches node 1
        cell=Motif(3, (1, 2, 2)),  # 0→1 is nothing, so 1→2 is not reached either
    )
    assert live_edges(architecture) == (((), ((0, 2, MAX), (2, 3, SKIP))), (((0, 2, 2),),))
    assert live_edges(flat(2, 0)) == (((),),)


@pytest.mark.parametrize(
    ("space", "architecture", "reason"),
    [
        (SPACE, EnasMacroSpace(layers=2).decode(EnasMacroSpace(layers=2).at(0)), "the space holds motifs"),
        (SPACE, flat(11, *(0,) * 55), "it has 1 levels of motifs, and the space has 2"),
        (FlatSpace(), flat(3, 0, 0, 0), "level 2: motifs of 3 nodes, and the space has 1 of 11"),
        (FlatSpace(primitives=("conv_1x1",)), flat(11, *(0,) * 55), "the space's are conv 1×1"),
        (FlatSpace(), flat(11, *(9,) * 55), "there is no operation 9 in the level below"),
        (
            FlatSpace(cell_nodes=2).restrict("cell edge 0→1", ("skip", "no edge")),
            flat(2, CONV),
            "cell edge 0→1: 'conv 1×1' is not one of no edge, skip",
        ),
    ],
)
def test_what_lies_outside_is_refused_with_the_reason(space, architecture, reason):
    with pytest.raises(OutsideSpace, match=reason):
        space.encode(architecture)


@pytest.mark.parametrize(
    ("architecture", "reason"),
    [
        (MotifArchitecture((), PRIMITIVES), "0 levels"),
        (MotifArchitecture(((),), PRIMITIVES), "level 2: 0 motifs"),
        (MotifArchitecture(((Motif(2, (0,)),),), ()), "0 primitives"),
        (MotifArchitecture(((Motif(2, (0,)),),), ("magic",)), "primitive 1: unknown operation 'magic'"),
        (MotifArchitecture(((Motif(2, (0,)),) * 2,), PRIMITIVES), "the last level is one motif, the cell, and here"),
        (flat(1), "level 2, motif 1: 1 nodes"),
        (flat(3, 0, 0), "2 edges are given; between 3 nodes there are 3"),
        (flat(2, 7), "edge 0→1: there is no operation 7 in the level below, only 1 to 6, and 0"),
        (flat(2, -1), "there is no operation -1"),
        (two_levels(Motif(2, (1,)), cell=Motif(2, (2,))), "level 3, motif 1: edge 0→1: there is no operation 2"),
        (MotifArchitecture(((Motif(2, (1,)),),) * 5, PRIMITIVES), "5 levels"),
    ],
)
def test_faults_have_place_and_reason(architecture, reason):
    assert any(reason in fault for fault in motif_faults(architecture))
    with pytest.raises(ArchitectureError) as caught:
        from_bytes(msgspec.json.encode(architecture))
    assert "\n" not in str(caught.value)
    with pytest.raises(Unbuildable):
        count(architecture, Skeleton())


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"motifs": 0}, "motifs: there are 1 to 32"),
        ({"motif_nodes": 1}, "motif_nodes"),
        ({"cell_nodes": 17}, "cell_nodes"),
        ({"primitives": ()}, "primitives: at least one"),
        ({"primitives": ("dil_conv_3x3",)}, "cannot be built with 'dil_conv_3x3'"),
    ],
)
def test_settings_without_sense_are_refused(settings, reason):
    with pytest.raises(ValueError, match=reason):
        HierarchicalSpace(**settings)
    if "motif" not in next(iter(settings)):
        with pytest.raises(ValueError, match=reason):
            FlatSpace(**settings)


def test_canonical_sees_through_the_order_of_motifs_and_nodes():
    same = SPACE.canonical
    one, other = Motif(3, (CONV, 0, MAX)), Motif(3, (SEP, SKIP, 0))
    cell = Motif(4, (1, 2, 0, 0, 1, 1))
    first = two_levels(one, other, cell=cell)
    assert same(first) == same(two_levels(other, one, cell=Motif(4, (2, 1, 0, 0, 2, 2))))
    assert same(first) == same(two_levels(one, other, cell=Motif(4, (2, 1, 0, 0, 1, 1))))  # nodes 1 and 2 swapped
    assert same(first) == same(two_levels(one, Motif(3, (0, SKIP, DEPTH)), cell=cell))  # a dead end more or less
    assert same(first) == same(two_levels(one, other, Motif(3, (1, 1, 1)), cell=cell))  # a motif nobody uses
    assert same(first) != same(two_levels(other, one, cell=cell))
    assert same(first) != same(two_levels(one, Motif(3, (SEP, SKIP, SEP)), cell=cell))
    assert same(flat(2, 0)) == same(flat(3, CONV, 0, 0))  # nothing, both


def test_counts_by_hand():
    frame = Skeleton(channels=2, image=4, classes=3, in_channels=1)
    # Channels of 0 and 2 are added up: node 1 has conv 2→C, node 2 depth 2 beside the 1×1 from node 1.
    cell = flat(3, CONV, DEPTH, CONV)

    def stage(channels: int, wider: int, pixels: int, after: int) -> Count:
        inner = Count(2 * (channels**2 + 2 * channels) + 9 * channels + 2 * channels)
        inner += Count(0, (2 * channels**2 + 9 * channels) * pixels)
        out = channels * wider
        return inner + Count(
            2 * channels * 9 + 2 * channels * out + 2 * out, (18 * channels + 2 * channels * out) * after
        )

    total = Count(18 + 4, 18 * 16) + stage(2, 2, 16, 4) + stage(4, 2, 4, 1) + stage(8, 1, 1, 1) + Count(27, 24)
    assert count(cell, frame) == total
    # A motif in a cell ends in a 1×1 convolution back to what came in, and counts once for every use.
    twice = two_levels(Motif(2, (MAX,)), cell=Motif(3, (1, 0, 1)))
    once = two_levels(Motif(2, (MAX,)), cell=Motif(2, (1,)))
    sides, channels = (4, 2, 1), (2, 4, 8)
    back = Count(
        sum(c * c + 2 * c for c in channels), sum(c * c * side**2 for c, side in zip(channels, sides, strict=True))
    )
    assert count(twice, frame) == count(once, frame) + back == count(flat(2, MAX), frame) + back + back


def test_a_hierarchical_cell_has_a_frame_of_its_own():
    member = SPACE.decode(SPACE.simplest())
    assert published_frame(member) == Skeleton(channels=64, layers=3)
    for frame in (PUBLISHED["imagenet"], PUBLISHED["nasbench201"]):
        with pytest.raises(Unbuildable, match="does not fit into the skeleton of"):
            count(member, frame)
    with pytest.raises(Unbuildable, match="no auxiliary head"):
        count(member, Skeleton(auxiliary=True))
    with pytest.raises(Unbuildable, match="no motif can be built with 'none'"):
        count(MotifArchitecture(((Motif(2, (1,)),),), ("none",)), Skeleton())
    doubling = MotifArchitecture(((Motif(30, (1,) * 435),),), ("skip_connect",))
    with pytest.raises(Unbuildable, match="channels; up to 1,048,576 are built"):
        count(doubling, Skeleton())
    deep = MotifArchitecture(((Motif(20, (1,) * 190),), (Motif(20, (1,) * 190),)), ("conv_1x1",))
    with pytest.raises(Unbuildable, match="the cell has 36,100 operations; up to 10,000 are built"):
        count(deep, Skeleton())
