import msgspec
import pytest

from engine.plan import Budget, Plan, PlanError, check, faults, presets
from engine.plan.datasets import ImageFolder
from engine.plan.evaluators.table import TableSettings
from engine.plan.evaluators.trained import TrainedSettings
from engine.plan.methods.darts import DartsSettings
from engine.plan.methods.evolution import EvolutionSettings
from engine.plan.methods.random_search import RandomSettings
from engine.space.enas_recurrent import EnasRecurrentSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.pnas import PnasSpace

DARTS = Plan(method=DartsSettings(), budget=Budget(epochs=50))
EVOLUTION = Plan(method=EvolutionSettings(), evaluator=TrainedSettings(), budget=Budget(evaluations=500))


@pytest.mark.parametrize(
    "plan",
    [DARTS, EVOLUTION, *(plan for plan in presets().values() if plan.evaluator is None or plan.evaluator.needs_data)],
    ids=lambda plan: plan.name,
)
def test_a_sound_plan_passes(plan: Plan):
    check(plan)
    assert faults(plan) == []


def test_time_alone_is_budget_enough_for_a_sampling_method():
    check(msgspec.structs.replace(EVOLUTION, budget=Budget(seconds=60)))


@pytest.mark.parametrize(
    ("plan", "changes", "key", "message"),
    [
        (
            EVOLUTION,
            {"method": EvolutionSettings(population=10, sample=11)},
            "method.sample",
            "at most method.population",
        ),
        (EVOLUTION, {"evaluator": None}, "evaluator", "evaluator is missing: Regularized evolution needs"),
        (
            EVOLUTION,
            {"budget": Budget()},
            "budget.evaluations",
            "is missing: Regularized evolution needs it, budget.seconds or",
        ),
        (
            EVOLUTION,
            {"budget": Budget(epochs=3, seconds=9)},
            "budget.epochs",
            "must be none: Regularized evolution counts",
        ),
        (
            EVOLUTION,
            {"evaluator": TrainedSettings(layers=2)},
            "evaluator.layers",
            "must be at least 3, for two reduction",
        ),
        (EVOLUTION, {"space": EnasRecurrentSpace()}, "space", "look at images: Digits has no text"),
        (DARTS, {"space": PnasSpace()}, "space", "space must be darts"),
        (DARTS, {"budget": Budget(seconds=60)}, "budget.epochs", "budget.epochs is missing: DARTS needs to know"),
        (DARTS, {"budget": Budget(epochs=1, evaluations=9)}, "budget.evaluations", "must be none: DARTS trains one"),
        (DARTS, {"method": DartsSettings(layers=2)}, "method.layers", "must be at least 3, for two reduction cells"),
        (DARTS, {"method": DartsSettings(w_lr=1e-4)}, "method.w_lr_min", "must be at most method.w_lr (0.0001)"),
        (DARTS, {"data": ImageFolder()}, "data.folder", "data.folder is missing: name the folder"),
        (DARTS, {"data": ImageFolder(folder="x", image=30)}, "data.image", "data.image must be a multiple of 4 pixels"),
        (
            DARTS,
            {"method": DartsSettings(w_momentum=2.0)},
            "method.w_momentum",
            "method.w_momentum must be at most 1, got",
        ),
    ],
)
def test_settings_that_do_not_go_together(plan: Plan, changes: dict, key: str, message: str):
    changed = msgspec.structs.replace(plan, **changes)
    with pytest.raises(PlanError) as caught:
        check(changed)
    assert message in str(caught.value)
    assert caught.value.key == key
    assert [str(fault) for fault in faults(changed)] == [str(caught.value)]


def test_all_faults_are_found_at_once():
    plan = Plan(method=RandomSettings(), data=ImageFolder(image=31))
    assert [fault.key for fault in faults(plan)] == ["evaluator", "budget.evaluations", "data.folder", "data.image"]


def test_an_evaluator_that_a_one_shot_method_does_not_use_is_no_fault():
    check(msgspec.structs.replace(DARTS, evaluator=TrainedSettings()))


TABLE = Plan(
    space=NasBench201Space(),
    method=RandomSettings(),
    evaluator=TableSettings(file="table.h5"),
    budget=Budget(simulated_seconds=12_000.0),
)


def test_simulated_time_alone_is_budget_enough_for_a_sampling_method():
    check(TABLE)
    with pytest.raises(PlanError, match=r"budget\.simulated_seconds must be none: DARTS trains one network"):
        check(msgspec.structs.replace(DARTS, budget=Budget(epochs=1, simulated_seconds=9.0)))


def test_a_table_has_to_be_named():
    with pytest.raises(PlanError, match=r"evaluator\.file is missing: name the file with the table"):
        check(msgspec.structs.replace(TABLE, evaluator=TableSettings(file="")))


def test_the_table_that_ships_is_of_one_space():
    check(msgspec.structs.replace(TABLE, evaluator=TableSettings()))
    with pytest.raises(PlanError, match=r"evaluator\.file is a table of NAS-Bench-201 cells, and the plan"):
        check(msgspec.structs.replace(TABLE, evaluator=TableSettings(), space=DARTS.space))


def test_data_that_are_not_looked_at_need_not_be_there():
    check(msgspec.structs.replace(TABLE, data=ImageFolder()))
    check(msgspec.structs.replace(TABLE, space=EnasRecurrentSpace()))  # whose networks read text
