"""The statistics that an epoch's score goes by: those of the weights as they are, and nothing else changes."""

import random
from collections import defaultdict

import msgspec
import pytest
import torch
from torch import nn

from engine.data import Augment, load
from engine.evaluate import trained
from engine.evaluate.shared import SharedEvaluator
from engine.nets.autograd_modes import statistics_refitted
from engine.nets.operations import BatchNorm
from engine.plan.datasets import Digits
from engine.plan.evaluators.shared import SharedSettings
from engine.plan.evaluators.trained import TrainedSettings
from engine.plan.methods.darts import DartsSettings
from engine.search import one_shot
from engine.space.darts import DartsSpace
from engine.space.enas_micro import EnasMicroSpace
from tests.engine.images import striped
from tests.engine.search.test_gradient import DATA, METHODS, PLAIN, search

DIGITS = load(Digits(), torch.device("cpu"))


def watched(net: nn.Module) -> dict[BatchNorm, list[torch.Tensor]]:
    """What comes to each batch norm of a network from now on."""
    seen = defaultdict(list)
    for norm in net.modules():
        if isinstance(norm, BatchNorm):
            norm.register_forward_pre_hook(lambda norm, given: seen[norm].append(given[0].clone()))
    return seen


def expected(batches: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Means over all images of each channel's mean and unbiased variance in its batch."""
    sizes = torch.tensor([float(len(batch)) for batch in batches])
    means = torch.stack([batch.mean((0, 2, 3)) for batch in batches])
    variances = torch.stack([batch.transpose(0, 1).flatten(1).var(1) for batch in batches])
    return tuple((part * sizes[:, None]).sum(0) / sizes.sum() for part in (means, variances))


def test_a_norm_learns_the_mean_over_all_images_of_what_their_batches_were():
    torch.manual_seed(0)
    norm, batches = BatchNorm(3).eval(), [torch.randn(count, 3, 4, 4) * count + 5 for count in (8, 8, 3)]
    norm.running_mean.fill_(9.0)  # what was there before is of no account
    norm.running_var.fill_(4.0)
    with statistics_refitted():
        for batch in batches:
            torch.testing.assert_close(norm(batch).mean((0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    mean, variance = expected(batches)
    torch.testing.assert_close(norm.running_mean, mean)
    torch.testing.assert_close(norm.running_var, variance)
    batch, shape = batches[0], (1, 3, 1, 1)
    wanted = (batch - mean.view(shape)) / (variance + 1e-5).sqrt().view(shape)
    torch.testing.assert_close(norm(batch), wanted)


@pytest.mark.parametrize("name", METHODS)
def test_every_norm_has_the_statistics_of_training_batches_at_the_end_of_an_epoch(name):
    settings = msgspec.structs.replace(METHODS[name], norm_batches=2, step="plain")
    one = one_shot(settings, PLAIN, DATA, 3, 0, "cpu")
    one.step()
    seen = watched(one.net)
    one.end_of_epoch()
    # SNAS measures with a sample after the other, each with statistics of its own; two batches of eight, ten images.
    which = slice(2, 3) if name == "snas" else slice(0, 2)
    assert len(seen) == len([norm for norm in one.net.modules() if isinstance(norm, BatchNorm)])
    for norm, batches in seen.items():
        mean, variance = expected(batches[which])
        torch.testing.assert_close(norm.running_mean, mean)
        torch.testing.assert_close(norm.running_var, variance)
    images = next(iter(seen.values()))[0]  # of the stem, which does not augment
    assert len(images) == 8


@pytest.mark.parametrize("name", METHODS)
def test_the_fast_network_is_scored_as_the_plain_one(name):
    fast, plain = (
        one_shot(msgspec.structs.replace(METHODS[name], step=step), PLAIN, DATA, 3, 0, "cpu")
        for step in ("fast", "plain")
    )
    assert fast.end_of_epoch() == pytest.approx(plain.end_of_epoch(), rel=1e-3)


@pytest.mark.parametrize("name", METHODS)
def test_training_goes_on_the_same_with_and_without(name):
    """To the bit, over two epochs, and a border between stages of P-DARTS."""
    rows = []
    for norm_batches in (0, 2):
        one = one_shot(msgspec.structs.replace(METHODS[name], norm_batches=norm_batches), PLAIN, DATA, 3, 0, "cpu")
        found = []
        for _ in range(2):
            found += [one.step(), one.step(), one.weights().tobytes()]
            one.end_of_epoch()
        rows.append(found)
    assert rows[0] == rows[1]


@pytest.mark.parametrize("name", METHODS)
def test_none_leaves_the_running_statistics_alone(name):
    one = one_shot(msgspec.structs.replace(METHODS[name], norm_batches=0), PLAIN, DATA, 3, 0, "cpu")
    one.step()
    before = {key: tensor.clone() for key, tensor in one.net.state_dict().items()}
    one.end_of_epoch()
    torch.testing.assert_close(dict(one.net.state_dict()), before, rtol=0, atol=0)


def test_the_first_epoch_of_digits_stands_in_line_with_its_batches():
    """Eleven steps: running statistics of momentum 0.1 are then still a third of what they began with."""
    settings = DartsSettings(channels=4, layers=3, batch=64, w_lr=0.1)
    space = DartsSpace(nodes=2, operations=("max_pool_3x3", "skip_connect", "sep_conv_3x3"))
    one = one_shot(settings, space, DIGITS, 5, 0, "cpu")
    rows = [one.step() for _ in range(one.steps_per_epoch)]
    of_batches = sum(row["validation accuracy"] for row in rows[-3:]) / 3
    found = one.end_of_epoch()["validation accuracy (epoch)"]
    assert of_batches > 40
    assert found > of_batches - 5


def test_the_first_epochs_of_a_hundred_images_stand_in_line_with_their_batches():
    """As many as a folder of own photos has; three steps an epoch, after which running statistics know nothing yet."""
    data = striped(48, 48, 24, Augment(crop=1))
    settings = DartsSettings(channels=4, layers=3, batch=16)
    one = one_shot(settings, DartsSpace(nodes=1, operations=("skip_connect", "sep_conv_3x3")), data, 2, 0, "cpu")
    for _ in range(2):
        of_batches = [one.step()["validation accuracy"] for _ in range(one.steps_per_epoch)]
        assert one.end_of_epoch()["validation accuracy (epoch)"] > of_batches[-1] - 15
    assert of_batches[-1] > 60


def test_a_path_that_goes_by_running_means_has_those_of_its_own():
    space = EnasMicroSpace(nodes=2)
    settings = SharedSettings(evaluations=3, channels=2, layers=3, batch=8, images=0, norm="running", norm_batches=2)
    scorer = SharedEvaluator(settings, space, DATA, "cpu", 0)
    rng = random.Random(0)
    scorer.prepare(0, lambda: space.decode(space.sample(rng)), lambda *row: None, lambda: None)
    weights = [weight.detach().clone() for weight in scorer._net.parameters()]
    seen = watched(scorer._net)
    first, second = (space.decode(space.sample(random.Random(seed))) for seed in (3, 4))
    scores = []
    for number, architecture in enumerate((first, second, first)):
        seen.clear()
        scores.append(scorer.evaluate(architecture, number, lambda *row: None, lambda: None).score)
        assert seen
        for norm, batches in seen.items():
            mean, variance = expected(batches[: len(batches) // 4 * 2])  # two to learn from and two that are scored
            torch.testing.assert_close(norm.running_mean, mean)
            torch.testing.assert_close(norm.running_var, variance)
    assert scores[0] == scores[2]
    torch.testing.assert_close(list(scorer._net.parameters()), weights, rtol=0, atol=0)


def test_a_search_can_be_continued_after_an_epoch_was_scored():
    unbroken, second = search("pdarts"), search("pdarts", seed=9)
    for _ in range(2):
        unbroken.step()
    unbroken.end_of_epoch()
    second.load(unbroken.state())
    assert second.end_of_epoch() == unbroken.end_of_epoch()
    assert second.step() == unbroken.step()


def test_a_trained_candidate_is_scored_by_statistics_of_its_weights(monkeypatch):
    made, scored = trained.network_of, trained.accuracy
    checked = []

    def watched_network(*given):
        network = made(*given)
        checked.append((network, watched(network)))
        return network

    def checked_accuracy(network, *given):
        for norm, batches in checked[-1][1].items():
            mean, variance = expected(batches[-2:])
            torch.testing.assert_close(norm.running_mean, mean)
            torch.testing.assert_close(norm.running_var, variance)
        assert len(checked[-1][1]) > 3
        return scored(network, *given)

    monkeypatch.setattr(trained, "network_of", watched_network)
    monkeypatch.setattr(trained, "accuracy", checked_accuracy)
    architecture = PLAIN.decode(PLAIN.sample(random.Random(0)))
    losses = []
    for norm_batches in (2, 0):
        settings = TrainedSettings(epochs=2, channels=2, layers=3, batch=8, norm_batches=norm_batches)
        if not norm_batches:
            monkeypatch.setattr(trained, "accuracy", scored)
        rows: list[tuple] = []
        scorer = trained.Evaluator(settings, PLAIN, DATA, "cpu", 0)
        outcome = scorer.evaluate(architecture, 0, lambda *row, rows=rows: rows.append(row), lambda: None)
        assert outcome.outcome == "ok", outcome.message
        losses.append([row for row in rows if row[0].startswith("train")])
    assert losses[0] == losses[1]  # the training is the same to the bit
