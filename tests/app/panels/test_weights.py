"""The Architecture weights panel: the last row of weights, what is derived, what was dropped, one edge over time."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from app.panels.weights import Weights
from engine.session import Header, Recorder
from engine.space.architecture import to_bytes
from engine.space.genotype import parse

EDGES = ("k−2→0", "k−1→0", "k−2→1", "k−1→1", "0→1")
OPERATIONS = ("none", "skip_connect", "sep_conv_3x3")


@pytest.fixture
def panel(qtbot) -> Weights:
    panel = Weights()
    qtbot.addWidget(panel)
    panel.resize(380, 280)
    panel.show()
    return panel


def test_shows_the_last_row_of_the_view(panel, one_shot) -> None:
    one_shot.step(5)
    source = one_shot.recorder
    rows = source.view().rows("weights")
    for row in (rows[4], rows[2]):
        panel.show_view(source.view(float(row["time"])), None)
        names, data = panel.data()
        assert names == ["cell", "edge", "none", "skip", "sep 3×3"]
        assert [line[:2] for line in data] == [("normal", edge) for edge in EDGES]
        np.testing.assert_array_equal([line[2:] for line in data], row["values"][0])
        assert panel.reading.text() == f"step {row['step'] + 1} · softmax"


def test_narrow_panels_switch_between_the_cells_and_wide_ones_show_both(panel, one_shot) -> None:
    one_shot.step(5)
    panel.show_view(one_shot.recorder.view(), None)
    assert panel._cell.isVisible()
    panel._cell._take("reduction")
    assert {line[0] for line in panel.data()[1]} == {"reduction"}
    panel.resize(700, 280)
    assert [line[0] for line in panel.data()[1]] == ["normal"] * 5 + ["reduction"] * 5
    assert not panel._cell.isVisible()


def test_the_mouse_reads_a_number_and_finds_the_blank(panel, one_shot, qtbot) -> None:
    one_shot.step(5)
    panel._cell.choose("reduction")
    panel.show_view(one_shot.recorder.view(), None)
    panel._cell._take("reduction")
    heat = next(heat for heat in panel._maps if heat.isVisible())
    qtbot.mouseMove(heat, heat.centre(1, 2).toPoint())
    value = one_shot.recorder.view().rows("weights")["values"][-1, 1, 1, 2]
    assert panel.reading.text() == f"k−1→0 · sep 3×3 · {value:.3f}"
    qtbot.mouseMove(heat, heat.centre(2, 0).toPoint())
    assert panel.reading.text() == "k−2→1 · none · absent"


def test_the_scale_lies_around_equal_shares_and_holds_all_values(panel, one_shot) -> None:
    for shares, ends in (
        ([0.333, 0.333, 0.334], ["0.331", "0.335"]),
        ([0.325, 0.335, 0.340], ["0.323", "0.343"]),
        ([0.20, 0.30, 0.50], ["0.133", "0.533"]),
        ([0.01, 0.02, 0.97], ["0", "1"]),
    ):
        one_shot.recorder.weights(np.broadcast_to(shares, (2, 5, 3)), step=0)
        panel.show_view(one_shot.recorder.view(), None)
        assert panel.scale.shown_labels == ends
        low, high = panel.scale.levels
        assert low <= min(shares) < max(shares) <= high


def test_a_method_without_weights_says_where_to_look(panel, evolution) -> None:
    evolution.candidate()
    panel.show_view(evolution.recorder.view(), None)
    assert panel.shown_sentence == "This method has no architecture weights; see Population."
    assert not panel._cell.isVisible()


GENOTYPE = (
    "Genotype(normal=[('skip_connect', 0), ('sep_conv_3x3', 1), ('skip_connect', 2), ('sep_conv_3x3', 0)], "
    "normal_concat=[2, 3], reduce=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('skip_connect', 1)], reduce_concat=[2, 3])"
)


@pytest.fixture
def stages():
    """Six looks; from the fourth on, at step 31, the third edge of the normal cell has no "none" any more."""
    recorder = Recorder(
        Header(method="pdarts", cells=("normal", "reduction"), edges=EDGES, operations=OPERATIONS), None
    )
    recorder.derived(to_bytes(parse(GENOTYPE)), step=0)
    for look in range(6):
        weights = np.full((2, 5, 3), 1 / 3)
        weights[0, 2] = (0.2, 0.3 - look / 100, 0.5 + look / 100)
        weights[1, 4, 1] = np.nan  # never offered
        if look >= 3:
            weights[0, 2] = (np.nan, 0.4, 0.6)
        recorder.weights(weights, step=10 * look)
    return recorder


def edge_names_in_bright(heat) -> list[str]:
    return [name for name, row in zip(heat.rows, heat.chosen, strict=True) if row.any()]


def test_dots_are_what_the_search_has_derived(panel, stages) -> None:
    panel.show_view(stages.view(), None)
    heat = panel._maps[0]
    assert edge_names_in_bright(heat) == ["k−2→0", "k−1→0", "k−2→1", "0→1"]
    assert [heat.columns[column] for _, column in np.argwhere(heat.chosen)] == ["skip", "sep 3×3", "sep 3×3", "skip"]


def test_what_was_dropped_is_hatched_and_says_when(panel, stages, qtbot) -> None:
    rows = stages.view().rows("weights")
    panel.show_view(stages.view(float(rows["time"][2])), None)
    assert panel._maps[0].dropped == {}
    assert panel.reading.text() == "step 21 · softmax"
    panel.show_view(stages.view(), None)
    heat = panel._maps[0]
    assert heat.dropped == {(2, 0): "dropped at step 31, as stage 2 began"}
    assert panel.reading.text() == "step 51 · stage 2 · 1 dropped"
    for column in (1, 0):
        qtbot.mouseMove(heat, heat.centre(2, column).toPoint())
    assert panel.reading.text() == "k−2→1 · none · dropped at step 31, as stage 2 began"
    panel._cell._take("reduction")
    assert panel._maps[1].dropped == {}, "what an edge never carried was not dropped"
    picture = heat.grab().toImage()
    gone = {picture.pixelColor(heat.centre(2, 0).toPoint() + QPoint(x, y)).name() for x in range(4) for y in range(4)}
    assert len(gone) > 1, "hatched"


def test_the_tooltip_of_a_dropped_operation_says_when(panel, stages, qtbot) -> None:
    panel.show_view(stages.view(), None)
    heat = panel._maps[0]
    place = heat.centre(2, 0).toPoint()
    QApplication.sendEvent(heat, QHelpEvent(QEvent.Type.ToolTip, place, heat.mapToGlobal(place)))
    assert QToolTip.text() == "dropped at step 31, as stage 2 began"


def test_a_click_on_a_row_shows_that_edge_over_time(panel, stages, qtbot) -> None:
    panel.show_view(stages.view(), None)
    heat = panel._maps[0]
    qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=heat.centre(2, 1).toPoint())
    assert (panel.course.edge.value, panel._cell.value) == ("k−2→1", "normal")
    assert panel.course.chart.plot.isVisible()
    assert not heat.isVisible()
    names, rows = panel.data()
    assert names == ["cell", "edge", "operation", "step", "seconds", "share"]
    shares = stages.view().rows("weights")["values"][:, 0, 2]
    assert [row[5] for row in rows if row[2] == "sep 3×3"] == shares[:, 2].astype(float).tolist()
    assert [row[3] for row in rows if row[2] == "none"] == [0, 10, 20], "its curve ends where it was dropped"
    assert panel.course.chart.plot.uprights == [(30.0, "stage 2")]
    legend = {entry.name: entry.value for entry in panel.course.chart.legend.shown}
    assert np.isnan(legend["none"])
    assert legend["skip"] == pytest.approx(0.4)
    panel.course.edge._take("0→1")
    assert {row[1] for row in panel.data()[1]} == {"0→1"}
    qtbot.mouseClick(panel.course.back, Qt.MouseButton.LeftButton)
    assert heat.isVisible()
    turn = panel.menu.actions()[0]
    assert turn.text() == "Show one edge over time"
    turn.trigger()
    assert panel.course.chart.plot.isVisible()
    assert turn.text() == "Show the map of all edges"


def test_replay_over_time_shows_what_was_shown_live(panel, stages, qtbot) -> None:
    panel.show_view(stages.view(), None)
    panel._maps[0].clicked.emit(2)
    shown = []
    times = stages.view().rows("weights")["time"]
    for time in times:
        panel.show_view(stages.view(float(time)), None)
        shown.append((repr(panel.data()), panel.course.chart.plot.uprights))
    assert len(set(map(str, shown))) == 6
    for time, before in list(zip(times, shown, strict=True))[::-1]:
        panel.show_view(stages.view(float(time)), None)
        assert (repr(panel.data()), panel.course.chart.plot.uprights) == before
