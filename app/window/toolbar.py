"""The bar on top: menus, the three buttons of a search, the choice of a preset, and what runs where."""

from collections.abc import Callable, Mapping
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
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
from app.widgets.labels import ElidedLabel

Level = Literal["error", "info"]


class Notice(QFrame):
    """Hidden until something is said or asked; Escape or its cross dismisses it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setProperty("role", "bar")
        self._theme = DARK
        self.level: Level = "error"
        """Of what was said last."""
        self._icon = QLabel(self)
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._cross = QToolButton(self)
        self._cross.setAutoRaise(True)
        self._cross.setIconSize(QSize(14, 14))
        self._cross.setToolTip("Dismiss (Esc)")
        self._cross.setAccessibleName("Dismiss")
        self._cross.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 3, 8, 3)
        layout.setSpacing(8)
        layout.addWidget(self._icon)
        layout.addWidget(self._label, 1)
        self._answers = QHBoxLayout()
        self._answers.setSpacing(6)
        self._buttons: list[QPushButton] = []
        self._question = ""
        layout.addLayout(self._answers)
        layout.addWidget(self._cross)
        self.hide()

    @property
    def text(self) -> str:
        """What is being said, or ""."""
        return "" if self.isHidden() else self._label.text()

    @property
    def answers(self) -> dict[str, QPushButton]:
        """The buttons that are offered, by their words."""
        return {button.text(): button for button in self._buttons}

    def show_message(
        self, text: str, level: Level = "error", answers: Mapping[str, Callable[[], object]] | None = None
    ) -> None:
        """Say one line; it replaces what was said before. `answers`: buttons with what they do, which ends it."""
        self.level, self._question = level, ""
        self._label.setText(" ".join(text.split()))
        self._label.setAccessibleName(self._label.text())
        for button in self._buttons:
            self._answers.removeWidget(button)
            button.deleteLater()
        self._buttons = [QPushButton(words, self) for words in answers or {}]
        for button, act in zip(self._buttons, (answers or {}).values(), strict=True):
            button.setAutoDefault(True)  # Enter presses it
            button.clicked.connect(self.dismiss)
            button.clicked.connect(lambda checked=False, act=act: act())
            self._answers.addWidget(button)
        self._update_icons()
        self.show()

    def ask(self, question: str, text: str, answers: Mapping[str, Callable[[], object]]) -> None:
        """Ask in place; the first answer has the focus, so that it is what a careless Enter or Space gives."""
        self.show_message(text, "info", answers)
        self._question = question
        next(iter(self.answers.values())).setFocus()

    @property
    def question(self) -> str:
        """What is being asked, by the name that the asker gave it, or ""."""
        return "" if self.isHidden() else self._question

    def dismiss(self) -> None:
        """Say and ask nothing; the keyboard goes back to the window."""
        if self.isAncestorOf(self.focusWidget() or self):
            self.window().setFocus()
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._cross.setIcon(icon("close", theme))
        self._update_icons()

    def _update_icons(self) -> None:
        colour = self._theme.bad if self.level == "error" else self._theme.accent
        self._icon.setPixmap(icon(self.level, self._theme, colour).pixmap(16, 16))


class ActionButton(QPushButton):
    """A push button that is one action's face: its text, tooltip and whether it can be used now. A click or Enter
    presses it; Space is the timeline's, whatever was pressed last."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self.setAutoDefault(True)  # Enter presses it
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self.setIconSize(QSize(14, 14))
        self._follow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _follow(self) -> None:
        if self.hasFocus() and not self._action.isEnabled():
            self.window().setFocus()  # or Qt would hand it to whatever comes next, and Space with it
        self.setText(self._action.iconText())
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())
        self.setAccessibleName(self._action.iconText())


class FaultLink(QPushButton):
    """Says in one line what is wrong, cut short where it does not fit, and leads there by a click."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("")
        self.setProperty("role", "fault")
        self.setAutoDefault(True)  # Enter presses it
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def setText(self, text: str) -> None:
        self.full_text = text
        self.setToolTip(f"{text}\nClick to see where" if text else "")
        self.setAccessibleName(text or "What keeps the plan from being started")
        self._fit()

    def _fit(self) -> None:
        super().setText(self.fontMetrics().elidedText(self.full_text, Qt.TextElideMode.ElideRight, self.width() - 14))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


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
        self.status = ElidedLabel(self, wraps=True)
        self.status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.status.setObjectName("status")
        self.fault = FaultLink(self)
        self.fault.hide()
        self.progress = QProgressBar(self)
        self.progress.setObjectName("progress")
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(96, 4)
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
        row.addWidget(self.fault, 8)
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

    def show_plan(self, name: str, tip: str, when: str = "") -> None:
        """The name of the plan, on the button that offers the presets; before it, `when` it is to be started."""
        self._preset = name
        self.presets.setText(f"{when}{name} ▾")
        self.presets.setToolTip(tip)

    def show_fault(self, line: str) -> None:
        """Why the plan cannot be started, or ""; one click leads there. It takes the place of the status."""
        self.fault.setText(line)
        self.fault.setVisible(bool(line))
        self.status.setVisible(not line)

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
