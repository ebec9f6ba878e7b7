"""Actions of one widget, whose keys count while it has the keyboard."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


def add_action(
    widget: QWidget, text: str, keys: str | QKeySequence.StandardKey, act: Callable[[], object] | None = None
) -> QAction:
    """A new action of the widget that does `act`; no keys are ""."""
    action = QAction(text, widget)
    if keys:
        action.setShortcut(QKeySequence(keys))
    action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    if act is not None:
        action.triggered.connect(lambda checked=False: act())
    widget.addAction(action)
    return action
