"""Actions of one page of the central area, each with its key; the keys count while the page has the focus."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

STEP = 1.25  # of zooming by key


def keyed(page: QWidget, action: QAction, keys: "str | QKeySequence.StandardKey") -> QAction:
    """Give an action to the page, with its keys if it has any."""
    if keys:
        action.setShortcut(QKeySequence(keys))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    page.addAction(action)
    return action


def new_action(page: QWidget, text: str, keys: "str | QKeySequence.StandardKey", act: Callable[[], object]) -> QAction:
    """A new action of the page that does `act`."""
    action = QAction(text, page)
    action.triggered.connect(lambda checked=False: act())
    return keyed(page, action, keys)
