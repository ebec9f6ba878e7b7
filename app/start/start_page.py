"""The page in place of empty panels: ways to begin a search on top, and below all sessions of a folder."""

from collections.abc import Mapping, Sequence
from random import Random
from time import time

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme as themes
from app.graph.thumbnail import Thumbnail, paint_thumbnail, thumbnail
from app.start.session_cards import GAP, ORDERS, SessionCards, SessionModel
from app.start.session_index import Entry, Note
from app.theme import Theme
from app.widgets.labels import ElidedLabel, in_lines, label
from app.widgets.panel_header import tool
from engine.space import SPACES, arch_string, library
from engine.words import count, size

WAYS = {
    "digits": ("Digits", "Watch DARTS think, within a minute"),
    "images": ("My images", "A folder, with one folder in it for each class"),
    "benchmark": ("A benchmark", "NAS‑Bench‑201: a whole search in seconds"),
    "space": ("My own space", "Draw what may be, then search in it"),
    "file": ("A file", "A session, a plan or a genotype; or drop it here"),
}
"""The ways to begin: what each is called, and a few words on it."""

BENCHMARKED = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
"""A cell of NAS-Bench-201 with a bit of everything."""

NOTHING = (
    "No sessions here yet. Every search that you start is kept as one file, and stands here as a card: to be replayed, "
    "compared, tagged and found again."
)
NO_MATCH = "No session is like that."
EDGE, BESIDE = 28, 4  # pixels around the page, and right of the scroll bar


class Way(QAbstractButton):
    """A large button: what it is called, and a few words in up to two lines."""

    def __init__(self, title: str, words: str) -> None:
        super().__init__()
        self.theme = themes.DARK
        self.picture: Thumbnail | None = None
        self._title, self._words = title, words
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, 82 if self.picture is None else 182)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def show_picture(self, picture: Thumbnail | None) -> None:
        """Be higher, with a picture below the words; an empty one stands for images. None: be low again."""
        self.picture = picture
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = 2.0 if self.hasFocus() else 1.0
        lit = self.underMouse()
        painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.line if lit else theme.border), wide))
        painter.setBrush(QColor(theme.hover if self.isDown() else theme.raised if lit else theme.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(wide / 2, wide / 2, -wide / 2, -wide / 2), 7, 7)
        room = self.rect().adjusted(14, 11, -12, -8)
        painter.setPen(QColor(theme.text))
        painter.setFont(themes.font(themes.TITLE, "bold"))
        title = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room.left(), room.top() + painter.fontMetrics().ascent(), title)
        painter.setPen(QColor(theme.muted))
        painter.setFont(themes.font(themes.SMALL + 1))
        metrics = painter.fontMetrics()
        for number, line in enumerate(in_lines(self._words, metrics, room.width(), 2)):
            painter.drawText(room.left(), room.top() + 24 + metrics.ascent() + number * (metrics.height() + 1), line)
        if self.picture is not None:
            self._paint_picture(painter, QRectF(room.adjusted(4, 74, -6, -6)))

    def _paint_picture(self, painter: QPainter, room: QRectF) -> None:
        if self.picture:
            paint_thumbnail(painter, self.picture, room, self.theme)
            return
        step, colours = (room.height() + 8) / 3, self.theme.categories
        painter.setPen(Qt.PenStyle.NoPen)
        for row in range(3):  # of images, one row for each class
            painter.setBrush(QColor(colours[row]))
            for column in range(min(7 - 2 * (row % 2), int(room.width() / step))):
                corner = QPointF(room.left() + column * step, room.top() + row * step)
                painter.setOpacity(1 - 0.11 * column)
                painter.drawRoundedRect(QRectF(corner, QSizeF(step - 8, step - 8)), 3, 3)


def examples() -> dict[str, Thumbnail]:
    """Pictures for the ways to begin, where there is nothing else to see yet. From any thread."""
    space = SPACES["hierarchical"]()
    known = {each.name: each.architecture for each in library.cells()}
    return {
        "digits": thumbnail(known["DARTS V2"])[:1],
        "benchmark": thumbnail(arch_string.parse(BENCHMARKED)),
        "space": thumbnail(space.decode(space.sample(Random(0)))),
        "file": thumbnail(known["DARTS RNN V2"]),
    }


class StartPage(QFrame):
    """What a person sees while nothing is open. It says what is wanted and does nothing itself.

    `begun` carries one of WAYS; `opened`, `delete_requested` and `compare_requested` carry files of the folder.
    """

    begun = Signal(str)
    opened = Signal(str)
    compare_requested = Signal(list)
    delete_requested = Signal(list)
    undo_requested = Signal()
    folder_requested = Signal()
    left = Signal()
    """A person wants to see what is behind the page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start")
        self.setAccessibleName("Start page")
        self.setAutoFillBackground(True)
        self.model = SessionModel()
        self.cards = SessionCards(self.model)
        self.ways = {name: Way(*words) for name, words in WAYS.items()}
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for name, way in self.ways.items():
            way.clicked.connect(lambda checked=False, name=name: self.begun.emit(name))
            row.addWidget(way)
        self._bar = self._make_bar()
        self._nothing = QLabel(NOTHING)
        self._nothing.setProperty("role", "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setMaximumWidth(560)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.cards)
        self._stack.addWidget(self._nothing)
        self._footer, self._said, self.undo = QFrame(), ElidedLabel(), QPushButton("Undo")
        self._footer.setProperty("role", "bar")
        self.folder = QPushButton("Choose folder…")
        self.folder.setToolTip("Choose the folder that sessions are listed from and saved in")
        self.folder.clicked.connect(self.folder_requested)
        self.undo.clicked.connect(self.undo_requested)
        self.undo.hide()
        foot = QHBoxLayout(self._footer)
        foot.setContentsMargins(EDGE, 6, EDGE, 6)
        foot.addWidget(self._said, 1)
        foot.addWidget(self.undo)
        foot.addWidget(self.folder)
        column = QVBoxLayout()
        column.setContentsMargins(EDGE, 18, BESIDE, 0)
        column.setSpacing(0)
        column.addWidget(_heading("Start a search"))
        about = ElidedLabel()
        about.setText("Everything you start is kept as one file, and can be replayed.")
        column.addWidget(about)
        column.addSpacing(10)
        row.setContentsMargins(0, 0, EDGE - BESIDE, 0)
        column.addLayout(row)
        column.addSpacing(18)
        column.addWidget(self._bar)
        column.addSpacing(10)
        column.addWidget(self._stack, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(column, 1)
        whole.addWidget(self._footer)

        self._add_actions()
        self.cards.opened.connect(self.opened)
        self.cards.delete_requested.connect(lambda: self.delete_requested.emit(self.chosen()))
        self.cards.passed_top.connect(self.search.setFocus)
        self.model.ticked.connect(self._show_ticks)
        self.model.modelReset.connect(self._show_counts)
        find = QShortcut(QKeySequence.StandardKey.Find, self, self._find)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.place = ""
        """The name of the folder."""
        self._show_ticks()
        self._show_counts()

    def _make_bar(self) -> QWidget:
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find by name, method, data, tag …")
        self.search.setAccessibleName("Find sessions by name, method, data, tag or note")
        self.search.setToolTip("Find by name, method, data, tag or note (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(160)
        self.search.setMaximumWidth(420)
        self.search.textChanged.connect(self._narrow)
        self.groups, self.sort = QComboBox(), QComboBox()
        self.groups.setAccessibleName("Which sessions are listed")
        self.groups.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.groups.activated.connect(self._narrow)
        self.sort.setAccessibleName("Order of the sessions")
        self.sort.addItems(ORDERS)
        self.sort.activated.connect(self._narrow)
        self.compare = QPushButton()
        self.compare.setToolTip("Draw the best so far of the ticked sessions on one axis")
        self.compare.clicked.connect(lambda: self.compare_requested.emit(self.ticked()))
        self.more = tool("⋯", "What can be done with the session under the keyboard")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for box in (self.groups, self.sort):
            box.view().setAccessibleName(box.accessibleName())
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, EDGE - BESIDE, 0)
        row.setSpacing(8)
        row.addWidget(_heading("Sessions"))
        row.addSpacing(10)
        row.addWidget(self.search, 3)
        row.addWidget(self.groups)
        row.addWidget(self.sort)
        row.addStretch(1)
        row.addWidget(self.compare)
        row.addWidget(self.more)
        return bar

    def _add_actions(self) -> None:
        """What can be done with a card, in its menu and by key."""
        cards = self.cards
        for text, keys, do in (
            ("Open", "", lambda: self.opened.emit(cards.current.file) if cards.current else None),
            ("Rename…", "F2", lambda: cards.write("name")),
            ("Tags…", "F3", lambda: cards.write("tags")),
            ("Note…", "F4", lambda: cards.write("note")),
            ("Move to the trash", "", lambda: self.delete_requested.emit(self.chosen())),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda checked=False, do=do: do())
            cards.addAction(action)
            self.more.addAction(action)

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours; those of the style sheet do for most."""
        for way in self.ways.values():
            way.theme = theme
            way.update()
        self.cards.set_theme(theme)
        self._bar.setStyleSheet(
            f"QLineEdit, QComboBox {{ background: {theme.surface}; border-color: {theme.border}; }}"
            f"QLineEdit:hover, QComboBox:hover {{ background: {theme.raised}; }}"
            f"QLineEdit:focus, QComboBox:focus {{ border-color: {theme.accent}; }}"
        )

    # -- what is shown

    def show_sessions(self, place: str, entries: Sequence[Entry], notes: Mapping[str, Note]) -> None:
        """List the sessions of a folder, whose name is `place`."""
        self.place = place
        self.model.show_sessions(entries, notes)
        if entries:
            self.show_pictures({})
        self._show_counts()

    def update_sessions(self, found: Sequence[Entry]) -> None:
        """More is known of some sessions."""
        self.model.update(found)
        self._show_counts()

    def show_pictures(self, found: Mapping[str, Thumbnail]) -> None:
        """Show these on the ways to begin, as long as there are no sessions to look at."""
        for name, way in self.ways.items():
            way.show_picture(None if self.model.entries else found.get(name, ()))

    def show_time(self) -> None:
        """Say anew how long ago things were."""
        self.model.now = time()
        self.cards.viewport().update()

    def show_notes(self, notes: Mapping[str, Note]) -> None:
        """What is noted about the sessions, as it is now."""
        self.model.notes = notes
        self.model.refresh()
        self._show_counts()

    def say(self, line: str, undo: bool = False) -> None:
        """Say something in the last line, until the next thing is said; "": where the sessions are."""
        self._line, self._undo = line, undo
        self.undo.setVisible(undo)
        self._show_counts()

    _line, _undo = "", False

    def ticked(self) -> list[str]:
        """The files that are ticked, in the order shown; those that the filter hides come last."""
        shown = [entry.file for entry in self.model.rows if entry.file in self.model.ticks]
        return shown + sorted(self.model.ticks - set(shown))

    def chosen(self) -> list[str]:
        """The files that a command is about: the current card's, and all that are ticked if it is."""
        current = self.cards.current
        if current is None:
            return []
        return self.ticked() if current.file in self.model.ticks else [current.file]

    @property
    def said(self) -> str:
        """What the last line says."""
        return self._said.full_text

    def take_focus(self) -> None:
        """Put the keyboard on the sessions, or on the first way to begin where there are none."""
        self.cards.select_first()
        (self.cards if self.model.rows else self.ways["digits"]).setFocus()

    def _show_counts(self) -> None:
        entries = self.model.entries.values()
        groups = self.model.groups()
        if self.model.group and self.model.group not in groups:
            self.model.group = ""
            self.model.refresh()
            return
        texts = [f"all {len(entries)}", *(f"{group} {number}" for group, number in groups.items())]
        if texts != [self.groups.itemText(n) for n in range(self.groups.count())]:
            self.groups.clear()
            for text, group in zip(texts, ("", *groups), strict=True):
                self.groups.addItem(text, group)
        self.groups.setCurrentIndex(max(0, self.groups.findData(self.model.group)))
        self._nothing.setText(NO_MATCH if entries else NOTHING)
        self._stack.setCurrentIndex(0 if self.model.rows else 1)
        for widget in (self.search, self.groups, self.sort, self.compare, self.more):
            widget.setVisible(bool(entries))
        waiting = sum(not entry.known for entry in entries)
        parts = [f"Sessions in {self.place}" if self.place else ""]
        if entries:
            parts += [count(len(entries), "file"), size(sum(entry.size for entry in entries))]
        if waiting:
            parts.append(f"{waiting} of them still to be read")
        self._said.setText(self._line or " · ".join(filter(None, parts)))

    def _show_ticks(self) -> None:
        number = len(self.model.ticks)
        self.compare.setText(f"Compare {number}" if number else "Compare")
        self.compare.setEnabled(number > 1)
        self.compare.setProperty("primary", number > 1)
        self.compare.style().unpolish(self.compare)
        self.compare.style().polish(self.compare)

    def _narrow(self) -> None:
        model = self.model
        model.words = tuple(self.search.text().casefold().split())
        model.group, model.order = self.groups.currentData() or "", self.sort.currentText()
        model.refresh()
        self._show_counts()

    def _find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes a search back, then leaves; Down and Enter lead from the search to what was found. Other keys
        that nothing here wants are not for what is behind either."""
        key = event.key()
        if key == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
            event.ignore()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.model.rows:
            self.take_focus()


def _heading(text: str) -> QLabel:
    result = label(text, "title")
    result.setFont(themes.font(17, "bold"))
    result.setStyleSheet("font-size: 17px;")
    return result
