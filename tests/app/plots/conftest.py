"""A plot to draw on, and the colour that is seen at a place of it."""

import pytest
from PySide6.QtCore import QPointF

from app.plots.plot import Plot


@pytest.fixture
def plot(qtbot) -> Plot:
    plot = Plot()
    qtbot.addWidget(plot)
    plot.resize(300, 200)
    plot.show()
    plot.frame(0, 10, 0, 10)
    return plot


def colour_at(plot: Plot, x: float, y: float) -> str:
    place = plot.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))
    return plot.grab().toImage().pixelColor(place).name()
