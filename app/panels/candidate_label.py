"""The lines below a plot that say who a candidate is, or how things stand."""

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from app import theme as themes
from app.panels.candidate_text import candidate_words
from app.theme import Theme
from app.widgets.panel import Panel
from engine.session import View
from engine.words import THIN

LOW = 260
"""Less high than this, a panel has room for one line."""

Parts = tuple[str, str, str, str]
"""Who it is, what was changed, what became of it, and what else there is to say."""

JOINER = "\u2060"


class CandidateLabel(QLabel):
    """Two muted lines in which what was changed stands out, or one where the panel is low; `full_text` is all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.DARK
        self.full_text = ""
        self._parts: Parts = ("", "", "", "")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setContentsMargins(10, 4, 10, 8)
        self._single = True
        self.fit(LOW)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours for what is said from now on."""
        self.theme = theme

    def fit(self, height: int) -> None:
        """Take two lines, or one in a panel less than LOW pixels high."""
        single = height < LOW
        if single != self._single:
            self._single = single
            self.setWordWrap(not single)
            self.setFixedHeight((1 if single else 2) * self.fontMetrics().lineSpacing() + 12)
            self._show(self._parts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._single:
            self._show(self._parts)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def show_text(self, text: str) -> None:
        """How things stand."""
        self._show((text, "", "", ""))

    def show_candidate(self, view: View, number: int, more: str = "") -> None:
        """Who a candidate is, what was changed in it and what became of it; `more` is said at the end. What became of
        it is not written where there is no room for everything."""
        self._show((*candidate_words(view, number), more))

    def _show(self, parts: Parts) -> None:
        self._parts, self.full_text = parts, _plain(parts)
        self.setToolTip(self.full_text)
        if self._single:
            room = self.contentsRect().width()
            self._write((self.fontMetrics().elidedText(self.full_text, Qt.TextElideMode.ElideRight, room), "", "", ""))
            return
        who, change, _, more = parts
        for written in dict.fromkeys((parts, (who, change, "", more), (who, change, "", ""))):
            self._write(written)
            if self.heightForWidth(self.width()) <= self.height():
                break

    def _write(self, parts: Parts) -> None:
        who, change, *rest = map(escape, parts)
        middle = f': <span style="color:{self.theme.text}">{change}</span>' if change else ""
        text = " · ".join(filter(None, (who + middle, *rest)))
        html = f'<span style="color:{self.theme.muted}">{text}</span>'
        html = html.replace(THIN, f"{JOINER}{THIN}{JOINER}")  # or Qt breaks the line within a number
        if html != self.text():
            self.setText(html)


def _plain(parts: Parts) -> str:
    who, change, *rest = parts
    return " · ".join(filter(None, (f"{who}: {change}" if change else who, *rest)))


class DescribedPanel(Panel):
    """A panel with a line at its lower edge that says who a candidate is, or how things stand."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = CandidateLabel()
        self.themed.append(self.line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.line.fit(self.height())

    @property
    def said(self) -> str:
        """What the line says."""
        return self.line.full_text
