import subprocess
import sys

import msgspec
import pytest

from engine.plan import DATASETS, EVALUATORS, METHODS, Budget, Plan, PlanError, fields, kind_of, override, preset
from engine.plan.datasets import Cifar10, Digits
from engine.plan.evaluators.trained import TrainedSettings
from engine.plan.methods.darts import DartsSettings
from engine.plan.methods.evolution import EvolutionSettings
from engine.space import SPACES
from engine.space.operations import OPERATIONS

SETTINGS = [*METHODS.values(), *DATASETS.values(), *EVALUATORS.values(), *SPACES.values(), Budget, Plan]


def by_path(of) -> dict:
    return {info.path: info for info in fields(of)}


def test_a_type_gives_its_own_fields():
    found = by_path(DartsSettings)
    assert list(found) == [field.name for field in msgspec.structs.fields(DartsSettings)]
    rate = found["w_lr"]
    assert (rate.kind, rate.default, rate.value, rate.low, rate.high) == ("float", 0.025, 0.025, 0.0, 10.0)
    assert "learning rate" in rate.label
    assert "A.1" in rate.source
    assert found["batch"].unit == "images"
    assert (found["order"].kind, found["order"].choices) == ("choice", ("first", "second"))


def test_a_plan_gives_its_sections_and_what_is_in_them():
    plan = override(preset("evolution-digits"), ["method.sample=7"])
    found = by_path(plan)
    assert list(found)[:4] == ["name", "space", "space.nodes", "space.operations"]
    method = found["method"]
    assert (method.kind, method.value, method.choices) == ("section", "evolution", tuple(METHODS))
    assert (found["method.sample"].default, found["method.sample"].value) == (25, 7)
    assert found["space.operations"].kind == "names"
    assert found["space.operations"].choices == tuple(OPERATIONS)
    assert (found["evaluator"].optional, found["evaluator"].value) == (True, "trained")
    assert found["evaluator.epochs"].value == 2
    assert (found["data.mean"].kind, found["data.mean"].count, found["data.mean"].low) == ("numbers", 1, 0.0)
    assert found["data.flip"].kind == "bool"
    seconds = found["budget.seconds"]
    assert (seconds.kind, seconds.optional, seconds.default, seconds.value) == ("float", True, None, None)
    assert (found["budget"].kind, found["budget"].choices) == ("section", ())
    assert found["device"].choices == ("cpu", "cuda", "mps")


def test_an_empty_section_has_no_fields_below_it():
    found = by_path(preset("darts-digits"))
    assert found["evaluator"].value is None
    assert not any(path.startswith("evaluator.") for path in found)


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings.__name__)
def test_every_setting_explains_itself(settings):
    for info in fields(settings):
        assert info.doc.endswith("."), info.path
        assert info.label[0].isupper(), info.path
        if info.kind in ("int", "float", "numbers"):
            assert info.low is not None, info.path
            assert info.high is not None, info.path


@pytest.mark.parametrize("settings", SETTINGS[:-2], ids=lambda settings: settings.__name__)
def test_every_choice_explains_itself(settings):
    assert settings.title
    assert settings.about.endswith(".")
    assert 1 <= settings.about.count(". ") + 1 <= 4
    assert settings.source or settings is DATASETS["folder"]
    for info in fields(settings):
        assert info.source or info.path == "folder", info.path  # where every default comes from


@pytest.mark.parametrize("registry", [METHODS, DATASETS, EVALUATORS])
def test_registries_know_types_by_the_kind_they_have_in_a_plan(registry: dict):
    assert [kind_of(settings) for settings in registry.values()] == list(registry)


def test_bounds_shown_are_the_bounds_enforced():
    plan = preset("evolution-digits")
    for info in fields(plan):
        if info.kind in ("int", "float"):
            for bound in (info.low, info.high):
                override(plan, [f"{info.path}={bound}"])
            for beyond in (info.low - 1, info.high * 2 + 1):
                with pytest.raises(PlanError, match="must be at"):
                    override(plan, [f"{info.path}={beyond}"])


def test_the_defaults_are_those_of_the_papers():
    """Liu et al. 2019, appendix A.1, and the authors' code; Real et al. 2019."""
    darts = DartsSettings()
    assert (darts.channels, darts.layers, darts.batch, darts.budget.epochs) == (16, 8, 64, 50)
    assert (darts.w_lr, darts.w_lr_min, darts.w_momentum, darts.w_weight_decay, darts.w_clip) == (
        *(0.025, 0.001, 0.9, 3e-4, 5.0),
    )
    assert (darts.alpha_lr, darts.alpha_beta1, darts.alpha_beta2, darts.alpha_weight_decay, darts.alpha_init) == (
        *(3e-4, 0.5, 0.999, 1e-3, 1e-3),
    )
    evolution = EvolutionSettings()
    assert (evolution.population, evolution.sample, evolution.identity_probability) == (100, 25, 0.05)
    trained = TrainedSettings()
    assert (trained.epochs, trained.channels, trained.layers) == (25, 24, 3 * 3 + 2)
    assert round(Cifar10().crop * 32) == 4
    assert not Digits().flip  # a mirrored 2 is no 2


def test_a_form_can_be_built_without_loading_torch_or_qt():
    script = "import sys, engine.plan; sys.exit(any(name in sys.modules for name in ('torch', 'PySide6', 'h5py')))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
