"""What was found in a text, to choose from: shown between the strip and the picture, until one is taken."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.icons import icon
from app.theme import Theme
from app.widgets.labels import ElidedLabel
from app.widgets.panel_header import tool
from engine.space.architecture import Architecture

if TYPE_CHECKING:
    from engine.space.notations import Found

ROWS = 8  # shown at once
MOST = 1_000  # offered
MEASURED = 100  # of which the size is said


class FoundChooser(QFrame):
    """A list of architectures, and of readings where a text has several. Up and down move, letters jump to a name,
    Enter or a click takes one, Escape none."""

    def __init__(
        self,
        size: Callable[[Architecture], str],
        take: Callable[[Architecture, str, str], object],
        parent: QWidget | None = None,
    ) -> None:
        """`size` is what an architecture comes to, in words; `take` gets the one chosen, its title, and how it was
        read."""
        super().__init__(parent)
        self.setObjectName("found")
        self._size, self._take = size, take
        self.title = ElidedLabel(self, role="title")
        self._dismiss = tool("", "Take none (Esc)")
        self._dismiss.clicked.connect(self.dismiss)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Architectures found")
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._chosen)
        self.list.installEventFilter(self)
        row = QHBoxLayout()
        row.addWidget(self.title, 1)
        row.addWidget(self._dismiss)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 6, 8)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.list)
        self.hide()

    def offer(self, found: "Sequence[Found]", where: str, title: str) -> None:
        """Show what was found in `where`, for a person to take one; `title` is what it is called where it is alone."""
        from engine.space.notations import NOTATIONS

        self.list.clear()
        good = sum(bool(one.readings) for one in found)
        for one in found[:MOST]:
            own = [one.title] if len(found) > 1 else []
            for name, architecture in one.readings.items():
                how = NOTATIONS[name].title if name in NOTATIONS else ""
                size = self._size(architecture) if self.list.count() < MEASURED else ""
                chosen = (architecture, one.title if own else title, how)
                self._add([*own, f"as {how}" if one.asks else how, size], one, chosen)
            if one.fault:
                self._add([one.title, one.fault], one, None)
        self.list.setCurrentRow(next(row for row in range(self.list.count()) if self.list.item(row).flags()))
        more = f", of which the first {MOST:,} are shown" if len(found) > MOST else ""
        question = f"{good:,} architectures in {where}{more}: which one?"
        if len(found) == 1:
            several = f"could be {self.list.count()} architectures: which one?"
            half = "could be half of an architecture: are they what stands here?"
            question = f"The numbers in {where} {several if self.list.count() > 1 else half}"
        self.title.setText(question)
        rows = min(ROWS, self.list.count())
        self.list.setFixedHeight(self.list.sizeHintForRow(0) * rows + 2 * self.list.frameWidth() + 2)
        self.show()
        self.list.setFocus()

    def _add(self, parts: list[str], one: "Found", chosen: tuple[Architecture, str, str] | None) -> None:
        """A row; one without a choice says what is wrong."""
        item = QListWidgetItem("   ·   ".join(filter(None, parts)))
        item.setToolTip(f"line {one.line}: {' '.join(one.text.split())[:300]}")
        item.setData(Qt.ItemDataRole.UserRole, chosen)
        if chosen is None:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(item)

    def dismiss(self) -> None:
        """Take none."""
        self.hide()
        self.list.clear()

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self._dismiss.setIcon(icon("close", theme, theme.muted))
        self.setStyleSheet(
            f"#found {{ background: {theme.raised}; border-bottom: 1px solid {theme.border}; }}"
            f"QListWidget {{ background: {theme.raised}; border: 0; outline: 0; }}"
            "QListWidget::item { padding: 3px 6px; }"
            f"QListWidget::item:selected {{ background: {theme.hover}; color: {theme.text}; border-radius: 4px; }}"
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter takes the current one, Escape none."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._chosen(self.list.currentItem())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.dismiss()
                return True
        return super().eventFilter(watched, event)

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is None or not item.flags():
            return
        architecture, title, how = item.data(Qt.ItemDataRole.UserRole)
        self.dismiss()
        self._take(architecture, title, how)
