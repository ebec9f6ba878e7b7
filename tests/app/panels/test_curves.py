"""The Curves panel: what is drawn for which group, what the legend says, and the selected candidate's own curve."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from app import theme as themes
from app.panels.curves import Curves
from engine.session import Header, Recorder


@pytest.fixture
def panel(qtbot) -> Curves:
    panel = Curves()
    qtbot.addWidget(panel)
    panel.resize(600, 300)
    panel.show()
    return panel


def drawn(panel: Curves) -> dict[str, list[tuple[int, float]]]:
    """What is shown, as (step, value) by the names of the curves."""
    result: dict[str, list[tuple[int, float]]] = {}
    for name, _, step, _, value in panel.data()[1]:
        result.setdefault(name, []).append((step, value))
    return result


def test_begins_with_accuracy_in_percent(panel, one_shot) -> None:
    one_shot.step(25)
    panel.show_view(one_shot.recorder.view(), None)
    assert panel._groups.names == ("accuracy", "loss", "learning rate")
    assert panel._groups.value == "accuracy"
    assert panel.chart.legend.quantity.text() == "accuracy, %"
    assert set(drawn(panel)) == {"train", "validation", "validation (epoch)", "best (epoch)"}
    assert drawn(panel)["train"][:3] == [(0, 0.0), (1, 50.0), (2, pytest.approx(100 * 2 / 3))]


def test_best_so_far_never_falls_and_is_reached(panel, one_shot) -> None:
    one_shot.step(200)
    panel.show_view(one_shot.recorder.view(), None)
    epochs = [value for _, value in drawn(panel)["validation (epoch)"]]
    best = [value for _, value in drawn(panel)["best (epoch)"]]
    assert best == [max(epochs[: place + 1]) for place in range(len(epochs))]
    assert best != epochs


def test_an_evolution_begins_with_scores_and_their_best(panel, evolution) -> None:
    evolution.candidate(20)
    panel.show_view(evolution.recorder.view(), None)
    assert panel._groups.value == "score"
    scores = [value for _, value in drawn(panel)["candidates"]]
    np.testing.assert_array_equal(scores, evolution.scores)
    assert drawn(panel)["best"][-1] == (19, np.nanmax(evolution.scores))
    assert not panel.side.isVisible()


def test_a_selected_candidates_own_curve_stands_beside(panel, evolution) -> None:
    evolution.candidate(20)
    panel.show_view(evolution.recorder.view(), 12)
    assert panel.side.isVisible()
    assert panel._caption.text().startswith("#12 · accuracy, %")
    assert "validation</span>" in panel._caption.text()
    own = [row for row in panel.data()[1] if row[0] == "validation"]
    assert [(row[1], row[2], row[4]) for row in own] == [(12, 0, 50.0), (12, 1, 51.0), (12, 2, 52.0)]
    panel.show_view(evolution.recorder.view(), None)
    assert not panel.side.isVisible()
    assert "validation" not in drawn(panel)


def test_where_only_candidates_speak_their_curves_are_drawn_together(panel, evolution) -> None:
    evolution.candidate(8)
    panel.choose("loss")
    panel.show_view(evolution.recorder.view(), 3)
    (family, chosen) = panel.chart.plot.shown()
    assert family.kind == "family"
    rows = [row for row in panel.data()[1] if row[1] == 5]
    assert [row[4] for row in rows] == [2.0, 1.0, pytest.approx(2 / 3)]
    assert chosen.key == (0, 3)
    assert chosen.y.tolist() == pytest.approx([2.0, 1.0, 2 / 3])
    assert not panel.side.isVisible()


def test_any_scalar_appears_in_the_group_of_its_unit(panel) -> None:
    recorder = Recorder(Header(), None)
    recorder.scalar("gradient norm", 3.0, step=0)
    recorder.scalar("temperature", 21.0, step=0, unit="°C")
    recorder.scalar("room", 19.0, step=0, unit="°C")
    panel.show_view(recorder.view(), None)
    assert panel._groups.names == ("other", "°C")
    panel.choose("°C")
    assert set(drawn(panel)) == {"temperature", "room"}
    assert panel.chart.legend.quantity.text() == "°C"


def test_the_legend_says_the_value_at_the_end_and_under_the_mouse(panel, one_shot) -> None:
    one_shot.step(50)
    panel.choose("loss")
    panel.show_view(one_shot.recorder.view(), None)
    assert [(entry.name, entry.value) for entry in panel.chart.legend.shown] == [
        ("train", pytest.approx(2.3 / 50 + 0.1))
    ]
    panel.chart.plot.hovered.emit(QPointF(9.4, 1.0))
    assert panel.chart.legend.shown[0].value == pytest.approx(2.3 / 10 + 0.1)
    assert panel.chart.plot.bottom.name == "step 9"
    panel.chart.plot.hovered.emit(None)
    assert panel.chart.legend.shown[0].value == pytest.approx(2.3 / 50 + 0.1)


def test_a_click_in_the_legend_hides_a_curve(panel, one_shot) -> None:
    one_shot.step(15)
    panel.show_view(one_shot.recorder.view(), None)
    button = next(button for button in panel.chart.legend._buttons if button.objectName() == "validation")
    button.click()
    assert "validation" not in drawn(panel)
    assert "train" in drawn(panel)
    button.click()
    assert "validation" in drawn(panel)


def test_dense_curves_are_smoothed_and_keep_their_values_behind(panel, one_shot) -> None:
    one_shot.step(400)
    panel.choose("learning rate")
    panel.show_view(one_shot.recorder.view(), None)
    (curve,) = panel.chart.plot.shown()
    reach = int(400 * 0.008)
    for place in (0, 200, 399):
        expected = curve.y[max(0, place - reach) : place + reach + 1].mean()
        assert panel.chart.plot.reading(curve, float(curve.x[place])) == pytest.approx(expected)
    next(action for action in panel._levels.actions() if action.text() == "off").trigger()
    assert panel.chart.plot.reading(curve, 200.0) == curve.y[200]
    x, y = panel.chart.plot.line(curve.key)
    assert (x[-1], y[-1]) == (399, curve.y[-1])


def test_the_logarithmic_scale_leaves_out_what_is_not_positive(panel) -> None:
    recorder = Recorder(Header(), None)
    for step, value in enumerate((0.0, 10.0, 1000.0)):
        recorder.scalar("train loss", value, step=step)
    panel._log.trigger()
    panel.show_view(recorder.view(), None)
    _, y = panel.chart.plot.line((0, -1))
    np.testing.assert_allclose(y, [np.nan, 1.0, 3.0])
    assert "100" in panel.chart.plot.left.shown_labels
    assert drawn(panel)["train"] == [(0, 0.0), (1, 10.0), (2, 1000.0)]


def test_replay_draws_a_cursor_and_keeps_the_room_for_what_comes(panel, one_shot) -> None:
    one_shot.step(100)
    source = one_shot.recorder
    source.end += 10.0  # ten seconds later
    panel.show_view(source.view(), None)
    assert panel.chart.plot.cursor is None
    halfway = float(source.tables["weights"].published[0]["time"][49])
    panel.show_view(source.view(halfway), None)
    assert panel.chart.plot.cursor == 49
    assert panel.chart.plot.sight()[1] > 99
    panel._axis.choose("time")
    panel.redraw()
    assert panel.chart.plot.cursor == pytest.approx(halfway)


def test_the_theme_reaches_the_curves(panel, one_shot) -> None:
    one_shot.step(15)
    panel.show_view(one_shot.recorder.view(), None)
    for theme in themes.THEMES.values():
        panel.set_theme(theme)
        colours = {curve.name: curve.colour for curve in panel.chart.plot.shown()}
        assert (colours["train"], colours["validation"], colours["best (epoch)"]) == (
            theme.accent,
            theme.warning,
            theme.good,
        )


def test_the_legend_says_where_it_reads_a_mean(panel, one_shot) -> None:
    one_shot.step(400)
    panel.show_view(one_shot.recorder.view(), None)
    texts = [button.text() for button in panel.chart.legend._buttons if button.isVisible()]
    assert texts[0].startswith("train, mean  9")
    assert texts[1].startswith("validation, mean  8")
    assert texts[2].startswith("validation (epoch)  ")
    assert "running mean" in panel.chart.legend._buttons[0].toolTip()
    next(action for action in panel._levels.actions() if action.text() == "off").trigger()
    assert [button.text().split("  ")[0] for button in panel.chart.legend._buttons[:2]] == ["train", "validation"]
    assert "mean" not in panel.chart.legend._buttons[0].toolTip()


def test_the_best_of_a_stage_begins_anew(panel) -> None:
    recorder = Recorder(Header(), None)
    recorder.derived(b"{}", step=0)
    for step, (stage, score) in enumerate(
        ((1, 60.0), (1, 97.0), (1, 90.0), (2, 12.0), (2, 70.0), (2, 50.0), (3, 80.0))
    ):
        recorder.scalar("stage", float(stage), step=step)
        recorder.scalar("validation accuracy (epoch)", score, step=step, unit="%")
    panel.choose("accuracy")
    panel.show_view(recorder.view(), None)
    assert [value for _, value in drawn(panel)["best (epoch)"]] == [60.0, 97.0, 97.0, 12.0, 70.0, 70.0, 80.0]


def hue(colour: str) -> float:
    """In degrees; NaN for what has nearly none."""
    found = QColor(colour)
    return found.hsvHueF() * 360 if found.hsvSaturationF() > 0.25 else float("nan")


SERIES = {
    "DARTS": ("train accuracy", "validation accuracy", "validation accuracy (epoch)"),
    "P-DARTS": ("stage", "train accuracy", "validation accuracy (epoch)", "skip dropout", "validation accuracy"),
    "PC-DARTS": (
        "train accuracy",
        "validation accuracy (epoch)",
        "validation accuracy",
    ),  # the architecture rests first
    "ENAS": ("shared train accuracy", "shared validation accuracy"),
}


def test_series_of_one_plot_differ_in_hue_and_are_alike_in_every_method(panel) -> None:
    for theme in (themes.DARK, themes.LIGHT):
        panel.set_theme(theme)
        seen: dict[str, str] = {}
        for names in SERIES.values():
            recorder = Recorder(Header(), None)
            for step in range(2):
                for name in names:
                    recorder.scalar(name, 50.0 + step, step=step, unit="%" if "accuracy" in name else "")
            panel.choose("accuracy")
            panel.show_view(recorder.view(), None)
            colours = {curve.name: curve.colour for curve in panel.chart.plot.shown()}
            for one, other in itertools.combinations(colours.values(), 2):
                apart = abs(hue(one) - hue(other)) % 360
                assert not min(apart, 360 - apart) < 25, (theme.name, colours)  # or one of them is grey
            for name, colour in colours.items():
                assert seen.setdefault(name, colour) == colour
        assert {"train", "validation", "validation (epoch)", "best (epoch)"} <= set(seen)
