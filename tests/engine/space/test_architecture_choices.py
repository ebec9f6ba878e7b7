"""What stands at which place of an architecture, held against cells read by hand."""

import random

import pytest

from engine.space.architecture import StackedCell
from engine.space.architecture_choices import choices_of
from engine.space.cells import Cell, Edge, Node
from engine.space.layers import Layer, LayerArchitecture
from engine.space.motifs import Motif, MotifArchitecture
from engine.space.recurrent import RecurrentCell, RecurrentNode
from engine.space.spaces import SPACES


def test_edges_of_a_cell_carry_operations_and_two_between_the_same_states_are_one_place():
    first = Node((Edge(0, "skip_connect"), Edge(1, "sep_conv_3x3")))
    second = Node((Edge(2, "max_pool_3x3"), Edge(2, "skip_connect")))
    assert choices_of(StackedCell(Cell((first, second), (3,)))) == {
        "k−2→0": ("skip",),
        "k−1→0": ("sep 3×3",),
        "0→1": ("max 3×3", "skip"),
    }


def test_layers_have_operations_and_read_earlier_ones():
    layers = Layer("conv_3x3", (0,)), Layer("max_pool_3x3", (0, 1))
    assert choices_of(LayerArchitecture(layers)) == {
        "layer 1": ("conv 3×3",),
        "layer 2": ("max 3×3",),
        "layer 2 reads 0": ("yes",),
    }


def test_edges_of_motifs_carry_what_the_level_below_offers():
    below, cell = Motif(2, (2,)), Motif(3, (1, 0, 1))
    found = choices_of(MotifArchitecture(((below,), (cell,)), ("conv_1x1", "skip_connect")))
    assert found == {"level 1 motif 1 0→1": ("skip",), "cell 0→1": ("motif 1",), "cell 1→2": ("motif 1",)}


def test_nodes_of_a_recurrent_cell_have_an_activation_and_a_source():
    cell = RecurrentCell((RecurrentNode("relu", 0), RecurrentNode("tanh", 1)), (1, 2))
    assert choices_of(cell) == {
        "node 0": ("tanh",),
        "node 1": ("relu",),
        "node 1 reads": ("0",),
        "node 2": ("tanh",),
        "node 2 reads": ("1",),
    }


@pytest.mark.parametrize("name", list(SPACES))
def test_in_every_space_other_choices_are_another_architecture(name):
    space, rng = SPACES[name](), random.Random(3)
    members = [space.decode(space.sample(rng)) for _ in range(30)]
    told = {member: tuple(sorted(choices_of(member).items())) for member in members}
    assert all(told.values())
    canonical = {chosen: space.canonical(member) for member, chosen in told.items()}
    assert all(canonical[chosen] == space.canonical(member) for member, chosen in told.items())
