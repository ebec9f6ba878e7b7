"""The Architecture weights panel: the last row of weights, what would be kept of it, and the number under the mouse."""

import numpy as np
import pytest

from app.panels.weights import Weights, kept

EDGES = ("k−2→0", "k−1→0", "k−2→1", "k−1→1", "0→1")
OPERATIONS = ("none", "skip_connect", "sep_conv_3x3")


@pytest.fixture
def panel(qtbot) -> Weights:
    panel = Weights()
    qtbot.addWidget(panel)
    panel.resize(380, 280)
    panel.show()
    return panel


def test_the_two_strongest_edges_of_every_node_are_kept_without_none() -> None:
    values = np.array(
        [
            [0.90, 0.04, 0.06],  # node 0 has only two edges: both stay, whatever none weighs
            [0.10, 0.80, 0.10],
            [0.80, 0.05, 0.15],  # node 1: .15 < .30 < .45
            [0.10, 0.45, 0.45 - 1e-6],
            [0.50, 0.20, 0.30],
        ]
    )
    expected = np.zeros((5, 3), bool)
    expected[[0, 1, 3, 4], [2, 1, 1, 2]] = True
    np.testing.assert_array_equal(kept(values, EDGES, OPERATIONS), expected)


def test_an_edge_without_any_operation_is_not_kept() -> None:
    values = np.full((5, 3), 0.2)
    values[[0, 3]] = np.nan
    rows = kept(values, EDGES, OPERATIONS).any(axis=1)
    assert rows.tolist() == [False, True, True, False, True]


def test_shows_the_last_row_of_the_view(panel, one_shot) -> None:
    one_shot.step(5)
    source = one_shot.recorder
    rows = source.view().rows("weights")
    for row in (rows[4], rows[2]):
        panel.look(source.view(float(row["time"])), None)
        names, data = panel.data()
        assert names == ["cell", "edge", "none", "skip", "sep 3×3"]
        assert [line[:2] for line in data] == [("normal", edge) for edge in EDGES]
        np.testing.assert_array_equal([line[2:] for line in data], row["values"][0])
        assert panel.reading.text() == f"share after softmax · step {row['step']}"


def test_narrow_panels_switch_between_the_cells_and_wide_ones_show_both(panel, one_shot) -> None:
    one_shot.step(5)
    panel.look(one_shot.recorder.view(), None)
    assert panel._cell.isVisible()
    panel._cell._take("reduction")
    assert {line[0] for line in panel.data()[1]} == {"reduction"}
    panel.resize(700, 280)
    assert [line[0] for line in panel.data()[1]] == ["normal"] * 5 + ["reduction"] * 5
    assert not panel._cell.isVisible()


def test_the_mouse_reads_a_number_and_finds_the_blank(panel, one_shot, qtbot) -> None:
    one_shot.step(5)
    panel._cell.choose("reduction")
    panel.look(one_shot.recorder.view(), None)
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
        panel.look(one_shot.recorder.view(), None)
        assert panel.scale.shown_labels == ends
        low, high = panel.scale.levels
        assert low <= min(shares) < max(shares) <= high


def test_a_method_without_weights_says_where_to_look(panel, evolution) -> None:
    evolution.candidate()
    panel.look(evolution.recorder.view(), None)
    assert panel.shown_sentence == "This method has no architecture weights; see Population."
    assert not panel._cell.isVisible()
