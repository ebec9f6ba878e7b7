"""Scores by training: what is reported, that chance follows from seed and number alone, that failures are outcomes."""

import math

import msgspec
import pytest
import torch

import engine.evaluate.trained as trained
from engine.data import Augment, Dataset
from engine.evaluate import Outcome, evaluator
from engine.evaluate.trained import Evaluator, final_accuracy
from engine.nets import Network
from engine.plan.evaluators.trained import TrainedSettings
from engine.space.architecture import CellArchitecture
from engine.space.cells import Cell, Edge, Node
from engine.space.counts import Skeleton
from engine.space.darts import DartsSpace
from tests.engine.images import striped

SETTINGS = TrainedSettings(epochs=2, channels=2, layers=3, batch=8, lr=0.05)
SPACE = DartsSpace()


DATA = striped(40, 30, 50, Augment(crop=1))


def architecture(operation: str = "sep_conv_3x3") -> CellArchitecture:
    cell = Cell((Node((Edge(0, operation), Edge(1, "skip_connect"))),), (2,))
    return CellArchitecture(normal=cell, reduction=cell)


def evaluate(
    candidate: int = 0, seed: int = 0, what: CellArchitecture | None = None, data: Dataset = DATA, **changes: object
) -> tuple[Outcome, list[tuple[str, int, float]]]:
    reports: list[tuple[str, int, float]] = []
    scorer = Evaluator(msgspec.structs.replace(SETTINGS, **changes), SPACE, data, "cpu", seed)
    outcome = scorer.evaluate(what or architecture(), candidate, lambda *row: reports.append(row), lambda: None)
    return outcome, reports


def test_the_score_is_the_last_validation_accuracy_and_every_epoch_is_reported():
    outcome, reports = evaluate()
    assert [(series, step) for series, step, _ in reports] == [
        (series, step) for step in (1, 2) for series in ("train loss", "train accuracy", "validation accuracy")
    ]
    assert outcome.outcome == "ok"
    assert outcome.score == reports[-1][2]
    assert outcome.score * 30 / 100 == pytest.approx(round(outcome.score * 30 / 100))
    assert outcome.seconds > 0
    network = Network(architecture(), Skeleton(channels=2, layers=3, classes=2, in_channels=1))
    assert outcome.parameters == sum(weight.numel() for weight in network.parameters())
    assert all(type(value) is float for _, _, value in reports)


ACCURACIES = [90.0, 60.0, 80.0, 70.0, 80.0, 50.0]


@pytest.mark.parametrize(
    ("last", "epoch"), [(1, None), (2, 5), (3, 5), (4, 3), (5, 3), (6, 1), (50, 1)], ids=lambda value: str(value)
)
def test_the_score_can_be_the_best_of_the_last_epochs_and_its_epoch_is_reported(monkeypatch, last, epoch):
    """The first of equals; by hand, of accuracies that are made up."""
    values = iter(ACCURACIES)
    monkeypatch.setattr(trained, "accuracy", lambda *_: next(values))
    outcome, reports = evaluate(epochs=6, best_of_last=last)
    assert [value for series, _, value in reports if series == "validation accuracy"] == ACCURACIES
    scored = [(step, value) for series, step, value in reports if series == "scored accuracy"]
    assert outcome.score == (50.0 if epoch is None else ACCURACIES[epoch - 1])
    assert scored == ([] if epoch is None else [(epoch, outcome.score)])


def test_a_score_depends_on_the_seed_and_the_number_alone():
    """Not on what was evaluated before, nor on torch's own generator."""
    scorer = Evaluator(SETTINGS, SPACE, DATA, "cpu", 3)
    histories = []
    for warm_up in (0, 2):
        torch.manual_seed(warm_up)
        rows: list[tuple[str, int, float]] = []
        for number in range(warm_up):
            scorer.evaluate(architecture("max_pool_3x3"), number, lambda *row: None, lambda: None)
        scorer.evaluate(architecture(), 5, lambda *row, rows=rows: rows.append(row), lambda: None)
        histories.append(rows)
    assert histories[0] == histories[1] == evaluate(5, 3)[1]
    assert histories[0] != evaluate(6, 3)[1]
    assert histories[0] != evaluate(5, 4)[1]


def test_it_learns():
    outcome, reports = evaluate(epochs=8)
    assert outcome.score >= 90
    losses = [value for series, _, value in reports if series == "train loss"]
    assert losses[-1] < losses[0] / 2


def test_training_loss_and_accuracy_are_means_over_the_images(monkeypatch):
    """With a learning rate of zero the network stays as it is, and each epoch can be measured again from outside."""
    built = []
    original = trained.network_of
    monkeypatch.setattr(trained, "network_of", lambda *arguments: built.append(original(*arguments)) or built[-1])
    plain = msgspec.structs.replace(SETTINGS, lr=0.0, epochs=1, batch=40)
    data = Dataset(DATA.train, DATA.validation, DATA.test, DATA.classes, DATA.mean, DATA.std)
    rows: dict[str, float] = {}
    Evaluator(plain, SPACE, data, "cpu", 0).evaluate(
        architecture(), 0, lambda name, _, value: rows.update({name: value}), lambda: None
    )
    (network,) = built
    logits = network.train()((data.train.images / 255 - 0.4) / 0.3)
    assert rows["train loss"] == pytest.approx(
        torch.nn.functional.cross_entropy(logits, data.train.labels).item(), rel=1e-4
    )
    assert rows["train accuracy"] == pytest.approx(100 * (logits.argmax(1) == data.train.labels).float().mean().item())


def test_measuring_leaves_the_network_as_it_is():
    network = Network(architecture(), Skeleton(channels=2, layers=3, classes=2, in_channels=1))
    network(torch.randn(8, 1, 8, 8))
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    first = trained.accuracy(network, DATA.validation, DATA, 7, lambda: None)
    assert first == trained.accuracy(network, DATA.validation, DATA, 30, lambda: None)
    torch.testing.assert_close(dict(network.state_dict()), before, rtol=0, atol=0)


def test_the_learning_rate_falls_to_zero_by_half_a_cosine_over_all_steps(monkeypatch):
    rates = []
    step = torch.optim.SGD.step

    def noted(self, *arguments, **options):
        rates.append(self.param_groups[0]["lr"])
        return step(self, *arguments, **options)

    monkeypatch.setattr(torch.optim.SGD, "step", noted)
    evaluate()
    assert rates == pytest.approx([0.05 * (1 + math.cos(math.pi * taken / 10)) / 2 for taken in range(10)])


@pytest.mark.parametrize("last", [3, 7, 16])
def test_the_pulse_beats_every_batch_and_may_end_it(last):
    """An epoch is five batches of training and four of validation: it ends within each of them."""

    class Stopped(Exception):  # noqa: N818 - as the run room calls it
        pass

    beats = []

    def pulse() -> None:
        beats.append(1)
        if len(beats) == last:
            raise Stopped

    scorer = Evaluator(SETTINGS, SPACE, DATA, "cpu", 0)
    with pytest.raises(Stopped):
        scorer.evaluate(architecture(), 0, lambda *row: None, pulse)
    assert len(beats) == last


def test_an_undisturbed_evaluation_beats_once_a_batch():
    beats = []
    Evaluator(SETTINGS, SPACE, DATA, "cpu", 0).evaluate(architecture(), 0, lambda *row: None, lambda: beats.append(1))
    assert len(beats) == 2 * (5 + 5 + 4)  # training, the norms' statistics, validation


def test_a_loss_that_is_no_number_is_an_outcome():
    outcome, reports = evaluate(lr=1e30, clip=0.0)
    assert outcome.outcome == "not a number"
    assert math.isnan(outcome.score)
    assert outcome.parameters > 0
    assert outcome.message
    assert reports == []


@pytest.mark.parametrize(
    "fault",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory: you tried ..."),
    ],
)
def test_no_memory_is_an_outcome(monkeypatch, fault):
    def forward(self, images):
        raise fault

    monkeypatch.setattr(Network, "forward", forward)
    outcome, _ = evaluate()
    assert outcome.outcome == "out of memory"
    assert math.isnan(outcome.score)
    assert outcome.parameters > 0


def test_other_errors_are_not_mistaken_for_outcomes(monkeypatch):
    def forward(self, images):
        raise RuntimeError("the sizes of tensors must match")

    monkeypatch.setattr(Network, "forward", forward)
    with pytest.raises(RuntimeError, match="sizes"):
        evaluate()


def test_a_cell_that_makes_no_network_is_an_outcome():
    cell = Cell((Node((Edge(0, "skip_connect"), Edge(1, "skip_connect"))),), (3,), inputs=3)
    outcome, _ = evaluate(what=CellArchitecture(normal=cell, reduction=cell))
    assert (outcome.outcome, outcome.parameters) == ("failed", 0)
    assert "normal cell" in outcome.message


def test_the_final_accuracy_trains_on_all_but_the_test_part_and_is_measured_there(monkeypatch):
    seen = []
    original = trained.Batches
    monkeypatch.setattr(trained, "Batches", lambda split, *rest: seen.append(split) or original(split, *rest))
    longer = msgspec.structs.replace(SETTINGS, epochs=8)
    value = final_accuracy(architecture(), longer, DATA, "cpu", 0)
    (split,) = seen
    assert torch.equal(split.images, torch.cat([DATA.train.images, DATA.validation.images]))
    assert value * 50 / 100 == pytest.approx(round(value * 50 / 100))
    assert value >= 90
    assert value == final_accuracy(architecture(), longer, DATA, "cpu", 0)


def test_the_evaluator_is_found_by_its_settings():
    assert isinstance(evaluator(SETTINGS, SPACE, DATA, "cpu", 0), Evaluator)
