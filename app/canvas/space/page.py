"""Space mode as a page of the central area: picture or table, a side column of what can be edited, numbers, samples."""

from typing import ClassVar

from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QHideEvent,
    QPalette,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme as themes
from app.icons import icon
from app.theme import Theme
from engine.plan import Plan
from engine.space import Space
from engine.space.counts import Frame, Skeleton
from engine.space.presets import presets

from ..line import Line, tool
from .deeds import Deeds
from .document import SpaceDocument
from .figures import FigureRow
from .frames import fitting, frame_of_plan, misfit
from .measuring import Measuring
from .picture import SpaceView
from .samples import Strip
from .shelf import Shelf
from .side import Side
from .table import SlotTable


class SpacePage(QWidget):
    """Edits the space of the plan. `edited`: somebody has changed it; `opened`: an architecture is to be edited."""

    edited = Signal(object)  # Space
    opened = Signal(object)  # Architecture

    about: ClassVar[str] = (
        "What may be: every edge that a cell can have, with the operations it can carry, and how large the space is "
        "that this leaves. Click an edge, a node (all edges into it) or a cell's name, and tick what is allowed there; "
        "drag over several. Start searches exactly this space. Numbers that cannot be worked out exactly come from "
        "random members, and say so; a click on one of the samples below opens it."
    )

    def __init__(self, space: Space, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = themes.DARK
        self.frame: Frame = Skeleton()
        self._of_plan: Frame | None = None
        self._seed = 0
        self._plan = ""  # the name of the plan that is shown
        self._shown: tuple[Plan, str] | None = None
        self._told: Space | None = None  # the space that the plan has, as far as is known here
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.document = SpaceDocument(space, self)
        self.view = SpaceView(self.document)
        self.table = SlotTable(self.document)
        self.side = Side(self.document)
        self.palette_, self.settings, self.limits = self.side.palette_, self.side.settings, self.side.limits
        self.figures = FigureRow()
        self.strip_ = Strip()
        self.measuring = Measuring(self)
        self.shelf = Shelf(self)
        self.deeds = Deeds(self)
        self._build()
        self._connect()
        self._settle_frame(fitting(space, self.frame))
        self._changed()
        self.set_theme(self.theme)
        self.setFocusProxy(self.view)

    # -- putting it together

    def _build(self) -> None:
        self.bar = QFrame(self)
        self.bar.setProperty("role", "bar")
        self.strip = QHBoxLayout(self.bar)
        self.strip.setContentsMargins(10, 2, 4, 2)
        self.strip.setSpacing(2)
        self.chooser = tool("Begin with another space")
        self.chooser.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.chooser.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.spaces = QMenu(self.chooser)
        self.spaces.setToolTipsVisible(True)
        self.chooser.setMenu(self.spaces)
        self._title = Line(self)
        self.strip.addWidget(self.chooser)
        self.strip.addWidget(self._title, 1)
        self._buttons: dict[str, QToolButton] = {}
        for name, action, tip in (
            ("undo", self.deeds.undo, "Undo (Ctrl+Z)"),
            ("redo", self.deeds.redo, "Redo (Ctrl+Shift+Z)"),
            ("table", self.deeds.table, "The same as a table, for the keyboard (T)"),
            ("fit", self.deeds.fit, "Show the whole picture (F)"),
        ):
            button = tool(tip)
            button.setDefaultAction(action)
            button.setToolTip(tip)
            self._buttons[name] = button
            self.strip.addWidget(button)
        self.question = tool("What may be edited here, and how")
        self.question.setText("?")
        self.question.setCheckable(True)
        self.menu = QMenu(self)
        self.menu.addActions([self.deeds.open, self.deeds.save, self.deeds.copy_picture, self.deeds.save_picture])
        more = tool("Open, save, copy")
        more.setText("⋯")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setMenu(self.menu)
        self.strip.addWidget(self.question)
        self.strip.addWidget(more)
        self.about_ = _note("muted", self.about, self)
        self.question.toggled.connect(self.about_.setVisible)
        self.fault = _note("fault", "", self)

        self.middle = QStackedWidget(self)
        self.middle.addWidget(self.view)
        self.middle.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self.middle, 1)
        across.addWidget(_rule(self, vertical=True))
        across.addWidget(self.side)
        for widget in (self.bar, self.about_, self.fault):
            column.addWidget(widget)
        column.addLayout(across, 1)
        column.addWidget(_rule(self, vertical=False))
        column.addWidget(self.figures)
        column.addWidget(self.strip_)

    def _connect(self) -> None:
        document = self.document
        document.changing.connect(self.measuring.pause)
        document.changed.connect(self._changed)
        document.done.connect(self._announce)
        document.refused.connect(self._announce)
        self.limits.frame_chosen.connect(self.choose_frame)
        self.measuring.known.connect(self.figures.show_statistics)
        self.measuring.sampled.connect(self.strip_.show_samples)
        self.strip_.opened.connect(self.opened)
        self.strip_.again.connect(self.draw_again)
        self.view.wanted_menu.connect(self._popup)
        self.spaces.aboutToShow.connect(lambda: self.shelf.fill(self.spaces))

    # -- what the window calls

    def show_plan(self, plan: Plan, lock: str = "") -> None:
        """Show the space of a plan, to be edited or, with a lock, which says why, only looked at."""
        if (plan, lock) == self._shown:
            return
        self._shown = plan, lock
        self.document.lock = lock
        follows = self._of_plan in (None, self.frame)
        self._of_plan = frame_of_plan(plan)
        self._told = plan.space
        self.document.show(plan.space, "edit the plan" if plan.name == self._plan else "")
        self._plan = plan.name
        limits = plan.space.limits
        wanted = self._of_plan if follows and self._of_plan is not None else fitting(plan.space, self.frame)
        self._settle_frame(limits[0].skeleton if limits else wanted)
        self.palette_.settle()

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self.theme = theme
        for part in (self.view, self.table, self.side, self.strip_):
            part.set_theme(theme)
        for name, button in self._buttons.items():
            button.defaultAction().setIcon(icon(name, theme, theme.muted))
        self.setStyleSheet(
            f"QToolButton[role='quiet'] {{ color: {theme.muted}; padding: 0 4px; }}"
            f"QToolButton[role='quiet']:hover {{ color: {theme.accent}; background: transparent; }}"
            f"QToolButton[role='quiet']:disabled {{ color: {theme.border}; }}"
            f"QFrame[role='rule'] {{ background: {theme.border}; border: 0; }}"
        )

    # -- what follows from the document

    def _changed(self) -> None:
        space = self.document.space
        self.chooser.setText(f"{self.document.title} ▾")
        self._title.say(space.title if self.document.title in presets() else "")
        self.chooser.setToolTip(f"{space.about}\n{space.source}")
        if space.limits and space.limits[0].skeleton != self.frame:
            self._settle_frame(space.limits[0].skeleton)
        elif not space.limits:
            self._settle_frame(fitting(space, self.frame))
        self.figures.wait(space.size())
        self._measure()
        self.fault.hide()
        if self._told is not None and space != self._told:
            self._told = space
            self.edited.emit(space)

    def _settle_frame(self, frame: Frame) -> None:
        changed = frame != self.frame
        self.frame = frame
        self.limits.show_frame(frame, self._of_plan)
        if changed:
            self._measure()

    def _measure(self) -> None:
        """Work everything out again, while somebody can see it."""
        if self.isVisible():
            self.measuring.ask(self.document.space, self.frame, self._seed)

    def choose_frame(self, frame: Frame) -> None:
        """Count in another frame from now on; limits are moved to it."""
        limits = self.document.space.limits
        reason = misfit(self.document.space, frame)
        if not reason and not limits:
            self._settle_frame(frame)
        elif not reason and isinstance(frame, Skeleton):
            reason = self.document.limit(tuple(replace(limit, skeleton=frame) for limit in limits))
        if reason:
            self.limits.show_frame(self.frame, self._of_plan)
            self.limits.complain(reason)

    def draw_again(self) -> None:
        """Other samples."""
        self._seed += 1
        self.measuring.draw(self.document.space, self.frame, self._seed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._measure()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.measuring.stop()

    # -- deeds

    def toggle_table(self) -> None:
        """The table in place of the picture, or the picture again."""
        part = self.table if self.deeds.table.isChecked() else self.view
        self.middle.setCurrentWidget(part)
        part.setFocus()

    def _popup(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.deeds.menu_here(menu)
        menu.popup(self.view.viewport().mapToGlobal(at))

    def take(self, space: Space, name: str) -> bool:
        """Begin with another space. That, too, can be undone."""
        return self.document.take(space, f"take {name}")

    def complain(self, line: str) -> None:
        """Say above the picture what went wrong, until the next edit."""
        self.fault.setText(line)
        self.fault.show()
        self._announce(line)

    def _announce(self, text: str) -> None:
        """Tell those who hear the window instead of seeing it."""
        if text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.view, text))


def _note(role: str, text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setContentsMargins(10, 6, 10, 8)
    label.hide()
    return label


def _rule(parent: QWidget, vertical: bool) -> QFrame:
    rule = QFrame(parent)
    rule.setProperty("role", "rule")
    if vertical:
        rule.setFixedWidth(1)
    else:
        rule.setFixedHeight(1)
    return rule
