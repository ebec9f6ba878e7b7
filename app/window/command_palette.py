"""Every command of the window in one list: found by typing and carried out (the palette), or read (the shortcuts)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHeaderView,
    QLineEdit,
    QMainWindow,
    QMenu,
    QMenuBar,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.widgets.picture import PictureMenu

ROWS = 14
"""Of the palette that are seen at once."""
WIDTH = 560


@dataclass(frozen=True)
class Command:
    """What can be done: where it stands, what it is called, by which keys, and the action that does it."""

    place: str
    name: str
    keys: str
    action: QAction

    def matches(self, words: str) -> bool:
        """Whether each of the words is in its name, place or keys."""
        said = f"{self.place} {self.name} {self.keys}".lower()
        return all(word in said for word in words.lower().split())


def commands_of(
    bar: QMenuBar, menus: Iterable[tuple[str, QMenu]], widgets: Iterable[tuple[str, QWidget]] = ()
) -> list[Command]:
    """Those of the menu bar, of further menus by their places, and actions with a key that parts of the window have
    beside, by theirs."""
    tops = [(_plain(top.text()), menu) for top in bar.actions() if isinstance(menu := top.menu(), QMenu)]
    found = [command for place, menu in (*tops, *menus) for command in _of_menu(place, menu)]
    known = {id(command.action) for command in found}
    for place, owner in widgets:
        for action in owner.findChildren(QAction):
            if id(action) not in known and action.text() and not action.shortcut().isEmpty():
                known.add(id(action))
                found.append(_command(place, action))
    return found


def _of_menu(place: str, menu: QMenu) -> Iterator[Command]:
    menu.aboutToShow.emit()  # some fill themselves then
    for action in menu.actions():
        below = action.menu()
        if isinstance(below, PictureMenu) and place != "File":
            continue  # it is the same for all panels
        if isinstance(below, QMenu):
            yield from _of_menu(f"{place} › {_plain(action.text())}", below)
        elif not action.isSeparator() and action.isVisible() and action.text():
            yield _command(place, action)


def _command(place: str, action: QAction) -> Command:
    name, _, key = action.text().partition("\t")
    keys = ", ".join(filter(None, [key, *(one.toString(one.SequenceFormat.NativeText) for one in action.shortcuts())]))
    return Command(place, _plain(name), keys, action)


def _plain(text: str) -> str:
    """A menu's words without the marks of mnemonics."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


class CommandList(QTreeWidget):
    """Commands as rows: name, place and keys. What cannot be done now is grey."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setColumnCount(3)
        self.setHeaderLabels(["Command", "Where", "Keys"])
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self._commands: Sequence[Command] = ()

    def show_commands(self, commands: Sequence[Command]) -> None:
        """List these."""
        self._commands = commands
        self.clear()
        for command in commands:
            item = QTreeWidgetItem([command.name, command.place, command.keys])
            item.setToolTip(0, command.action.toolTip())
            item.setDisabled(not command.action.isEnabled())
            self.addTopLevelItem(item)

    def narrow(self, words: str) -> None:
        """Show those that match, and go to the first that can be carried out."""
        first = None
        for command, item in zip(self._commands, self._items(), strict=True):
            item.setHidden(not command.matches(words))
            if first is None and not item.isHidden() and not item.isDisabled():
                first = item
        self.clearSelection()
        if first is not None:
            self.setCurrentItem(first)
        self.scrollToTop()

    @property
    def shown(self) -> list[Command]:
        """The commands that are listed and match."""
        return [command for command, item in zip(self._commands, self._items(), strict=True) if not item.isHidden()]

    @property
    def current(self) -> Command | None:
        """The command of the current row, if it can be carried out."""
        item = self.currentItem()
        if item is None or item.isHidden() or item.isDisabled():
            return None
        return self._commands[self.indexOfTopLevelItem(item)]

    def _items(self) -> list[QTreeWidgetItem]:
        return [item for row in range(self.topLevelItemCount()) if (item := self.topLevelItem(row)) is not None]


class CommandPalette(QFrame):
    """Type what is wanted, Enter does it; Escape, or a click elsewhere, closes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "popup")
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Type what you want to do")
        self.line.setAccessibleName("Find a command")
        self.list = CommandList(self)
        self.list.setAccessibleName("Commands")
        self.list.setHeaderHidden(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda item, column: self._carry_out())
        self.line.textChanged.connect(self.list.narrow)
        self.line.returnPressed.connect(self._carry_out)
        self.line.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.line)
        column.addWidget(self.list)

    def offer(self, commands: Sequence[Command]) -> None:
        """Open over the window, with these commands."""
        self.list.show_commands(commands)
        self.line.clear()
        self.list.narrow("")
        self.list.setFixedHeight(self.list.sizeHintForRow(0) * ROWS + 4)
        owner = self.parentWidget()
        assert owner is not None
        self.setFixedWidth(min(WIDTH, owner.width() - 40))
        self.adjustSize()
        self.move(owner.mapToGlobal(QPoint((owner.width() - self.width()) // 2, 56)))
        self.show()
        self.line.setFocus()

    def _carry_out(self) -> None:
        command = self.list.current
        if command is not None:
            self.hide()  # first, so that the command finds the window as it was
            command.action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down in the line move through the list."""
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None:
                self._move(step)
                return True
        return super().eventFilter(watched, event)

    def _move(self, step: int) -> None:
        item = self.list.currentItem()
        while item is not None:
            item = self.list.itemBelow(item) if step > 0 else self.list.itemAbove(item)
            if item is not None and not item.isDisabled():
                self.list.setCurrentItem(item)
                return


class ShortcutsPage(QDialog):
    """All that has a key, to be read and searched; it stays open beside the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts — Cellwright")
        self.resize(600, 640)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Find a command or a key")
        self.line.setAccessibleName("Find a shortcut")
        self.line.setClearButtonEnabled(True)
        self.list = CommandList(self)
        self.list.setAccessibleName("Keyboard shortcuts")
        self.line.textChanged.connect(self.list.narrow)
        column = QVBoxLayout(self)
        column.addWidget(self.line)
        column.addWidget(self.list)

    def offer(self, commands: Sequence[Command]) -> None:
        """Show those of the commands that have a key."""
        self.list.show_commands([command for command in commands if command.keys])
        self.list.narrow(self.line.text())
        self.show()
        self.raise_()
        self.line.setFocus()


def open_over(window: QMainWindow, commands: Sequence[Command]) -> CommandPalette:
    """The window's palette, opened; made when it is first asked for."""
    palette = window.findChild(CommandPalette) or CommandPalette(window)
    palette.offer(commands)
    return palette


def show_shortcuts(window: QMainWindow, commands: Sequence[Command]) -> ShortcutsPage:
    """The window's page of shortcuts, opened; made when it is first asked for."""
    page = window.findChild(ShortcutsPage) or ShortcutsPage(window)
    page.offer(commands)
    return page
