"""The list that an operation is chosen from: opened at the pointer, narrowed by typing."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.editors.architecture.architecture_view import ArchitectureView
from app.graph.kinds import Choice, EdgeRef, NodeRef, Part
from app.theme import Theme

ROWS = 12  # shown at once
WIDTH = 190


def plain(text: str) -> str:
    """A label as somebody types it: small letters, x for ×, no blanks."""
    return text.lower().replace("×", "x").replace("_", "").replace(" ", "")


class OperationChooser(QFrame):
    """A popup with a line to type in. Enter or a click takes a choice, Escape or a click elsewhere none."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("chooser")
        self._take: Callable[[Choice], object] | None = None
        self._leave: Callable[[], object] = _nothing
        self._typed: Callable[[str], Choice | None] = _no_choice
        self._choices: dict[str, Choice] = {}
        self._free = QListWidgetItem()  # what is typed, where that means something that is not in the list
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Type to find")
        self.line.setAccessibleName("Find an operation")
        self.line.textChanged.connect(self._narrow)
        self.line.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Operations")
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda item: self._chosen())
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addWidget(self.line)
        column.addWidget(self.list)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.setStyleSheet(
            f"#chooser {{ background: {theme.raised}; border: 1px solid {theme.border}; border-radius: 6px; }}"
            f"QListWidget {{ background: {theme.raised}; outline: 0; }} QListWidget::item {{ padding: 3px 6px; }}"
            f"QListWidget::item:selected {{ background: {theme.hover}; border-radius: 4px; }}"
            f"QLineEdit {{ background: {theme.surface}; }}"
        )

    def ask(
        self,
        choices: Sequence[Choice],
        current: str,
        at: QPoint,
        take: Callable[[Choice], object],
        leave: Callable[[], object] | None = None,
        typed: Callable[[str], Choice | None] | None = None,
    ) -> None:
        """Offer choices at a point of the screen, one of them marked as current; `take` gets the one that is chosen.

        `leave` is called when the list closes, whether or not something was chosen. `typed` says what a text means that
        is none of the choices.
        """
        self._take, self._leave, self._typed = take, leave or _nothing, typed or _no_choice
        self._choices = {choice.name: choice for choice in choices}
        self.list.clear()
        for choice in choices:
            item = QListWidgetItem(choice.label)
            item.setData(Qt.ItemDataRole.UserRole, choice.name)
            item.setForeground(QColor(self._theme.operation(choice.tint)))
            item.setToolTip(choice.tip)
            self.list.addItem(item)
        self._free = QListWidgetItem()
        self.list.addItem(self._free)
        self.line.clear()
        self._narrow("")
        for row, choice in enumerate(choices):
            if choice.name == current:
                self.list.setCurrentRow(row)
        height = self.list.sizeHintForRow(0) * min(ROWS, len(choices)) + 8
        self.list.setFixedHeight(height)
        self.setFixedWidth(WIDTH)
        self.adjustSize()
        self.move(self._within_screen(at))
        self.show()
        self.line.setFocus()

    @property
    def offered(self) -> list[str]:
        """The names of the choices that are shown."""
        rows = (self.list.item(row) for row in range(self.list.count()))
        return [str(item.data(Qt.ItemDataRole.UserRole)) for item in rows if not item.isHidden()]

    def _narrow(self, text: str) -> None:
        words = plain(text)
        free, best = self._typed(text) if text else None, None
        for row in range(self.list.count()):
            item = self.list.item(row)
            name = str(item.data(Qt.ItemDataRole.UserRole))
            fits = words in plain(item.text()) or words in plain(name)
            item.setHidden(not fits)
            if (
                fits
                and item is not self._free
                and (best is None or plain(item.text()).startswith(words) > plain(best.text()).startswith(words))
            ):
                best = item
        self._free.setHidden(free is None)
        if free is not None:
            self._choices[free.name] = free
            self._free.setText(free.label)
            self._free.setData(Qt.ItemDataRole.UserRole, free.name)
        if best is not None or free is not None:
            self.list.setCurrentItem(best or self._free)

    def _chosen(self) -> None:
        item = self.list.currentItem()
        take, self._take = self._take, None
        choice = self._choices.get(str(item.data(Qt.ItemDataRole.UserRole))) if item and not item.isHidden() else None
        self.hide()
        if take is not None and choice is not None:
            take(choice)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter chooses; up and down move through the list while the line keeps the keyboard."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._chosen()
                return True
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self._step(-1 if event.key() == Qt.Key.Key_Up else 1)
                return True
        return super().eventFilter(watched, event)

    def _step(self, by: int) -> None:
        row = self.list.currentRow() + by
        while 0 <= row < self.list.count():
            if not self.list.item(row).isHidden():
                self.list.setCurrentRow(row)
                return
            row += by

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        leave, self._leave = self._leave, _nothing
        leave()

    def _within_screen(self, at: QPoint) -> QPoint:
        room = self.screen().availableGeometry()
        x = min(at.x(), room.right() - self.width())
        y = min(at.y(), room.bottom() - self.height())
        return QPoint(max(room.left(), x), max(room.top(), y))


def _nothing() -> None:
    pass


def _no_choice(text: str) -> None:
    return None


class OperationPicker(QObject):
    """Opens the chooser where it is wanted. `favourites` are offered first, what was chosen last stands ready."""

    def __init__(self, view: ArchitectureView, chooser: OperationChooser) -> None:
        super().__init__(view)
        self.view, self.chooser = view, chooser
        self.document = view.document
        self.favourites: tuple[str, ...] = ()
        self.last = ""

    def operate(self, parts: Iterable[Part], at: QPoint) -> None:
        """Ask what these parts are to carry, at a point of the viewport."""
        parts = frozenset(parts)
        self.document.select(parts)
        choices = self.document.choices(parts)
        if choices:
            self._ask(
                choices,
                self._carried(parts),
                at,
                lambda choice: self.document.choose(parts, choice),
                typed=lambda text: self.document.typed(parts, text),
            )

    def drawn(self, source: NodeRef, target: NodeRef, at: QPoint) -> None:
        """Ask what a new edge is to carry, then draw it; at once where it carries nothing."""
        document, diagram = self.document, source.diagram
        offers = document.offers(diagram, source.number, target.number)
        if not offers:
            document.draw(diagram, source.number, target.number, None)
            return
        self.view.pending = (source, target)
        self._ask(
            offers,
            self.preferred(offers) or "",
            at,
            lambda choice: document.draw(diagram, source.number, target.number, choice.name),
            self._settled,
        )

    def preferred(self, offers: tuple[Choice, ...]) -> str | None:
        """What a new edge most likely carries: what was chosen last, else the first favourite."""
        names = [choice.name for choice in self._ordered(offers)]
        if self.last in names:
            return self.last
        return next((name for name in names if name != "none"), None)

    def _settled(self) -> None:
        self.view.pending = None
        self.view.viewport().update()

    def _carried(self, parts: frozenset[Part]) -> str:
        part = min(parts, key=str)
        diagram = self.document.diagram(part.diagram)
        if isinstance(part, EdgeRef):
            return diagram.edges[part.index].operation or ""
        return diagram.by_number[part.number].operation

    def _ask(
        self,
        choices: tuple[Choice, ...],
        current: str,
        at: QPoint,
        take: Callable[[Choice], object],
        leave: Callable[[], object] | None = None,
        typed: Callable[[str], Choice | None] | None = None,
    ) -> None:
        def taken(choice: Choice) -> None:
            self.last = choice.name
            take(choice)

        self.chooser.ask(self._ordered(choices), current, self.view.viewport().mapToGlobal(at), taken, leave, typed)

    def _ordered(self, choices: tuple[Choice, ...]) -> list[Choice]:
        own = self.favourites
        return sorted(choices, key=lambda choice: own.index(choice.name) if choice.name in own else len(own))
