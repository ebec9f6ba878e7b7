"""The whole window for who works by keyboard, cannot see it, or has a small or a fine screen."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from app.widgets.labels import ElidedLabel
from engine.session import Header, Recorder

SIZES = ((1024, 700), (1280, 800), (1600, 1000))


def focusable(window) -> list[QWidget]:
    """Everything that Tab can go to, hidden pages and panels included."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None and widget.isEnabled()
    ]


def spoken(widget: QWidget) -> str:
    """What a screen reader says that it is."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()


def every_panel(window) -> None:
    for dock in window.docks.values():
        dock.bring_to_front()


def test_whatever_takes_the_keyboard_says_what_it_is(window):
    every_panel(window)
    found = focusable(window)
    assert len(found) > 200
    nameless = [
        f"{type(widget).__name__} of {type(widget.parentWidget()).__name__}"
        for widget in found
        if spoken(widget) in ("", "?", "…", "...")
    ]
    assert nameless == []


def test_no_two_buttons_of_different_panels_are_called_alike(window):
    every_panel(window)
    names = [spoken(dock.panel.header.question) for dock in window.docks.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("page", "least"), [("panels", 8), ("start", 4)])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_focus_can_be_seen(qtbot, window, theme, page, least):
    """One of each kind that is on the screen: with the keyboard it looks different."""
    window.theme_switch.choose(theme)
    if page == "panels":
        window.start.leave()
    kinds = {}
    for widget in focusable(window):
        if widget.isVisible() and not widget.visibleRegion().isEmpty():
            kinds.setdefault((type(widget).__name__, widget.objectName()), widget)
    assert len(kinds) >= least
    for kind, widget in kinds.items():
        window.setFocus()
        before = around(window, widget)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if widget.hasFocus():
            assert around(window, widget) != before, kind


def around(window, widget: QWidget):
    place = QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size()).adjusted(-3, -3, 3, 3)
    return window.grab(place.intersected(window.rect())).toImage()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_that_is_written_on_a_button_or_in_one_line_is_cut(window, size):
    window.start.leave()
    window.resize(*size)
    cut = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty() or isinstance(widget, ElidedLabel):
            continue
        if (
            isinstance(widget, QAbstractButton)
            and len(widget.text()) > 1
            and widget.width() < widget.minimumSizeHint().width()
        ):
            cut.append(f"{widget.text()}: {widget.width()} of {widget.minimumSizeHint().width()}")
        one_line = isinstance(widget, QLabel) and widget.text() and not widget.wordWrap()
        if (
            one_line
            and widget.fontMetrics().horizontalAdvance(widget.text()) > widget.width() + 1
            and "<" not in widget.text()
        ):
            cut.append(f"{widget.text()}: {widget.width()}")
    assert cut == []


def test_points_are_reached_by_the_arrow_keys(qtbot, window):
    recorder = Recorder(Header(method="random"), None)
    for score in (70.0, 90.0, 80.0):
        number = recorder.candidate(b"{}")
        recorder.evaluated(number, score, seconds=1.0, parameters=1000)
    window.playback.show(recorder)
    window.docks["population"].bring_to_front()
    plot = window.panel("population").plot
    qtbot.waitUntil(lambda: len(plot.shown("best")[0]) == 1)
    before = around(window, plot)
    plot.setFocus()
    assert around(window, plot) != before
    for key, chosen in ((Qt.Key.Key_Right, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1)):
        qtbot.keyClick(plot, key)
        qtbot.waitUntil(lambda: window.panel("population").said.startswith(f"#{chosen} "))  # noqa: B023
        qtbot.waitUntil(lambda: plot.shown("selected")[0].tolist() == [chosen])  # noqa: B023
    recorder.close()
