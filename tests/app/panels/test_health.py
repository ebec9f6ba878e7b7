"""The Health panel: a sentence by the alarm's rules, curves of what was recorded, and the way back."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.panels.health import Health, cost
from engine.session import Header, Recorder
from engine.space.architecture import CellArchitecture, to_bytes
from engine.space.cells import Cell, Edge, Node
from engine.space.darts import DartsSpace
from engine.space.notations import write

SPACE = DartsSpace()


def architecture(skips: int, pools: int = 1) -> CellArchitecture:
    operations = (["skip_connect"] * skips + ["max_pool_3x3"] * pools)[:8]
    operations += ["sep_conv_3x3"] * (8 - len(operations))
    nodes = tuple(Node((Edge(0, a), Edge(1, b))) for a, b in zip(operations[::2], operations[1::2], strict=True))
    cell = Cell(nodes, (2, 3, 4, 5))
    return CellArchitecture(normal=cell, reduction=cell)


class Search:
    """A session that records as the driver does; `look` adds a look of 10 steps later."""

    def __init__(self) -> None:
        header = Header(method="darts", cells=SPACE.cells, edges=SPACE.edge_names(), operations=SPACE.operations)
        self.recorder = Recorder(header, None)
        self.step = -10
        self.healthy = (-1, float("nan"))

    def look(self, skips: int, entropy: float = 90.0, eigenvalue: float | None = None) -> None:
        self.step += 10
        say, step = self.recorder.scalar, self.step
        self.recorder.derived(to_bytes(architecture(skips)), step=step)
        for cell, share in (("normal", entropy), ("reduction", 99.5)):
            say(f"share of most entropy ({cell})", share, step=step, unit="%")
            say(f"share of skips ({cell})", 100 * skips / 8, step=step, unit="%")
            say(f"share of parameter-free ({cell})", 100 * (skips + 1) / 8, step=step, unit="%")
        if skips < 4:
            self.healthy = step, self.recorder.end
        if eigenvalue is not None:
            say("Hessian eigenvalue", eigenvalue, step=step)
            say("Hessian seconds", 0.5, step=step, unit="s")

    def alarm(self, text: str = "the normal cell is collapsing") -> None:
        self.recorder.alarm(self.step, *self.healthy, text)


@pytest.fixture
def search() -> Search:
    return Search()


@pytest.fixture
def panel(qtbot) -> Health:
    panel = Health()
    qtbot.addWidget(panel)
    panel.resize(700, 300)
    panel.show()
    return panel


def said(panel: Health) -> str:
    return panel.sentence.text()


def test_nothing_is_said_before_there_is_something_to_say(panel, search, evolution):
    panel.show_view(None, None)
    assert panel.shown_sentence == "Signs that a search by gradient is collapsing will appear here."
    panel.show_view(search.recorder.view(), None)
    assert panel.shown_sentence == "The first signs will appear here after the first steps."
    evolution.candidate()
    panel.show_view(evolution.recorder.view(), None)
    assert "no architecture weights" in panel.shown_sentence
    assert panel.data() == ([], [])


def test_the_sentence_follows_the_search_from_too_early_to_the_alarm_and_back(panel, search):
    def shown() -> str:
        panel.show_view(search.recorder.view(), None)
        return said(panel)

    search.look(8, entropy=99.9)
    assert shown() == "Too early to tell: the weights of the operations are still nearly equal."
    search.look(1)
    assert shown() == "No sign of collapse. Normal cell: 1 of 8 edges is a skip, 1 is a pool."
    assert not panel.back.isVisible()
    search.look(5)
    assert shown() == (
        "The normal cell is collapsing onto skip connections: 5 of 8 edges are skips. "
        "An alarm follows if that lasts an epoch."
    )
    search.alarm()
    assert shown() == "Alarm at step 21: the normal cell is collapsing."
    assert panel.back.isVisible()
    search.look(2)
    assert shown() == "Healthy again since the alarm at step 21. Normal cell: 2 of 8 edges are skips, 1 is a pool."


def test_a_search_that_learns_nothing_is_told_beside_until_it_is_over(panel, search):
    def shown() -> str:
        panel.show_view(search.recorder.view(), None)
        return said(panel)

    healthy = "No sign of collapse. Normal cell: 1 of 8 edges is a skip, 1 is a pool."
    search.look(1)
    search.recorder.log("epoch 3")
    before = search.recorder.end
    search.recorder.log("nothing is being learnt: 10 %", "warning")
    search.recorder.log("epoch 4")
    assert shown() == f"Nothing is being learnt: 10 %. {healthy}"
    assert panel.theme.warning in panel.sentence.styleSheet()
    panel.show_view(search.recorder.view(before), None)
    assert said(panel) == healthy
    search.recorder.log("scores are above chance again", "good")
    assert shown() == healthy
    search.look(6)
    search.recorder.log("the normal cell is collapsing", "warning")  # as the driver tells an alarm
    search.alarm()
    assert shown() == "Alarm at step 11: the normal cell is collapsing."


def test_the_sentence_wears_the_colour_of_what_it_says(panel, search):
    for skips, colour in ((1, panel.theme.good), (6, panel.theme.warning)):
        search.look(skips)
        panel.show_view(search.recorder.view(), None)
        assert colour in panel.sentence.styleSheet()


def test_curves_are_what_was_recorded_with_the_alarm_and_the_healthy_moment_marked(panel, search):
    for skips in (1, 2, 3, 5, 6):
        search.look(skips)
    search.alarm()
    panel.show_view(search.recorder.view(), None)
    names, rows = panel.data()
    assert names == ["series", "step", "value"]
    assert [row[1:] for row in rows if row[0] == "skips"] == [(10 * n, 12.5 * s) for n, s in enumerate((1, 2, 3, 5, 6))]
    assert [row[2] for row in rows if row[0] == "with pools"] == [25.0, 37.5, 50.0, 75.0, 87.5]
    assert {row[0] for row in rows} == {"state", "skips", "with pools", "normal", "reduction"}
    for name in ("cell", "entropy"):
        assert [x for x, _ in panel.charts[name].plot.uprights] == [40.0, 20.0]


def test_the_cost_of_the_eigenvalue_is_told_and_so_is_its_absence(panel, search):
    chart = panel.charts["sharpness"]
    search.look(1)
    panel.show_view(search.recorder.view(), None)
    assert chart.legend.quantity.text() == "Hessian · not measured"
    assert "Instruments" in chart.legend.toolTip()
    for value in (0.1, 0.2):
        search.look(1, eigenvalue=value)
    panel.show_view(search.recorder.view(), None)
    assert chart.legend.quantity.text().startswith("Hessian · 2 × 0.50")
    assert [row[1:] for row in panel.data()[1] if row[0] == "eigenvalue"] == [(10, 0.1), (20, 0.2)]
    assert cost(np.array([1.0, 2.0, 3.0]), 60.0).replace("\u00a0", " ") == "3 × 2.0 s, 10 % of time"


def test_the_button_leads_to_the_moment_and_the_genotype_is_that_moments(panel, search, qtbot):
    for skips in (1, 2, 3, 5, 6):
        search.look(skips)
    search.alarm()
    panel.show_view(search.recorder.view(), None)
    assert panel.back.text() == "Show the cell of step 21"
    with qtbot.waitSignal(panel.moment_requested) as wanted:
        qtbot.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    then = search.recorder.view(wanted.args[0])
    assert then.bytes(then.rows("derived")[-1]["architecture"]) == to_bytes(architecture(3))
    qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == write(architecture(3))


def test_a_search_that_was_never_healthy_has_no_way_back(panel, search):
    search.look(6)
    search.alarm("the normal cell is collapsing; it has been so since the first look")
    panel.show_view(search.recorder.view(), None)
    assert said(panel).startswith("Alarm at step 1:")
    assert not panel.back.isVisible()


def test_narrow_panels_show_one_plot_and_tall_or_wide_ones_all(panel, search):
    search.look(1)
    panel.show_view(search.recorder.view(), None)
    visible = {name for name, chart in panel.charts.items() if chart.isVisible()}
    assert (visible, panel._which.isVisible()) == ({"cell", "entropy", "sharpness"}, False)
    panel.resize(360, 260)
    assert [name for name, chart in panel.charts.items() if chart.isVisible()] == ["cell"]
    panel._which._take("entropy")
    assert [name for name, chart in panel.charts.items() if chart.isVisible()] == ["entropy"]
    panel.resize(360, 600)
    assert all(chart.isVisible() for chart in panel.charts.values())


def test_replay_shows_what_was_shown_live(qtbot, panel, search):
    def shown(panel: Health) -> str:
        uprights = [chart.plot.uprights for chart in panel.charts.values()]
        legends = [chart.legend.shown for chart in panel.charts.values()]
        return repr((panel.data(), uprights, legends, panel.back.text() if panel.back.isVisible() else ""))

    moments = []
    for number, skips in enumerate((0, 1, 1, 5, 5, 6, 2, 2, 7, 8)):
        search.look(skips, 100 - number, 0.1 * number if number % 2 else None)
        if number in (4, 9):
            search.alarm(f"number {number}")
        panel.show_view(search.recorder.view(), None)
        moments.append((search.recorder.end, shown(panel)))
    assert len({text for _, text in moments}) == 10
    fresh = Health()
    qtbot.addWidget(fresh)
    fresh.resize(700, 300)
    fresh.show()
    for time, expected in moments[::-1] + moments[::3]:
        for one in (panel, fresh):
            one.show_view(search.recorder.view(time), None)
            assert shown(one) == expected
