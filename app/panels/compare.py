"""Several sessions on one axis: what each plan had found by then, over its seeds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from app.panels.candidate_label import DescribedPanel
from app.panels.compare_list import SessionList
from app.panels.split_view import SplitView
from app.plots.axis import Kind
from app.plots.legend import Entry as LegendEntry
from app.plots.legend import Legend
from app.plots.spread_plot import Band, SpreadPlot, reading
from app.widgets.layouts import packed, stacked
from app.widgets.panel import Data, Services
from app.widgets.panel_header import tool
from engine.session import View, read
from engine.session.queries.comparison import Spread, Track, spread, track
from engine.words import clock, count, grouped, named

AXES: dict[str, Kind] = {"evaluations": "count", "seconds": "clock", "simulated seconds": "amount"}
TIPS = {
    "evaluations": "Candidates scored",
    "seconds": "Time since the session began",
    "simulated seconds": "What the evaluations took, or would have taken where a benchmark was looked up",
}
VALUES = {
    "score": "The best score, which the search knows",
    "reported": "What a benchmark reports for the candidate with the best score",
}
ONE_SHOT = "trains one network for all architectures and scores no candidates"


class Compare(DescribedPanel):
    """Curves of the best so far, the session that is open among them; the sessions are listed beside."""

    name = "compare"
    title = "Compare"
    dock = ("curves", 4)
    opens = "sampling"
    order = 10
    shortcut = "Ctrl+Alt+1"
    about = (
        "The best so far of several sessions. Those of the same plan and method belong together: the line is their "
        "median over seeds, the shade reaches from the lower to the upper quartile, over the sessions that have got "
        "so far. Believe a difference between two methods when their shades do not overlap over several seeds, on the "
        "same data and within the same budget (Lindauer and Hutter 2020, Best Practices for Research on NAS)."
    )
    reads = ("candidates", "scores", "measures", "series")

    read_requested = Signal(object)
    """The path of a session that a person wants to compare; `add_track` or `refuse` is the answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._here: Track | None = None
        self._bands: list[tuple[Band, Spread]] = []
        self.add_button = tool("Add…", "Add sessions to compare; their files can be dropped here too")
        self.add_button.clicked.connect(self._ask_files)
        self.header.add(self.add_button)
        self.legend, self.plot, self.list = Legend(), SpreadPlot(), SessionList()
        self._value = self.add_choice(tuple(VALUES), VALUES, self.plot)
        self._axis = self.add_choice(tuple(AXES), TIPS, self.plot)
        self.file_actions = self.add_to_menu(
            ("Read the files again", self.read_again), ("Remove all sessions", self.remove_all)
        )
        self.themed += (self.plot, self.list)
        self.legend.toggled.connect(self.redraw)
        self.plot.hovered.connect(self._read)
        self.list.changed.connect(self.redraw)
        sides = SplitView(stacked(self.legend, self.plot, grows=self.plot), self.list, (3, 2))
        packed(QVBoxLayout(self.body), sides, self.line, grows=sides)
        self.set_theme(self.theme)

    # -- sessions

    def add(self, paths: Sequence[Path]) -> None:
        """Ask for these files, but for those that are listed already."""
        for path in paths:
            if self.list.expect(path):
                self.read_requested.emit(path)
        self.redraw()

    def add_track(self, path: Path, found: Track) -> None:
        """A file has been read."""
        if len(found.course):
            self.list.fill(path, found)
        else:
            self.list.refuse(path, ONE_SHOT if found.method else "has no scores")
        if self.list.settled:
            self.redraw()

    def refuse(self, path: Path, reason: str) -> None:
        """A file could not be read, for a reason in one line."""
        self.list.refuse(path, reason)
        if self.list.settled:
            self.redraw()

    def read_again(self) -> None:
        """Read every file once more: searches may have gone on."""
        paths = self.list.paths
        self.list.remove_all()
        self.add(paths)

    def remove_all(self) -> None:
        """Compare no files any more."""
        self.list.remove_all()
        self.redraw()

    def show_view(self, view: View | None, selection: int | None) -> None:
        """Show the files, and the session that is shown at its moment, where it has scores."""
        here = track(view) if view is not None and len(view.rows("scores")) else None
        self._here = here
        self.list.show_here(here)
        super().show_view(view, selection)
        for action in self.file_actions:
            action.setEnabled(bool(self.list.paths))
        if view is None and not self.shown_sentence:
            self._draw()

    def empty(self, view: View | None) -> str:
        if self.list.entries:
            return ""
        return (
            "Add sessions, or drop their files here: the best so far of each plan will be drawn on one axis, "
            "with its spread over seeds."
        )

    def draw(self, view: View, selection: int | None) -> None:
        self._draw()

    def _draw(self) -> None:
        groups = grouped_by_plan(self.list.shown)
        told = any(not np.isnan(each.course.reported).all() for each in self.list.shown)
        self._value.setVisible(told)
        value, axis = self._value.value if told else "score", self._axis.value
        colours = dict(zip(groups, self.theme.categories * len(groups), strict=False))
        self.list.colour({id(each): colours[name] for name, group in groups.items() for each in group})
        self._bands = []
        for name, group in groups.items():
            found = spread([(_along(each, axis), getattr(each.course, value)) for each in group])
            label = f"{name} ×{len(group)}" if len(group) > 1 else name
            self._bands.append((Band(name, label, colours[name], found.x, found.low, found.middle, found.high), found))
        self.plot.draw([band for band, _ in self._bands if band.name not in self.legend.hidden])
        self._read(None)
        self.line.show_text(self._summary(groups))

    def attach(self, services: Services) -> None:
        def read(path: Path) -> None:
            services.do_in_background(
                lambda: _track(path),
                lambda found: self.add_track(path, found),
                lambda error: self.refuse(path, _reason(error, path)),
            )

        self.read_requested.connect(read)
        services.offer_comparison(self, self.add)

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
        counts = {band.key: found.count for band, found in self._bands}
        rows = []
        for band in self.plot.shown:
            columns = (band.x, band.low, band.middle, band.high, counts[band.key])
            rows += [(band.key, *row) for row in zip(*(column.tolist() for column in columns), strict=True)]
        return ["plan", self._axis.value, "lower quartile", "median", "upper quartile", "sessions"], rows

    def _summary(self, groups: dict[str, list[Track]]) -> str:
        tracks = [each for group in groups.values() for each in group]
        parts = [count(len(tracks), "session")]
        if self.list.waiting:
            parts.append(f"reading {self.list.waiting} more")
        ways = sorted({each.scoring for each in tracks if each.scoring})
        if len(ways) > 1:
            parts.append(f"scored in different ways, which cannot be compared: {', '.join(ways)}")
        return " · ".join(parts)

    def _read(self, point: QPointF | None) -> None:
        """Medians into the legend: at the mouse, or at their ends."""
        x, axis = None if point is None else point.x(), self._axis.value
        place = "" if x is None else clock(x) if axis == "seconds" else grouped(max(0, round(x)))
        self.plot.name_axes(AXES[axis], f"{axis} {place}".strip(), "number")
        units = {each.unit for each in self.list.shown}
        unit = units.pop() if len(units) == 1 else ""
        value = self._value.value if not self._value.isHidden() else "score"
        entries = [LegendEntry(band.name, band.colour, reading(band, x)) for band, _ in self._bands if len(band.x)]
        self.legend.show_entries(named(f"best {value}", unit), entries)

    # -- files

    def _ask_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Compare sessions", "", "Session (*.h5 *.hdf5)")
        self.add([Path(name) for name in names])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.add([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])


def grouped_by_plan(tracks: Sequence[Track]) -> dict[str, list[Track]]:
    """Sessions of the same plan and method together, by the plan's name (and the method, where plans share a name)."""
    methods: dict[str, set[str]] = {}
    for each in tracks:
        methods.setdefault(each.plan, set()).add(each.method)
    groups: dict[str, list[Track]] = {}
    for each in tracks:
        name = each.plan if len(methods[each.plan]) == 1 else f"{each.plan} ({each.method})"
        groups.setdefault(name, []).append(each)
    return groups


def _along(each: Track, axis: str) -> np.ndarray:
    """The place of every evaluation along an axis."""
    steps = each.course
    if axis == "evaluations":
        return np.arange(1.0, len(steps) + 1)
    return steps.time if axis == "seconds" else steps.spent


def _track(path: Path) -> Track:
    return track(read(path).view())


def _reason(error: Exception, path: Path) -> str:
    """Why a file could not be read, without its name, which stands beside it."""
    line = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    return line.replace(str(path), "").strip(" :") or "cannot be read"
