"""The section of the instruments: known to TOML and to overrides, absent from plans written before there was one."""

import pytest

from engine.plan import Instruments, PlanError, dumps, loads, override, preset


def test_a_plan_without_the_section_has_the_defaults():
    text = dumps(preset("darts-digits"))
    older = text[: text.index("[instruments]")]
    assert "hessian" not in older
    assert loads(older).instruments == Instruments()


def test_settings_are_set_by_key_and_written_out():
    plan = override(preset("darts-digits"), ["instruments.hessian_every=24", "instruments.stop=true"])
    assert (plan.instruments.hessian_every, plan.instruments.stop) == (24, True)
    assert loads(dumps(plan)) == plan


@pytest.mark.parametrize(
    ("assignment", "line"),
    [
        ("instruments.hessian_evry=1", "did you mean instruments.hessian_every?"),
        ("instruments.hessian_batch=1", "must be at least 2, got 1"),
        ("instruments.stop=perhaps", "must be true or false, got 'perhaps'"),
    ],
)
def test_faults_name_the_setting(assignment, line):
    with pytest.raises(PlanError, match="instruments") as caught:
        override(preset("darts-digits"), [assignment])
    assert line in str(caught.value)
