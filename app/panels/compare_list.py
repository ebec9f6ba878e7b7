"""The sessions that are compared: the one that is open, files, and files that could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from app import theme as themes
from app.icons import spot
from app.theme import Theme
from app.widgets.shortcuts import add_action
from engine.session.queries.comparison import Track
from engine.words import score

HERE = None
"""Stands for the session that is open, in place of a path."""


@dataclass
class Entry:
    """A session of the list: what is known of it, or why nothing is."""

    path: Path | None
    track: Track | None = None
    fault: str = ""


class SessionList(QListWidget):
    """One row per session; a tick says whether it is compared. Delete removes the selected files.

    `changed`: another set of sessions is to be compared.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.DARK
        self.entries: list[Entry] = []
        self._unticked: set[Path | None] = set()
        self._colours: Mapping[int, str] = {}
        self._following = False
        self.setAccessibleName("Sessions that are compared")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(10, 10))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        add_action(self, "Remove from the comparison", QKeySequence.StandardKey.Delete, self.remove_selected)
        self.itemChanged.connect(self._ticked)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._write()

    # -- what is in it

    @property
    def shown(self) -> list[Track]:
        """The sessions that are compared; a file that is also open counts once, as it is shown."""
        tracks: dict[str, Track] = {}
        for entry in self.entries:
            if entry.track is not None and entry.path not in self._unticked:
                tracks.setdefault(entry.track.id, entry.track)
        return list(tracks.values())

    @property
    def paths(self) -> list[Path]:
        """The files of the list."""
        return [entry.path for entry in self.entries if entry.path is not None]

    @property
    def waiting(self) -> int:
        """How many files are still being read."""
        return sum(entry.track is None and not entry.fault for entry in self.entries)

    @property
    def settled(self) -> bool:
        """Whether it is time to draw: nothing is being read, or a good many more have been."""
        return self.waiting % 16 == 0

    def expect(self, path: Path) -> bool:
        """List a file that is about to be read; whether it was not there before."""
        if path in self.paths:
            return False
        self.entries.append(Entry(path))
        return True

    def fill(self, path: Path, found: Track) -> None:
        """A file has been read."""
        for entry in self.entries:
            if entry.path == path:
                entry.track, entry.fault = found, ""

    def refuse(self, path: Path, reason: str) -> None:
        """A file is of no use here."""
        for entry in self.entries:
            if entry.path == path:
                entry.fault = reason

    def show_here(self, found: Track | None) -> None:
        """The session that is open, at its moment; None: there is none with scores."""
        files = [entry for entry in self.entries if entry.path is not HERE]
        self.entries = [Entry(HERE, found), *files] if found is not None else files

    def remove_selected(self) -> None:
        """Remove the selected files; the session that is open stays, but can be unticked."""
        rows = {self.row(item) for item in self.selectedItems()}
        self.entries = [entry for row, entry in enumerate(self.entries) if row not in rows or entry.path is HERE]
        self.changed.emit()

    def remove_all(self) -> None:
        """Remove all files."""
        self.entries = [entry for entry in self.entries if entry.path is HERE]

    def colour(self, colours: Mapping[int, str]) -> None:
        """The colour of every session that is compared, by the id() of its track; brings the rows up to date."""
        self._colours = colours
        self._write()

    @property
    def texts(self) -> list[str]:
        """The rows as they are written."""
        return [self.item(row).text() for row in range(self.count())]

    # -- within

    def _write(self) -> None:
        self._following = True
        while self.count() < len(self.entries):
            self.addItem(QListWidgetItem())
        while self.count() > len(self.entries):
            self.takeItem(self.count() - 1)
        for row, entry in enumerate(self.entries):
            self._write_row(self.item(row), entry, self.entries[:row])
        self._following = False

    def _write_row(self, item: QListWidgetItem, entry: Entry, before: list[Entry]) -> None:
        twin = any(entry.track is not None and other.track and other.track.id == entry.track.id for other in before)
        on = entry.track is not None and entry.path not in self._unticked and not twin
        item.setText(_row(entry, twin))
        item.setToolTip(f"{entry.path or 'The session that is open'}\n{entry.fault or _words(entry.track)}")
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if entry.track is not None and not twin:
            item.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        else:
            item.setFlags(flags)
            item.setData(Qt.ItemDataRole.CheckStateRole, None)
        theme = self.theme
        item.setForeground(QColor(theme.bad if entry.fault else theme.text if on else theme.muted))
        item.setIcon(_dot(self._colours.get(id(entry.track), theme.surface)))

    def _ticked(self, item: QListWidgetItem) -> None:
        if self._following:
            return
        path = self.entries[self.row(item)].path
        if item.checkState() == Qt.CheckState.Checked:
            self._unticked.discard(path)
        else:
            self._unticked.add(path)
        self.changed.emit()


def _row(entry: Entry, twin: bool) -> str:
    """A session as its row says it; the path is in the tool tip."""
    if entry.path is HERE:
        return f"this session: {_words(entry.track)}"
    name = entry.path.name if entry.path is not None else ""
    if twin:
        return f"{name} is listed already"
    return f"{name}: {entry.fault}" if entry.fault else _words(entry.track) if entry.track else f"{name} is being read…"


def _words(found: Track | None) -> str:
    """evolution-digits, seed 3, 91.2 %."""
    if found is None:
        return "It is being read…"
    best = found.course.score[~np.isnan(found.course.score)]
    told = score(float(best[-1]), found.unit) if len(best) else "no success yet"
    return f"{found.plan}, seed {found.seed}, {told}"


def _dot(colour: str) -> QIcon:
    return QIcon(spot(10, colour, lambda painter: painter.drawEllipse(1, 1, 8, 8)))
