"""Which choices pay: mean scores by operation and place, and how much each place matters."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.panels.candidate_text import score_text
from app.plots.heatmap import ColourScale, HeatMap
from app.widgets.labels import label
from app.widgets.panel import Data, Panel, Services
from engine.session import View
from engine.session.queries.best import best
from engine.session.queries.choice_scores import ChoiceFold, ChoiceScores
from engine.space.architecture import ArchitectureError, from_bytes
from engine.space.architecture_choices import choices_of
from engine.words import NB, count, grouped

ROW = 14
"""Pixels that a place needs at least; what has no room is scrolled to."""
AT_ONCE = 1_000
"""Scores that are looked at between two frames; more of them are looked at in a thread."""
IMPORTANCE, PLACE = "by importance", "by place"
TIPS = {
    IMPORTANCE: "The places first that tell most of a score",
    PLACE: "Places in the order of the architecture",
}


class Choices(Panel):
    """Places by operations, coloured by mean score. Dots: what the selected candidate has there, else the best."""

    name = "choices"
    title = "Choices"
    dock = ("curves", 6)
    opens = "sampling"
    order = 16
    shortcut = "Ctrl+Alt+7"
    about = (
        "The mean score of all candidates that have an operation at a place; the number beside a place is its "
        "importance: the share of the scores' variance that goes with what stands there, whatever stands elsewhere "
        "(epsilon squared, Kelley 1935). Look for rows with much importance, and in them for bright cells of many "
        "candidates. A search that has learnt looks mostly at what it likes, so its candidates are no even sample; "
        "those of random search are."
    )
    reads = ("candidates", "scores")
    cadence = "slow"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fold: ChoiceFold | None = None
        self._found: ChoiceScores | None = None
        self._services: Services | None = None
        self._busy = False
        self._still = ""
        self._sorting = self.add_choice((IMPORTANCE, PLACE), TIPS)
        self.map, self.scale, self.reading = HeatMap(), ColourScale(), label("", "muted")
        self.themed += (self.map, self.scale)
        self.map.setAccessibleName("Mean scores by place and operation")
        self.map.hovered.connect(self._read)
        self.reading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.map)
        for part in (self._scroll.viewport(), self.map):
            part.setAutoFillBackground(False)  # the panel's own ground is beneath
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 0, 4, 2)
        foot.addWidget(self.reading, 1)
        foot.addWidget(self.scale)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(8, 4, 0, 2)
        layout.setSpacing(2)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(foot)
        self.set_theme(self.theme)

    def attach(self, services: Services) -> None:
        self._services = services

    def empty(self, view: View | None) -> str:
        if view is None:
            return "Which operations pay, and where, will appear here for searches that score candidates."
        if view.source.header.cells and not len(view.rows("candidates")):
            return "This method trains one network for all architectures and scores no candidates; see Weights."
        if self._fold is None or self._fold.source is not view.source:
            self._fold, self._busy = ChoiceFold(view.source), False
        if self._catching_up(self._fold):
            return f"Looking at {count(len(view.source.view().rows('scores')), 'score')} …"
        found = self._fold.at(view)
        self._found = found
        if not found.scores:
            return "The mean scores of what candidates have chosen will appear here with the first scores."
        return "" if found.places else "The candidates of this session cannot be read as architectures."

    def _catching_up(self, fold: ChoiceFold) -> bool:
        """Whether a thread is looking at so many scores that the window would stand still meanwhile."""
        if not self._busy and self._services is not None and fold.behind > AT_ONCE:
            self._busy = True
            self._services.do_in_background(fold.catch_up, lambda _: self._caught_up(fold), self._failed)
        return self._busy

    def _caught_up(self, fold: ChoiceFold) -> None:
        if fold is self._fold:
            self._busy = False
            self.redraw()

    def _failed(self, error: Exception) -> None:
        self._show_fault(str(error))

    def draw(self, view: View, selection: int | None) -> None:
        found, fold = self._found, self._fold
        assert found is not None
        assert fold is not None
        whole = fold.at(view.source.view())
        levels = float(np.nanmin(whole.mean)), float(np.nanmax(whole.mean))
        self.scale.set_levels(levels)
        order = np.arange(len(found.places))
        if self._sorting.value == IMPORTANCE:
            order = np.argsort(-np.nan_to_num(found.importance, nan=-1.0), kind="stable")
        self._found = found = ChoiceScores(
            tuple(found.places[place] for place in order),
            found.options,
            found.mean[order],
            found.spread[order],
            found.count[order],
            found.importance[order],
            found.scores,
        )
        self.map.show_values(
            found.mean,
            tuple(f"{place}  {_share(share)}" for place, share in zip(found.places, found.importance, strict=True)),
            found.options,
            levels=levels,
            chosen=self._chosen(view, selection, found),
            caption="",
        )
        self.map.setMinimumHeight(ROW * len(found.places) + 40)
        who = f"dots: #{self._who}" if self._who is not None else ""
        self._still = " · ".join(filter(None, (f"mean of {count(found.scores, 'score')}", who)))
        self._read(None)

    def _chosen(self, view: View, selection: int | None, found: ChoiceScores) -> np.ndarray:
        """What the selected candidate has chosen, or, where none is, the best."""
        leader = best(view)
        self._who = selection if selection is not None else leader.candidate if leader is not None else None
        marked = np.zeros(found.mean.shape, bool)
        born = view.rows("candidates")
        if self._who is None or self._who >= len(born):
            self._who = None
            return marked
        try:
            has = choices_of(from_bytes(view.bytes(born[self._who]["architecture"])))
        except ArchitectureError:
            return marked
        for row, place in enumerate(found.places):
            for option in has.get(place, ()):
                if option in found.options:
                    marked[row, found.options.index(option)] = True
        return marked

    def data(self) -> Data:
        found = self._found
        if self.shown_sentence or found is None:
            return [], []
        rows = []
        for row, place in enumerate(found.places):
            for column, option in enumerate(found.options):
                if found.count[row, column]:
                    spread, importance = float(found.spread[row, column]), float(found.importance[row])
                    rows.append(
                        (
                            place,
                            "" if np.isnan(importance) else importance,
                            option,
                            float(self.map.values[row, column]),
                            "" if np.isnan(spread) else spread,
                            int(found.count[row, column]),
                        )
                    )
        return ["place", "importance", "choice", "mean score", "standard deviation", "candidates"], rows

    def _read(self, cell: tuple[int, int] | None) -> None:
        """What is under the mouse in words, else what all of it is."""
        found, view = self._found, self.view
        if cell is None or found is None or view is None or cell[0] >= len(found.places):
            self.reading.setText(self._still)
            return
        row, column = cell
        parts = [found.places[row], found.options[column]]
        if number := int(found.count[cell]):
            spread = float(found.spread[cell])
            wide = f"{NB}±{NB}{spread:.1f}" if not np.isnan(spread) else ""
            parts += [f"mean {score_text(view, float(found.mean[cell]))}{wide}", f"of {grouped(number)}"]
        else:
            parts.append("no candidate")
        if not np.isnan(found.importance[row]):
            parts.append(f"importance {_share(float(found.importance[row]))}")
        self.reading.setText(" · ".join(parts))
        self.reading.setToolTip(self.reading.text())


def _share(share: float) -> str:
    """34 %; a dash while too few candidates differ."""
    return "–" if np.isnan(share) else f"{max(0.0, share):.0%}".replace("%", f"{NB}%")
