import pytest

from engine.plan import METHODS, Budget, Plan, PlanError, check, override
from engine.plan.datasets import Cifar10
from engine.plan.evaluators.trained import TrainedSettings
from engine.plan.methods.darts import DartsSettings
from engine.plan.methods.evolution import EvolutionSettings
from engine.plan.methods.random_search import RandomSettings

KINDS = ", ".join(METHODS)
DARTS = Plan(method=DartsSettings(), budget=Budget(epochs=30, seconds=60))


@pytest.mark.parametrize(
    ("assignment", "read"),
    [
        ("method.w_lr=0.1", lambda plan: plan.method.w_lr == 0.1),
        ("method.w_lr=1", lambda plan: plan.method.w_lr == 1.0 and isinstance(plan.method.w_lr, float)),
        (" method.channels = 1_2 ", lambda plan: plan.method.channels == 12),
        ("method.order=first", lambda plan: plan.method.order == "first"),
        ("data.flip=yes", lambda plan: plan.data.flip is True),
        ("data.flip=False", lambda plan: plan.data.flip is False),
        ("data.mean=0.5", lambda plan: plan.data.mean == (0.5,)),
        ("data.mean=[0.5,]", lambda plan: plan.data.mean == (0.5,)),
        ("space.operations=none, skip_connect", lambda plan: plan.space.operations == ("none", "skip_connect")),
        ("space.operations=['none', \"skip_connect\"]", lambda plan: plan.space.operations == ("none", "skip_connect")),
        ("budget.seconds=none", lambda plan: plan.budget == Budget(epochs=30)),
        ("budget.seconds=", lambda plan: plan.budget == Budget(epochs=30)),
        ("name=a = b", lambda plan: plan.name == "a = b"),
        ("device=cuda:3", lambda plan: plan.device == "cuda:3"),
        ("evaluator=trained", lambda plan: plan.evaluator == TrainedSettings()),
        ("evaluator=none", lambda plan: plan.evaluator is None),
        ("data=cifar10", lambda plan: plan.data == Cifar10()),
    ],
)
def test_a_value_is_read_by_the_type_of_its_setting(assignment: str, read):
    changed = override(DARTS, [assignment])
    assert read(changed)


def test_only_what_is_named_changes():
    changed = override(DARTS, ["method.w_lr=0.1", "seed=7"])
    assert changed == Plan(method=DartsSettings(w_lr=0.1), budget=Budget(epochs=30, seconds=60), seed=7)
    assert override(DARTS, []) == DARTS


def test_another_kind_of_method_brings_what_it_needs():
    evolution = override(DARTS, ["method=evolution"])
    assert evolution.method == EvolutionSettings()
    assert evolution.evaluator == TrainedSettings()
    assert evolution.budget == EvolutionSettings.budget
    check(evolution)
    same_family = override(evolution, ["budget.evaluations=9", "evaluator.epochs=1", "method.kind=random"])
    assert same_family.method == RandomSettings()
    assert same_family.budget == Budget(evaluations=9)
    assert same_family.evaluator == TrainedSettings(epochs=1)
    back = override(same_family, ["method=darts"])
    assert (back.evaluator, back.budget) == (None, DartsSettings.budget)
    check(back)


def test_naming_the_kind_that_is_there_changes_nothing():
    plan = Plan(method=DartsSettings(channels=4), budget=Budget(epochs=1))
    assert override(plan, ["method=darts"]) == plan


def test_assignments_follow_each_other():
    assert override(DARTS, ["method=evolution", "method.population=9", "evaluator.channels=4"]).method.population == 9
    with pytest.raises(
        PlanError, match=r"method.population is a setting of evolution, and this plan's method is darts"
    ):
        override(DARTS, ["method.population=9", "method=evolution"])


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("seed", "'seed' sets nothing; write key=value"),
        ("=3", "'=3' sets nothing; write key=value"),
        ("method.w_lr=fast", "method.w_lr must be a number from 0 to 10, got 'fast'"),
        ("method.w_lr=nan", "method.w_lr must be a number from 0 to 10, got nan"),
        ("method.layers=8.5", "method.layers must be a whole number from 1 to 64, got '8.5'"),
        ("method.layers=0", "method.layers must be at least 1, got 0"),
        ("method.layers=none", "method.layers must be a whole number from 1 to 64, got 'none'"),
        ("data.flip=maybe", "data.flip must be true or false, got 'maybe'"),
        ("data.mean=0.1,0.2", "data.mean must be a list of one number from 0 to 1, got [0.1, 0.2]"),
        (
            "space.operations=skip",
            "space.operations: unknown operation 'skip'; did you mean skip_connect, skip_enas or skip_nasnet?",
        ),
        (
            "method=evolutoin",
            f"method.kind must be one of {KINDS}, got 'evolutoin'; did you mean evolution?",
        ),
        ("method=none", f"method.kind must be one of {KINDS}, got 'none'"),
        (
            "budget=3",
            "budget takes no value itself; its settings are budget.epochs, budget.evaluations, budget.seconds",
        ),
        ("method.epoch=3", "unknown key method.epoch; did you mean budget.epochs?"),
        ("seed.x=3", "unknown key seed.x; there are name"),
        ("evaluator.epochs=3", "evaluator.epochs is a setting of trained, and there is no evaluator"),
    ],
)
def test_a_fault_is_one_clear_line(assignment: str, message: str):
    with pytest.raises(PlanError) as caught:
        override(DARTS, [assignment])
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
