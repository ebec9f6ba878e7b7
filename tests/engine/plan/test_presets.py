from importlib.resources import files

import pytest

from engine.plan import METHODS, PlanError, check, fields, kind_of, override, preset, presets


def test_the_presets_come_with_the_smallest_data_first_and_those_that_need_none_last():
    known = list(presets().values())
    sizes = ["digits", "fashion-mnist", "cifar10", "cifar100", "folder", ""]
    data = ["" if kind_of(plan.evaluator) == "table" else kind_of(plan.data) for plan in known]
    assert data == sorted(data, key=sizes.index)
    for kind in set(data):
        methods = [
            list(METHODS).index(kind_of(plan.method)) for plan, of in zip(known, data, strict=True) if of == kind
        ]
        assert methods == sorted(methods)
    assert next(iter(presets())) == "darts-digits"


def test_every_preset_can_be_run_as_it_is():
    for name, plan in presets().items():
        check(plan)
        assert plan.name == name
        assert (files("resources") / "presets" / f"{name}.toml").is_file()
        assert preset(name) == plan


def test_a_preset_that_looks_scores_up_says_where():
    for name, plan in presets().items():
        assert plan.benchmark == ("NAS-Bench-201 CIFAR-10" if name.endswith("-nb201") else "")


def test_every_preset_of_the_darts_space_can_take_any_other_method():
    for plan in presets().values():
        for method in ("darts", "evolution", "random") if kind_of(plan.space) == "darts" else ():
            check(override(plan, [f"method={method}"]))


def test_evolution_and_random_search_on_digits_train_their_candidates_alike():
    evolution, random = preset("evolution-digits"), preset("random-digits")
    for part in ("space", "evaluator", "data", "budget", "seed"):
        assert getattr(evolution, part) == getattr(random, part)


def test_evolution_on_digits_keeps_the_population_of_the_paper():
    method = preset("evolution-digits").method
    assert (method.population, method.sample, method.identity_probability) == (100, 25, 0.05)


def test_a_preset_text_says_what_it_changes():
    """Each setting of the method that differs from its default has a comment beside it, since a student may read it."""
    for name, plan in presets().items():
        lines = (files("resources") / "presets" / f"{name}.toml").read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("# ")
        for info in fields(plan):
            section, _, setting = info.path.partition(".")
            if section == "method" and setting and info.value != info.default:
                assert any(line.startswith(f"{setting} = ") and "#" in line for line in lines), (name, info.path)


def test_an_unknown_preset_names_the_close_ones():
    with pytest.raises(PlanError, match=r"no preset 'dart-digits'; did you mean .*darts-digits"):
        preset("dart-digits")
    with pytest.raises(PlanError, match="no preset 'x'; there are darts-digits, "):
        preset("x")
    assert kind_of(preset("darts-digits").method) == "darts"
