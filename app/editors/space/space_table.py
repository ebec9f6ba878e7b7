"""The twin of the picture as a table: a row for each slot, a column for each choice, all of it by keyboard."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.editors.space.kinds.choices import Slot
from app.editors.space.space_document import SpaceDocument
from app.editors.space.space_labels import allowed
from app.editors.table import TwinTable
from app.graph.kinds import Choice
from app.graph.model import titled
from app.theme import Theme
from app.widgets.table import Index, RowsModel, beside

DIAGRAM, SLOT, ALWAYS, CHOICES = 0, 1, 2, 3  # columns; the choices from CHOICES on
DOT = 4.0  # radius


class SlotsModel(RowsModel):
    """Rows are slots, columns the choices that any of them has."""

    def __init__(self, document: SpaceDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.slots: list[Slot] = []
        self.choices: list[Choice] = []
        document.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        """Take over the document's slots; where only ticks have changed, rows and cursor stay."""
        slots = list(self.document.slots().values())
        choices = list(dict.fromkeys(choice for slot in slots for choice in slot.choices))
        shape = [slot.key for slot in self.slots], self.choices
        if ([slot.key for slot in slots], choices) == shape:
            self.slots = slots
            self.touch(0, len(slots) - 1)
            return
        self.beginResetModel()
        self.slots, self.choices = slots, choices
        self.endResetModel()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.layoutChanged.emit()  # of the header, too

    def size(self) -> tuple[int, int]:
        return len(self.slots), CHOICES + len(self.choices)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= section < self.columnCount():
            return None
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            fixed = ("in", self.document.kind.places[:-1], "always")
            return fixed[section] if section < CHOICES else self.choices[section - CHOICES].label
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ForegroundRole and section >= CHOICES:
            return QBrush(QColor(self.theme.operation(self.choices[section - CHOICES].tint)))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        usual = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        tickable = index.column() >= ALWAYS and self._state(index) is not None
        return usual | Qt.ItemFlag.ItemIsUserCheckable if tickable else usual

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        slot, column = self.slots[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return {DIAGRAM: titled(slot.diagram), SLOT: "all" if slot.whole else slot.title}.get(column)
        if role == Qt.ItemDataRole.CheckStateRole and column >= ALWAYS:
            state = self._state(index)
            return None if state is None else Qt.CheckState.Checked if state else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ForegroundRole:
            return QBrush(QColor(self.theme.text if slot.edited else self.theme.muted))
        if role == Qt.ItemDataRole.ToolTipRole:
            return allowed(slot)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            name = self.document.name([slot])
            if column < ALWAYS:
                return f"{name}: {allowed(slot)}"
            what = "always there" if column == ALWAYS else self.choices[column - CHOICES].label
            return f"{name}, {what}"
        return None

    def tint(self, column: int) -> str:
        """The colour of the choice that a column is about."""
        return self.choices[column - CHOICES].tint

    def _state(self, index: Index) -> bool | None:
        """Whether the box at an index is ticked; None where there is none."""
        slot, column = self.slots[index.row()], index.column()
        if column == ALWAYS:
            return slot.always if slot.optional else None
        choice = self.choices[column - CHOICES]
        if choice not in slot.choices or choice.name in slot.closed:
            return None
        return choice.name in slot.allowed

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick or untick: in every selected row, if the row is one of them."""
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid() or self._state(index) is None:
            return False
        slot, on = self.slots[index.row()], Qt.CheckState(value) == Qt.CheckState.Checked
        document = self.document
        if slot.key not in [one.key for one in document.selected_slots()]:
            document.select_slots([slot.key])
        if index.column() == ALWAYS:
            return document.require(on)
        alike = {one.key for one in document.selected_slots() if one.sort == slot.sort}
        return document.allow([self.choices[index.column() - CHOICES].name], on, alike)


class Dots(QStyledItemDelegate):
    """Paints a tick as a dot in the colour of its choice, and its absence as a ring; a press turns it over."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, SlotsModel)
        state = model.data(index, Qt.ItemDataRole.CheckStateRole)
        if index.column() < ALWAYS:
            super().paint(painter, option, index)
            return
        self.initStyleOption(option, index)
        option.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        widget = option.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        if state is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, theme = state == Qt.CheckState.Checked, model.theme
        colour = QColor(theme.text if index.column() == ALWAYS else theme.operation(model.tint(index.column())))
        painter.setPen(QPen(colour if on else QColor(theme.line), 1.2))
        painter.setBrush(colour if on else Qt.BrushStyle.NoBrush)
        middle = QRectF(option.rect).center()
        painter.drawEllipse(middle, DOT, DOT)
        painter.restore()

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        if index.column() < ALWAYS or event.type() != QEvent.Type.MouseButtonPress:
            return False
        assert isinstance(event, QMouseEvent)
        return event.button() == Qt.MouseButton.LeftButton and turn(index)


def turn(index: Index) -> bool:
    """Tick what is not ticked, and the other way round; False where there is nothing to tick."""
    model = index.model()
    assert isinstance(model, SlotsModel)
    state = model.data(index, Qt.ItemDataRole.CheckStateRole)
    if state is None:
        return False
    wanted = Qt.CheckState.Unchecked if state == Qt.CheckState.Checked else Qt.CheckState.Checked
    return model.setData(index, wanted, Qt.ItemDataRole.CheckStateRole)


class SpaceTable(TwinTable):
    """A row for every slot."""

    LEAD = SLOT

    def __init__(self, document: SpaceDocument, parent: QWidget | None = None) -> None:
        self.document, self.slots = document, SlotsModel(document)
        super().__init__(document, self.slots, parent)
        self.slots.setParent(self)
        self.setItemDelegate(Dots(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName("What may be, slot by slot")
        self.setAccessibleDescription("Arrow keys move, Space ticks and unticks, Delete forbids the selected rows.")
        self.horizontalHeader().setDefaultAlignment(beside(right=False))
        self.slots.modelReset.connect(self._fit_columns)
        self._fit_columns()

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self.slots.set_theme(theme)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks the box that the cursor is on."""
        index = self.currentIndex()
        if event.key() == Qt.Key.Key_Space and index.isValid():
            turn(index)
            event.accept()
            return
        super().keyPressEvent(event)

    def _fit_columns(self) -> None:
        metrics = self.fontMetrics()
        self.setColumnHidden(DIAGRAM, len({slot.diagram for slot in self.slots.slots}) <= 1)
        texts = {
            DIAGRAM: [titled(slot.diagram) for slot in self.slots.slots],
            SLOT: [slot.title for slot in self.slots.slots if not slot.whole],
        }
        for column in range(self.slots.columnCount()):
            head = str(self.slots.headerData(column, Qt.Orientation.Horizontal))
            self.setColumnWidth(column, max(map(metrics.horizontalAdvance, [head, *texts.get(column, [])])) + 20)

    def rows_selected(self) -> list[int]:
        wanted = {slot.key for slot in self.document.selected_slots()}
        return [row for row, slot in enumerate(self.slots.slots) if slot.key in wanted]

    def select_rows(self, rows: Sequence[int]) -> None:
        self.document.select_slots(self.slots.slots[row].key for row in rows)
