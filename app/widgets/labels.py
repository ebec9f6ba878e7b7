"""Labels that shorten themselves to the room there is, and notes that take the lines they need."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app import theme as themes

PART = " · "
"""What stands between the parts of a text."""


class ElidedLabel(QLabel):
    """One muted line that takes what width it gets and is cut short where it does not fit; the tool tip has the whole.

    If it `wraps`, a text without room is written in two lines of small letters, broken between two of its parts.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        wraps: bool = False,
        role: str = "muted",
    ) -> None:
        super().__init__(parent)
        self.full_text = ""
        self._mode, self._wraps, self._role = mode, wraps, role
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        # The room it gets must not depend on the text, or everything beside it would jump.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        if text != self.full_text:
            self.full_text = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            self._fit()

    def lines(self) -> list[str]:
        """What is written of the text in the room there is."""
        width, metrics, lines = self.contentsRect().width(), self._metrics(), [self.full_text]
        parts = self.full_text.split(PART)
        if self._wraps and len(parts) > 1 and metrics.horizontalAdvance(self.full_text) > width:
            metrics = QFontMetrics(themes.font(themes.SMALL))
            pairs = ([PART.join(parts[:end]), PART.join(parts[end:])] for end in range(1, len(parts)))
            lines = min(pairs, key=lambda pair: max(map(metrics.horizontalAdvance, pair)))
        return [metrics.elidedText(line, self._mode, width) for line in lines]

    def _metrics(self) -> QFontMetrics:
        """Of one line: while two are shown, the label's own font is the small one."""
        return QFontMetrics(themes.font(themes.BODY)) if self._wraps else self.fontMetrics()

    def _fit(self) -> None:
        lines = self.lines()
        set_role(self, "small" if len(lines) > 1 else self._role)
        super().setText("\n".join(lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        metrics, margins = self._metrics(), self.contentsMargins()
        height = super().sizeHint().height()
        if self._wraps:
            height = max(metrics.height() + 4, 2 * QFontMetrics(themes.font(themes.SMALL)).lineSpacing())
            height += margins.top() + margins.bottom()
        width = metrics.horizontalAdvance(self.full_text) + 4 + margins.left() + margins.right()
        return QSize(width, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())


def set_role(widget: QWidget, role: str) -> None:
    """Have a widget look as the style sheet says of another role."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def in_lines(text: str, metrics: QFontMetrics, width: int, most: int) -> list[str]:
    """A text in up to so many lines of about the same length, broken between words; what is too long is cut short."""

    def broken(width: int) -> list[str]:
        lines = [""]
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and metrics.horizontalAdvance(longer) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    lines = broken(width)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    else:
        for narrower in range(width - 8, width // 2, -8):
            if len(even := broken(narrower)) > len(lines):
                break
            lines = even
    return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines]


def label(text: str, role: str, parent: QWidget | None = None) -> QLabel:
    """A line in one of the roles of the style sheet."""
    result = QLabel(text, parent)
    result.setProperty("role", role)
    return result


def note(role: str, parent: QWidget | None = None, text: str = "") -> QLabel:
    """Some sentences, or what went wrong, across a page; hidden until there is need."""
    result = label(text, role, parent)
    result.setWordWrap(True)
    result.setContentsMargins(10, 6, 10, 8)
    result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    result.hide()
    return result
