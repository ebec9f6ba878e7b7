"""The form of a plan: sections of settings, each row generated from what the setting says of itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal

from app.widgets.field_editors import FILES, FOLDER, ChoiceEditor, Editor, Fixed, editor_for
from app.widgets.labels import label
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
    """Edits one plan. `plan` is always a valid one: the last that every edit so far could be applied to."""

    BESIDE = 8

    edited = Signal()

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self._wrong: dict[str, str] = {}  # what was typed that no plan can have
        self._reported: dict[str, str] = {}  # what a search that could not start said of a setting
        self._seen: Callable[[Plan], dict[str, str]] = lambda plan: {}
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
            order += [infos[section], *own] if kinds else own
        order += [infos[name] for name in (*RUN, "name")]
        return [info for info in order if info.path not in unused or info.value is not None]

    def fill(self, infos: Sequence[FieldInfo]) -> None:
        """Rows under headings: those of the plan's parts and, within these, of settings that belong together."""
        self._column.setContentsMargins(10, 4, 10, 10)
        section = heading = ""
        for info in infos:
            part, _, _ = info.path.partition(".")
            part = part if part in SECTIONS else "run"
            if part != section:
                if section == "space":
                    self.add_row(SIZE, SIZE.label, Fixed())
                section, heading = part, ""
                self.add_line(label(part.upper(), "section"), above=8)
            prefix, _, rest = info.label.rpartition(": ")
            if prefix != heading and prefix:
                self.add_line(label(prefix, "small"), above=3)
            heading = prefix
            self._add(info, rest[:1].upper() + rest[1:])
        self._column.addStretch(1)

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
