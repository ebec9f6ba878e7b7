"""Scores from shared weights: when they are trained and with what, what scores a path, and that all can be resumed."""

import copy
import dataclasses
import math
import random

import msgspec
import pytest
import torch
from torch.nn import functional as F

import engine.evaluate.shared as shared
from engine.data import Augment, Batches, Dataset, Split
from engine.evaluate.shared import SharedEvaluator
from engine.evaluate.trained import NotANumber
from engine.nets import build_network
from engine.nets.learning_rate import warm_restarts
from engine.plan.evaluators.shared import SharedSettings
from engine.space.architecture import Architecture
from engine.space.counts import Skeleton
from engine.space.darts import DartsSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.enas_micro import EnasMicroSpace
from engine.space.nasbench201 import NasBench201Space
from tests.engine.images import striped

SETTINGS = SharedSettings(evaluations=3, channels=2, layers=3, batch=8, images=0)
SPACE = EnasMicroSpace(nodes=2)


DATA = striped(40, 30, 50, Augment(crop=1))


class Drawer:
    """Draws architectures, and remembers them."""

    def __init__(self, space: object = SPACE, seed: int = 0) -> None:
        self.space, self.rng, self.drawn = space, random.Random(seed), []

    def __call__(self) -> Architecture:
        self.drawn.append(self.space.decode(self.space.sample(self.rng)))
        return self.drawn[-1]


def made(seed: int = 0, space: object = SPACE, data: Dataset = DATA, **changes: object) -> SharedEvaluator:
    return SharedEvaluator(msgspec.structs.replace(SETTINGS, **changes), space, data, "cpu", seed)


def run(scorer: SharedEvaluator, draw: Drawer, numbers: range, seed: int = 9) -> list[tuple]:
    """The protocol of the loop; all that was reported, and the scores."""
    rows: list[tuple] = []
    for number in numbers:
        scorer.prepare(number, draw, lambda *row: rows.append(row), lambda: None)
        architecture = SPACE.decode(SPACE.sample(random.Random(seed + number)))
        rows.append(("score", number, scorer.evaluate(architecture, number, lambda *row: None, lambda: None).score))
    return rows


def test_the_weights_are_trained_for_a_pass_before_every_third_candidate_an_architecture_a_batch():
    draw = Drawer()
    rows = run(made(), draw, range(7))
    scores = [place for place, row in enumerate(rows) if row[0] == "score"]
    trained = [row for row in rows if row[0] == "shared train loss"]
    assert [rows[place - 1][0] == "score" for place in scores] == [False, True, True, False, True, True, False]
    assert [step for _, step, _ in trained] == [5, 10, 15]  # 40 images in batches of 8
    assert len(draw.drawn) == 15
    assert len({str(architecture) for architecture in draw.drawn}) > 10


def test_a_step_is_that_of_the_network_of_its_architecture_alone(monkeypatch):
    """Nesterov momentum, decay and clipping included: trained along one path, it goes as a network of its own does."""
    space = DartsSpace(nodes=1)
    architecture = space.decode(space.sample(random.Random(0)))
    settings = {"lr": 0.3, "weight_decay": 0.1, "clip": 0.5, "passes": 3, "norm": "running", "norm_batches": 0}
    scorer = made(space=space, **settings)
    frame = Skeleton(channels=2, layers=3, classes=2, in_channels=1, image=8)
    network = build_network(architecture, frame)
    net = scorer._net
    pairs = list(zip(_path(net, architecture), network.parameters(), strict=True))
    with torch.no_grad():
        for source, target in pairs:
            target.copy_(source if source.shape == target.shape else torch.cat(list(source), 1))
    optimizer = torch.optim.SGD(network.parameters(), 0.3, 0.9, weight_decay=0.1, nesterov=True)
    batches = Batches(DATA.train, 8, DATA.augment, DATA.mean, DATA.std, torch.Generator())
    batches.load(scorer._batches.state())
    expected = []
    for rate in (warm_restarts(passes, 0.3, 5e-4, 10, 2) for passes in range(3)):
        optimizer.param_groups[0]["lr"] = rate
        losses = []
        for images, labels in batches.epoch():
            loss = F.cross_entropy(network(images), labels)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 0.5)
            optimizer.step()
            losses.append(loss.item())
        expected.append(sum(losses) / len(losses))
    rows: list[tuple] = []
    scorer.prepare(0, lambda: architecture, lambda *row: rows.append(row), lambda: None)
    assert [value for name, _, value in rows if name == "shared train loss"] == pytest.approx(expected, rel=1e-3)
    network.eval()
    with torch.no_grad():
        logits = network((DATA.validation.images / 255 - 0.4) / 0.3)
    right = 100 * (logits.argmax(1) == DATA.validation.labels).float().mean().item()
    assert scorer.evaluate(architecture, 0, lambda *row: None, lambda: None).score == pytest.approx(right)


def _path(net: torch.nn.Module, architecture: Architecture) -> list:
    """The weights of the path, in the order in which the network alone has them; parts as a list."""
    found: list = [*net.stem.parameters()]
    for index, cell in enumerate(net.cells):
        node = (architecture.reduction if index in (1, 2) else architecture.normal).nodes[0]
        for edge in node.inputs:
            found += cell.nodes[0].operations[f"0 {edge.source} {edge.operation}"].parameters()
        for side in (cell.before, cell.last):
            for part in [side.first, side.second] if hasattr(side, "first") else [side.convolution]:
                places = (0,) if len(part.parts) == 1 else (2,)
                found.append(part.parts[places[0]])
            found += side.norm.parameters()
    return [*found, net.classifier.parts[2], net.classifier.bias]


def test_the_rate_restarts_as_torch_has_it():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 10, 2, eta_min=5e-4)
    for passes in range(80):
        assert warm_restarts(passes, 0.05, 5e-4, 10, 2) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert warm_restarts(10, 0.05, 5e-4, 10, 2) == warm_restarts(30, 0.05, 5e-4, 10, 2) == 0.05


def test_a_path_is_scored_with_the_norms_of_the_batch_or_with_those_of_the_training():
    images = (DATA.validation.images / 255 - 0.4) / 0.3
    for norm, training in (("batch", True), ("running", False)):
        scorer = made(norm=norm, lr=0.2, norm_batches=0)
        scorer.prepare(0, Drawer(), lambda *row: None, lambda: None)
        before = {name: tensor.clone() for name, tensor in scorer._net.state_dict().items()}
        architecture = SPACE.decode(SPACE.sample(random.Random(3)))
        # Thirty images in batches of eight: four of about the same size.
        with torch.no_grad():
            scorer._net.train(training)
            logits = torch.cat([scorer._net(part, architecture) for part in images.split(8)])
        scorer._net.load_state_dict(before)
        right = 100 * (logits.argmax(1) == DATA.validation.labels).float().mean().item()
        outcome = scorer.evaluate(architecture, 0, lambda *row: None, lambda: None)
        assert outcome.score == pytest.approx(right)
        torch.testing.assert_close(dict(scorer._net.state_dict()), before, rtol=0, atol=0)
        moved = [name for name, tensor in before.items() if name.endswith("running_mean") and tensor.abs().sum() > 0]
        assert bool(moved) == (norm == "running")


def test_a_batch_of_validation_images_is_drawn_anew_for_each_candidate(monkeypatch):
    seen = []
    original = shared.in_order
    monkeypatch.setattr(shared, "in_order", lambda split, *rest: seen.append(split) or original(split, *rest))
    scorer = made(images=12)
    architecture = SPACE.decode(SPACE.sample(random.Random(3)))
    for number in (0, 1, 0):
        outcome = scorer.evaluate(architecture, number, lambda *row: None, lambda: None)
        assert outcome.score * 12 / 100 == pytest.approx(round(outcome.score * 12 / 100))
    assert [len(split) for split in seen] == [12, 12, 12]
    assert torch.equal(seen[0].images, seen[2].images)
    assert not torch.equal(seen[0].images, seen[1].images)
    assert len(seen[0].images.flatten(1).unique(dim=0)) == 12


def test_the_outcome_says_how_large_the_network_of_the_path_is():
    architecture = SPACE.decode(SPACE.sample(random.Random(5)))
    outcome = made().evaluate(architecture, 0, lambda *row: None, lambda: None)
    network = build_network(architecture, Skeleton(channels=2, layers=3, classes=2, in_channels=1, image=8))
    assert outcome.parameters == sum(weight.numel() for weight in network.parameters())
    assert outcome.macs > 0
    assert outcome.seconds > 0


@pytest.mark.parametrize("space", [SPACE, NasBench201Space(), EnasMacroSpace(layers=4)])
def test_it_learns(space):
    scorer = made(space=space, passes=30, channels=4)
    draw = Drawer(space)
    scorer.prepare(0, draw, lambda *row: None, lambda: None)
    scores = [scorer.evaluate(draw(), number, lambda *row: None, lambda: None).score for number in range(20)]
    assert sorted(scores)[10] >= 85


def test_the_same_seed_gives_the_same_scores_whatever_torch_does_beside():
    histories = []
    for seed, beside in ((0, 1), (0, 2), (1, 1)):
        torch.manual_seed(beside)
        histories.append(run(made(seed, drop_path=0.3), Drawer(), range(5)))
    assert histories[0] == histories[1] != histories[2]


@pytest.mark.parametrize("stop", [2, 3])  # within a phase, and between two
def test_a_state_goes_on_to_the_bit(stop):
    whole = run(made(drop_path=0.2), Drawer(), range(7))
    first, draw = made(drop_path=0.2), Drawer()
    begun = run(first, draw, range(stop))
    state = first.state()
    run(first, Drawer(seed=7), range(stop, 7))  # what goes on here is nothing to the state
    second = made(drop_path=0.2)
    second.load(state)
    assert begun + run(second, draw, range(stop, 7)) == whole


def test_what_is_no_path_and_what_is_not_finite_are_outcomes():
    scorer = made()
    other = EnasMicroSpace(nodes=3)
    outcome = scorer.evaluate(other.example(), 0, lambda *row: None, lambda: None)
    assert (outcome.outcome, math.isnan(outcome.score)) == ("failed", True)
    assert "up to 2 nodes" in outcome.message
    with torch.no_grad():
        scorer._net.classifier.bias.fill_(math.inf)
    outcome = scorer.evaluate(SPACE.example(), 0, lambda *row: None, lambda: None)
    assert (outcome.outcome, math.isnan(outcome.score)) == ("not a number", True)


def test_too_little_memory_is_an_outcome(monkeypatch):
    scorer = made()

    def full(*arguments: object) -> None:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(scorer._net, "forward", full)
    outcome = scorer.evaluate(SPACE.example(), 0, lambda *row: None, lambda: None)
    assert (outcome.outcome, outcome.message) == (
        "out of memory",
        "out of memory; a smaller batch or fewer channels take less",
    )


def test_weights_that_diverge_end_it_in_one_line():
    with pytest.raises(NotANumber, match=r"^the loss of the shared weights is not a number; lower evaluator\.lr$"):
        made(lr=1e30, clip=0.0, passes=3).prepare(0, Drawer(), lambda *row: None, lambda: None)


def test_it_beats_every_batch_and_may_be_ended():
    class Stopped(Exception):  # noqa: N818 - as the run room calls it
        pass

    beats = []

    def pulse() -> None:
        beats.append(1)
        if len(beats) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        made().prepare(0, Drawer(), lambda *row: None, pulse)
    assert len(beats) == 3


AUTHORS = {"network": "authors' search", "auxiliary": 0.0}  # images of 8 pixels are too small for the second head


def enlarged(data: Dataset) -> Dataset:
    """Each pixel three times over: 24 pixels instead of 8, enough for the second head."""
    splits = {
        name: Split(split.images.repeat_interleave(3, 2).repeat_interleave(3, 3), split.labels)
        for name, split in (("train", data.train), ("validation", data.validation), ("test", data.test))
    }
    return dataclasses.replace(data, **splits)


def test_the_method_may_rest_until_the_weights_have_learnt_for_some_phases():
    """Two phases more before the first score; all others as without a rest."""
    draw = Drawer()
    rows = run(made(rest=2, passes=2), draw, range(4))
    assert [row[0] for row in rows].index("score") == 3 * 2 * 3  # three series for each of so many passes
    trained = [step for name, step, _ in rows if name == "shared train loss"]
    assert trained == [5 * number for number in range(1, 9)]
    assert len(draw.drawn) == 40
    rates = [value for name, _, value in rows if name == "shared learning rate"]
    assert rates == pytest.approx([warm_restarts(passes, 0.05, 5e-4, 10, 2) for passes in range(8)])


def test_a_rest_goes_on_from_a_state_without_resting_again():
    whole = run(made(rest=1), Drawer(), range(5))
    first, draw = made(rest=1), Drawer()
    begun = run(first, draw, range(2))
    second = made(rest=1)
    second.load(first.state())
    assert begun + run(second, draw, range(2, 5)) == whole


def test_the_auxiliary_head_helps_to_train_what_comes_before_it_by_its_weight():
    """One plain step of gradient descent against the gradient of both losses; the head itself stays as it was."""
    architecture = SPACE.decode(SPACE.sample(random.Random(4)))
    plain = {"momentum": 0.0, "weight_decay": 0.0, "clip": 0.0, "lr": 0.1, "batch": 40, "dropout": 0.0}
    data = enlarged(DATA)
    scorer = made(data=data, network="authors' search", auxiliary=0.7, **plain)
    before = copy.deepcopy(scorer._net)
    batches = Batches(data.train, 40, data.augment, data.mean, data.std, torch.Generator())
    batches.load(scorer._batches.state())
    ((images, labels),) = batches.epoch()
    logits, side = before.with_auxiliary(images, architecture)
    (F.cross_entropy(logits, labels) + 0.7 * F.cross_entropy(side, labels)).backward()
    scorer.prepare(0, lambda: architecture, lambda *row: None, lambda: None)
    for (name, old), new in zip(before.named_parameters(), scorer._net.parameters(), strict=True):
        expected = old.detach() if old.grad is None else old.detach() - 0.1 * old.grad
        torch.testing.assert_close(new.detach(), expected, rtol=1e-4, atol=1e-6, msg=name)
        assert not name.startswith("auxiliary") or old.grad is None


def test_the_reported_loss_is_that_of_the_classifier_alone():
    reported = []
    for auxiliary in (0.0, 5.0):
        scorer = made(data=enlarged(DATA), network="authors' search", auxiliary=auxiliary, dropout=0.0, batch=40)
        rows: list[tuple] = []
        scorer.prepare(0, Drawer(), lambda *row, rows=rows: rows.append(row), lambda: None)
        reported.append(rows[0][2])
    assert reported[0] == pytest.approx(math.log(2), abs=0.7)
    assert reported[1] == pytest.approx(math.log(2), abs=0.7)  # with the head's it would be six times as much


def test_the_authors_search_network_learns_and_goes_on_from_a_state_to_the_bit():
    settings = AUTHORS | {"dropout": 0.3, "passes": 2}
    whole = run(made(**settings), Drawer(), range(7))
    first, draw = made(**settings), Drawer()
    begun = run(first, draw, range(4))
    second = made(**settings)
    second.load(first.state())
    torch.manual_seed(99)  # dropout is nobody else's chance
    assert begun + run(second, draw, range(4, 7)) == whole
    scorer, draw = made(**AUTHORS, passes=30, channels=4), Drawer()
    scorer.prepare(0, draw, lambda *row: None, lambda: None)
    scores = [scorer.evaluate(draw(), number, lambda *row: None, lambda: None).score for number in range(20)]
    assert sorted(scores)[10] >= 85


def test_features_are_dropped_while_a_path_is_scored_by_its_batch_and_not_by_running_means():
    """As the authors' code, whose search network is always in training."""
    architecture = SPACE.decode(SPACE.sample(random.Random(3)))
    for norm, alike in (("batch", False), ("running", True)):
        scorer = made(**AUTHORS, dropout=0.5, norm=norm)
        scores = [scorer.evaluate(architecture, number, lambda *row: None, lambda: None).score for number in range(9)]
        again = scorer.evaluate(architecture, 4, lambda *row: None, lambda: None).score
        assert (len(set(scores)) == 1) == alike
        assert again == scores[4]
