"""Two architectures side by side in the same layout: what they share is grey, what differs has a colour."""

from dataclasses import replace

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app import theme as themes
from app.graph.difference import Difference, Side
from app.graph.graph_view import PannedView, grid, union, zoom_into
from app.graph.items import BoxItem, DiagramItem, plate_width
from app.graph.kinds import diagrams
from app.graph.model import titled
from app.icons import icon
from app.theme import Theme
from app.widgets.labels import ElidedLabel
from app.widgets.layouts import packed
from app.widgets.panel_header import tool
from engine.space.architecture import Architecture

RING = 3.0  # from a box to the ring around it
MUCH_LARGER = 1.3  # how many times larger it must be shown for one to stand above the other, not beside it
MEANINGS = {"changed": "changed", "gone": "only left", "new": "only right"}


def colours(theme: Theme) -> dict[str, str]:
    """The colour of each state of a part."""
    return {"same": theme.muted, "changed": theme.warning, "gone": theme.bad, "new": theme.good}


class CompareView(PannedView):
    """Left and right diagrams in two columns. Drag pans, F or a double click fits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pairs: list[Difference] = []
        self._titles = ("", "")
        self.setAccessibleName("Comparison")

    def compare(self, pairs: list[Difference], titles: tuple[str, str]) -> None:
        """Show these diagrams; the titles are those of the two architectures."""
        self.pairs, self._titles = pairs, titles
        self._fitted = True
        self._build()

    def _build(self) -> None:
        for item in self._diagrams:
            self._scene.removeItem(item)
        self._diagrams = []
        theme = replace(self.theme, operations=tuple(colours(self.theme).items()))
        for pair in self.pairs:
            layouts = pair.layouts(plate_width)
            for side, layout, title in zip((pair.left, pair.right), layouts, self._titles, strict=True):
                differing = frozenset(index for index, state in enumerate(side.edges) if state != "same")
                name = f"{titled(side.diagram.name)} of {title}" if title else ""
                item = DiagramItem(side.painted, differing, theme, (), layout, name)
                self._scene.addItem(item)
                self._diagrams.append(item)
        self._scene.setBackgroundBrush(QColor(self.theme.surface))
        self._arrange()

    def _place(self) -> QRectF:
        """Left and right beside each other, pair below pair; or one above the other, where that shows them larger."""
        sizes = [item.boundingRect().size() for item in self._diagrams]
        beside, turned = grid(sizes, 2), grid([*sizes[::2], *sizes[1::2]], len(self.pairs))
        above = [
            place for pair in zip(turned[: len(self.pairs)], turned[len(self.pairs) :], strict=True) for place in pair
        ]
        larger = zoom_into(union(above).size(), self._room()) / zoom_into(union(beside).size(), self._room())
        places = above if larger > MUCH_LARGER else beside
        for item, place in zip(self._diagrams, places, strict=True):
            item.setPos(place.topLeft() - item.boundingRect().topLeft())
        return union(places)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:  # type: ignore[override]
        """Rings around the boxes that differ."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        sides = [side for pair in self.pairs for side in (pair.left, pair.right)]
        for item, side in zip(self._diagrams, sides, strict=True):
            for number, box in item.boxes.items():
                self._ring(painter, box, side, number)

    def _ring(self, painter: QPainter, box: BoxItem, side: Side, number: int) -> None:
        state = side.nodes[number]
        if state != "same":
            painter.setPen(QPen(QColor(colours(self.theme)[state]), 2))
            shape = box.mapRectToScene(box.outline).adjusted(-RING, -RING, RING, RING)
            painter.drawRoundedRect(shape, box.radius + RING, box.radius + RING)


class Comparison(QWidget):
    """The view with a line above: how many edits lie between the two, and what the colours mean."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None, closing: str = "Back to editing (Escape)") -> None:
        super().__init__(parent)
        self.theme = themes.DARK
        self.view = CompareView()
        self.setFocusProxy(self.view)
        self.line = ElidedLabel(self)
        self._legend = QLabel(self)
        self._close = tool("", closing)
        self._close.clicked.connect(self.closed)
        strip = QFrame(self)
        strip.setProperty("role", "bar")
        row = QHBoxLayout(strip)
        row.setContentsMargins(10, 3, 4, 3)
        row.addWidget(self.line, 1)
        row.addWidget(self._legend)
        row.addWidget(self._close)
        packed(QVBoxLayout(self), strip, self.view, grows=self.view)
        self.set_theme(self.theme)

    def compare(self, one: tuple[Architecture, str], other: tuple[Architecture, str]) -> None:
        """Compare two architectures, each with its title, diagram by diagram."""
        pairs = [Difference(left, right) for left, right in zip(diagrams(one[0]), diagrams(other[0]), strict=False)]
        self.view.compare(pairs, (one[1], other[1]))
        self.line.setText(_summary(pairs))
        said = [f"{titled(pair.left.diagram.name)}: {text}" for pair in pairs for text in pair.sentences()]
        self.line.setToolTip("\n".join(said))
        self.view.setAccessibleDescription(". ".join([self.line.full_text, *said]))

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.view.set_theme(theme)
        words = (f'<span style="color:{colours(theme)[state]}">{text}</span>' for state, text in MEANINGS.items())
        self._legend.setText("&nbsp;&nbsp;&nbsp;".join(words))
        self._close.setIcon(icon("close", theme, theme.muted))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


def _summary(pairs: list[Difference]) -> str:
    """Edit distance 8: 3 in the normal cell, 5 in the reduction cell."""
    edits = sum(pair.distance.edits for pair in pairs)
    if not edits:
        return "The same graph, however its nodes are numbered"
    least = "" if all(pair.distance.exact for pair in pairs) else "at most "
    parts = [f"{pair.distance.edits} in the {titled(pair.left.diagram.name)}" for pair in pairs]
    where = f": {', '.join(parts)}" if len(pairs) > 1 else ""
    return f"Edit distance {least}{edits}{where}"
