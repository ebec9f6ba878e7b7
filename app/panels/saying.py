"""The lines below a plot that say who a candidate is, or how things stand."""

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app import theme as themes
from app.panels.words import candidate_words
from app.theme import Theme

if TYPE_CHECKING:
    from engine.session import View


class Saying(QLabel):
    """Two muted lines in which what was changed stands out. `said` is their plain text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.DARK
        self.said = ""
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setContentsMargins(10, 4, 10, 8)
        self.setFixedHeight(2 * self.fontMetrics().lineSpacing() + 12)

    def say(self, text: str) -> None:
        """How things stand."""
        self._show((text, "", ""))

    def say_candidate(self, view: "View", number: int, more: str = "") -> None:
        """Who a candidate is, what was changed in it and what became of it; `more` is said at the end."""
        who, change, fate = candidate_words(view, number)
        self._show((who, change, " · ".join(filter(None, (fate, more)))))

    def _show(self, parts: tuple[str, str, str]) -> None:
        who, change, rest = parts
        self.said = (f"{who}: {change}" if change else who) + (f" · {rest}" if rest else "")
        middle = f': <span style="color:{self.theme.text}">{escape(change)}</span>' if change else ""
        end = f" · {escape(rest)}" if rest else ""
        html = f'<span style="color:{self.theme.muted}">{escape(who)}{middle}{end}</span>'
        if html != self.text():
            self.setText(html)
            self.setToolTip(self.said)
