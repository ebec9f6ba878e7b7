"""How an axis writes its values."""

import itertools
import math

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from app.plots.axis import labels, ticks
from app.plots.plot import Plot


@pytest.mark.parametrize(
    ("low", "high", "most", "kind", "expected"),
    [
        (0, 100, 5, "number", ["0", "20", "40", "60", "80", "100"]),
        (55.3, 96.1, 5, "number", ["60", "70", "80", "90"]),
        (-0.3, 0.7, 4, "number", ["−0.25", "0.00", "0.25", "0.50"]),
        (0, 3, 8, "count", ["0", "1", "2", "3"]),
        (0, 25000, 3, "count", ["0", "10\u202f000", "20\u202f000"]),
        (0, 0.9e6, 4, "amount", ["0", "250\u00a0k", "500\u00a0k", "750\u00a0k"]),
        (0, 1_000_000 - 1e-4, 4, "amount", ["0", *(f"{value}\u00a0M" for value in ("0.25", "0.50", "0.75", "1.00"))]),
        (0, 1540, 4, "clock", ["00:00", "10:00", "20:00"]),
        (0, 9, 4, "clock", ["00:00", "00:05"]),
        (-2, 1, 6, "log", ["0.01", "0.1", "1", "10"]),
        (0, 1, 5, "log", ["1", "2", "5", "10"]),
        (0, 3e-5, 4, "number", ["0e0", "1e−5", "2e−5", "3e−5"]),
    ],
)
def test_axes_carry_few_round_numbers(low, high, most, kind, expected) -> None:
    assert labels(ticks(low, high, most, kind), kind) == expected


@pytest.mark.parametrize(("low", "high"), [(0, 0), (1, 0), (math.nan, 1), (0, math.inf)])
def test_no_range_no_numbers(low, high) -> None:
    assert ticks(low, high, 5, "number") == []


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 100.0), (99.9984, 99.9992), (-0.125125, -0.125121), (0.1251, 0.12513), (1e6, 1.0005e6)]
)
@pytest.mark.parametrize("height", [40, 90, 300])
def test_numbers_on_the_left_are_whole_and_apart_from_each_other(qtbot, low, high, height) -> None:
    plot = Plot()
    qtbot.addWidget(plot)
    plot.resize(400, height)
    plot.show()
    plot.frame(0.0, 1.0, low, high)
    QApplication.processEvents()
    axis = plot.left
    metrics = QFontMetricsF(axis.style["tickFont"])
    _, _, texts = axis.generateDrawSpecs(None)
    assert len(texts) >= (1 if height > 40 else 0)
    for rect, _, text in texts:
        assert rect.width() >= metrics.horizontalAdvance(text), text
        assert rect.left() >= 0
    tops = sorted(rect.top() for rect, _, _ in texts)
    assert all(below - above >= metrics.ascent() for above, below in itertools.pairwise(tops))
    plot.frame(0.0, 1.0, 0.0, 100.0)  # and the room is given back
    QApplication.processEvents()
    assert axis.width() == 44
