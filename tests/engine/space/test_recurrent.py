"""The recurrent spaces: published sizes and cells, output rules, what is the same graph."""

from math import factorial

import msgspec
import pytest

from engine.space.counts import Count, LanguageModel, Skeleton, Unbuildable, count
from engine.space.darts_recurrent import DartsRecurrentSpace
from engine.space.decisions import OutsideSpace
from engine.space.enas_recurrent import EnasRecurrentSpace
from engine.space.genotype import parse as parse_pair
from engine.space.nas_rl_recurrent import NasRlRecurrentSpace
from engine.space.recurrent import RecurrentCell, RecurrentNode, TreeCell, TreeNode, branches
from engine.space.recurrent_notations import parse_genotype, parse_list

V1 = "Genotype(recurrent=[('relu', 0), ('relu', 1), ('tanh', 2), ('relu', 3), ('relu', 4), ('identity', 1), ('relu', 5), ('relu', 1)], concat=range(1, 9))"  # noqa: E501
V2 = "Genotype(recurrent=[('sigmoid', 0), ('relu', 1), ('relu', 1), ('identity', 1), ('tanh', 2), ('sigmoid', 5), ('tanh', 3), ('relu', 5)], concat=[1, 2, 3, 4, 5, 6, 7, 8])"  # noqa: E501
ENAS = "0 0 0 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 1"

EXAMPLE = TreeCell(
    (TreeNode("add", "tanh"), TreeNode("elem_mult", "relu"), TreeNode("elem_mult", "sigmoid")),
    inject=TreeNode("add", "relu"),
    writes=1,
    reads=0,
)
"""The worked example of base 2 in Zoph and Le 2017, section 3.4."""


def test_published_sizes():
    assert DartsRecurrentSpace().size() == factorial(8) * 4**8
    assert EnasRecurrentSpace().size() == factorial(11) * 4**12  # "approximately 10^15"
    assert 6e14 < EnasRecurrentSpace().size() < 1e15
    assert NasRlRecurrentSpace().size() == 8**16 * 15**2
    assert round(NasRlRecurrentSpace().size() / 1e16) == 6  # "approximately 6 × 10^16"
    assert NasRlRecurrentSpace(base=2).size() == 8**4 * 3**2


def test_published_cells_are_members():
    for text in (V1, V2):
        cell = parse_genotype(text)
        assert DartsRecurrentSpace().decode(DartsRecurrentSpace().encode(cell)) == cell
    cell = parse_list(ENAS)
    assert EnasRecurrentSpace().decode(EnasRecurrentSpace().encode(cell)) == cell
    assert cell.concat == (3, 4, 7, 9, 10, 11)
    assert NasRlRecurrentSpace(base=2).decode(NasRlRecurrentSpace(base=2).encode(EXAMPLE)) == EXAMPLE


@pytest.mark.parametrize(
    ("space", "architecture", "reason"),
    [
        (DartsRecurrentSpace(), EXAMPLE, "the space holds recurrent cells"),
        (DartsRecurrentSpace(nodes=7), parse_genotype(V1), "states up to 8, and the space's cells up to 7"),
        (DartsRecurrentSpace(nodes=11), parse_list(ENAS), r"the mean of \[3, 4, 7, 9, 10, 11\], not of all nodes"),
        (
            DartsRecurrentSpace(),
            msgspec.structs.replace(parse_genotype(V1), first="relu"),
            "state 0.* tanh",
        ),
        (EnasRecurrentSpace(nodes=9), parse_genotype(V1), "not of the states that none reads"),
        (DartsRecurrentSpace(nodes=1), RecurrentCell((RecurrentNode("tanh", 1),), (1,)), "no state 1 before it"),
        (NasRlRecurrentSpace(), EXAMPLE, "2 leaves, and the space's trees have 8"),
        (NasRlRecurrentSpace(base=2), msgspec.structs.replace(EXAMPLE, reads=7), "read by node 7"),
    ],
)
def test_what_lies_outside_is_refused_with_the_reason(space, architecture, reason):
    with pytest.raises(OutsideSpace, match=reason):
        space.encode(architecture)


@pytest.mark.parametrize(
    "settings",
    [
        {"nodes": 0},
        {"nodes": 65},
        {"activations": ("sine",)},
        {"activations": ("none",)},
        {"activations": ("tanh",) * 2},
    ],
)
def test_settings_without_sense_are_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        DartsRecurrentSpace(**settings)
    if "activations" not in settings:
        with pytest.raises(ValueError, match="base"):
            NasRlRecurrentSpace(base=settings["nodes"])


def test_the_mean_of_all_nodes_is_the_named_variant_of_enas():
    space = EnasRecurrentSpace(output="nodes")
    assert space.decode(space.at(0)).concat == tuple(range(1, 12))


def cell(*nodes: tuple[str, int], concat: tuple[int, ...], first: str = "tanh") -> RecurrentCell:
    return RecurrentCell(tuple(RecurrentNode(*node) for node in nodes), concat, first)


def test_canonical_sees_through_numbering_and_dead_nodes():
    same = DartsRecurrentSpace().canonical
    one = cell(("relu", 0), ("tanh", 0), ("identity", 1), concat=(2, 3))
    renumbered = cell(("tanh", 0), ("relu", 0), ("identity", 2), concat=(1, 3))
    dead = cell(("relu", 0), ("tanh", 0), ("identity", 1), ("sigmoid", 3), concat=(2, 3))
    assert same(one) == same(renumbered) == same(dead)
    assert same(one) != same(cell(("relu", 0), ("tanh", 0), ("identity", 2), concat=(2, 3)))
    assert same(one) != same(msgspec.structs.replace(one, first="relu"))
    assert same(one) != same(msgspec.structs.replace(one, concat=(1, 2, 3)))


def test_canonical_sees_through_the_sides_of_a_tree():
    same, change = NasRlRecurrentSpace().canonical, msgspec.structs.replace
    left, right, root = EXAMPLE.nodes
    mirrored = change(EXAMPLE, nodes=(right, left, root), writes=0, reads=1)
    assert same(EXAMPLE) == same(mirrored)
    assert same(EXAMPLE) != same(change(mirrored, writes=1))
    assert same(EXAMPLE) != same(change(mirrored, reads=0))
    assert same(EXAMPLE) != same(change(EXAMPLE, inject=root))
    # Both leaves alike, and either may hold the memory: of each pair of memories that mirror each other, one counts.
    space = NasRlRecurrentSpace(base=2)
    for place, name in (("join", "add"), ("activation", "tanh")):
        for node in ("node 0", "node 1", "node 2", "memory"):
            space = space.restrict(f"{node} {place}", (name,))
    assert (space.size(), space.distinct()) == (9, 5)


def test_branches_join_neighbours_level_by_level():
    assert branches(2) == ((0, 1),)
    assert branches(8) == ((0, 1), (2, 3), (4, 5), (6, 7), (8, 9), (10, 11), (12, 13))
    assert branches(3) == ((0, 1), (2, 3))


def test_language_models_count_as_published():
    """DARTS V2 on Penn Treebank: 850 hidden units, 10,000 words, tied (counted on the authors' own network)."""
    found = count(parse_genotype(V2), LanguageModel())
    assert found.params == 22_960_000
    assert found.macs == (4 + 8 * 2) * 850**2 + 850 * 10_000
    assert (
        count(parse_genotype(V2), LanguageModel(hidden=300)).params == 4_810_000
    )  # the size of DARTS's search network
    loose = count(EXAMPLE, LanguageModel(hidden=10, words=100, tied=False))
    assert loose == Count(4 * 100 + 2 * 1000 + 100, 4 * 100 + 1000)


def test_a_recurrent_cell_and_only_that_stands_in_a_language_model():
    pair = parse_pair(
        "Genotype(normal=[('none', 0), ('none', 1)], normal_concat=[2], reduce=[('none', 0), ('none', 1)], reduce_concat=[2])"  # noqa: E501
    )
    for architecture, frame in ((EXAMPLE, Skeleton()), (parse_list(ENAS), Skeleton()), (pair, LanguageModel())):
        with pytest.raises(Unbuildable, match="language model"):
            count(architecture, frame)
    with pytest.raises(Unbuildable, match="no state 1 before it"):
        count(cell(("tanh", 1), concat=(1,)), LanguageModel())
