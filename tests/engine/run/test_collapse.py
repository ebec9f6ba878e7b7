"""The rules of the alarm, one by one, on cells and numbers made for them."""

import math

import numpy as np
import pytest

from engine.run.collapse import Composition, Health, Moment, composition, entropies, fault, growth
from engine.space.architecture import CellArchitecture, StackedCell
from engine.space.cells import Cell, Edge, Node

PATIENCE = 10
DECIDED = 0.9


def cell(*operations: str) -> Cell:
    nodes = tuple(Node((Edge(0, a), Edge(1, b))) for a, b in zip(operations[::2], operations[1::2], strict=True))
    return Cell(nodes, tuple(range(2, 2 + len(nodes))))


def moment(step: int, skips: int, pools: int = 0) -> Moment:
    operations = ["skip_connect"] * skips + ["max_pool_3x3"] * pools + ["sep_conv_3x3"] * (8 - skips - pools)
    whole = cell(*["sep_conv_3x3"] * 8)
    return Moment(step, step / 2, CellArchitecture(normal=cell(*operations), reduction=whole))


def test_a_composition_counts_what_edges_carry_and_leaves_none_out():
    made_of = composition(cell("skip_connect", "avg_pool_3x3", "none", "sep_conv_3x3", "skip_connect", "none"))
    assert made_of == Composition(skips=2, pools=1, edges=4)
    assert (made_of.skip_share, made_of.free_share) == (0.5, 0.75)
    assert math.isnan(composition(cell("none", "none")).skip_share)


@pytest.mark.parametrize(
    ("made_of", "text"),
    [
        (Composition(3, 0, 8), ""),
        (Composition(3, 2, 8), ""),
        (Composition(4, 0, 8), "the normal cell is collapsing onto skip connections: 4 of 8 edges are skips"),
        (Composition(6, 2, 8), "the normal cell is collapsing onto skip connections: 6 of 8 edges are skips"),
        (
            Composition(1, 5, 8),
            "the normal cell is collapsing onto operations that learn nothing: 6 of 8 edges are skips and pools",
        ),
        (Composition(1, 0, 1), "the normal cell is collapsing onto skip connections: 1 of 1 edges is a skip"),
        (Composition(0, 0, 0), ""),
    ],
)
def test_a_cell_collapses_from_half_skips_or_three_quarters_free_operations_on(made_of, text):
    assert fault("normal", made_of) == text


def test_an_alarm_waits_an_epoch_and_names_the_last_healthy_look():
    health = Health(PATIENCE)
    for step in (0, 4, 8):
        assert health.look(moment(step, 1), DECIDED) is None
    for step in (12, 16, 20):
        assert health.look(moment(step, 4), DECIDED) is None
    alarm = health.look(moment(24, 6), DECIDED)
    assert alarm is not None
    assert alarm.text.endswith("6 of 8 edges are skips")
    assert alarm.healthy == moment(8, 1)
    assert health.look(moment(28, 7), DECIDED) is None, "it is raised once"


def test_a_cell_that_recovers_may_collapse_again():
    health = Health(PATIENCE)
    alarms = [health.look(moment(step, 5 if 10 <= step < 40 or step >= 50 else 2), DECIDED) for step in range(80)]
    assert [step for step, alarm in enumerate(alarms) if alarm] == [20, 60]
    assert alarms[60].healthy.step == 49


def test_a_short_spell_is_no_alarm():
    health = Health(PATIENCE)
    assert not any(health.look(moment(step, 8 if step % 9 else 0), DECIDED) for step in range(60))


def test_weights_that_are_still_equal_are_not_judged():
    health = Health(PATIENCE)
    assert not any(health.look(moment(step, 8), 0.995) for step in range(40))
    found = [alarm for step in range(40, 60) if (alarm := health.look(moment(step, 8), 0.98))]
    assert [alarm.healthy.step for alarm in found] == [39]


def test_a_search_that_never_was_healthy_has_no_moment_to_go_back_to():
    health = Health(PATIENCE)
    found = [alarm for step in range(20) if (alarm := health.look(moment(step, 6), DECIDED))]
    assert [alarm.healthy for alarm in found] == [None]


def test_the_single_cell_of_a_stacked_network_is_judged():
    stacked = StackedCell(cell=Cell((Node((Edge(0, "skip_connect"),)),), (1,), 1))
    health = Health(0)
    alarm = health.look(Moment(0, 0.0, stacked), DECIDED)
    assert alarm.text == "the cell is collapsing onto skip connections: 1 of 1 edges is a skip"


def test_growth_compares_the_last_five_with_the_five_before():
    assert math.isnan(growth([1.0] * 9))
    assert growth([9.0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]) == pytest.approx(2)
    assert math.isnan(growth([-1.0] * 5 + [2.0] * 5)), "nothing grows out of a negative number"


def test_a_valley_that_grows_sharp_raises_an_alarm_that_goes_back_five_measurements():
    health = Health(PATIENCE)
    values = [0.1] * 8 + [0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.24]
    alarms = [health.measured(moment(12 * place, 0), value) for place, value in enumerate(values)]
    first = next(place for place, alarm in enumerate(alarms) if alarm)
    window = [sum(values[end - 5 : end]) / 5 for end in (first + 1 - 5, first + 1)]
    assert window[1] / window[0] > 1 / 0.75
    assert sum(values[first - 5 : first]) / sum(values[first - 10 : first - 5]) <= 1 / 0.75
    assert alarms[first].healthy.step == 12 * (first - 5)
    assert "the Hessian's largest eigenvalue is" in alarms[first].text
    assert sum(alarm is not None for alarm in alarms) == 1


def test_a_measurement_that_failed_raises_nothing():
    health = Health(PATIENCE)
    values = [0.1] * 5 + [math.nan] * 3 + [1.0] * 2
    assert not any(health.measured(moment(place, 0), value) for place, value in enumerate(values))


def test_entropies_are_means_over_edges_that_have_a_choice():
    nan = math.nan
    weights = np.array([[[0.5, 0.5, nan], [1.0, nan, nan], [0.8, 0.1, 0.1]], [[nan, 1, nan], [nan, nan, 1], [nan] * 3]])
    nats, shares = entropies(weights)
    skewed = -(0.8 * math.log(0.8) + 0.2 * math.log(0.1))
    assert nats[0] == pytest.approx((math.log(2) + skewed) / 2)
    assert shares[0] == pytest.approx((1 + skewed / math.log(3)) / 2)
    assert np.isnan([nats[1], shares[1]]).all()
    assert entropies(np.array([[[1.0, 0.0]]]))[0][0] == 0
