"""The plan of the next search, or of the one that is shown, as a form."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.data_preview import DataPreview
from app.panels.plan_form import PlanForm
from app.widgets.field_editors import Combo
from app.widgets.labels import label
from app.widgets.layouts import packed
from app.widgets.panel import Data, Panel
from engine.plan import Plan as SearchPlan

Lock = Literal["", "running", "opened"]

_WHY: dict[Lock, str] = {
    "running": "This is the plan of the search that is running.",
    "opened": "This is the plan of the opened session.",
}


def described(plan: SearchPlan) -> str:
    """A plan in a few words: DARTS on Digits."""
    return f"{plan.method.title} on {plan.data.title}"


class Plan(Panel):
    """Shows and edits a plan. It looks at no tables: what it shows is what the next Start will do.

    A plan that cannot be edited, of the search that runs or of a session that was opened, is shown in front of the
    draft that a person was at, which comes back as it was.
    """

    name = "plan"
    title = "Plan"
    dock = ("plan", 1)
    opens = "every"
    order = 1
    shortcut = "Ctrl+1"
    about: ClassVar[str] = (
        "Everything that decides how a search goes: what is searched, how, on which data, how long and where. The same "
        "plan gives the same search. Point at a setting to read what it does and which paper its default comes from."
    )

    plan_changed = Signal(object)
    """The plan after a person's edit; `fault` says whether it can be started."""
    shown = Signal()
    """Another plan is shown, or the same to be edited or only read."""
    preset_chosen = Signal(str)
    copy_requested = Signal()
    """A person wants to edit a copy of the plan of the opened session."""

    def __init__(self, plan: SearchPlan, presets: Mapping[str, SearchPlan], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = presets
        self.presets = Combo()
        self.presets.setAccessibleName("Preset")
        self.presets.setToolTip("Begin with one of the plans the program ships with")
        for name, known in presets.items():
            self.presets.addItem(name)
            self.presets.setItemData(self.presets.count() - 1, described(known), Qt.ItemDataRole.ToolTipRole)
        self.presets.textActivated.connect(self.preset_chosen)
        self.form = PlanForm(plan)
        self.form.edited.connect(self._edited)
        self.search = QLineEdit(self.body)
        self.search.setPlaceholderText("Find a setting")
        self.search.setAccessibleName("Find a setting")
        self.search.setClearButtonEnabled(True)
        self.search.findChildren(QToolButton)[0].setAccessibleName("Show all settings")
        self.search.textChanged.connect(self.form.look_for)
        for keys, act in (("Ctrl+F", self.search.setFocus), ("Escape", self.search.clear)):
            within = self.search if keys == "Escape" else self
            shortcut = QShortcut(QKeySequence(keys), within)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)
        self._scroll = QScrollArea(self.body)
        self.preview = DataPreview()
        self._page = QWidget()
        stack = QVBoxLayout(self._page)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        stack.addWidget(self.preview)
        stack.addWidget(self.form, 1)
        self._scroll.setWidget(self._page)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._lock: Lock = ""
        self._draft = self._begun = plan
        self._running: SearchPlan | None = None
        self._note = QFrame(self.body)
        self._note.setProperty("role", "draft")
        self._why = label("", "small", self._note)
        self._why.setWordWrap(True)
        self.copy = QPushButton("Edit a copy", self._note)
        self.copy.clicked.connect(self.copy_requested)
        self.back = QPushButton("Back to the draft", self._note)
        self.back.clicked.connect(self._show_draft)
        self.show_running = QPushButton("Show its plan", self._note)
        self.show_running.clicked.connect(lambda: self._running and self.show_plan(self._running, "running"))
        row = QHBoxLayout(self._note)
        row.setContentsMargins(10, 4, 10, 4)
        row.addWidget(self._why, 1)
        for button in (self.copy, self.back, self.show_running):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        self._note.hide()
        first = packed(QVBoxLayout(), self.presets, self.search, spacing=4)
        first.setContentsMargins(10, 8, 10, 4)
        packed(QVBoxLayout(self.body), self._note, first, self._scroll, grows=self._scroll)
        self.show_plan(plan)

    @property
    def plan(self) -> SearchPlan:
        """The plan as it stands: the last one that every edit could be applied to."""
        return self.form.plan

    @property
    def preset(self) -> str:
        """The name of the preset that the plan is, or "" when it is none of them."""
        return next((name for name, known in self._known.items() if known == self.form.plan), "")

    @property
    def draft(self) -> SearchPlan:
        """The plan that a person may edit, whether it is shown or waits behind another."""
        return self._draft if self._lock else self.form.plan

    @property
    def edited(self) -> bool:
        """Whether a person has edited the draft since it was begun with."""
        return self.draft != self._begun

    @property
    def fault(self) -> str:
        """The first thing that keeps the plan from being started, in the form's words, or ""."""
        line = self.form.in_words(next(iter(self.form.faults.values()), ""))
        return line[:1].upper() + line[1:]

    @property
    def locked(self) -> Lock:
        """Why the form is read only, or ""."""
        return self._lock

    def show_plan(self, plan: SearchPlan, lock: Lock = "") -> None:
        """Begin a draft with a plan or, with a lock, show one that can only be read."""
        if lock:
            self._draft = self.draft
        else:
            self._draft = self._begun = plan
        self._show(plan, lock)

    def edit(self, plan: SearchPlan) -> None:
        """The draft as it was edited elsewhere."""
        self._show(plan, "")

    def follow_search(self, plan: SearchPlan | None) -> None:
        """A search with this plan runs now, and the form is the draft of the next; None: none runs any more."""
        self._running = plan
        if plan is not None and not (self._lock and self.edited):
            self._draft = self._begun = plan  # its edits are safe in the session
        if self._lock == "running" or (plan is not None and self._lock):
            self._show_draft()
        else:
            self._say_which()

    def show_setting(self, path: str = "") -> None:
        """Lead to a setting, by default to the first that keeps the plan from being started."""
        path = path or next(iter(self.form.faults), "")
        if path in self.form.rows:
            self.search.clear()
            editor = self.form.show_setting(path)
            self._page.adjustSize()  # what was unfolded gets its place
            self._scroll.ensureWidgetVisible(editor, 0, 60)

    def _show_draft(self) -> None:
        self._show(self._draft, "")

    def _show(self, plan: SearchPlan, lock: Lock) -> None:
        self._lock = lock
        if plan != self.form.plan or self.form.faults:
            self.form.show_plan(plan)
        self.form.setEnabled(not lock)
        self.presets.setEnabled(lock != "running")
        self._say_which()
        self._name_preset()
        self.shown.emit()

    def _say_which(self) -> None:
        """Say above the form whose plan it is, where that is not plain."""
        running = self._running is not None
        draft = f"Draft of the next search. {self._running.name} is running." if self._running is not None else ""
        self._why.setText(_WHY[self._lock] if self._lock else draft)
        self.copy.setVisible(self._lock == "opened")
        self.back.setVisible(self._lock == "running" or (self._lock == "opened" and self.edited))
        self.show_running.setVisible(running and not self._lock)
        self._note.setVisible(bool(self._lock) or running)

    def _edited(self) -> None:
        self._name_preset()
        self.plan_changed.emit(self.form.plan)

    def _name_preset(self) -> None:
        self.presets.setPlaceholderText(self.plan.name if self._lock else "edited")
        self.presets.setCurrentText(self.preset) if self.preset else self.presets.setCurrentIndex(-1)

    def show_fault(self, key: str, line: str) -> bool:
        """Say beside a setting what is wrong with it, until it is edited; False where the form has no such setting."""
        known = self.form.report(key, line)
        if known:
            self._scroll.ensureWidgetVisible(self.form.rows[key].editor)
        return known

    def data(self) -> Data:
        rows = [(path, row.editor.text, row.info.unit) for path, row in self.form.rows.items()]
        return ["setting", "value", "unit"], rows
