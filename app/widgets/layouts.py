"""The layout that nearly everything here has: without margins, one part of it taking the room that is left."""

from typing import TypeVar

from PySide6.QtWidgets import QBoxLayout, QLayout, QVBoxLayout, QWidget

Part = QWidget | QLayout
L = TypeVar("L", bound=QBoxLayout)


def packed(layout: L, *parts: Part, grows: Part | None = None, spacing: int = 0) -> L:
    """The layout without margins, holding these parts one after another; `grows` takes the room that is left."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for part in parts:
        if isinstance(part, QWidget):
            layout.addWidget(part, int(part is grows))
        else:
            layout.addLayout(part, int(part is grows))
    return layout


def stacked(*parts: Part, grows: Part | None = None) -> QWidget:
    """A widget with these parts one below the other; `grows` takes the room that is left."""
    widget = QWidget()
    packed(QVBoxLayout(widget), *parts, grows=grows)
    return widget
