"""The plan of the next search, or of the one that is shown, as a form."""

import itertools
from collections.abc import Mapping
from typing import ClassVar, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.panels.data_preview import DataPreview
from app.panels.plan_form import PlanForm
from app.widgets.field_editors import Combo
from app.widgets.labels import label
from app.widgets.layouts import packed
from app.widgets.panel import Data, Panel
from engine.plan import Plan as SearchPlan

Lock = Literal["", "running", "opened"]

_WHY: dict[Lock, str] = {
    "": "",
    "running": "Locked while the search runs.",
    "opened": "This is the plan of the opened session.",
}


def described(plan: SearchPlan) -> str:
    """A plan in a few words: DARTS on Digits."""
    return f"{plan.method.title} on {plan.data.title}"


class Plan(Panel):
    """Shows and edits a plan. It looks at no tables: what it shows is what the next Start will do."""

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
        self._scroll = QScrollArea(self.body)
        self.preview = DataPreview()
        page = QWidget()
        stack = QVBoxLayout(page)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        stack.addWidget(self.preview)
        stack.addWidget(self.form, 1)
        self._scroll.setWidget(page)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._lock: Lock = ""
        self._note = QFrame(self.body)
        self._note.setProperty("role", "bar")
        self._why = label("", "small", self._note)
        self._why.setWordWrap(True)
        self.copy = QPushButton("Edit a copy", self._note)
        self.copy.clicked.connect(self.copy_requested)
        row = QHBoxLayout(self._note)
        row.setContentsMargins(10, 4, 10, 4)
        row.addWidget(self._why, 1)
        row.addWidget(self.copy)
        self._note.hide()
        first = QHBoxLayout()
        first.setContentsMargins(10, 8, 10, 4)
        first.addWidget(self.presets, 1)
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
    def fault(self) -> str:
        """The first thing that keeps the plan from being started, in the words of the form, or ""."""
        return next(itertools.starmap(self.form.worded, self.form.faults.items()), "")

    @property
    def locked(self) -> Lock:
        """Why the form is read only, or ""."""
        return self._lock

    def show_plan(self, plan: SearchPlan, lock: Lock = "") -> None:
        """Show a plan, to be edited or, with a lock, only read."""
        if plan != self.form.plan or self.form.faults:
            self.form.show_plan(plan)
        self._lock = lock
        self.form.setEnabled(not lock)
        self._why.setText(_WHY[lock])
        self.copy.setVisible(lock == "opened")
        self._note.setVisible(bool(lock))
        self.presets.setEnabled(lock != "running")
        self._name_preset()

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
