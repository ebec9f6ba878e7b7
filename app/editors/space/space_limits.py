"""The limits of a space on parameters and MACs, and the frame in which they and all numbers are counted."""

from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.editors.space.choice_palette import chip_style
from app.editors.space.space_document import SpaceDocument
from app.editors.space.space_labels import frame_words
from app.theme import Theme
from app.widgets.field_editors import Editor, SpinEditor, TextEditor, editor_for, set_fault
from app.widgets.labels import label
from app.widgets.panel_header import tool
from app.widgets.settings_form import SettingsForm
from engine.plan import FieldInfo, Plan, fields, kind_of
from engine.space import Space
from engine.space.counts import PUBLISHED, Frame, LanguageModel, Skeleton, Unbuildable, count, frame_of, published_frame
from engine.space.limits import Limit, Quantity
from engine.words import amount

WIDE = {"int": 62, "choice": 112}  # pixels of a field
OTHER = 104
NOT_HERE = frozenset({"names", "edits", "section"})
WORDS = {"nodes": "all nodes"}
"""How choices are shown that would be hard to understand by themselves."""


class StructForm(SettingsForm):
    """The settings of an immutable value, such as a space. `edited` carries a name, its new value and its label."""

    edited = Signal(str, object, str)

    def show_values(self, settings: Any) -> None:
        """Show the settings of a value."""
        self.show_fields([info for info in fields(settings) if info.kind not in NOT_HERE], type(settings).__name__)

    def make_editor(self, info: FieldInfo) -> Editor:
        editor = SpinEditor(info) if info.kind == "int" else editor_for(info, lambda name: WORDS.get(name, name))
        done = editor.line.editingFinished if isinstance(editor, TextEditor) else editor.edited
        done.connect(lambda *_: self._edited(info, editor.text))
        return editor

    def width_of(self, info: FieldInfo) -> int | None:
        return None if info.kind == "bool" else WIDE.get(info.kind, OTHER)

    def _edited(self, info: FieldInfo, text: str) -> None:
        value: Any = text
        if info.kind != "choice":
            value = text == "true" if info.kind == "bool" else _numbers(text)
        if value is not None:
            self.edited.emit(info.path, value[0] if info.kind == "int" else value, info.label)


def _numbers(text: str) -> tuple[int, ...] | None:
    """A list of whole numbers as somebody types it; None for anything else."""
    try:
        return tuple(int(part) for part in text.replace(",", " ").split())
    except ValueError:
        return None


CLASSES = {"cifar100": 100}
"""Of data sets that do not have ten; how many a folder has shows when it is read."""


def frame_of_plan(plan: Plan) -> Frame | None:
    """The frame in which the plan's networks are trained; None where they could not be."""
    settings = plan.method if plan.method.one_shot else plan.evaluator
    given = {name: getattr(settings, name) for name in ("channels", "layers") if hasattr(settings, name)}
    sizes = {name: size[-1] if isinstance(size, tuple) else size for name, size in given.items()}  # of stages, the last
    skeleton = Skeleton(
        kind=frame_of(plan.space.example()),
        image=plan.data.image,
        in_channels=plan.data.in_channels,
        classes=CLASSES.get(kind_of(plan.data) or "", 10),
        **sizes,
    )
    return skeleton if fits(plan.space, skeleton) else None


def frames(space: Space) -> dict[str, Frame]:
    """The published frames that the space fits into, by name; that of the space's own paper first."""
    own = published_frame(space.example())
    known: dict[str, Frame] = {"as published": own, **PUBLISHED, "language model": LanguageModel()}
    found = {name: frame for name, frame in known.items() if fits(space, frame)}
    return {name: frame for name, frame in found.items() if name == "as published" or frame != own}


def fits(space: Space, frame: Frame) -> bool:
    """Whether the space's architectures can be counted in the frame."""
    return not misfit(space, frame)


def misfit(space: Space, frame: Frame) -> str:
    """Why the space's architectures cannot be counted in the frame, or ""."""
    try:
        count(space.example(), frame)
    except Unbuildable as reason:
        return str(reason)
    return ""


def fitting(space: Space, frame: Frame) -> Frame:
    """The frame, or one that the space fits into; the frame itself where there is none."""
    return frame if fits(space, frame) else next(iter(frames(space).values()), frame)


QUANTITIES: dict[Quantity, str] = {"params": "Parameters", "macs": "MACs"}
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
FIELD = 54  # pixels
ADVICE = "write a number such as 500,000, 500 k or 0.5 M, or nothing for no limit"


@dataclass(frozen=True)
class Span:
    """From least to most; None is no limit."""

    least: int | None = None
    most: int | None = None


def read_amount(text: str) -> int | None:
    """The number in a text such as 500,000, 500 k or 0.5 M; None for an empty one. Raises ValueError."""
    words = "".join(text.lower().replace(",", "").split())  # all kinds of spaces
    if not words:
        return None
    unit = words[-1] if words[-1] in UNITS else ""
    try:
        value = round(float(words.removesuffix(unit)) * UNITS[unit])
    except (ValueError, OverflowError):
        raise ValueError(f"{text.strip()[:20]} is no number; {ADVICE}") from None
    if not 0 <= value < 2**60:
        raise ValueError(f"{text.strip()[:20]} is out of the question; {ADVICE}")
    return value


def limit_text(value: int | None) -> str:
    """A limit as a field shows it: short where nothing is lost by that."""
    if value is None:
        return ""
    short = amount(value)
    return short if read_amount(short) == value else f"{value:,}"


class Limits(QWidget):
    """From least to most, for either quantity, and the frame. `frame_chosen`: somebody wants another."""

    frame_chosen = Signal(object)

    def __init__(self, document: SpaceDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.frame: Frame = Skeleton()
        self.of_plan: Frame | None = None
        self.fields: dict[tuple[Quantity, str], QLineEdit] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self._titles: list[QLabel] = []
        for line, (quantity, words) in enumerate(QUANTITIES.items()):
            self._row(line, quantity, words)
        self.fault, self.words = label("", "fault", self), label("", "small", self)
        self.fault.setWordWrap(True)
        self.words.setWordWrap(True)
        self.fault.hide()
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.choose = tool("Choose", "Count in another network: that of the plan, or one that was published")
        self.choose.setAccessibleName(self.choose.toolTip())
        self.choose.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.choose)
        self.menu.aboutToShow.connect(self._fill)
        self.choose.setMenu(self.menu)
        self.form = StructForm(self)
        self.form.edited.connect(self._set_frame)
        self.heading = label("COUNTED IN", "section")
        self._limits_heading = label("LIMITS", "section")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 8, 8)
        column.setSpacing(3)
        column.addWidget(self._limits_heading)
        column.addLayout(self._grid)
        column.addWidget(self.fault)
        column.addSpacing(6)
        column.addWidget(self.heading)
        column.addWidget(self.words)
        column.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.form)
        document.changed.connect(self.refresh)

    def _row(self, line: int, quantity: Quantity, words: str) -> None:
        title = label(words, "muted", self)
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._titles.append(title)
        self._grid.addWidget(title, line, 0)
        for column, (end, hint) in enumerate((("least", "from"), ("most", "to")), 1):
            field = QLineEdit(self)
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            field.setFixedWidth(FIELD)
            field.setPlaceholderText(hint)
            field.setAccessibleName(f"{words} at {end}")
            field.setToolTip(f"{words} at {end}: {ADVICE}")
            field.editingFinished.connect(self._edited)
            self._grid.addWidget(field, line, column)
            self.fields[quantity, end] = field

    def show_frame(self, frame: Frame, of_plan: Frame | None) -> None:
        """The frame that numbers are counted in now, and that of the plan's networks."""
        self.frame, self.of_plan = frame, of_plan
        self.form.show_values(frame)
        same = "as the plan trains them: " if frame == of_plan else ""
        self.words.setText(f"{same}{frame_words(frame)}")
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self.choose.setStyleSheet(chip_style(theme))

    def refresh(self) -> None:
        """Bring the fields to the space's limits."""
        possible = "limits" in self.document.space.__struct_fields__
        for widget in (*self.fields.values(), *self._titles, self._limits_heading):
            widget.setVisible(possible)
        spans = self.spans()
        for (quantity, end), field in self.fields.items():
            field.setText(limit_text(getattr(spans[quantity], end)))
            set_fault(field, False)
        self.fault.hide()

    def spans(self) -> dict[Quantity, Span]:
        """The limits of the space, those on one quantity taken together."""
        found = {quantity: Span() for quantity in QUANTITIES}
        for limit in self.document.space.limits:
            old = found[limit.counts]
            least = [value for value in (old.least, limit.least) if value is not None]
            most = [value for value in (old.most, limit.most) if value is not None]
            found[limit.counts] = Span(max(least, default=None), min(most, default=None))
        return found

    def _edited(self) -> None:
        """Somebody has left a field: its text becomes a limit, or it is said why not."""
        values: dict[tuple[Quantity, str], int | None] = {}
        for key, field in self.fields.items():
            try:
                values[key] = read_amount(field.text())
            except ValueError as reason:
                self.show_fault(str(reason))
                set_fault(field, True)
                return
        spans = {one: Span(values[one, "least"], values[one, "most"]) for one in QUANTITIES}
        if spans == self.spans():
            self.refresh()
            return
        self._put(spans)

    def _put(self, spans: dict[Quantity, Span]) -> None:
        try:
            limits = tuple(
                Limit(counts=quantity, least=span.least, most=span.most, skeleton=self._skeleton())
                for quantity, span in spans.items()
                if span != Span()
            )
        except ValueError as reason:
            self.show_fault(str(reason).removeprefix("limits: "))
            return
        if why := self.document.limit(limits):
            self.show_fault(why.removeprefix("limits: "))

    def show_fault(self, reason: str) -> None:
        """Say in place why a limit was not set."""
        self.fault.setText(reason[:1].upper() + reason[1:])
        self.fault.show()

    def _skeleton(self) -> Skeleton:
        assert isinstance(self.frame, Skeleton)  # others have no limits
        return self.frame

    def _set_frame(self, name: str, value: object, label: str) -> None:
        self.frame_chosen.emit(replace(self.frame, **{name: value}))

    def _fill(self) -> None:
        self.menu.clear()
        known = frames(self.document.space)
        if self.of_plan is not None:
            known = {"as the plan trains them": self.of_plan, **known}
        for name, frame in known.items():
            action = self.menu.addAction(f"{name}: {frame_words(frame)}")
            action.setCheckable(True)
            action.setChecked(frame == self.frame)
            action.triggered.connect(lambda checked=False, frame=frame: self.frame_chosen.emit(frame))
