"""The recurrent controller: probabilities against enumeration and one another, gradients against differences."""

import itertools
import math
import random

import pytest
import torch

from engine.search.policy.lstm_controller import Controller, Shape
from engine.search.policy.rollout import read
from engine.space.darts import DartsSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.nas_rl import NasRlSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.spaces import SPACES

PLAIN = Shape(hidden=6, layers=2, spread=1.0)
ENAS = Shape(
    hidden=5,
    spread=1.0,
    attention=("skip", "input"),
    feed="anchors",
    temperature=2.0,
    tanh=1.5,
    tanh_of={"operation": 0.7},
    two_sided=True,
    bias={("operation", "sep 3×3"): 0.5},
    prior=lambda decision: [0.2] * len(decision.choices[:1]) + [0.0] * len(decision.choices[1:]),
)
SHAPES = pytest.mark.parametrize("shape", [PLAIN, ENAS], ids=["plain", "enas"])
SMALL = [
    NasRlSpace(layers=3, heights=(1, 3), widths=(3,), filters=(24, 36)),  # 512 networks, with skips
    DartsSpace(nodes=1, operations=("skip_connect", "max_pool_3x3", "none")),  # 16: some questions have one answer
    DartsSpace(nodes=2, operations=("skip_connect", "none")),  # 9: the second input depends on the first
]


def controller(shape: Shape, seed: int = 1) -> Controller:
    return Controller(shape, random.Random(seed), torch.float64)


@SHAPES
@pytest.mark.parametrize("space", SMALL, ids=["layers", "one node", "two nodes"])
def test_the_probabilities_of_all_architectures_sum_to_one(space, shape):
    everything = [read(space, space.at(rank)) for rank in range(space.size())]
    found = controller(shape).measure(everything)
    probabilities = found.log_probs.sum(1).exp()
    assert probabilities.sum().item() == pytest.approx(1, abs=1e-9)
    assert probabilities.std() > 0.1 * probabilities.mean()  # not all the same


@SHAPES
@pytest.mark.parametrize("kind", SPACES)
def test_what_is_drawn_is_measured_alike(kind, shape):
    """One after the other with its own arithmetic, or all at once beside sequences of other lengths."""
    ours, space = controller(shape), SPACES[kind]()
    drawn = [ours.sample(space) for _ in range(2)]
    other = ours.sample(NasRlSpace(layers=3))
    found = ours.measure([*(one.script for one in drawn), other.script])
    for row, one in enumerate([*drawn, other]):
        length = len(one.decisions)
        assert found.log_probs[row, :length].tolist() == pytest.approx(one.log_probs(), abs=1e-9)
        assert found.entropies[row, :length].tolist() == pytest.approx(one.entropies(), abs=1e-9)
        assert not found.log_probs[row, length:].any()
        assert not found.entropies[row, length:].any()


@SHAPES
def test_draws_have_the_probabilities_that_are_measured(shape):
    ours, space = controller(shape), SMALL[1]
    space_all = [space.at(rank) for rank in range(space.size())]
    expected = ours.measure([read(space, each) for each in space_all]).log_probs.sum(1).exp().tolist()
    draws = 600
    counts = dict.fromkeys(space_all, 0)
    for _ in range(draws):
        counts[ours.sample(space).decisions] += 1
    for each, probability in zip(space_all, expected, strict=True):
        spread = math.sqrt(draws * probability * (1 - probability))
        assert abs(counts[each] - draws * probability) < 4.5 * spread + 1


@SHAPES
def test_gradients_are_those_of_differences(shape):
    space = EnasMacroSpace(layers=4)
    ours = controller(shape)
    scripts = [ours.sample(space).script, ours.sample(SMALL[2]).script]

    def loss() -> torch.Tensor:
        found = ours.measure(scripts)
        return (found.log_probs.sum(1) * torch.tensor([1.0, -0.7])).sum() + 0.3 * found.entropies.sum()

    ours.measure(scripts)
    gradient = ours.weights.gradient(loss())
    assert (gradient != 0).float().mean() > 0.5
    vector, step = ours.weights.vector, 1e-6
    for place in random.Random(0).sample(range(len(vector)), 60):
        kept = vector[place].item()
        vector[place] = kept + step
        above = loss().item()
        vector[place] = kept - step
        below = loss().item()
        vector[place] = kept
        assert gradient[place].item() == pytest.approx((above - below) / (2 * step), abs=1e-6)


def test_skips_follow_the_papers_formula():
    """Layer 3 of NAS-RL: P(j → i) = sigmoid(vᵀ tanh(W_prev h_j + W_curr h_i)), the LSTM run by torch's own module."""
    space, ours = NasRlSpace(layers=3), controller(Shape(hidden=4, layers=2, spread=0.5))
    drawn = ours.sample(space)
    lstm = torch.nn.LSTM(4, 4, 2, dtype=torch.float64)
    weights = ours.weights
    with torch.no_grad():
        names = ("input", "recurrent", "input bias", "recurrent bias")
        for parameter, (layer, name) in zip(lstm.parameters(), itertools.product((0, 1), names), strict=True):
            parameter.copy_(weights[f"{name} {layer}"])
        embedded = [weights["embedding"][0]]
        asked, answers = drawn.script
        for place in range(3):  # layer 1: height, width, filters
            embedded.append(weights["embedding"][ours.token(asked[place], answers[place])])
        for place in range(3, 6):  # layer 2
            embedded.append(weights["embedding"][ours.token(asked[place], answers[place])])
        skip = weights["embedding"][ours.token(asked[6], 1)] if answers[6] else torch.zeros(4, dtype=torch.float64)
        embedded.append(skip / 2)  # one of the one that there was, divided by 1 + 1
        for place in range(7, 10):  # layer 3
            embedded.append(weights["embedding"][ours.token(asked[place], answers[place])])
        hidden, _ = lstm(torch.stack(embedded))
        anchors = {1: hidden[2], 2: hidden[6]}  # the last steps about layers 1 and 2
        current = hidden[10]
        for place, source in ((10, 1), (11, 2)):
            assert asked[place].refs == (None, source)
            inner = torch.tanh(weights["previous"] @ anchors[source] + weights["current"] @ current)
            expected = torch.sigmoid(weights["attention"] @ inner).item()
            assert drawn.probabilities[place][1] == pytest.approx(expected, abs=1e-9)


def test_two_sided_skips_are_sigmoids_of_twice_the_score():
    space = NasRlSpace(layers=2)
    one, two = (controller(Shape(hidden=4, spread=0.5, two_sided=sided)).greedy(space) for sided in (False, True))
    logits = [math.log(drawn.probabilities[6][1] / drawn.probabilities[6][0]) for drawn in (one, two)]
    assert logits[1] == pytest.approx(2 * logits[0])


def test_tanh_and_temperature_bound_the_logits():
    space = NasBench201Space()
    bold = controller(Shape(hidden=4, spread=9.0)).greedy(space)
    calm = controller(Shape(hidden=4, spread=9.0, tanh=0.1)).greedy(space)
    warm = controller(Shape(hidden=4, spread=9.0, temperature=1e6)).greedy(space)
    assert max(bold.probabilities[0]) > 0.9
    assert max(calm.probabilities[0]) / min(calm.probabilities[0]) <= math.exp(0.2) + 1e-9
    assert warm.probabilities[0] == pytest.approx([0.2] * 5, abs=1e-4)


def test_a_larger_space_brings_new_choices_and_keeps_what_was_learnt():
    ours = controller(PLAIN)
    small = ours.sample(NasRlSpace(layers=3))
    before = ours.measure([small.script]).log_probs
    ours.sample(NasRlSpace(layers=5))
    assert torch.allclose(ours.measure([small.script]).log_probs, before, rtol=0, atol=1e-12)


@SHAPES
def test_state_brings_back_every_number(shape):
    space = EnasMacroSpace(layers=4)
    ours = Controller(shape, random.Random(1))
    script = ours.sample(space).script
    other = Controller(shape, random.Random(2))
    other.load(ours.state())
    assert torch.equal(ours.measure([script]).policy, other.measure([script]).policy)
    assert ours.greedy(space) == other.greedy(space)


def test_nothing_of_torchs_own_randomness_is_used():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first = Controller(PLAIN, random.Random(1)).sample(NasBench201Space())
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(4)
    assert Controller(PLAIN, random.Random(1)).sample(NasBench201Space()) == first


def test_decisions_of_a_kind_are_found():
    ours, space = controller(PLAIN), EnasMacroSpace(layers=3)
    found = ours.measure([ours.sample(space).script, ours.sample(EnasMacroSpace(layers=2)).script])
    # Per layer: operation, then a skip from each before the last.
    assert found.of_kind("skip").int().tolist() == [[0, 0, 1, 0, 1, 1], [0, 0, 1, 0, 0, 0]]


def test_more_can_be_drawn_than_has_been_measured():
    """Every pair of small spaces through one controller, in either order."""
    for first, second in itertools.permutations(SMALL, 2):
        ours = controller(PLAIN)
        ours.sample(first)
        drawn = ours.sample(second)
        found = ours.measure([drawn.script])
        assert found.log_probs[0].tolist() == pytest.approx(drawn.log_probs(), abs=1e-9)
