"""Score against size or cost: which candidates no other one beats in both."""

import numpy as np
from PySide6.QtWidgets import QWidget

from app.panels.candidate_text import counted_in, score_text
from app.panels.points import PointsPanel, best_of, chosen
from app.plots.axis import Kind
from app.plots.plot import padded
from app.plots.scatter import FrontPlot, PointClass
from app.widgets.panel import Data
from engine.session import View
from engine.session.queries.pareto import FIRST, front, hypervolume, reference_point
from engine.session.queries.series import PopulationState, population
from engine.words import NB, amount, grouped, number

CLASSES = (
    PointClass("others", "disc", 5, "muted", 0.5),
    PointClass("front", "disc", 8, "accent"),
    PointClass("best", "ring", 13, "warning"),
    PointClass("selected", "ring", 17, "text"),
)
AXES: dict[str, Kind] = {"parameters": "amount", "MACs": "amount", "seconds": "number"}
"""What a low value is wanted of, and how its values are written."""

UNITS = {"parameters": "parameters", "MACs": "MACs", "seconds": "s"}
TIPS = {
    "parameters": "Score against trained weights, of the network that the search builds",
    "MACs": "Score against multiply-accumulates for one image",
    "seconds": "Score against the duration of the evaluation, simulated where a benchmark is looked up",
}


class Front(PointsPanel):
    """Candidates by price and score, with the front and the area that it dominates."""

    name = "front"
    title = "Front"
    dock = ("candidates", 4)
    opens = "sampling"
    order = 8
    shortcut = "Ctrl+8"
    about = (
        "What a score costs: on the blue front stand the candidates that no other one beats in score and in price at "
        "once. The hypervolume is the area between the front and the reference point, which is the worst price and the "
        f"worst score among the first {FIRST} candidates; it grows with every candidate that moves the front outward. "
        "Look for the bend beyond which a little more score costs a lot "
        "(Zitzler and Thiele 1998; Elsken et al. 2019, LEMONADE)."
    )
    reads = ("candidates", "scores", "measures", "series")

    def __init__(self, parent: QWidget | None = None) -> None:
        self.front_plot = FrontPlot(CLASSES)
        super().__init__(self.front_plot, parent)
        self._price = np.empty(0)
        self._on = np.empty(0, np.int64)
        self.volume = 0.0
        self._axis = self.add_choice(tuple(AXES), TIPS, self.plot)
        self.set_theme(self.theme)

    def empty(self, view: View | None) -> str:
        if view is None:
            return (
                "Scores of candidates against their size or cost will appear here, with those that none beats in both."
            )
        if view.source.header.cells and not len(view.rows("candidates")):
            return "This method trains one network for all architectures; there are no candidates to weigh."
        if not len(view.rows("scores")):
            return "The first candidate is being evaluated; it will appear here with its score."
        state, axis = self.state(view), self._axis.value
        if np.isnan(state.score).all():
            return "No candidate has been scored with success yet."
        if not (~np.isnan(prices(state, axis)) & ~np.isnan(state.score)).any():
            return f"No {axis} are recorded for these candidates; choose another axis."
        return ""

    def draw(self, view: View, selection: int | None) -> None:
        state, axis = self.state(view), self._axis.value
        price, score = prices(state, axis), state.score
        known = ~(np.isnan(price) | np.isnan(score))
        self._price, self._on = price, front(price, score)
        arrived = view.rows("scores")["candidate"]
        reference = reference_point(price[arrived], score[arrived])
        self.volume = hypervolume(price, score, reference) if reference else 0.0
        others = known.copy()
        others[self._on] = False
        for name, numbers in (
            ("others", np.flatnonzero(others)),
            ("front", self._on),
            ("best", best_of(view, known)),
            ("selected", chosen(selection, known)),
        ):
            self.plot.place(name, numbers, price[numbers], score[numbers])
        self.front_plot.draw_front(price[self._on], score[self._on], reference)
        self.plot.name_axes(AXES[axis], axis, "number")
        self.against = counted_in(view, axis)
        self.plot.frame(*self._room(view, axis))
        self.describe()

    def _room(self, view: View, axis: str) -> tuple[float, float, float, float]:
        """Room for the whole session, the same at every moment of a replay."""
        whole = view.source.view()
        state = self.state(view) if view.time >= whole.time else population(whole)
        price = prices(state, axis)
        known = ~(np.isnan(price) | np.isnan(state.score))
        price, score = price[known], state.score[known]
        return (*padded(float(price.min()), float(price.max())), *padded(float(score.min()), float(score.max()), 0.08))

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
        rows = []
        for name in ("others", "front"):
            for who, x, y in zip(*(part.tolist() for part in self.plot.shown(name)), strict=True):
                rows.append((who, x, y, "yes" if name == "front" else ""))
        return ["candidate", self._axis.value, "score", "on the front"], sorted(rows, key=lambda row: row[0])

    def summary(self) -> str:
        view, reference, axis = self.view, self.front_plot.reference, self._axis.value
        if view is None or reference is None:
            return ""
        place = f"{_price(reference[0], axis)} and {score_text(view, reference[1])}"
        size = amount(self.volume) if AXES[axis] == "amount" else number(self.volume)
        return (
            f"{grouped(len(self._on))} of {grouped(len(view.rows('scores')))} on the front · "
            f"hypervolume {size} from {place}"
        )

    def more(self, number: int) -> str:
        return "on the front" if number in self._on else ""


def _price(value: float, axis: str) -> str:
    """0.48 M parameters, 12.5 s."""
    return f"{amount(value) if AXES[axis] == 'amount' else number(value)}{NB}{UNITS[axis]}"


def prices(state: PopulationState, axis: str) -> np.ndarray:
    """What each candidate costs; NaN where that is not known."""
    if axis == "seconds":
        return state.cost
    sizes = (state.parameters if axis == "parameters" else state.macs).astype(float)
    return np.where(sizes > 0, sizes, np.nan)
