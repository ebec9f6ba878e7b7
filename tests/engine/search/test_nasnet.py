"""NASNet's search: the clipped objective, and several steps per minibatch."""

import random
import statistics

import pytest
import torch

from engine.plan.methods.nasnet import NasnetSettings
from engine.search.base import Scalar
from engine.search.nasnet import Nasnet, clipped
from engine.space.nasbench201 import NasBench201Space

SMALL = NasBench201Space()


def search(seed: int = 0, **settings) -> Nasnet:
    return Nasnet(NasnetSettings(**settings), SMALL, random.Random(seed))


@pytest.mark.parametrize(
    ("ratio", "advantage", "gain", "slope"),
    [
        (1.0, 2.0, 2.0, 2.0),  # at first PPO is REINFORCE
        (1.1, 2.0, 2.2, 2.2),
        (1.5, 2.0, 2.4, 0.0),  # a good answer has become likely enough
        (0.5, 2.0, 1.0, 1.0),  # a good answer has become unlikely: it may come back
        (0.5, -2.0, -1.6, 0.0),  # a bad answer has become unlikely enough
        (1.5, -2.0, -3.0, -3.0),
    ],
)
def test_the_gain_is_clipped_on_the_side_that_goes_too_far(ratio, advantage, gain, slope):
    log_probs = torch.tensor([[ratio]], dtype=torch.float64).log().requires_grad_()
    found = clipped(log_probs, torch.zeros(1, 1, dtype=torch.float64), torch.tensor([advantage]), 0.2)
    assert found.item() == pytest.approx(gain)
    found.backward()
    assert log_probs.grad.item() == pytest.approx(slope)  # d r / d log r = r


def test_a_minibatch_gets_several_steps():
    ours = search(samples=3, epochs=5, units=6)
    for number in range(7):
        ours.ask(number)
        ours.tell(number, float(number))
    assert ours._adam.steps == 2 * 5


@pytest.mark.parametrize("since", [0.0, 1.0])
def test_the_ratio_is_to_the_probability_at_the_time_of_drawing(since):
    """A late result moves nothing where its answers have become likelier than the clip allows in the meantime."""
    ours = search(controller="table", samples=1, epochs=1, lr=0.1, clip=0.2, entropy=0.0)
    late = ours.ask(0).decisions
    ours._baseline = 0.5
    logits = ours._controller.weights.vector.view(6, 5)
    logits[range(6), list(late)] += since
    before = logits.clone()
    ours.tell(0, 100.0)
    assert torch.equal(ours._controller.weights.vector.view(6, 5), before) == (since == 1.0)


def test_the_entropy_is_that_before_the_steps():
    ours = search(controller="table", samples=2, epochs=20, lr=0.5)
    for number in range(2):
        ours.ask(number)
        ours.tell(number, 50.0 * number)
    (entropy,) = (note.value for note in ours.notes() if isinstance(note, Scalar) and note.name == "entropy")
    assert entropy == pytest.approx(torch.tensor(5.0).log().item(), abs=1e-5)


def test_it_learns_from_a_few_hundred_candidates():
    ours = search(samples=5, lr=0.01, units=32)
    scores = []
    for number in range(200):
        scores.append(100 / 6 * sum(choice == 1 for choice in ours.ask(number).decisions))
        ours.tell(number, scores[-1])
    assert statistics.mean(scores[150:]) > statistics.mean(scores[:50]) + 30
