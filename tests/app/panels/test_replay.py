"""What a panel shows at a moment in replay is what it showed when that moment was now."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.panels.benchmark_rank import BenchmarkRank
from app.panels.candidates import Candidates
from app.panels.choices import Choices
from app.panels.compare import Compare
from app.panels.controller import Controller
from app.panels.curves import Curves
from app.panels.embedding import Embedding
from app.panels.front import Front
from app.panels.health import Health
from app.panels.lineage import Lineage
from app.panels.log import Log
from app.panels.points import PointsPanel
from app.panels.population import Population
from app.panels.surrogate import Surrogate
from app.panels.weights import Weights
from app.widgets.panel import Panel

NEW = (Lineage, Front, BenchmarkRank, Choices, Compare, Controller, Surrogate, Embedding)
DESCENDING = Qt.SortOrder.DescendingOrder


def loss_over_time(panel: Curves) -> None:
    panel.choose("loss")
    panel._axis.choose("time")


PANELS: list[Any] = [
    pytest.param(Curves, lambda panel: None, id="curves"),
    pytest.param(Curves, loss_over_time, id="curves of the loss over time"),
    pytest.param(Curves, lambda panel: panel.choose("accuracy"), id="curves of candidates"),
    pytest.param(Weights, lambda panel: None, id="weights"),
    pytest.param(Weights, lambda panel: panel.show_page(over_time=True), id="weights over time"),
    pytest.param(Population, lambda panel: panel._axis.choose("time"), id="population"),
    pytest.param(Population, lambda panel: panel._axis.choose("age"), id="population by age"),
    pytest.param(Lineage, lambda panel: None, id="lineage"),
    pytest.param(Lineage, lambda panel: panel._axis.choose("family"), id="lineage by family"),
    pytest.param(Front, lambda panel: panel._axis.choose("MACs"), id="front"),
    pytest.param(BenchmarkRank, lambda panel: panel._axis.choose("simulated seconds"), id="standing"),
    pytest.param(Compare, lambda panel: None, id="compare"),
    pytest.param(Choices, lambda panel: None, id="choices"),
    pytest.param(Controller, lambda panel: None, id="controller"),
    pytest.param(Surrogate, lambda panel: panel._which.choose("all"), id="surrogate"),
    pytest.param(Embedding, lambda panel: None, id="embedding"),
    pytest.param(Candidates, lambda panel: None, id="candidates"),
    pytest.param(Candidates, lambda panel: panel.table.sortByColumn(7, DESCENDING), id="candidates by death"),
    pytest.param(Log, lambda panel: None, id="log"),
    pytest.param(Log, lambda panel: panel.filter.setText("2"), id="log filtered"),
]


def shown(panel: Panel) -> str:
    """Everything a panel shows, comparable where NaN is not equal to itself."""
    seen: list[object] = [panel.data(), panel.shown_sentence]
    if isinstance(panel, Curves) and not panel.shown_sentence:
        seen.append(panel.chart.legend.shown)
        for plot in (panel.chart.plot, panel.side):
            seen += [[part.tolist() for part in plot.line(curve.key)] for curve in plot.shown()]
    if isinstance(panel, PointsPanel) and not panel.shown_sentence:
        seen += [panel.said, *(panel.plot.shown(name)[0].tolist() for name in ("best", "selected"))]
    if isinstance(panel, Lineage) and not panel.shown_sentence:
        seen += [panel.tree.edges, panel.tree.line.tolist(), panel.shares.bands.tops.tolist()]
    if isinstance(panel, Front) and not panel.shown_sentence:
        seen += [panel.volume, panel.front_plot.reference, panel.front_plot.stairs.tolist()]
    if isinstance(panel, BenchmarkRank) and not panel.shown_sentence:
        seen += [panel.said, panel.histogram.flags, panel.histogram.counts.tolist()]
    if isinstance(panel, Controller) and not panel.shown_sentence:
        seen += [panel.said, panel.stripes.names, panel.stripes.words]
    if isinstance(panel, Embedding) and not panel.shown_sentence:
        seen += [panel.said, *(ends.tolist() for ends in panel.plot.paths), panel.plot.shown("best")[0].tolist()]
    return repr(seen)


@pytest.mark.parametrize(("kind", "prepare"), PANELS)
@pytest.mark.parametrize("method", ["one-shot", "evolution", "lookup", "learner"])
def test_replay_shows_what_was_shown_live(qtbot, one_shot, evolution, lookup, learner, method, kind, prepare) -> None:
    def fresh() -> Panel:
        panel = kind()
        qtbot.addWidget(panel)
        panel.resize(600, 300)
        prepare(panel)
        return panel

    search = {"one-shot": one_shot, "evolution": evolution, "lookup": lookup, "learner": learner}[method]
    grow = one_shot.step if search is one_shot else search.candidate
    source, live = search.recorder, fresh()
    live.show()
    live.show_view(source.view(), None)
    moments = [(source.end, None, shown(live))]
    for number, amount in enumerate((1, 1, 3, 1, 8, 20, 17, 60)):
        grow(amount)
        selection = 2 * number if number % 2 else None
        live.show_view(source.view(), selection)
        moments.append((source.end, selection, shown(live)))
    assert len({text for _, _, text in moments}) > 1 or live.shown_sentence, "the panel never changed"

    scrubbed = fresh()
    for time, selection, expected in moments[::-1] + moments[::3] + moments[1::2][::-1]:
        for panel in (live, scrubbed):
            panel.show_view(source.view(time), selection)
            assert shown(panel) == expected
    time, selection, expected = moments[4]
    alone = fresh()
    alone.show_view(source.view(time), selection)
    assert shown(alone) == expected


@pytest.mark.parametrize("kind", [Curves, Weights, Health, Population, Candidates, Log, *NEW])
def test_another_session_leaves_no_trace(qtbot, one_shot, evolution, kind: Callable[[], Panel]) -> None:
    one_shot.step(120)
    evolution.candidate(30)
    used, fresh = kind(), kind()
    for panel in (used, fresh):
        qtbot.addWidget(panel)
    used.show_view(one_shot.recorder.view(), None)
    used.show_view(evolution.recorder.view(), 3)
    fresh.show_view(evolution.recorder.view(), 3)
    assert shown(used) == shown(fresh)
    used.show_view(one_shot.recorder.view(), None)
    fresh.show_view(None, None)
    fresh.show_view(one_shot.recorder.view(), None)
    assert shown(used) == shown(fresh)
    used.show_view(None, None)
    assert used.shown_sentence
    assert used.data() == ([], [])
