"""The canvas alone, as large as there is room, for those who sit at the back."""

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QObject
from PySide6.QtWidgets import QMainWindow

from app.window.dock_layout import Suiting
from app.window.docks import Dock
from app.window.mode_switch import ModeSwitch

TEXT = 20
"""Size of the words above the canvas, in pixels."""


class Presentation(QObject):
    """Goes to full screen with all docks closed, and back to what was there before."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, Dock], modes: ModeSwitch, suiting: Suiting) -> None:
        super().__init__(window)
        self._window, self._docks, self._modes, self._suiting = window, docks, modes, suiting
        self._before = QByteArray()
        self._was_maximized = False
        self.on = False

    def show(self, on: bool) -> None:
        """Present, or go back."""
        from app.graph.graph_view import FITTED, LARGEST, DiagramView  # here: the window is painted without a canvas

        if on == self.on:
            return
        self.on = self._suiting.held = on
        if on:
            self._before, self._was_maximized = self._window.saveState(), self._window.isMaximized()
            for dock in self._docks.values():
                dock.hide()
            self._window.showFullScreen()
        elif self._was_maximized:
            self._window.showMaximized()
        else:
            self._window.showNormal()
        self._modes.setStyleSheet(f"QLabel, QToolButton {{ font-size: {TEXT}px; }}" if on else "")
        for view in self._modes.findChildren(DiagramView):
            view.largest = LARGEST if on else FITTED
            view.fit()
        if not on:
            if self._suiting.own:
                self._suiting.reset()  # to what the plan of now wants
            else:
                self._window.restoreState(self._before)
