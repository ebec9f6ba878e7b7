"""The limits of a space on parameters and MACs, and the frame in which they and all numbers are counted."""

from dataclasses import dataclass

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.theme import Theme
from engine.space.counts import Frame, Skeleton
from engine.space.limits import Limit, Quantity

from ..line import tool
from .document import SpaceDocument
from .frames import frames
from .palette import chip_style
from .settings import SettingsForm
from .words import amount, frame_words

QUANTITIES: dict[Quantity, str] = {"params": "Parameters", "macs": "MACs"}
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
FIELD = 54  # pixels
ADVICE = "write a number such as 500,000, 500 k or 0.5 M, or nothing for no limit"


@dataclass(frozen=True)
class Span:
    """From least to most; None is no limit."""

    least: int | None = None
    most: int | None = None


def read_amount(text: str) -> int | None:
    """The number in a text such as 500,000, 500 k or 0.5 M; None for an empty one. Raises ValueError."""
    words = text.strip().lower().replace(",", "").replace("\u202f", "").replace(" ", "")
    if not words:
        return None
    unit = words[-1] if words[-1] in "kmg" else ""
    try:
        value = round(float(words.removesuffix(unit)) * UNITS[unit])
    except (ValueError, OverflowError):
        raise ValueError(f"{text.strip()[:20]} is no number; {ADVICE}") from None
    if not 0 <= value < 2**60:
        raise ValueError(f"{text.strip()[:20]} is out of the question; {ADVICE}")
    return value


def written(value: int | None) -> str:
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
        self.fault = QLabel(self)
        self.fault.setProperty("role", "fault")
        self.fault.setWordWrap(True)
        self.fault.hide()
        self.words = QLabel(self)
        self.words.setProperty("role", "small")
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.choose = tool("Count in another network: that of the plan, or one that was published")
        self.choose.setText("Choose")
        self.choose.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.choose)
        self.menu.aboutToShow.connect(self._fill)
        self.choose.setMenu(self.menu)
        self.form = SettingsForm(parent=self)
        self.form.edited.connect(self._set_frame)
        self.heading = _heading("COUNTED IN")
        self._limits_heading = _heading("LIMITS")
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
        document.changed.connect(self.settle)

    def _row(self, line: int, quantity: Quantity, words: str) -> None:
        title = QLabel(words, self)
        title.setProperty("role", "muted")
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
        self.settle()

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self.choose.setStyleSheet(chip_style(theme))

    def settle(self) -> None:
        """Bring the fields to the space's limits."""
        possible = "limits" in self.document.space.__struct_fields__
        for widget in (*self.fields.values(), *self._titles, self._limits_heading):
            widget.setVisible(possible)
        spans = self.spans()
        for (quantity, end), field in self.fields.items():
            field.setText(written(getattr(spans[quantity], end)))
            _mark(field, False)
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
                self.complain(str(reason))
                _mark(field, True)
                return
        spans = {one: Span(values[one, "least"], values[one, "most"]) for one in QUANTITIES}
        if spans == self.spans():
            self.settle()
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
            self.complain(str(reason).removeprefix("limits: "))
            return
        if why := self.document.limit(limits):
            self.complain(why.removeprefix("limits: "))

    def complain(self, reason: str) -> None:
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


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "section")
    return label


def _mark(field: QLineEdit, fault: bool) -> None:
    if bool(field.property("fault")) != fault:
        field.setProperty("fault", fault)
        field.style().unpolish(field)
        field.style().polish(field)
