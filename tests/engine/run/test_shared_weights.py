"""Sampling searches whose candidates share weights, from the plan to the rows of the session."""

from concurrent.futures import Executor

import pytest

from engine import plan as plans
from engine.plan import METHODS, Plan, PlanError, check
from engine.run import loop
from engine.session import ORIGINS, OUTCOMES, summary
from engine.space.spaces import SPACES

NETWORK = (
    "evaluator=shared",
    "evaluator.channels=2",
    "evaluator.layers=3",
    "evaluator.batch=30",
    "evaluator.evaluations=4",
    "evaluator.images=0",
)
EVOLUTION = plans.preset("evolution-digits")
HELD = ("darts", "nasnet", "amoebanet", "pnas", "enas-micro", "nao", "nasbench201", "enas-macro")
DATA = ("data.test_share=0.9", "threads=1")  # leaves 90 images to train on and 90 to validate on


def shared(*changes: str, space: str = "enas-micro", method: str = "enas") -> Plan:
    """Ten candidates; the weights are trained before the first, the fifth and the ninth."""
    basis = (f"space={space}", f"method={method}", *NETWORK, *DATA, "budget.evaluations=10", "budget.seconds=none")
    small = "space.layers=4" if space == "enas-macro" else "space.nodes=2"
    return plans.override(EVOLUTION, (*basis, *([small] if space in HELD else []), *changes))


def series(view, name: str):
    names = [view.text(row["name"]) for row in view.rows("series")]
    rows = view.rows("scalars")
    return rows[rows["series"] == names.index(name)] if name in names else rows[:0]


ENAS = ("method.derive=2", "method.aggregates=2")
SETTINGS = {"enas": ENAS, "nas-rl": ("method.grow_every=0",), "pnas": ("method.growth=whole",)}


def test_what_the_shared_weights_report_is_the_search_s_own(search):
    view, ending = search(shared(*ENAS))
    assert ending == loop.Ending("finished")
    for name in ("shared train loss", "shared train accuracy", "shared learning rate"):
        rows = series(view, name)
        assert set(rows["candidate"]) == {-1}
        assert rows["step"].tolist() == [3, 6, 9]  # three batches a pass
    assert all(view.rows("scores")["outcome"] == OUTCOMES.index("ok"))
    assert all(view.rows("scores")["parameters"] > 0)


def test_the_last_candidates_are_the_result(search):
    view, _ = search(shared(*ENAS))
    assert [ORIGINS[row] for row in view.rows("candidates")["origin"]] == ["sampled"] * 8 + ["derived"] * 2
    assert series(view, "reward")["step"].tolist() == [2, 4, 6, 8]
    scores = view.rows("scores")["score"]
    found = summary(view)
    assert found.best_candidate == (8 if scores[8] >= scores[9] else 9)
    assert found.best_score == max(scores[8:])


def test_the_same_plan_gives_the_same_search(search, content):
    one, other = (content(search(shared(*ENAS, "evaluator.drop_path=0.2"))[0]) for _ in range(2))
    assert one == other
    assert one != content(search(shared(*ENAS, "evaluator.drop_path=0.2", "seed=1"))[0])


def test_shared_weights_stay_here_whoever_offers_to_evaluate(search, content):
    """Elsewhere they would not have been trained. The executor here refuses whatever it is given."""
    alone, _ = search(shared(*ENAS))
    view, ending = search(shared(*ENAS), executor=Executor())
    assert ending == loop.Ending("finished")
    assert content(view) == content(alone)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "space"),
    [
        *((kind, "nasbench201") for kind, settings in METHODS.items() if not settings.one_shot),
        *(("enas", "darts"), ("enas", "enas-macro"), ("nao", "darts"), ("nas-rl", "enas-macro")),
    ],
)
def test_every_sampling_method_can_share_weights(search, method, space):
    view, ending = search(shared(*SETTINGS.get(method, ()), space=space, method=method))
    assert ending == loop.Ending("finished")
    assert (view.rows("scores")["outcome"] == OUTCOMES.index("ok")).all()
    assert len(view.rows("scores")) == 10
    assert len(series(view, "shared train loss")) == 3


def test_weights_that_diverge_end_the_search_in_one_line(search):
    view, ending = search(
        shared(*ENAS, "evaluator.lr=10", "evaluator.lr_min=10", "evaluator.clip=0", "evaluator.passes=60")
    )
    assert ending == loop.Ending("failed", "the loss of the shared weights is not a number; lower evaluator.lr")
    assert len(view.rows("scores")) == 0


@pytest.mark.parametrize(
    "space",
    sorted(set(SPACES) - set(HELD)),
)
def test_spaces_that_cannot_share_weights_are_refused_before_the_start(space):
    with pytest.raises(PlanError, match=r"^space must be [^\n]*$"):
        check(shared(*ENAS, space=space))


def test_settings_that_do_not_go_together_are_named():
    with pytest.raises(PlanError, match=r"^evaluator.lr_min must be at most evaluator.lr \(0.05\), .*got 0.1"):
        check(shared(*ENAS, "evaluator.lr_min=0.1"))
    with pytest.raises(PlanError, match=r"^method.derive must be less than budget.evaluations \(10\), .*got 10$"):
        check(shared("method.derive=10"))
    check(shared("method.derive=9"))


AUTHORS = ("evaluator.network=authors' search", "evaluator.auxiliary=0")


def test_the_authors_search_network_goes_from_the_plan_to_the_rows(search, content):
    """By --set and by TOML alike, and another search than in the default network."""
    plan = shared(*ENAS, *AUTHORS, "evaluator.rest=1")
    assert plan == plans.loads(plans.dumps(plan))
    view, ending = search(plan)
    assert ending == loop.Ending("finished")
    assert (view.rows("scores")["outcome"] == OUTCOMES.index("ok")).all()
    assert series(view, "shared train loss")["step"].tolist() == [3, 6, 9, 12]
    assert content(view) != content(search(shared(*ENAS, "evaluator.rest=1"))[0])


@pytest.mark.parametrize("space", ["nasbench201", "enas-macro"])
def test_the_authors_search_network_is_refused_for_a_space_of_no_pairs(space):
    with pytest.raises(PlanError, match=r"^evaluator.network must be final: [^\n]*$"):
        check(shared(*ENAS, *AUTHORS, space=space))


def test_the_auxiliary_head_is_refused_for_images_that_are_too_small():
    fault = r"^evaluator.auxiliary must be 0 for images of fewer than 17 pixels, [^\n]*, got 0.4$"
    with pytest.raises(PlanError, match=fault):
        check(shared(*ENAS, *AUTHORS[:1]))
    check(shared(*ENAS, *AUTHORS))
    check(shared(*ENAS))  # the default network has no such head


@pytest.mark.parametrize("setting", ["nas-rl method.grow_every must be 0 for", "pnas method.growth must be whole for"])
def test_networks_that_grow_by_layers_are_refused(setting):
    method, _, fault = setting.partition(" ")
    with pytest.raises(PlanError, match=f"^{fault} evaluator=shared, which cannot hold networks of fewer layers, got "):
        check(shared("space.layers=12", method=method, space="enas-macro"))
    check(shared(method=method, space="enas-micro"))
