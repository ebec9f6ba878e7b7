"""The side column: what can be edited of the selection, of the space, its limits, and the frame of the numbers."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from app.theme import Theme

from .document import SpaceDocument
from .limits import Limits
from .palette import Palette
from .settings import SettingsForm

WIDTH = 224  # pixels


class Side(QScrollArea):
    """Palette, settings and limits, one below the other."""

    def __init__(self, document: SpaceDocument) -> None:
        super().__init__()
        self.document = document
        self.palette_ = Palette(document)
        self.settings = SettingsForm()
        self.limits = Limits(document)
        about_space = QWidget()
        inner = QVBoxLayout(about_space)
        inner.setContentsMargins(12, 4, 8, 6)
        inner.setSpacing(3)
        heading = QLabel("SPACE")
        heading.setProperty("role", "section")
        inner.addWidget(heading)
        inner.addWidget(self.settings)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.palette_, about_space, self.limits):
            column.addWidget(widget)
        column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(WIDTH)
        self.settings.edited.connect(self._set)
        document.changed.connect(self.settle)
        self.settle()

    def settle(self) -> None:
        """Show the settings of the document's space."""
        self.settings.show_values(self.document.space)

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self.palette_.set_theme(theme)
        self.limits.set_theme(theme)

    def _set(self, name: str, value: object, label: str) -> None:
        if not self.document.set(name, value, label):
            self.settle()
