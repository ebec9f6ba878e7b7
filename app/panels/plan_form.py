"""The form of a plan: sections of settings, each row generated from what the setting says of itself."""

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.widgets.field_editors import ChoiceEditor, Editor, Fixed, editor_for, written
from engine.plan import DATASETS, EVALUATORS, METHODS, FieldInfo, Plan, PlanError, faults, fields, override
from engine.space.operations import label
from engine.space.spaces import SPACES
from engine.words import power

SECTIONS: dict[str, Mapping[str, type[Any]]] = {
    "space": SPACES,
    "method": METHODS,
    "evaluator": EVALUATORS,
    "data": DATASETS,
    "budget": {},
    "instruments": {},
}
RUN = ("device", "threads", "seed")
SIZE = FieldInfo(
    path="space.size",
    label="Architectures",
    kind="text",
    default=None,
    value=None,
    doc="How many the space holds, exactly counted; limits on parameters and MACs may leave fewer of them.",
)
FIELD_WIDTH = 108  # pixels of the column of editors, so that their edges line up


@dataclass
class Row:
    """A setting in the form: its editor, and the line beneath that says what is wrong."""

    info: FieldInfo
    editor: Editor
    fault: QLabel


class PlanForm(QWidget):
    """Edits one plan. `plan` is always a valid one: the last that every edit so far could be applied to."""

    edited = Signal()

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self.rows: dict[str, Row] = {}
        self._wrong: dict[str, str] = {}  # what was typed that no plan can have
        self._shape: tuple[str, ...] = ()
        self._reported: dict[str, str] = {}  # what a search that could not start said of a setting
        self._seen: Callable[[Plan], dict[str, str]] = lambda plan: {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._page = QWidget()
        self._grid = QGridLayout()
        self.show_plan(plan)

    # -- in and out

    def show_plan(self, plan: Plan) -> None:
        """Show another plan; what was typed before is dropped."""
        self.plan = plan
        self._wrong.clear()
        self._reported.clear()
        self._settle()
        for info in self._shown():
            self.rows[info.path].editor.set_text(written(info.value))
        self._judge()

    @property
    def faults(self) -> dict[str, str]:
        """Everything that keeps the plan from being started, by dotted key, as shown beneath the fields."""
        found = {error.key: str(error) for error in faults(self.plan)}
        return self._seen(self.plan) | found | self._wrong

    def judge_by(self, seen: Callable[[Plan], dict[str, str]]) -> None:
        """From now on hold the plan against its data, too: `seen` says what is wrong by dotted key."""
        self._seen = seen
        self._judge()

    def worded(self, path: str, line: str) -> str:
        """A fault with the label of its setting in place of the key: "Batch must be at most 49, ..."."""
        if path not in self.rows or not line.startswith(path):
            return line
        return self.rows[path].info.label + line.removeprefix(path)

    def report(self, path: str, line: str) -> bool:
        """Say this beneath a setting until a person edits it; False where the form has no such setting."""
        if path not in self.rows:
            return False
        self._reported[path] = line
        self._judge()
        return True

    def text(self, path: str) -> str:
        """What stands in the field of a setting."""
        return self.rows[path].editor.text

    # -- editing

    def _edit(self, path: str, text: str) -> None:
        self._reported.pop(path, None)
        try:
            self.plan = override(self.plan, [f"{path}={text}"])
        except PlanError as error:
            self._wrong[path] = str(error)
        else:
            self._wrong.pop(path, None)
            if path in SECTIONS:
                # Another kind has other fields, and may bring another evaluator and budget.
                self._wrong = {key: line for key, line in self._wrong.items() if "." not in key}
                self.show_plan(self.plan)
        self._judge()
        self.edited.emit()

    def _judge(self) -> None:
        """Outline what is wrong and say so beneath it."""
        found = self._reported | self.faults
        for path, row in self.rows.items():
            line = found.get(path, "")
            row.editor.set_fault(bool(line))
            said = line.removeprefix(path).lstrip(": ")
            row.fault.setText(said[:1].upper() + said[1:])
            row.fault.setVisible(bool(line))
        space = self.plan.space
        self.rows[SIZE.path].editor.set_text(f"{'≤ ' if space.limits else ''}{power(space.size())}")

    # -- what the form consists of

    def _shown(self) -> list[FieldInfo]:
        """The settings to show, section by section; of the budget only what the method can use or the plan has set."""
        infos = {info.path: info for info in fields(self.plan)}
        one_shot, evaluator = self.plan.method.one_shot, self.plan.evaluator
        looked_up = not one_shot and evaluator is not None and not evaluator.needs_data
        unused = {"budget.evaluations" if one_shot else "budget.epochs"}
        unused |= set() if looked_up else {"budget.simulated_seconds"}
        no_use = {"evaluator": one_shot and evaluator is None, "instruments": not one_shot, "data": looked_up}
        order: list[FieldInfo] = []
        for section, kinds in SECTIONS.items():
            if no_use.get(section):
                continue
            own = [info for path, info in infos.items() if path.startswith(f"{section}.")]
            order += [infos[section], *own] if kinds else own
        order += [infos[name] for name in (*RUN, "name")]
        return [info for info in order if info.path not in unused or info.value is not None]

    def _settle(self) -> None:
        """Make the rows that this plan's kinds need, unless they are there already."""
        infos = self._shown()
        kinds = [str(info.value) for info in infos if info.kind == "section"]
        shape = (*kinds, *(info.path for info in infos))
        if shape == self._shape:
            return
        self._shape = shape
        held = next((path for path, row in self.rows.items() if row.editor.face.hasFocus()), "")
        self._page.hide()
        self._page.deleteLater()
        self._page = QWidget()
        self._grid = QGridLayout(self._page)
        self._grid.setContentsMargins(10, 4, 10, 10)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self.rows.clear()
        section = heading = ""
        for info in infos:
            part, _, _ = info.path.partition(".")
            part = part if part in SECTIONS else "run"
            if part != section:
                if section == "space":
                    self._row(SIZE, SIZE.label, Fixed())
                section, heading = part, ""
                self._line(_label(part.upper(), "section"), above=8)
            prefix, _, rest = info.label.rpartition(": ")
            if prefix != heading and prefix:
                self._line(_label(prefix, "small"), above=3)
            heading = prefix
            self._add(info, rest[:1].upper() + rest[1:])
        self._grid.setRowStretch(self._grid.rowCount(), 1)
        self._column.addWidget(self._page)
        self._page.show()
        if held in self.rows:
            self.rows[held].editor.face.setFocus()

    def _add(self, info: FieldInfo, name: str) -> None:
        if info.kind == "section":
            kinds = SECTIONS[info.path]
            choices = {kind: kinds[kind].title for kind in info.choices}
            editor: Editor = ChoiceEditor(({"none": "none"} if info.optional else {}) | choices)
        else:
            editor = editor_for(info, label)
        self._row(info, name, editor)
        if info.path == "method":  # the others say it in their tooltips
            about = _label(SECTIONS["method"][str(info.value)].about, "small")
            about.setWordWrap(True)
            about.setToolTip(SECTIONS["method"][str(info.value)].source)
            self._line(about)

    def _row(self, info: FieldInfo, name: str, editor: Editor) -> None:
        tip = _tip(info)
        title, fault = QLabel(name), _label("", "fault")
        title.setProperty("role", "muted")
        title.setWordWrap(True)
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        title.setBuddy(editor.face)
        fault.setWordWrap(True)
        for widget in (title, editor, editor.face):
            widget.setToolTip(tip)
        editor.face.setAccessibleName(info.label)
        editor.face.setAccessibleDescription(info.doc)
        editor.edited.connect(lambda text: self._edit(info.path, text))
        editor.set_text(written(info.value))
        line = self._grid.rowCount()
        if info.kind == "section":  # its heading says already what is chosen
            self._grid.addWidget(editor, line, 0, 1, 2)
            title.deleteLater()
        elif info.count > 1 or info.path.endswith(("folder", "name")):  # too long to stand beside its title
            self._grid.addWidget(title, line, 0)
            self._grid.addWidget(editor, line + 1, 0, 1, 2)
            line += 1
        else:
            editor.setFixedWidth(FIELD_WIDTH)
            self._grid.addWidget(title, line, 0)
            self._grid.addWidget(editor, line, 1)
        self._grid.addWidget(fault, line + 1, 0, 1, 2)
        fault.hide()
        self.rows[info.path] = Row(info, editor, fault)

    def _line(self, widget: QWidget, above: int = 0) -> None:
        line = self._grid.rowCount()
        self._grid.setRowMinimumHeight(line, above)
        self._grid.addWidget(widget, line + 1, 0, 1, 2)


def _label(text: str, role: str) -> QLabel:
    result = QLabel(text)
    result.setProperty("role", role)
    return result


def _tip(info: FieldInfo) -> str:
    """What the setting is, what it may be, and where its default comes from."""
    chosen = SECTIONS.get(info.path, {}).get(str(info.value))
    lines = [info.doc, *([chosen.about, f"Source: {chosen.source}"] if chosen is not None else [])]
    if info.low is not None and info.high is not None:
        unit = f" {info.unit}" if info.unit else ""
        lines.append(f"{info.low:g} to {info.high:g}{unit}; default {written(info.default) or 'no limit'}")
    elif info.allowed:
        lines.append(info.allowed)
    if info.source:
        lines.append(f"Source: {info.source}")
    return "<br>".join(f"<span>{html.escape(line)}</span>" for line in lines if line)
