"""NAO's net: only members of a space are decoded, steps go up the gradient; architectures in other words."""

import random

import numpy as np
import pytest
import torch

from engine.search.nao import twin
from engine.search.surrogates.autoencoder import Autoencoder, Sizes
from engine.search.surrogates.encoding import Vocabulary, generator
from engine.space.spaces import SPACES

every = pytest.mark.parametrize("kind", SPACES)


def net(kind: str, hidden: int = 12, shared: bool = True, seed: int = 0, dropout: float = 0.0) -> Autoencoder:
    space = SPACES[kind]()
    sizes = Sizes(embed=8, decoder_embed=10, hidden=hidden, predictor=12, layers=1, dropout=dropout)
    return Autoencoder(space, Vocabulary(space, shared), sizes, generator(random.Random(seed)))


@every
def test_whatever_point_is_decoded_is_a_member_of_the_space(kind):
    space, source = SPACES[kind](), torch.Generator().manual_seed(1)
    one = net(kind)
    for parameter in one.parameters():
        parameter.data.mul_(5)  # or an untrained net answers the same to everything
    places = len(space.at(0))
    noise = torch.randn(12, places, 12, generator=source)
    outputs = torch.nn.functional.normalize(torch.randn(12, 1, 12, generator=source) + 0.3 * noise, dim=-1)
    decoded = one.decode(outputs)
    for decisions in decoded:
        space.decode(decisions)
    assert len(set(decoded)) > 1


def test_decoding_takes_the_most_probable_of_the_open_choices():
    space, one = SPACES["darts"](), net("darts")
    members = [space.sample(random.Random(seed)) for seed in range(6)]
    with torch.no_grad():
        outputs = one.encode(one.tokens(members))
        decoded = one.decode(outputs)
        logits = one._logits(outputs, one.embed(outputs), one.tokens(decoded))
    vocabulary = Vocabulary(space, True)
    for row, decisions in enumerate(decoded):
        for place, decision in enumerate(space.questions(decisions)):
            numbers = list(vocabulary.numbers(place, decision))
            assert int(logits[row, place, numbers].argmax()) == decisions[place]


@pytest.mark.slow
def test_it_learns_to_say_what_it_read_and_what_it_scores():
    space, one = SPACES["nasbench201"](), net("nasbench201", hidden=32, shared=False)
    members = [space.sample(random.Random(seed)) for seed in range(12)]
    scores = np.array([0.1 + 0.8 * member.count(3) / 6 for member in members])
    losses = one.fit(members, scores, 0.8, 80, 0.02, 0.0, 1000)
    with torch.no_grad():
        outputs = one.encode(one.tokens(members))
        assert sum(a == b for a, b in zip(one.decode(outputs), members, strict=True)) > 8
        expected = one.predict(one.embed(outputs)).double().numpy()
    assert np.abs(expected - scores).mean() < 0.1
    assert losses.prediction < 0.03
    moved = one.climb(outputs, 1.0)
    with torch.no_grad():
        assert float((one.predict(one.embed(moved)) > one.predict(one.embed(outputs))).float().mean()) > 0.9


def test_a_step_follows_the_gradient_of_finite_differences():
    one = net("nasbench201").double()
    space = SPACES["nasbench201"]()
    with torch.no_grad():
        outputs = one.encode(one.tokens([space.sample(random.Random(1))]))
        gradient = torch.zeros_like(outputs)
        for at in np.ndindex(*outputs.shape):
            values = []
            for sign in (1, -1):
                other = outputs.clone()
                other[at] += sign * 1e-5
                values.append(float(one.predict(one.embed(other))))
            gradient[at] = (values[0] - values[1]) / 2e-5
        expected = torch.nn.functional.normalize(outputs + 3.0 * gradient, dim=-1)
    torch.testing.assert_close(one.climb(outputs, 3.0), expected, rtol=1e-6, atol=1e-8)


def test_unscored_architectures_are_for_the_decoder_alone():
    space = SPACES["nasbench201"]()
    members = [space.sample(random.Random(seed)) for seed in range(8)]
    one = net("nasbench201")
    before = [parameter.clone() for parameter in one.predictor.parameters()]
    one.fit(members, np.full(8, np.nan), 0.8, 3, 0.01, 0.0, 4)
    assert all(torch.equal(old, new) for old, new in zip(before, one.predictor.parameters(), strict=True))
    assert not torch.equal(net("nasbench201").choose.weight, one.choose.weight)


def test_it_goes_on_from_its_state_and_leaves_torch_alone():
    space = SPACES["enas-rnn"]()
    members = [space.sample(random.Random(seed)) for seed in range(9)]
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    one, other = net("enas-rnn", seed=1, dropout=0.2), net("enas-rnn", seed=2)
    one.fit(members, np.linspace(0, 1, 9), 0.8, 2, 0.01, 0.0, 4)
    other.restore(one.state())
    assert torch.equal(torch.rand(1), expected)
    with torch.no_grad():
        assert torch.equal(one.encode(one.tokens(members)), other.encode(other.tokens(members)))


@every
def test_twins_are_the_same_graph_in_other_words(kind):
    space, rng = SPACES[kind](), random.Random(kind)
    found = 0
    for _ in range(20):
        decisions = space.sample(rng)
        if other := twin(space, decisions, rng):
            found += 1
            assert other != decisions
            assert space.canonical(space.decode(other)) == space.canonical(space.decode(decisions))
    if kind in ("nasnet", "amoebanet", "pnas", "enas-micro", "nao"):  # either order of a node's inputs is decided
        assert found > 15
