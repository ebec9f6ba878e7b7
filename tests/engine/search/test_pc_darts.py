"""PC-DARTS: the architecture rests first, edges have weights of their own, both decide what is derived."""

import numpy as np
import pytest
import torch

from engine.plan.methods.pc_darts import PcDartsSettings
from engine.search.derivation import strongest
from engine.search.pc_darts import PcDarts
from engine.space.darts import DartsSpace
from tests.engine.images import noisy

SPACE = DartsSpace(nodes=2, operations=("none", "skip_connect", "max_pool_3x3"))


def search(epochs: int = 10, **changes: object) -> PcDarts:
    settings = PcDartsSettings(**{"channels": 4, "layers": 3, "batch": 8, "partial": 2, "alpha_lr": 0.1} | changes)
    return PcDarts(settings, SPACE, noisy(8, 9, 10, seed=8), epochs, 0, "cpu")


def test_in_the_first_three_of_ten_epochs_the_architecture_rests():
    one = search()
    assert one.steps == 10
    before = [part.detach().clone() for part in one.net.architecture]
    for _ in range(3):
        assert "validation loss" not in one.step()
        assert all(map(torch.equal, one.net.architecture, before))
    assert "validation loss" in one.step()
    assert not any(map(torch.equal, one.net.architecture, before))  # both the operations' and the edges' weights


def test_the_rate_falls_from_a_tenth_towards_zero():
    one = search(epochs=4)
    rates = [one.step()["w learning rate"] for _ in range(4)]
    assert rates == pytest.approx([0.1 * (1 + np.cos(np.pi * epoch / 4)) / 2 for epoch in range(4)])


def test_a_rest_never_takes_the_last_epoch():
    one = search(epochs=2, alpha_rest=1.0)
    assert ["validation loss" in one.step() for _ in range(2)] == [False, True]


def test_the_derived_cell_is_that_of_both_softmaxes():
    one = search(alpha_init=1.0)
    for place, cell in enumerate(("normal", "reduction")):
        beta = one.net.betas[place].detach()
        edges = torch.cat([beta[:2].softmax(0), beta[2:].softmax(0)]).numpy()
        found = strongest(one.weights()[place], SPACE, cell, edges)
        assert getattr(one.derive(), cell) == found


def test_heavy_edges_are_kept_whatever_their_operations_weigh():
    one = search()
    with torch.no_grad():
        one.net.betas[0][2:] = torch.tensor([-9.0, 5.0, 5.0])
    assert {edge.source for edge in one.derive().normal.nodes[1].inputs} == {1, 2}


def test_k_decides_how_many_channels_are_searched():
    sizes = [sum(weight.numel() for weight in search(partial=k).net.parameters()) for k in (1, 2, 4)]
    assert sizes[0] > sizes[1] > sizes[2]
