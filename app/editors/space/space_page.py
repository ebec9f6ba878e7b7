"""The editor of spaces as a page: picture or table, a side column of what can be edited, numbers, samples."""

from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.editors.page import EditorPage
from app.editors.space.choice_palette import ChoicePalette
from app.editors.space.sample_strip import SampleStrip
from app.editors.space.space_actions import SpaceActions
from app.editors.space.space_document import SpaceDocument
from app.editors.space.space_limits import Limits, StructForm, fitting, frame_of_plan, misfit
from app.editors.space.space_table import SpaceTable
from app.editors.space.space_view import SpaceView
from app.editors.space.statistics_row import StatisticsRow
from app.editors.space.statistics_worker import StatisticsWorker
from app.theme import Theme
from app.widgets.labels import ElidedLabel, label
from app.widgets.layouts import packed
from app.widgets.panel_header import tool
from app.widgets.picture import PictureMenu
from app.widgets.save import save_as
from engine.plan import Plan
from engine.space import Space, files
from engine.space.counts import Frame, Skeleton
from engine.space.text import SpaceError, presets

SPACES = "Search spaces (*.toml)"
WIDTH = 224  # pixels


class SidePanel(QScrollArea):
    """Palette, settings and limits, one below the other."""

    def __init__(self, document: SpaceDocument) -> None:
        super().__init__()
        self.document = document
        self.choices = ChoicePalette(document)
        self.settings = StructForm()
        self.limits = Limits(document)
        about_space = QWidget()
        inner = QVBoxLayout(about_space)
        inner.setContentsMargins(12, 4, 8, 6)
        inner.setSpacing(3)
        inner.addWidget(label("SPACE", "section"))
        inner.addWidget(self.settings)
        inside = QWidget()
        packed(QVBoxLayout(inside), self.choices, about_space, self.limits).addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(WIDTH)
        self.settings.edited.connect(self._set)
        document.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the settings of the document's space."""
        self.settings.show_values(self.document.space)

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self.choices.set_theme(theme)
        self.limits.set_theme(theme)

    def _set(self, name: str, value: object, label: str) -> None:
        if not self.document.set(name, value, label):
            self.refresh()


class SpacePage(EditorPage):
    """Edits the space of the plan. `edited`: somebody has changed it; `opened`: an architecture is to be edited."""

    edited = Signal(object)  # Space
    opened = Signal(object)  # Architecture

    about: ClassVar[str] = (
        "What may be: every edge that a cell can have, with the operations it can carry, and how large the space is "
        "that this leaves. Click an edge, a node (all edges into it) or a cell's name, and tick what is allowed there; "
        "drag over several. Start searches exactly this space. Numbers that cannot be worked out exactly come from "
        "random members, and say so; a click on one of the samples below opens it."
    )
    question = "What may be edited here, and how"
    picture_name = "space.png"

    menu_actions: SpaceActions

    def __init__(self, space: Space, parent: QWidget | None = None) -> None:
        self.document = document = SpaceDocument(space)
        self.view = SpaceView(document)
        super().__init__(document, self.view, "Open, save, copy", parent)
        self.frame: Frame = Skeleton()
        self._of_plan: Frame | None = None
        self._seed = 0
        self._plan = ""  # the name of the plan that is shown
        self._shown: tuple[Plan, str] | None = None
        self._known: Space | None = None  # the space that the plan has, as far as is known here
        self.table = SpaceTable(document)
        self.side = SidePanel(document)
        self.limits = self.side.limits
        self.statistics = StatisticsRow()
        self.samples = SampleStrip()
        self.worker = StatisticsWorker(self)
        self.menu_actions = SpaceActions(self, self.view)
        self._build()
        self._connect()
        self._set_frame(fitting(space, self.frame))
        self._changed()
        self.set_theme(self.theme)

    # -- putting it together

    def _build(self) -> None:
        actions = self.menu_actions
        self.chooser = tool("", "Begin with another space")
        self.chooser.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.chooser.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.spaces = QMenu(self.chooser)
        self.spaces.setToolTipsVisible(True)
        self.chooser.setMenu(self.spaces)
        self.title = ElidedLabel(self)
        self.header.add(self.chooser)
        self.header.add(self.title, 1)
        self.add_buttons(
            (
                ("undo", actions.undo, "Undo (Ctrl+Z)"),
                ("redo", actions.redo, "Redo (Ctrl+Shift+Z)"),
                ("table", actions.table, "The same as a table, for the keyboard (T)"),
                ("fit", actions.fit, "Show the whole picture (F)"),
            )
        )
        self.menu.addActions([actions.open, actions.save, actions.copy_picture, actions.save_picture])
        self.menu.addMenu(PictureMenu(self.menu))
        self.middle = QStackedWidget(self)
        self.middle.addWidget(self.view)
        self.middle.addWidget(self.table)
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self.middle, 1)
        across.addWidget(_rule(self, vertical=True))
        across.addWidget(self.side)
        self.column.addLayout(across, 1)
        self.column.addWidget(_rule(self, vertical=False))
        self.column.addWidget(self.statistics)
        self.column.addWidget(self.samples)

    def _connect(self) -> None:
        document, actions = self.document, self.menu_actions
        document.changing.connect(self.worker.pause)
        document.changed.connect(self._changed)
        document.refused.connect(self.announce)
        self.limits.frame_chosen.connect(self.choose_frame)
        self.worker.known.connect(self.statistics.show_statistics)
        self.worker.sampled.connect(self.samples.show_samples)
        self.samples.opened.connect(self.opened)
        self.samples.again.connect(self.draw_again)
        self.spaces.aboutToShow.connect(self._offer_spaces)
        for action, act in (
            (actions.table, self._show_table),
            (actions.again, self.draw_again),
            (actions.open, self._ask_open),
            (actions.save, self._ask_save),
            (actions.save_picture, self.ask_picture),
        ):
            action.triggered.connect(act)

    # -- what the window calls

    def show_plan(self, plan: Plan, lock: str = "") -> None:
        """Show the space of a plan, to be edited or, with a lock, which says why, only looked at."""
        if (plan, lock) == self._shown:
            return
        self._shown = plan, lock
        self.document.lock = lock
        follows = self._of_plan in (None, self.frame)
        self._of_plan = frame_of_plan(plan)
        self._known = plan.space
        self.document.show(plan.space, "edit the plan" if plan.name == self._plan else "")
        self._plan = plan.name
        limits = plan.space.limits
        wanted = self._of_plan if follows and self._of_plan is not None else fitting(plan.space, self.frame)
        self._set_frame(limits[0].skeleton if limits else wanted)
        self.side.choices.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        super().set_theme(theme)
        for part in (self.table, self.side, self.samples):
            part.set_theme(theme)
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
        self.title.setText(space.title if self.document.title in presets() else "")
        self.chooser.setToolTip(f"{space.about}\n{space.source}")
        if space.limits and space.limits[0].skeleton != self.frame:
            self._set_frame(space.limits[0].skeleton)
        elif not space.limits:
            self._set_frame(fitting(space, self.frame))
        self.statistics.wait(space.size())
        self._measure()
        self.fault.hide()
        if self._known is not None and space != self._known:
            self._known = space
            self.edited.emit(space)

    def _set_frame(self, frame: Frame) -> None:
        changed = frame != self.frame
        self.frame = frame
        self.limits.show_frame(frame, self._of_plan)
        if changed:
            self._measure()

    def _measure(self) -> None:
        """Work everything out again, while somebody can see it."""
        if self.isVisible():
            self.worker.ask(self.document.space, self.frame, self._seed)

    def choose_frame(self, frame: Frame) -> None:
        """Count in another frame from now on; limits are moved to it."""
        limits = self.document.space.limits
        reason = misfit(self.document.space, frame)
        if not reason and not limits:
            self._set_frame(frame)
        elif not reason and isinstance(frame, Skeleton):
            reason = self.document.limit(tuple(replace(limit, skeleton=frame) for limit in limits))
        if reason:
            self.limits.show_frame(self.frame, self._of_plan)
            self.limits.show_fault(reason)

    def draw_again(self) -> None:
        """Other samples."""
        self._seed += 1
        self.worker.draw(self.document.space, self.frame, self._seed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._measure()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.worker.stop()

    def _show_table(self) -> None:
        """The table in place of the picture, or the picture again."""
        part = self.table if self.menu_actions.table.isChecked() else self.view
        self.middle.setCurrentWidget(part)
        part.setFocus()

    # -- spaces to begin with, and files of spaces

    def begin_with(self, space: Space, name: str) -> bool:
        """Begin with another space. That, too, can be undone."""
        return self.document.replace(space, f"take {name}")

    def _offer_spaces(self) -> None:
        self.spaces.clear()
        for name, space in presets().items():
            action = self.spaces.addAction(name)
            action.setToolTip(f"{space.title}: {space.about}")
            action.setCheckable(True)
            action.setChecked(space == self.document.space)
            action.triggered.connect(lambda checked=False, name=name: self.begin_with(presets()[name], name))
        self.spaces.addSeparator()
        self.spaces.addActions([self.menu_actions.open, self.menu_actions.save])

    def open(self, path: Path) -> None:
        """Begin with the space in a file; what is wrong with it is said, and changes nothing."""
        try:
            self.begin_with(files.load_space(path), path.name)
        except (SpaceError, OSError) as error:
            self.show_fault(f"{path.name} was not opened: {getattr(error, 'strerror', '') or error}")

    def _ask_open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open space", "", f"{SPACES};;All files (*)")
        if name:
            self.open(Path(name))

    def _ask_save(self) -> None:
        save_as(
            self,
            "Save space as",
            "space.toml",
            SPACES,
            lambda path: files.save_space(self.document.space, path),
            lambda path, reason: self.show_fault(f"{path.name} was not saved: {reason}"),
        )


def _rule(parent: QWidget, vertical: bool) -> QFrame:
    rule = QFrame(parent)
    rule.setProperty("role", "rule")
    if vertical:
        rule.setFixedWidth(1)
    else:
        rule.setFixedHeight(1)
    return rule
