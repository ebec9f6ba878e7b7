"""The form of a plan: sections of settings, each row generated from what the setting says of itself."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from app.widgets.field_editors import FILES, FOLDER, ChoiceEditor, Editor, Fixed, editor_for, written
from app.widgets.labels import label
from app.widgets.panel_header import tool
from app.widgets.settings_form import SettingsForm
from engine.plan import DATASETS, EVALUATORS, METHODS, FieldInfo, Plan, PlanError, faults, fields, override
from engine.space.operations import label as operation_label
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


class PlanForm(SettingsForm):
    """Edits one plan. `plan` is always a valid one: the last that every edit so far could be applied to.

    Settings under a heading are folded away until a person unfolds it, one of them is wrong, or they are looked for.
    """

    BESIDE = 8

    edited = Signal()
    unfolded = Signal(object)
    """The headings that are unfolded now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self._wrong: dict[str, str] = {}  # what was typed that no plan can have
        self._reported: dict[str, str] = {}  # what a search that could not start said of a setting
        self._seen: Callable[[Plan], dict[str, str]] = lambda plan: {}
        self._open: set[str] = set()  # headings that a person has unfolded
        self._wanted: list[str] = []  # words that are looked for
        self._heading_of: dict[str, str] = {}  # of a setting, by its path; "" for none
        self._headings: dict[str, QToolButton] = {}
        self._sections: dict[str, list[QWidget]] = {}
        self.show_plan(plan)

    # -- in and out

    def show_plan(self, plan: Plan) -> None:
        """Show another plan; what was typed before is dropped."""
        self.plan = plan
        self._wrong.clear()
        self._reported.clear()
        infos = self._infos()
        self.show_fields(infos, *(str(info.value) for info in infos if info.kind == "section"))
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

    def report(self, path: str, line: str) -> bool:
        """Say this beneath a setting until a person edits it; False where the form has no such setting."""
        if path not in self.rows:
            return False
        self._reported[path] = line
        self._judge()
        return True

    def in_words(self, line: str) -> str:
        """A line about settings, with what the form calls them in place of their keys."""
        for path, row in sorted(self.rows.items(), reverse=True):  # "method.w_lr_min" before "method.w_lr"
            if path not in SECTIONS and "." in path:
                line = line.replace(path, row.info.label)
        return line

    def look_for(self, text: str) -> None:
        """Show only the settings with all of these words in their titles or keys; "" shows the form as it was."""
        self._wanted = text.lower().split()
        self._arrange()

    def unfold(self, headings: Iterable[str]) -> None:
        """Unfold exactly these headings."""
        self._open = set(headings)
        self._arrange()

    def show_setting(self, path: str) -> QWidget:
        """Unfold the heading that a setting stands under, and give it the keyboard; returns its editor."""
        row = self.rows[path]
        self._open.add(self._heading_of.get(path, ""))
        self._arrange()
        if not row.editor.face.hasFocus():
            row.editor.face.setFocus(Qt.FocusReason.OtherFocusReason)
            if isinstance(row.editor.face, QLineEdit):
                row.editor.face.selectAll()
        return row.editor

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
            said = self.in_words(line.removeprefix(path).lstrip(": "))
            row.fault.setText(said[:1].upper() + said[1:])
        space = self.plan.space
        self.rows[SIZE.path].editor.set_text(f"{'≤ ' if space.limits else ''}{power(space.size())}")
        self._arrange()

    def _arrange(self) -> None:
        """Show what means something now and is looked for, or is not folded away; what is wrong is always shown."""
        sections: set[str] = set()
        headings: set[str] = set()
        for path, row in self.rows.items():
            wrong = bool(row.fault.text())
            heading = self._heading_of.get(path, "")
            words = f"{_section(path)} {path} {row.info.label}".lower()
            found = all(word in words for word in self._wanted)
            there = found and (wrong or self._means_something(row.info))
            shown = there and (wrong or bool(self._wanted) or not heading or heading in self._open)
            for widget in row.parts:
                widget.setVisible(shown)
            row.fault.setVisible(shown and wrong)
            if there:
                sections.add(_section(path))
                headings.add(heading)
        for section, widgets in self._sections.items():
            for widget in widgets:
                widget.setVisible(section in sections and (not self._wanted or widget is widgets[0]))
        for heading, button in self._headings.items():
            button.setVisible(heading in headings)
            button.setChecked(heading in self._open or bool(self._wanted))
            button.setArrowType(Qt.ArrowType.DownArrow if button.isChecked() else Qt.ArrowType.RightArrow)

    def _means_something(self, info: FieldInfo) -> bool:
        """Whether another setting does not make this one idle."""
        name, differs, value = info.only_if.rpartition("!=") if "!=" in info.only_if else info.only_if.rpartition("=")
        if not name:
            return True
        settings = getattr(self.plan, _section(info.path))
        return (written(getattr(settings, name)) == value) != (differs == "!=")

    def _fold(self, heading: str, on: bool) -> None:
        (self._open.add if on else self._open.discard)(heading)
        self._arrange()
        self.unfolded.emit(sorted(self._open))

    # -- what the form consists of

    def _infos(self) -> list[FieldInfo]:
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
            first = {_heading(info): place for place, info in reversed(list(enumerate(own)))}
            own.sort(key=lambda info: (bool(_heading(info)), first[_heading(info)]))  # those without a heading first
            order += [infos[section], *own] if kinds else own
        order += [infos[name] for name in (*RUN, "name")]
        return [info for info in order if info.path not in unused or info.value is not None]

    def fill(self, infos: Sequence[FieldInfo]) -> None:
        """Rows under headings: those of the plan's parts and, within these, of settings that belong together."""
        self._column.setContentsMargins(10, 4, 10, 10)
        for found in (self._heading_of, self._headings, self._sections):
            found.clear()
        alone = Counter((_section(info.path), _heading(info)) for info in infos)
        section = heading = ""
        for info in infos:
            if _section(info.path) != section:
                if section == "space":
                    self.add_row(SIZE, SIZE.label, Fixed())
                section, heading = _section(info.path), ""
                self._sections[section] = [title := label(section.upper(), "section")]
                self.add_line(title, above=8)
            group, _, name = info.label.rpartition(": ")
            if alone[section, group] < 2:
                self._add(info, info.label)
                continue
            if group and group != heading:
                self._head(group, alone[section, group])
            heading = group
            self._heading_of[info.path] = f"{section}: {group}" if group else ""
            self._add(info, name[:1].upper() + name[1:])
        self._column.addStretch(1)

    def _head(self, group: str, settings: int) -> None:
        """The heading of some settings, which folds them away."""
        section = next(reversed(self._sections))
        button = tool(f"{group} ({settings})", "Show or hide these settings", checkable=True)
        button.setAccessibleName(f"{group}, {settings} settings of the {section}")
        button.setProperty("role", "heading")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(lambda on: self._fold(f"{section}: {group}", on))
        self._headings[f"{section}: {group}"] = button
        self.add_line(button, above=3)

    def _add(self, info: FieldInfo, name: str) -> None:
        editor = self.make_editor(info)
        if info.kind == "section":  # its heading says already what is chosen
            self.add_row(info, name, editor, "alone")
        else:
            long = info.count > 1 or info.path.endswith(("name", FOLDER, *FILES))
            self.add_row(info, name, editor, "below" if long else "beside")
        if info.path == "method":  # the others say it in their tooltips
            chosen = METHODS[str(info.value)]
            about = label(chosen.about, "small")
            about.setWordWrap(True)
            about.setToolTip(chosen.source)
            self.add_line(about)
            self._sections["method"].append(about)

    def make_editor(self, info: FieldInfo) -> Editor:
        if info.kind == "section":
            kinds = SECTIONS[info.path]
            choices = {kind: kinds[kind].title for kind in info.choices}
            editor: Editor = ChoiceEditor(({"none": "none"} if info.optional else {}) | choices)
        else:
            editor = editor_for(info, operation_label)
        editor.edited.connect(lambda text: self._edit(info.path, text))
        return editor

    def width_of(self, info: FieldInfo) -> int:
        return FIELD_WIDTH

    def about(self, info: FieldInfo) -> Iterable[str]:
        chosen = SECTIONS.get(info.path, {}).get(str(info.value))
        said = [*super().about(info)]
        return [said[0], chosen.about, f"Source: {chosen.source}", *said[1:]] if chosen is not None else said


def _section(path: str) -> str:
    """The section of the form that a setting stands in."""
    part, _, _ = path.partition(".")
    return part if part in SECTIONS else "run"


def _heading(info: FieldInfo) -> str:
    return info.label.rpartition(": ")[0]
