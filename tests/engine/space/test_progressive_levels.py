"""Growing architectures: levels, counted and listed, and what small ones mean in whole ones."""

import random

import pytest

from engine.space.cells import Cell
from engine.space.counts import Skeleton
from engine.space.limits import Limit
from engine.space.nas_rl_recurrent import NasRlRecurrentSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.pnas import PnasSpace
from engine.space.progressive_levels import levels, obstacle
from engine.space.spaces import SPACES

every = pytest.mark.parametrize("kind", SPACES)


@every
def test_every_space_grows_in_some_way_up_to_itself(kind):
    space, rng = SPACES[kind](), random.Random(kind)
    grown = levels(space, "auto")
    assert grown[-1].space == space
    for _ in range(10):
        decisions = ()
        for level in grown:
            parent, decisions = decisions, level.child(decisions, rng)
            level.space.decode(decisions)
            assert all(decisions[place] == parent[earlier] for place, earlier in level.kept.items())
            assert all(decisions[place] == choice for place, choice in level.fixed.items())
    size = 1
    for level in grown:
        size *= level.ways
        assert sorted([*level.kept, *level.fixed, *level.new]) == list(range(len(level.home)))
    assert size == space.size()


def test_levels_of_pnas_have_the_published_sizes():
    grown = levels(PnasSpace(), "blocks")
    assert [level.ways for level in grown] == [256, 576, 1024, 1600, 2304]
    assert len(set(grown[0].children(()))) == 256
    parent = next(grown[0].children(()))
    children = list(grown[1].children(parent))
    assert len(children) == len(set(children)) == 576
    assert all(child[:4] == parent for child in children)


def test_both_cells_of_a_pair_grow_at_once():
    space = SPACES["darts"]()
    first, second, *_ = levels(space, "blocks")
    rng = random.Random(0)
    parent = first.child((), rng)
    small, large = first.space.decode(parent), second.space.decode(second.child(parent, rng))
    for cell in ("normal", "reduction"):
        assert getattr(large, cell).nodes[:1] == getattr(small, cell).nodes


def test_an_embedded_cell_passes_on_what_its_first_nodes_make():
    space = NasBench201Space()
    grown = levels(space, "embedded")
    assert [level.ways for level in grown] == [5, 25, 125]
    for level, nodes in ((grown[0], 1), (grown[1], 2)):
        decisions = level.child(grown[0].child((), random.Random(1)), random.Random(2))
        cell: Cell = space.decode(decisions).cell
        for number, node in enumerate(cell.nodes[nodes:], nodes):
            assert [edge.operation for edge in node.inputs] == ["none"] * number + ["skip_connect"]
    members = {child for parent in grown[0].children(()) for child in grown[1].children(parent)}
    assert len(members) == 125
    assert {leaf for member in members for leaf in grown[2].children(member)} == {space.at(n) for n in range(15625)}


def test_children_are_drawn_evenly():
    space = SPACES["darts"]()
    second = levels(space, "blocks")[1]
    parent, rng = levels(space, "blocks")[0].child((), random.Random(0)), random.Random(5)
    first_inputs = [second.child(parent, rng)[second.new[0]] for _ in range(1000)]
    # Of the three pairs of three states two begin with the first state.
    assert abs(first_inputs.count(0) / 1000 - 2 / 3) < 0.06


@pytest.mark.parametrize(
    ("space", "way"),
    [
        (NasRlRecurrentSpace(), "blocks"),
        (SPACES["hierarchical"](), "blocks"),
        (SPACES["darts"](), "embedded"),
        (NasBench201Space(operations=("none", "nor_conv_3x3")), "embedded"),
    ],
)
def test_what_cannot_grow_says_so_in_one_line(space, way):
    reason = obstacle(space, way)
    assert reason
    with pytest.raises(ValueError, match=reason):
        levels(space, way)
    assert len(levels(space, "whole")) == 1


def test_least_limits_are_for_whole_architectures_alone():
    skeleton = Skeleton(kind="cifar", channels=8, layers=3)
    bounds: tuple[dict[str, int], ...] = ({"least": 20_000}, {"most": 90_000})
    limits = tuple(Limit(counts="params", skeleton=skeleton, **bound) for bound in bounds)
    grown = levels(PnasSpace(nodes=3, limits=limits), "blocks")
    assert [[limit.least for limit in level.space.limits] for level in grown] == [[None], [None], [20_000, None]]
    assert grown[-1].space.limits == limits
