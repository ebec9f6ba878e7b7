"""P-DARTS: stages, what edges drop between them, dropout behind skips, and the limit on skips at the end."""

import math

import numpy as np
import pytest
import torch

from engine.plan.methods.pdarts import PdartsSettings
from engine.search.pdarts import Pdarts
from engine.space.darts import DartsSpace
from tests.engine.images import noisy

SPACE = DartsSpace(nodes=2, operations=("none", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "conv_1x1"))


def search(space: DartsSpace = SPACE, epochs: int = 15, **changes: object) -> Pdarts:
    """One step an epoch; 5 epochs in each stage."""
    sizes = {"channels": 2, "layers": (3, 4, 5), "batch": 8, "kept": (3, 2), "alpha_lr": 0.1, "alpha_init": 0.5}
    return Pdarts(PdartsSettings(**sizes | changes), space, noisy(8, 9, 10, seed=8), epochs, 0, "cpu")


def test_stages_are_equally_long_deeper_and_begin_anew():
    one = search()
    assert one.steps == 15
    nets, stages, rates = [], [], []
    for _ in range(15):
        values = one.step()
        nets.append(one.net)
        stages.append(values["stage"])
        rates.append(values["w learning rate"])
    assert stages == [1] * 5 + [2] * 5 + [3] * 5
    assert one.stage == 2
    assert len({id(net) for net in nets}) == 3
    weights = [sum(weight.numel() for weight in nets[step].parameters()) for step in (0, 5, 10)]
    assert len(set(weights)) == 3
    assert rates == pytest.approx([0.025 * (1 + math.cos(math.pi * epoch / 5)) / 2 for epoch in range(5)] * 3)


def test_in_the_first_two_of_five_epochs_of_each_stage_the_architecture_rests():
    one = search()
    moves = ["validation loss" in one.step() for _ in range(15)]
    assert moves == [False, False, True, True, True] * 3


def test_edges_drop_their_weakest_operations_between_stages():
    one = search()
    counts = []
    for step in range(15):
        if step in (5, 10):
            before = one.weights()
        one.step()
        after = one.weights()
        counts.append(set(np.isfinite(after).sum(2).flatten().tolist()))
        if step in (5, 10):
            most = 3 if step == 5 else 2
            for old, new in zip(before.reshape(-1, 5), after.reshape(-1, 5), strict=True):
                strongest = set(np.argsort(np.where(np.isnan(old), -1, old))[-most:].tolist())
                assert set(np.flatnonzero(np.isfinite(new)).tolist()) == strongest
    assert counts == [{5}] * 5 + [{3}] * 5 + [{2}] * 5


def test_the_last_operation_that_is_not_none_is_never_dropped():
    space = DartsSpace(nodes=1, operations=("none", "skip_connect", "max_pool_3x3"))
    one = search(space, kept=(1, 1))
    with torch.no_grad():
        for alpha in one.net.alphas:
            alpha[:] = torch.tensor([9.0, 0.0, 1.0])
    for _ in range(6):
        one.step()
    assert np.isfinite(one.weights()).tolist() == [[[False, False, True]] * 2] * 2


def test_events_say_what_was_dropped_where_and_only_once():
    one = search()
    first, rest, cost = one.events()
    assert first == "stage 1 of 3: 3 cells, up to 5 operations on an edge"
    assert rest == "architecture weights rest until epoch 3; they decide nothing before"
    assert cost.startswith("an epoch's score goes by batch norm statistics learnt anew over 1 training batch,")
    assert one.events() == []
    told = []
    for _ in range(5):
        one.step()
        told.append(one.events())
    assert told == [[], [], ["architecture weights begin to move, in epoch 3"], [], []]
    before = one.weights()
    one.step()
    first, rest, *lines = one.events()
    assert first == "stage 2 of 3: 4 cells, up to 3 operations on an edge"
    assert rest == "architecture weights rest until epoch 8; they decide nothing before"
    lost = np.isfinite(before) & np.isnan(one.weights())
    words = ("none", "max 3×3", "avg 3×3", "skip", "conv 1×1")
    expected = []
    for cell, name in enumerate(("normal", "reduction")):
        for place, word in enumerate(words):
            edges = [edge for edge, gone in zip(SPACE.edge_names(), lost[cell, :, place], strict=True) if gone]
            if edges:
                several = f"edge{'s' * (len(edges) > 1)} {', '.join(edges)}"
                where = "every edge" if len(edges) == 5 else several
                expected.append(f"{name} cell: {word} dropped on {where}")
    assert lines == expected
    assert one.events() == []


def test_dropout_behind_skips_decays_within_each_stage():
    """While the architecture rests in a line to zero, then from its start by exp(-0.2) an epoch (the authors' code)."""
    one = search(skip_dropout=(0.1, 0.4, 0.7))
    rates = [one.step()["skip dropout"] for _ in range(15)]
    shape = [4 / 5, 3 / 5, 1, math.exp(-0.2), math.exp(-0.4)]
    assert rates == pytest.approx([rate * each for rate in (0.1, 0.4, 0.7) for each in shape])


def test_the_normal_cell_alone_keeps_no_more_skips_than_allowed():
    one = search(skips=1)
    with torch.no_grad():
        for alpha in one.net.alphas:
            alpha[:, 3] += 5
    cell = one.derive()
    skips = [
        sum(edge.operation == "skip_connect" for node in part.nodes for edge in node.inputs)
        for part in (cell.normal, cell.reduction)
    ]
    assert skips == [1, 4]
    assert all(node.inputs == tuple(sorted(node.inputs, key=lambda e: e.source)) for node in cell.normal.nodes)


def test_a_clipped_architecture_gradient_is_no_longer_than_allowed(monkeypatch):
    one = search(alpha_clip=1e-3)
    seen = []
    monkeypatch.setattr(
        one._architecture_optimizer, "step", lambda: seen.append([alpha.grad.clone() for alpha in one.net.alphas])
    )
    for _ in range(3):
        one.step()
    assert torch.cat([gradient.flatten() for gradient in seen[0]]).norm() == pytest.approx(1e-3, rel=1e-3)
