"""Parents and children: whose descendants the population is made of, and what was changed from one to the next."""

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.panels.candidate_label import LOW
from app.panels.candidate_text import score_name
from app.panels.points import PointsPanel, best_of, chosen, score_room
from app.plots.plot import padded
from app.plots.scatter import PointClass
from app.plots.tree_plot import SharesPlot, TreePlot
from app.widgets.panel import Data, Services
from engine.session import View
from engine.session.queries.ancestry import Lineage as Families
from engine.session.queries.ancestry import LineageFold, common_ancestor, rows
from engine.words import count, grouped

COLOURS = 6
"""Families that stand out take turns with so many colours; all others are grey."""

KINDS = ("muted", *(f"category {number}" for number in range(COLOURS)))
CLASSES = (
    *(PointClass(f"dead {kind}", "disc", 4, name, 0.75) for kind, name in enumerate(KINDS)),
    PointClass("failed", "cross", 6, "bad", 0.9),
    *(PointClass(f"alive {kind}", "disc", 7, name) for kind, name in enumerate(KINDS)),
    PointClass("best", "ring", 12, "warning"),
    PointClass("selected", "ring", 16, "text"),
)
TIPS = {"score": "Every candidate at the height of its score", "family": "Every subtree in a band of its own"}
SAMPLES = 400
"""Places at which the shares of the families are counted."""


class Lineage(PointsPanel):
    """The tree of candidates; below it each family's share of the living. A click shows what a child has changed."""

    name = "lineage"
    title = "Lineage"
    dock = ("candidates", 3)
    opens = "sampling"
    order = 7
    shortcut = "Ctrl+7"
    about = (
        "Every line joins a child to its parent. Whoever has no parent, or was the best so far, founds a family; those "
        "that have ever held a tenth of the living have a colour, and the strip below shows their shares, with a line "
        "at every takeover, when another family comes to hold more than half. The bright line is the ancestry of the "
        "selected candidate, else of the best; a click shows on the canvas what a child has changed. Takeovers that "
        "come too fast leave no variety, none at all means no progress "
        "(Goldberg and Deb 1991; Real et al. 2019, Regularized Evolution)."
    )
    reads = ("candidates", "scores", "deaths", "measures", "series")
    cadence = "slow"

    compare_requested = Signal(int)
    """The number of a candidate whose difference to its parent a person wants to see."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.tree = TreePlot(CLASSES, KINDS)
        super().__init__(self.tree, parent)
        self._fold: LineageFold | None = None
        self._followed: object = None
        self._families: Families | None = None
        self._rows: tuple[object, np.ndarray] = ((), np.empty(0))
        self._mortal = False
        self._axis = self.add_choice(tuple(TIPS), TIPS, self.plot)
        self.plot.picked.connect(self._compare)
        self.tree.text = self._change
        self.shares = SharesPlot(self.plot)
        self.shares.setToolTip("Share of the living by family")
        self.column.insertWidget(self.column.indexOf(self.line), self.shares)
        self.add_to_menu(  # what a click does, for the keyboard
            ("Select the best", self._select_best),
            ("Select its parent", self._select_parent),
            ("Show what it has changed", lambda: self._compare(self.selection)),
        )
        self.themed.append(self.shares)
        self.set_theme(self.theme)

    def empty(self, view: View | None) -> str:
        if view is None:
            return (
                "The family tree of a search's candidates will grow here, with evolution and what else makes children."
            )
        born = view.rows("candidates")
        if view.source.header.cells and not len(born):
            return "This method trains one network for all architectures; there are no parents and children."
        if not (born["parent"] >= 0).any():
            return (
                "No candidate has a parent yet. Evolution makes children once its first population is scored; "
                "random search and controllers make none."
            )
        return ""

    def draw(self, view: View, selection: int | None) -> None:
        state, families, family = self.state(view), self._at(view), self._axis.value == "family"
        self._families = families
        x = state.candidate.astype(float)
        low, high, bottom = score_room(view)
        failed = state.failed
        if family:
            whole = self._whole(view)
            y, low, high = whole[: len(state)], *padded(0.0, float(np.ceil(whole.max())), 0.03)
        else:
            y = np.where(failed, bottom, state.score)
        colour = np.zeros(len(state), np.int64)
        colour[list(families.prominent)] = 1 + np.arange(len(families.prominent)) % COLOURS
        kind = colour[families.founder]
        there = ~np.isnan(y)
        self.tree.grow(x, y if family else state.score, families.parent, kind)  # no edges down to failures
        for number in range(len(KINDS)):
            mine = there & ~failed & (kind == number)
            for name, members in (("dead", mine & ~state.alive), ("alive", mine & state.alive)):
                self._put(f"{name} {number}", np.flatnonzero(members), x, y)
        best = best_of(view, there & ~failed)
        self._put("failed", np.flatnonzero(there & failed), x, y)
        self._put("best", best, x, y)
        self._put("selected", picked := chosen(selection, there), x, y)
        top = picked if len(picked) else best
        self.tree.trace(families.line(int(top[0])) if len(top) else top, bool(len(picked)))
        self._draw_shares(view, families)
        left, right = padded(0.0, float(len(view.source.view().rows("candidates")) - 1), 0.02)
        self.plot.name_axes("count", "birth order", "number")
        self.plot.left.silent = family
        self.plot.frame(left, right, low, high)
        self.describe()
        self.quantity.setText("families" if family else score_name(view))

    def _fit(self) -> None:
        """The strip of shares is for searches in which somebody dies, and for panels with room for it."""
        self.shares.setVisible(self._mortal and self.height() >= LOW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _put(self, name: str, numbers: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
        self.plot.place(name, numbers, x[numbers], y[numbers])

    def _draw_shares(self, view: View, families: Families) -> None:
        """Each family's share of the living, and the takeovers in both plots."""
        turns = np.array([born for born, _ in families.takeovers], float)
        self.tree.mark(turns)
        self.shares.mark(turns)
        self._mortal = bool(len(view.rows("deaths")))
        self._fit()
        edges = np.unique(np.linspace(0, len(families), SAMPLES).round().astype(np.int64))
        counts = families.living(families.prominent, edges)
        total = np.maximum(counts[-1], 1)
        shares = np.vstack([counts[:-1], (counts[-1] - counts[:-1].sum(axis=0))[None]]) / total
        colours = [self.theme.categories[order % COLOURS] for order in range(len(families.prominent))]
        self.shares.bands.stack(edges.astype(float), shares, [*colours, self.theme.border])

    def attach(self, services: Services) -> None:
        self.compare_requested.connect(services.show_change)

    def data(self) -> Data:
        families, view = self._families, self.view
        if self.shown_sentence or families is None or view is None:
            return [], []
        fates: dict[int, str] = {}
        for kind in CLASSES[:-2]:
            fates.update(dict.fromkeys(self.plot.shown(kind.name)[0].tolist(), kind.name.split()[0]))
        state = self.state(view)
        columns = (state.candidate, families.parent, families.founder, families.generation, state.score)
        data = []
        for number, parent, founder, generation, score in zip(*(column.tolist() for column in columns), strict=True):
            told = "" if score != score else score
            above = "" if parent < 0 else parent
            data.append((number, above, founder, generation, told, fates.get(number, ""), self._change(number)))
        return ["candidate", "parent", "founder", "generation", "score", "state", "change"], data

    def summary(self) -> str:
        families, state = self._families, self._state
        if families is None or state is None:
            return ""
        alive = np.flatnonzero(state.alive)
        clans = len(np.unique(families.founder[alive]))
        parts = [f"{grouped(len(alive))} alive, {count(clans, 'family', 'families')}"]
        if len(alive) > 1 and (shared := common_ancestor(families.parent, alive)) >= 0:
            parts.append(f"all descend from #{shared}")
        if families.takeovers:
            born, founder = families.takeovers[-1]
            parts.append(f"the family of #{founder} took over at #{born - 1}")
        return " · ".join(parts)

    def more(self, number: int) -> str:
        families = self._families
        if families is None or not 0 <= number < len(families) or families.parent[number] < 0:
            return ""
        return f"generation {families.generation[number]} from #{families.founder[number]}"

    def _change(self, number: int) -> str:
        rows = self.view.rows("candidates") if self.view is not None else ()
        return self.view.text(rows[number]["change"]) if self.view is not None and number < len(rows) else ""

    def _select_best(self) -> None:
        for number in self.plot.shown("best")[0].tolist():
            self.selected.emit(number)

    def _select_parent(self) -> None:
        families, number = self._families, self.selection
        if families is not None and number is not None and 0 <= number < len(families) and families.parent[number] >= 0:
            self.selected.emit(int(families.parent[number]))

    def _compare(self, number: int | None) -> None:
        families = self._families
        if number is None or families is None or not 0 <= number < len(families):
            return
        if families.parent[number] >= 0:
            self.compare_requested.emit(number)

    def _at(self, view: View) -> Families:
        if self._fold is None or self._followed is not view.source:
            self._fold, self._followed = LineageFold(view.source), view.source
        return self._fold.at(view)

    def _whole(self, view: View) -> np.ndarray:
        """The row of every candidate of the whole session: they stand still while time moves in a replay."""
        whole = view.source.view()
        stamp = whole.stamp("candidates")
        if self._rows[0] != stamp:
            families = self._at(whole)
            self._rows = (stamp, rows(families.parent, families.generation))
        return self._rows[1]
