"""The numbers of a space: how many architectures it holds, and what they cost."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app import theme as themes
from app.editors.space.space_labels import error, within
from app.widgets.labels import label
from app.widgets.layouts import packed
from engine.space.size_and_cost import Figures, Statistics
from engine.words import amount, power

NOT_YET = "…"
FIELDS = {"params": "parameters", "macs": "MACs"}


class Figure(QWidget):
    """A number with what it is above, and how it is known below."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.title, self.value, self.note = label(title, "section"), QLabel(), label("", "small")
        self.value.setFont(themes.font(themes.BODY, "medium"))
        for part in (self.title, self.value, self.note):
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        packed(QVBoxLayout(self), self.title, self.value, self.note)

    def show_value(self, value: str, note: str, tip: str = "") -> None:
        """Show a number."""
        self.value.setText(value)
        self.note.setText(note)
        for part in (self.title, self.value, self.note):
            part.setToolTip(tip)
        self.setAccessibleName(" ".join(filter(None, (self.title.text().lower(), value, note))))


class StatisticsRow(QWidget):
    """All of them in one row. What is shown belongs to the last statistics; `wait` says that they are outdated."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.size_value = Figure("ARCHITECTURES", self)
        self.costs = {name: Figure(words.upper(), self) for name, words in FIELDS.items()}
        self.costs["macs"].title.setText("MACs")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 10, 6)
        row.setSpacing(16)
        for figure in (self.size_value, *self.costs.values()):
            row.addWidget(figure, 1)
        self.wait()

    def wait(self, size: int | None = None) -> None:
        """Nothing is known yet, or only the size without limits."""
        self.size_value.show_value(power(size) if size is not None else NOT_YET, "")
        for figure in self.costs.values():
            figure.show_value(NOT_YET, "")

    def show_statistics(self, known: Statistics) -> None:
        """Show what is known of a space."""
        exact = f"{known.size:,}"
        if known.share is None:
            self.size_value.show_value(power(known.size), "exactly counted", f"{exact} architectures, exactly")
        else:
            how = "counted one by one" if known.share.whole else error(known.share)
            note = f"{how} of {power(known.size)}" if how else f"of {power(known.size)}"
            tip = f"within the limits; without them {exact}, exactly. {_drawn(known)}".strip()
            self.size_value.show_value(within(known.size, known.share), note, tip)
        for name, figure in self.costs.items():
            self._show(figure, getattr(known, name), known, FIELDS[name])

    @staticmethod
    def _show(figure: Figure, found: Figures | None, known: Statistics, unit: str) -> None:
        if found is None:
            reason = known.fault or ("none is within the limits" if known.drawn else "")
            figure.show_value("—" if reason else NOT_YET, reason, reason)
            return
        middle = amount(found.median) if found.median is not None else NOT_YET
        value = f"{amount(found.least)} – {middle} – {amount(found.most)}"
        if found.least == found.most:
            value = amount(found.least)
        note = "least – median – most, exact"
        if found.least == found.most and found.bounds_exact:
            note = "the same for all"
        elif not found.bounds_exact:
            note = f"least – median – most of {known.drawn:,} drawn"
        elif not found.median_exact:
            note = f"least, most exact; median of {known.drawn:,} drawn" if known.drawn else "least and most exact"
        median = "" if found.median is None else f"median {found.median:,}, "
        figure.show_value(value, note, f"least {found.least:,}, {median}most {found.most:,} {unit}")


def _drawn(known: Statistics) -> str:
    if known.share is None or known.share.whole or not known.drawn:
        return ""
    return f"{known.share.kept:,} of {known.drawn:,} drawn are; the error is that of a 95 % interval."
