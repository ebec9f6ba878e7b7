"""Sessions as cards: a model of what is known of them, and a view that draws those in sight, however many there are."""

from collections.abc import Iterable, Mapping
from time import time

import msgspec
from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app import theme as themes
from app.graph.thumbnail import Thumbnail, paint_thumbnail, thumbnail
from app.icons import icon
from app.start.session_index import LONGEST_NOTE, Entry, Note
from app.theme import Theme
from app.widgets.labels import in_lines
from engine.space.architecture import from_bytes

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

ORDERS = ("newest first", "oldest first", "best first", "by name", "by method", "by data")
NARROWEST, HIGH = 290, 206  # of a card with the gap beside it
GAP, PAD, BOX = 14, 14, 14  # between cards; within a card; of the tick box
MOST_PICTURES = 2000
NOTE_FIELDS = {"name": "Name", "tags": "Tags, with commas between them", "note": "A note"}
"""What can be written on a card, and what is said while there is nothing."""

_STATES = {"running": "accent", "paused": "warning", "finished": "good", "interrupted": "warning", "failed": "bad"}


class SessionModel(QAbstractListModel):
    """The sessions that are listed: those that the filter lets through, in an order. Ticks are kept by file."""

    ticked = Signal()
    """Other sessions are ticked."""
    noted = Signal(str, object)
    """A person has written on the card of a file; with the Note as it is to be."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, Entry] = {}
        self.notes: Mapping[str, Note] = {}
        self.rows: list[Entry] = []
        self.ticks: set[str] = set()
        self.now = time()
        self.field = "name"
        """What of a card is written when it is edited, one of NOTE_FIELDS."""
        self.words: tuple[str, ...] = ()
        self.group, self.order = "", ORDERS[0]

    # -- what is known

    def show_sessions(self, entries: Iterable[Entry], notes: Mapping[str, Note]) -> None:
        """List these sessions, and no others."""
        self.entries = {entry.file: entry for entry in entries}
        self.notes, self.now = notes, time()
        if self.ticks - self.entries.keys():
            self.ticks &= self.entries.keys()
            self.ticked.emit()
        self.refresh()

    def update(self, found: Iterable[Entry]) -> None:
        """More is known of some sessions."""
        self.entries.update((entry.file, entry) for entry in found if entry.file in self.entries)
        self.refresh()

    def refresh(self) -> None:
        """Filter and sort again; where the same cards stay in the same places, only their content changes."""
        rows = [entry for entry in self.entries.values() if self._wanted(entry)]
        rows.sort(key=self._key)
        same = [entry.file for entry in rows] == [entry.file for entry in self.rows]
        if not same:
            self.beginResetModel()
        self.rows = rows
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def note(self, entry: Entry) -> Note:
        return self.notes.get(entry.file) or Note()

    def name(self, entry: Entry) -> str:
        """What a session is called: as a person wrote it, or by its plan, or by its file."""
        return self.note(entry).name or entry.plan or entry.file.rpartition("/")[2].rpartition(".")[0]

    def groups(self) -> dict[str, int]:
        """States and tags by which the list can be narrowed, with how many sessions each has."""
        found: dict[str, int] = {}
        for entry in self.entries.values():
            for group in (entry.status, "damaged" if entry.fault else "", *map("#{}".format, self.note(entry).tags)):
                if group:
                    found[group] = found.get(group, 0) + 1
        return dict(sorted(found.items(), key=lambda pair: (pair[0].startswith("#"), pair[0])))

    def _wanted(self, entry: Entry) -> bool:
        note = self.note(entry)
        if self.group.startswith("#"):
            if self.group[1:] not in note.tags:
                return False
        elif self.group not in ("", entry.status, "damaged" if entry.fault else ""):
            return False
        if not self.words:
            return True
        told = (self.name(entry), entry.file, entry.method, entry.data, entry.space, entry.status, note.note)
        text = " ".join([*told, *map("#{}".format, note.tags)]).casefold()
        return all(word in text for word in self.words)

    def _key(self, entry: Entry) -> tuple:
        name = self.name(entry).casefold()
        match self.order:
            case "oldest first":
                return not entry.known, entry.since
            case "best first":
                return entry.best is None, entry.unit, -(entry.best or 0.0), -entry.since
            case "by name":
                return name, -entry.since
            case "by method":
                return not entry.method, entry.method.casefold(), -entry.since
            case "by data":
                return not entry.data, entry.data.casefold(), -entry.since
        return not entry.known, -entry.since

    # -- as Qt asks for it

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        entry = self.rows[index.row()]
        match role:
            case Role.DisplayRole:
                return self.name(entry)
            case Role.EditRole:
                value = getattr(self.note(entry), self.field)
                return (
                    ", ".join(value) if self.field == "tags" else value or (self.field == "name" and self.name(entry))
                )
            case Role.CheckStateRole:
                return Qt.CheckState.Checked if entry.file in self.ticks else Qt.CheckState.Unchecked
            case Role.ToolTipRole | Role.AccessibleDescriptionRole:
                note = self.note(entry)
                told = (entry.fault or entry.standing(self.now), " ".join(map("#{}".format, note.tags)), note.note)
                return "\n".join(filter(None, (entry.about, entry.score and f"best {entry.score}", *told, entry.file)))
            case Role.AccessibleTextRole:
                return ", ".join(filter(None, (self.name(entry), entry.about, entry.score, entry.status, entry.fault)))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable | flag.ItemIsEditable

    def setData(self, index: Index, value: object, role: int = Role.EditRole) -> bool:
        entry = self.rows[index.row()]
        if role == Role.CheckStateRole:
            self.ticks ^= {entry.file}
            self.dataChanged.emit(index, index, [role])
            self.ticked.emit()
        elif role == Role.EditRole:
            before, words = self.note(entry), " ".join(str(value).split())
            tags = tuple(dict.fromkeys(tag.strip().lstrip("#") for tag in words.split(",") if tag.strip(" #")))
            if self.field == "name" and not before.name and words == self.name(entry):
                return False
            new: object = tags if self.field == "tags" else words
            after = msgspec.structs.replace(before, id=entry.id, **{self.field: new})
            if after != msgspec.structs.replace(before, id=entry.id):
                self.noted.emit(entry.file, after)
        return True


class SessionCards(QListView):
    """The cards side by side. Arrows walk, Space ticks, Enter or a click opens, F2 renames, Delete throws away."""

    opened = Signal(str)
    """The file of a session that is to be opened."""
    delete_requested = Signal()
    passed_top = Signal()
    """A person walks upwards from the first row."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sessions = model
        self.setModel(model)
        self.cards = CardDelegate(self)
        self.setItemDelegate(self.cards)
        self.setAccessibleName("Sessions")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setDragEnabled(False)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)  # files are the window's business
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setStyleSheet("QListView { background: transparent; outline: 0; }")
        self.clicked.connect(self._clicked)
        self.pictures: dict[str, Thumbnail] = {}
        """The pictures of architectures that are there already."""
        self.wanted: set[str] = set()
        """Architectures in sight that have no picture yet."""
        self._kept, self._place, self._on_box = "", 0, False
        model.modelAboutToBeReset.connect(self._keep)
        model.modelReset.connect(self._restore)

    def set_theme(self, theme: Theme) -> None:
        self.cards.theme = theme
        self.viewport().update()

    def add_pictures(self, found: Mapping[str, Thumbnail]) -> None:
        """Draw these, which have been made meanwhile."""
        if len(self.pictures) > MOST_PICTURES:
            self.pictures.clear()
        self.pictures.update(found)
        self.wanted -= found.keys()
        self.viewport().update()

    @property
    def current(self) -> Entry | None:
        """The session under the keyboard."""
        row = self.currentIndex().row()
        return self.sessions.rows[row] if 0 <= row < len(self.sessions.rows) else None

    def write(self, field: str) -> None:
        """Let a person write on the current card: one of NOTE_FIELDS."""
        if self.current is not None:
            self.sessions.field = field
            self.scrollTo(self.currentIndex())
            self.edit(self.currentIndex())

    @property
    def writing(self) -> bool:
        """Whether a person is writing on a card, which a change of the model would take away from them."""
        return self.state() == QAbstractItemView.State.EditingState

    def select_first(self) -> None:
        if not self.currentIndex().isValid() and self.sessions.rows:
            self.setCurrentIndex(self.sessions.index(0))

    def _clicked(self, index: QModelIndex) -> None:
        if not self._on_box:
            self.opened.emit(self.sessions.rows[index.row()].file)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick at a click on the box or near it; it opens nothing."""
        place = event.position().toPoint()
        index = self.indexAt(place)
        box = self.cards.parts(self.visualRect(index))["tick"].adjusted(-8, -8, 6, 6)
        self._on_box = index.isValid() and event.button() == Qt.MouseButton.LeftButton and box.contains(place)
        if self._on_box and index == self.currentIndex():
            self.sessions.setData(index, None, Role.CheckStateRole)
        super().mouseReleaseEvent(event)
        self._on_box = False

    def _keep(self) -> None:
        self._kept = self.current.file if self.current is not None else ""
        self._place = self.verticalScrollBar().value()

    def _restore(self) -> None:
        for row, entry in enumerate(self.sessions.rows):
            if entry.file == self._kept:
                self.setCurrentIndex(self.sessions.index(row))
                break
        self.executeDelayedItemsLayout()
        self.verticalScrollBar().setValue(self._place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, index = event.key(), self.currentIndex()
        if self.writing or not index.isValid():
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._clicked(index)
        elif key == Qt.Key.Key_Space:
            self.sessions.setData(index, None, Role.CheckStateRole)
        elif key == Qt.Key.Key_Delete:
            self.delete_requested.emit()
        elif key == Qt.Key.Key_Up and index.row() < self.columns:
            self.passed_top.emit()
        else:
            super().keyPressEvent(event)

    @property
    def columns(self) -> int:
        """How many cards stand side by side."""
        return max(1, self._wide // NARROWEST)

    @property
    def _wide(self) -> int:
        """What Qt fills with cards: it keeps room for a scroll bar also where there is none."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self.verticalScrollBar())
        return self.maximumViewportSize().width() - bar

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setGridSize(QSize((self._wide - 1) // self.columns, HIGH))
        super().resizeEvent(event)


class CardDelegate(QStyledItemDelegate):
    """Draws a session: name and best score, method and data, the cell, the course of the score, and how it stands."""

    def __init__(self, view: SessionCards) -> None:
        super().__init__(view)
        self.theme = themes.DARK
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._view.gridSize()

    def parts(self, cell: QRect) -> dict[str, QRect]:
        """Where everything stands, in the cell of the grid that the view gives to a card."""
        card = cell.adjusted(0, 0, -GAP, -GAP)
        inner = card.adjusted(PAD, PAD - 2, -PAD, -PAD + 2)
        left, top, wide, bottom = inner.left(), inner.top(), inner.width(), inner.bottom() + 1
        return {
            "card": card,
            "tick": QRect(left, top + 2, BOX, BOX),
            "name": QRect(left + BOX + 8, top, wide - BOX - 8, 18),
            "about": QRect(left, top + 20, wide, 18),
            "picture": QRect(left, top + 44, wide, bottom - 54 - top - 44),
            "curve": QRect(left, bottom - 46, wide, 18),
            "standing": QRect(left, bottom - 18, wide, 18),
        }

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model, theme = self._view.sessions, self.theme
        entry = model.rows[index.row()]
        note, parts = model.note(entry), self.parts(option.rect)
        state = option.state
        current = bool(state & QStyle.StateFlag.State_Selected)
        focused = current and self._view.hasFocus()
        under = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rim = theme.accent if focused else theme.muted if current else theme.line if under else theme.border
        half = 1.0 if focused else 0.5
        painter.setPen(QPen(QColor(rim), 2 * half))
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(QRectF(parts["card"]).adjusted(half, half, -half, -half), 7, 7)
        self._paint_tick(painter, parts["tick"], entry.file in model.ticks, under or current)

        place = parts["name"]
        if entry.score:
            place = self._right(painter, entry.score, place, theme.text, "bold")
        self._left(painter, model.name(entry), place, theme.text, "bold")
        place = parts["about"]
        for tag in reversed(note.tags):
            place = self._chip(painter, tag, place, parts["about"].width() // 3)
        self._left(painter, entry.about, place, theme.muted)
        if entry.known and not entry.fault:
            room = parts["picture"] if len(entry.curve) > 1 else parts["picture"].united(parts["curve"])
            self._paint_picture(painter, entry, room)
            _paint_curve(painter, entry.curve, QRectF(parts["curve"]), theme)
        for number, line in enumerate(in_lines(entry.fault, _metrics(themes.SMALL), parts["picture"].width(), 4)):
            self._left(painter, line, parts["about"].translated(0, 18 * number), theme.bad)
        place = parts["standing"]
        painter.setPen(Qt.PenStyle.NoPen)
        dot = theme.bad if entry.fault else theme.named(_STATES.get(entry.status, "muted"))
        painter.setBrush(QColor(dot if entry.known else theme.border))
        painter.drawEllipse(QPointF(place.left() + 4, place.center().y() + 1), 3.5, 3.5)
        place = place.adjusted(14, 0, 0, 0)
        words = entry.standing(model.now) if entry.known else "waits to be read"
        if note.note:  # of the rest, two words do
            words = " · ".join(words.split(" · ")[:2])
            metrics = _metrics(themes.SMALL)
            wide = min(metrics.horizontalAdvance(note.note) + 2, place.width() - metrics.horizontalAdvance(words) - 14)
            self._left(painter, note.note, place.adjusted(place.width() - wide, 0, 0, 0), theme.text)
        self._left(painter, words, place, theme.muted)
        painter.restore()

    def _paint_tick(self, painter: QPainter, box: QRect, on: bool, near: bool) -> None:
        theme = self.theme
        painter.setPen(QPen(QColor(theme.accent if on else theme.muted if near else theme.line), 1))
        painter.setBrush(QColor(theme.accent if on else theme.raised))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        if on:
            icon("check", theme, theme.on_accent).paint(painter, box.adjusted(1, 1, -1, -1))

    def _paint_picture(self, painter: QPainter, entry: Entry, room: QRect) -> None:
        picture = self._view.pictures.get(entry.architecture) if entry.architecture else ()
        if picture is None:
            self._view.wanted.add(entry.architecture)
        elif picture:
            paint_thumbnail(painter, picture, QRectF(room), self.theme)
        else:
            words = "The cell is too large for a small picture" if entry.architecture else "No architecture yet"
            self._left(painter, words, QRect(room.left(), room.center().y() - 9, room.width(), 18), self.theme.muted)

    def _left(self, painter: QPainter, text: str, room: QRect, colour: str, weight: themes.Weight = "normal") -> None:
        size = themes.TITLE if weight == "bold" else themes.SMALL
        painter.setFont(themes.font(size, weight))
        painter.setPen(QColor(colour))
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)

    def _right(self, painter: QPainter, text: str, room: QRect, colour: str, weight: themes.Weight) -> QRect:
        """Text at the right end; the room that is left."""
        wide = _metrics(themes.TITLE, weight).horizontalAdvance(text) + 2
        self._left(painter, text, room.adjusted(room.width() - wide, 0, 0, 0), colour, weight)
        return room.adjusted(0, 0, -wide - 10, 0)

    def _chip(self, painter: QPainter, tag: str, room: QRect, most: int) -> QRect:
        """A tag at the right end; the room that is left."""
        wide = min(most, _metrics(themes.SMALL).horizontalAdvance(tag) + 14)
        chip = QRect(room.right() + 1 - wide, room.top(), wide, room.height())
        if chip.left() < room.left() + 60:
            return room
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.raised))
        painter.drawRoundedRect(QRectF(chip), 8, 8)
        self._left(painter, tag, chip.adjusted(7, 0, -6, 0), self.theme.text)
        return room.adjusted(0, 0, -wide - 6, 0)

    # -- writing on the card

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        return False  # the view ticks

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        line = QLineEdit(parent)
        line.setMaxLength(LONGEST_NOTE)
        line.setPlaceholderText(NOTE_FIELDS[self._view.sessions.field])
        line.setAccessibleName(NOTE_FIELDS[self._view.sessions.field])
        return line

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        part = {"name": "name", "tags": "about", "note": "standing"}[self._view.sessions.field]
        editor.setGeometry(self.parts(option.rect)[part].adjusted(-4, -4, 4, 4))


def picture_of(architecture: str) -> Thumbnail:
    """The picture of an architecture in JSON; empty where it has none. It takes a while; from any thread."""
    try:
        return thumbnail(from_bytes(architecture.encode())) if architecture else ()
    except Exception:  # of a stranger's file nothing is certain; without a picture the card says the rest
        return ()


def _metrics(size: int, weight: themes.Weight = "normal") -> QFontMetrics:
    return QFontMetrics(themes.font(size, weight))


def _paint_curve(painter: QPainter, curve: tuple[float, ...], room: QRectF, theme: Theme) -> None:
    """The course of the score, as wide as the card, from the lowest to the highest value."""
    if len(curve) < 2:
        return
    low, high = min(curve), max(curve)
    step, scale = room.width() / (len(curve) - 1), room.height() / ((high - low) or 1.0)
    points = [QPointF(room.left() + n * step, room.bottom() - (value - low) * scale) for n, value in enumerate(curve)]
    painter.setPen(QPen(QColor(theme.accent), 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))
