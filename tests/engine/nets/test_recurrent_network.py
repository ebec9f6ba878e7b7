"""Recurrent cells against their equations, and language models against their counts."""

import random

import pytest
import torch

from engine.nets import Unbuildable, build_network
from engine.nets.recurrent_network import StateChain, Tree
from engine.space import SPACES
from engine.space.counts import LanguageModel, Skeleton, count
from engine.space.recurrent import RecurrentCell, RecurrentNode, TreeCell, TreeNode

HIDDEN = 3
FRAME = LanguageModel(hidden=HIDDEN, words=7)


def test_a_chain_follows_the_equations_of_darts():
    cell = RecurrentCell(
        (RecurrentNode("relu", 0), RecurrentNode("identity", 0), RecurrentNode("sigmoid", 1)), (0, 2, 3)
    )
    built = StateChain(cell, HIDDEN)
    x, before = torch.randn(2, 5, HIDDEN)

    def step(source, both, f):
        gate, change = torch.sigmoid(both[:, :HIDDEN]), f(both[:, HIDDEN:])
        return (1 - gate) * source + gate * change

    w0, *ws = (weight for weight in built.parameters())
    s0 = step(before, torch.cat([x, before], 1) @ w0.T, torch.tanh)
    s1 = step(s0, s0 @ ws[0].T, torch.relu)
    s2 = step(s0, s0 @ ws[1].T, lambda h: h)
    s3 = step(s1, s1 @ ws[2].T, torch.sigmoid)
    output, (after,) = built(x, (before,))
    torch.testing.assert_close(output, (s0 + s2 + s3) / 3)
    assert after is output


def test_the_tree_of_the_papers_example():
    """Zoph and Le 2017, section 3.4, base 2."""
    example = TreeCell(
        (TreeNode("add", "tanh"), TreeNode("elem_mult", "relu"), TreeNode("elem_mult", "sigmoid")),
        inject=TreeNode("add", "relu"),
        writes=1,
        reads=0,
    )
    built = Tree(example, HIDDEN)
    x, h, c = torch.randn(3, 5, HIDDEN)
    (w1, w3), (w2, w4) = built.words.weight.split(HIDDEN), built.outputs.weight.split(HIDDEN)
    a0 = torch.tanh(x @ w1.T + h @ w2.T)
    a1 = torch.relu((x @ w3.T) * (h @ w4.T))
    a0_new = torch.relu(a0 + c)
    output, (h_new, c_new) = built(x, (h, c))
    torch.testing.assert_close(c_new, (x @ w3.T) * (h @ w4.T))
    torch.testing.assert_close(h_new, torch.sigmoid(a0_new * a1))
    assert output is h_new


@pytest.mark.parametrize("kind", ["darts-rnn", "enas-rnn", "nas-rl-rnn"])
def test_random_cells_count_what_is_built_and_learn(kind):
    space, rng = SPACES[kind](), random.Random(kind)
    for tied in (True, False):
        cell = space.decode(space.sample(rng))
        frame = LanguageModel(hidden=HIDDEN, words=7, tied=tied)
        model = build_network(cell, frame)
        counted = count(cell, frame)
        assert sum(weight.numel() for weight in model.parameters()) == counted.params
        # All that multiplies is a matrix, used once per word; the words' vectors are only looked up.
        matrices = [*model.cell.parameters(), model.decoder.weight]
        assert sum(weight.numel() for weight in matrices) == counted.macs
        words = torch.randint(7, (4, 2))
        logits, state = model(words)
        assert logits.shape == (4, 2, 7)
        assert all(part.shape == (2, HIDDEN) for part in state)
        logits.sum().backward()
        assert all(weight.grad is not None for weight in model.parameters())


@pytest.mark.parametrize("kind", ["darts-rnn", "nas-rl-rnn"])
def test_a_text_in_two_pieces_is_the_same_text(kind):
    space = SPACES[kind]()
    model = build_network(space.decode(space.sample(random.Random(0))), FRAME)
    words = torch.randint(7, (6, 2))
    whole, _ = model(words)
    first, state = model(words[:4])
    second, _ = model(words[4:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)


def test_a_recurrent_cell_makes_no_image_network():
    with pytest.raises(Unbuildable, match="language model"):
        build_network(RecurrentCell((), (0,)), Skeleton())
    with pytest.raises(Unbuildable, match="no state 1 before it"):
        build_network(RecurrentCell((RecurrentNode("tanh", 1),), (1,)), FRAME)
