"""SNAS: its samples and their temperature, one level of learning, and what operations cost."""

import dataclasses
import math

import pytest
import torch

from engine.data import Dataset
from engine.plan.methods.snas import SnasSettings
from engine.search.snas import Snas, costs, penalty
from engine.space.cells import Cell, Edge, Node
from engine.space.counts import Skeleton, count
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space
from tests.engine.images import noise, noisy

SPACE = DartsSpace(nodes=2, operations=("none", "skip_connect", "max_pool_3x3", "sep_conv_3x3"))


DATA = noisy(8, 9, 10, seed=8)


def search(space: DartsSpace = SPACE, data: Dataset = DATA, epochs: int = 5, **changes: object) -> Snas:
    sizes = {"channels": 2, "layers": 3, "batch": 8, "alpha_lr": 0.1}
    return Snas(SnasSettings(**sizes | changes), space, data, epochs, 0, "cpu")


def test_the_temperature_falls_in_equal_steps():
    one = search(temperature=1.0, temperature_min=0.5)
    assert [one.step()["temperature"] for _ in range(5)] == pytest.approx([1.0, 0.9, 0.8, 0.7, 0.6])


def test_the_likeliest_of_a_sample_follows_the_softmax_at_any_temperature():
    """The Gumbel-max property (Maddison et al. 2017, proposition 1): P(Z_k is the largest) is α_k / Σ α."""
    one = search()
    wanted = torch.tensor([0.1, 0.2, 0.3, 0.4])
    with torch.no_grad():
        one.net.alphas[0][:] = wanted.log() + 7  # a constant means nothing
    draw = torch.Generator().manual_seed(0)
    hits = torch.zeros(4)
    for _ in range(1000):
        hits += torch.nn.functional.one_hot(one._sample(draw)[0].argmax(1), 4).sum(0)
    assert (hits / hits.sum() - wanted).abs().max() < 0.025  # 5,000 draws: four standard errors


def test_samples_harden_as_the_temperature_falls_and_keep_to_what_edges_carry():
    space = SPACE.restrict(("none", "skip_connect"), cell="normal", edge=(1, 0)).restrict((), edge=(1, 1))
    largest = []
    for temperature in (10.0, 1.0, 0.03):
        one = search(space, temperature=temperature, temperature_min=0.03)
        sample = one._sample(torch.Generator().manual_seed(0))[0] * one.net.carried[0]
        assert sample.sum(1).tolist() == pytest.approx([1, 1, 1, 0, 1], abs=1e-6)
        assert sample[2].tolist()[2:] == [0, 0]
        largest.append(sample.max(1).values[[0, 1, 4]].mean().item())
    assert largest[0] < 0.45 < largest[1] < 0.95 < largest[2]


def test_nothing_is_learnt_from_the_validation_split():
    other = dataclasses.replace(DATA, validation=noise(30, 30))
    one, two = search(), search(data=other)
    assert [one.step() for _ in range(3)] == [two.step() for _ in range(3)]
    assert "validation loss" not in one.step()


def test_weights_and_architecture_both_move_in_a_step():
    one = search()
    before = [part.detach().clone() for part in (*one.net.alphas, *one.net.parameters())]
    one.step()
    moved = [
        not torch.equal(part, old) for part, old in zip((*one.net.alphas, *one.net.parameters()), before, strict=True)
    ]
    assert all(moved[:2])
    assert sum(moved[2:]) > len(moved[2:]) / 2


def test_architecture_weights_start_around_one():
    alpha = search(DartsSpace()).net.alphas[0]
    assert alpha.mean().item() == pytest.approx(1, abs=0.01)
    assert 0.005 < alpha.std().item() < 0.02


@pytest.mark.parametrize(("space", "kind"), [(DartsSpace(), "cifar"), (NasBench201Space(), "nasbench201")])
def test_arithmetic_is_that_of_the_networks(space, kind):
    """Of two cells that differ on one edge, the networks' counts differ by what that edge costs in all their cells."""
    table = costs(space, 5, 8, 28)
    skeleton = Skeleton(kind=kind, channels=8, layers=5, image=28)
    names = space.operations
    for edge, (node, source) in enumerate(space.edges()):
        example = space.example()
        cell = example.cell if kind == "nasbench201" else example.normal
        changed = []
        for name in names:
            if name.endswith("pool_3x3"):
                continue  # whose arithmetic SNAS counts, and `count` does not
            nodes = list(cell.nodes)
            nodes[node] = Node((*nodes[node].inputs, Edge(source, name)))
            new = Cell(tuple(nodes), cell.concat, cell.inputs)
            whole = (
                type(example)(new) if kind == "nasbench201" else type(example)(normal=new, reduction=example.reduction)
            )
            counted = count(whole, skeleton)
            changed.append((names.index(name), counted.macs))
        base = next(macs for place, macs in changed if names[place] == "none")
        for place, macs in changed:
            assert macs - base == table[0][:, edge, place, 1].sum(), names[place]


WEIGHTS = {
    "none": 0,
    "max_pool_3x3": 0,
    "avg_pool_3x3": 0,
    "skip_connect": 0,
    "sep_conv_3x3": 800,  # twice 9 * 16 and 16 * 16; the published code's number, too
    "sep_conv_5x5": 1312,
    "dil_conv_3x3": 400,
    "dil_conv_5x5": 656,
    "dil_sep_conv_3x3": 800,
    "conv_3x3": 2304,
    "conv_7x1_1x7": 3584,
}


def test_weights_by_hand():
    """Those of convolutions from 16 to 16 channels, then to 32 where a cell reduces; norms count nothing."""
    normal, reduction = costs(DartsSpace(operations=tuple(WEIGHTS)), 3, 16, 32)
    assert normal[0, :, :, 0].tolist() == [list(WEIGHTS.values())] * 14
    strided = dict(zip(WEIGHTS, reduction[0, 0, :, 0].tolist(), strict=True))
    assert strided["skip_connect"] == 2 * 16 * 32  # two convolutions to half the channels
    assert (strided["sep_conv_3x3"], strided["dil_conv_5x5"]) == (2 * (288 + 1024), 800 + 1024)
    assert strided["conv_7x1_1x7"] == 4 * 3584
    assert reduction[0, 4, 3, 0] == 0  # from the first node to the second, an identity


def test_moved_numbers_by_hand():
    """Two channels of 4×4 pixels in a normal cell, the same halved to 2×2 with 4 channels in a reduction cell."""
    space = DartsSpace(nodes=2, operations=("none", "skip_connect", "max_pool_3x3", "sep_conv_3x3", "dil_conv_5x5"))
    normal, reduction = costs(space, 3, 2, 4)
    inner = 4  # the edge from the first node to the second
    assert normal[0, inner, :, 2].tolist() == [0, 64, 64, 256 + 2 * (18 + 4), 128 + 50 + 4]
    # 4 channels of 2×2 pixels: an image of 16; strided, the first convolution or pool reads 4 times that.
    assert reduction[0, 0, :, 2].tolist() == [0, 144 + 16, 80, 16 * 11 + 2 * (36 + 16), 16 * 7 + 100 + 16]
    assert reduction[0, inner, 2].tolist() == [0, 9 * 16, 32]


def test_moved_numbers_of_bottlenecks_and_other_skips_by_hand():
    """Every convolution reads its input and writes its output: of 8 channels of 4×4 pixels in a normal cell, 2 and 3 go
    through the kernels of a bottleneck; of 16 in a reduction cell, 4 and 6, from 4×4 to 2×2 pixels."""
    names = ("skip_nasnet", "skip_enas", "bottleneck_conv_3x3", "bottleneck_conv_3x1_1x3", "normed_conv_3x1_1x3")
    normal, reduction = (
        kind[0, 0, :, 2] - kind[0, 0, :, 0] for kind in costs(DartsSpace(nodes=2, operations=names), 3, 8, 4)
    )
    assert normal[:2].tolist() == [2 * 8 * 16, 2 * 8 * 16]
    assert normal[2] == 16 * ((8 + 2) + (2 + 2) + (2 + 8))
    assert normal[3] == 16 * ((8 + 3) + (3 + 3) + (3 + 3) + (3 + 8))
    assert normal[4] == 16 * 4 * 8
    assert reduction[0] == 16 * 16 + 4 * 16
    assert reduction[1] == 2 * 16 * 16 + 4 * 16  # both convolutions read all, and write half each
    assert reduction[2] == 16 * (16 + 4) + (16 * 4 + 4 * 4) + 4 * (4 + 16)


def test_the_penalty_by_hand():
    cost = [torch.tensor([[[[0.0, 0, 0], [2.0, 20, 200]], [[4.0, 0, 0], [0, 0, 0.5]]]])]
    shares = [torch.tensor([[0.5, 0.5], [0.25, 0.75]])]
    logs = (math.log(1) + math.log(10) + math.log(100)) / 3  # of the second edge every cost is at most 1
    assert penalty(shares, cost, "logarithmic").item() == pytest.approx(logs)
    linear = 0.43 * (2 * (1 + 1) + 10 / 4000 + (100 + 0.375) / 100)
    assert penalty(shares, cost, "linear").item() == pytest.approx(linear)


def test_a_penalty_makes_cheap_operations_likelier():
    shares = {}
    for resource in ("none", "aggressive"):
        one = search(resource=resource, drop_path=0.0, alpha_weight_decay=0.0)
        one._price *= 1000  # so that a few steps show it
        for _ in range(5):
            values = one.step()
        assert ("resource penalty" in values) == (resource == "aggressive")
        shares[resource] = one.weights()[:, :, 3].mean()  # of the separable convolutions, the dearest
    assert shares["aggressive"] < shares["none"] - 0.05
