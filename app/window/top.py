"""The bar on top: menus, the three buttons of a search, the choice of a preset, and what runs where."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QMenuBar,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.icons import icon
from app.theme import DARK, Theme
from app.window.elided import Elided
from app.window.notice import Notice


class ActionButton(QPushButton):
    """A push button that is one action's face: its text, tooltip and whether it can be used now."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self.setIconSize(QSize(14, 14))
        self._follow()

    def _follow(self) -> None:
        self.setText(self._action.iconText())
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())
        self.setAccessibleName(self._action.iconText())


class TopBar(QFrame):
    """Menu bar, Start, Pause, Stop, preset, status and progress in one row; the notice beneath."""

    preset_chosen = Signal(str)

    def __init__(self, menus: QMenuBar, start: QAction, pause: QAction, stop: QAction) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.menus = menus
        menus.setNativeMenuBar(False)
        menus.setStyleSheet("QMenuBar { border: 0; background: transparent; }")
        menus.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.start, self.pause, self.stop = (ActionButton(action, self) for action in (start, pause, stop))
        self.start.setProperty("primary", True)
        self.pause.setMinimumWidth(104)  # "Continue" fits where "Pause" stood
        self.presets = QToolButton(self)
        self.presets.setObjectName("presets")
        self.presets.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.presets.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.presets.setAccessibleName("Preset plan")
        self.preset_menu = QMenu(self.presets)
        self.preset_menu.aboutToShow.connect(self._tick)
        self._preset = ""
        self.presets.setMenu(self.preset_menu)
        self.status = Elided(Qt.AlignmentFlag.AlignRight, self, wraps=True)
        self.status.setObjectName("status")
        self.progress = QProgressBar(self)
        self.progress.setObjectName("progress")
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(48, 4)
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName("Progress of the search")
        self.notice = Notice(self)
        self._theme, self._paused = DARK, False

        row = QHBoxLayout()
        row.setContentsMargins(4, 4, 12, 4)
        row.setSpacing(8)
        row.addWidget(menus)
        row.addStretch(1)
        for widget in (self.start, self.pause, self.stop, self.presets):
            row.addWidget(widget)
        row.addWidget(self.status, 8)
        row.addWidget(self.progress)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.notice)
        self.set_theme(DARK)

    def offer(self, presets: Mapping[str, Mapping[str, str]]) -> None:
        """The presets to choose from, a menu for each family: family -> name -> what it is."""
        self.preset_menu.clear()
        for family, members in presets.items():
            menu = self.preset_menu.addMenu(family)
            menu.setToolTipsVisible(True)
            for name, about in members.items():
                action = menu.addAction(name)
                action.setCheckable(True)
                action.setToolTip(about)
                action.triggered.connect(lambda checked=False, name=name: self.preset_chosen.emit(name))

    def _tick(self) -> None:
        """A tick at the plan that is meant, where it is a preset, and its family's menu to begin with."""
        for family in self.preset_menu.actions():
            members = family.menu().actions()  # type: ignore[attr-defined]
            for action in members:
                action.setChecked(action.text() == self._preset)
            if any(action.isChecked() for action in members):
                self.preset_menu.setActiveAction(family)

    def show_plan(self, name: str, tip: str, enabled: bool) -> None:
        """The name of the plan, on the button that offers the presets."""
        self._preset = name
        self.presets.setText(f"{name} ▾")
        self.presets.setToolTip(tip)
        self.presets.setEnabled(enabled)

    def show_progress(self, share: float | None) -> None:
        """How much is done, 0 to 1; None hides the bar."""
        self.progress.setVisible(share is not None)
        self.progress.setValue(0 if share is None else round(1000 * min(1.0, max(0.0, share))))

    def show_paused(self, paused: bool) -> None:
        """Whether the middle button continues a search instead of pausing it."""
        if paused != self._paused:
            self._paused = paused
            self.set_theme(self._theme)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.notice.set_theme(theme)
        self.start.setIcon(icon("play", theme, theme.on_accent))
        self.pause.setIcon(icon("play" if self._paused else "pause", theme))
        self.stop.setIcon(icon("stop", theme))
