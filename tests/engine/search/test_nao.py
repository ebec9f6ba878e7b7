"""NAO: rounds, the pool, steps from the best, and the points that show them."""

import math
import random
from typing import Any

from engine.plan.methods.nao import NaoSettings
from engine.search.base import Point, Predicted, Scalar
from engine.search.nao import Nao
from engine.space.nao import NaoSpace
from engine.space.nasbench201 import NasBench201Space

QUICK = {
    **{"initial": 8, "pool": 12, "seeds": 4, "new": 5, "reach": 4, "surplus": 2, "embed": 6, "hidden": 8},
    **{"decoder_embed": 6, "predictor": 8, "predictor_layers": 1, "epochs_first": 6, "epochs": 3, "lr": 0.02},
}
CELLS = NasBench201Space()


def search(space: Any = CELLS, seed: int = 0, **settings: Any) -> Nao:
    return Nao(NaoSettings(**{**QUICK, **settings}), space, random.Random(seed))


def value(decisions: tuple[int, ...]) -> float:
    return 100.0 * sum(choice == 3 for choice in decisions) / len(decisions)


def test_the_net_has_the_sizes_of_paper_and_code():
    """By hand: an LSTM of width H that reads E numbers has 4 H (E + H + 2) weights."""
    net = Nao(NaoSettings(), NaoSpace(), random.Random(0))._net
    sizes = {
        name: sum(weight.numel() for weight in part.parameters())
        for name, part in net.named_children()
        if name not in ("read", "write", "choose")  # which hang on how many tokens there are
    }
    assert sizes == {
        "encoder": 4 * 96 * (32 + 96 + 2),
        "predictor": 97 * 200 + 2 * 201 * 200,
        "score": 201,
        "decoder": 4 * 96 * (96 + 96 + 2),
        "attended": (2 * 96 + 1) * 96,
    }
    assert (net.read.embedding_dim, net.write.embedding_dim) == (32, 96)


def test_no_graph_is_tried_twice_and_all_are_of_the_space():
    method, graphs = search(), []
    for candidate in range(40):
        proposal = method.ask(candidate)
        graphs.append(CELLS.canonical(CELLS.decode(proposal.decisions)))
        method.tell(candidate, value(proposal.decisions))
    assert len(set(graphs)) == 40


def test_steps_begin_at_the_best_and_say_what_they_changed():
    method, told = search(), []
    for candidate in range(30):
        best = [number for _, number in sorted((-score, number) for number, score in told)][:4]
        before = method._rounds
        proposal = method.ask(candidate)
        if candidate < 8:
            assert (proposal.origin, proposal.parent) == ("sampled", -1)
        elif method._rounds > before and proposal.origin == "mutated":
            assert proposal.parent in best
            assert proposal.change
        told.append((candidate, value(proposal.decisions)))
        method.tell(*told[-1])
    assert method._rounds > 2


def test_the_pool_keeps_the_best_and_says_who_leaves():
    method, left, told = search(), [], {}
    for candidate in range(25):
        proposal = method.ask(candidate)
        told[candidate] = None if candidate == 4 else value(proposal.decisions)
        left += method.tell(candidate, math.nan if candidate == 4 else told[candidate])
    scored = {number: score for number, score in told.items() if score is not None}
    assert sorted([*left, *(member.candidate for member in method.pool)]) == sorted(scored)
    assert len(method.pool) == 12
    assert min(member.score for member in method.pool) >= max(scored[number] for number in left)
    assert method.draw() in [member.decisions for member in method.pool]


def test_points_stay_in_one_plane_and_paths_begin_at_candidates():
    method, notes = search(), []
    for candidate in range(24):
        proposal = method.ask(candidate)
        notes += method.notes()
        method.tell(candidate, value(proposal.decisions))
        plane = method._plane
    points = [one for one in notes if isinstance(one, Point)]
    own, paths = [one for one in points if one.step == 0], [one for one in points if one.step]
    assert all(one.candidate >= 0 and one.start == -1 for one in own)
    assert all(one.candidate == -1 and 0 <= one.start < 24 and 1 <= one.step <= 4 for one in paths)
    for one in points:
        assert CELLS.decode(CELLS.encode(one.architecture)) == one.architecture
    assert paths
    other = search(seed=3)
    other.load(method.state())
    assert all((one == two).all() for one, two in zip(plane, other._plane, strict=True))
    names = {one.name for one in notes if isinstance(one, Scalar)}
    assert names >= {"prediction loss", "reconstruction loss"}
    assert any(isinstance(one, Predicted) for one in notes)


def test_both_orders_of_inputs_are_learnt_where_the_space_has_them():
    space = NaoSpace(nodes=2)
    method, seen = search(space), []
    fit = method._net.fit

    def spy(members, *rest):
        seen.append(len(members))
        return fit(members, *rest)

    method._net.fit = spy  # type: ignore[method-assign]
    for candidate in range(9):
        method.tell(candidate, value(method.ask(candidate).decisions))
    assert 14 <= seen[0] <= 16
