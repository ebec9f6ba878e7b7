"""The central area: one page at a time, switched by mouse and keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.theme import LIGHT
from app.widgets.panel_header import Strip
from app.window.mode_switch import ModeSwitch


class Sheet(QWidget):
    """A page with a strip and something to type in."""

    def __init__(self, wide: int = 100) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.setFocusProxy(self.line)
        self.line.setMinimumWidth(wide)
        column = QVBoxLayout(self)
        self.header = Strip("", "")
        self.header.question.hide()
        self.header.more.hide()
        column.addWidget(self.header)
        column.addWidget(self.line)

    def set_theme(self, theme) -> None: ...


@pytest.fixture
def modes(qtbot) -> ModeSwitch:
    modes = ModeSwitch()
    qtbot.addWidget(modes)
    modes.add("Watch", Sheet(), "")
    modes.add("Edit", Sheet(wide=500), "")
    modes.resize(600, 200)
    modes.show()
    return modes


def buttons(modes: ModeSwitch) -> dict[str, QToolButton]:
    return {button.text(): button for button in modes.findChildren(QToolButton) if button.isVisible()}


def test_the_first_page_is_shown_and_every_page_offers_all_modes(modes: ModeSwitch):
    assert modes.mode == "Watch"
    assert list(buttons(modes)) == ["Watch", "Edit"]
    assert buttons(modes)["Watch"].isChecked()
    assert not buttons(modes)["Edit"].isChecked()


def test_a_click_shows_the_other_page(modes: ModeSwitch, qtbot):
    with qtbot.waitSignal(modes.mode_changed, check_params_cb=lambda mode: mode == "Edit"):
        buttons(modes)["Edit"].click()
    assert modes.mode == "Edit"
    assert modes.page("Edit").isVisible()
    assert not modes.page("Watch").isVisible()
    assert buttons(modes)["Edit"].isChecked()
    buttons(modes)["Edit"].click()  # once more does not turn it off
    assert modes.mode == "Edit"
    assert buttons(modes)["Edit"].isChecked()


def test_a_mode_that_comes_later_is_offered_everywhere(modes: ModeSwitch):
    modes.add("Space", Sheet(), "")
    assert list(buttons(modes)) == ["Watch", "Edit", "Space"]
    modes.show_mode("Space")
    assert list(buttons(modes)) == ["Watch", "Edit", "Space"]
    assert [action.shortcut().toString() for action in modes.mode_actions] == ["Alt+1", "Alt+2", "Alt+3"]


def test_the_keyboard_goes_along(modes: ModeSwitch, qtbot):
    modes.activateWindow()
    modes.page("Watch").setFocus()
    qtbot.waitUntil(modes.page("Watch").line.hasFocus)
    modes.show_mode("Edit")
    assert modes.page("Edit").line.hasFocus()


def test_a_wide_page_behind_does_not_keep_the_window_wide(modes: ModeSwitch, qtbot):
    modes.resize(200, 200)
    assert modes.width() == 200
    modes.show_mode("Edit")
    qtbot.waitUntil(lambda: modes.width() >= 500)


def test_the_mode_shown_has_the_accent_colour(modes: ModeSwitch):
    modes.set_theme(LIGHT)
    switch = buttons(modes)["Watch"].parentWidget()
    assert f"QToolButton:checked {{ color: {LIGHT.accent}" in switch.styleSheet()
    assert Qt.FocusPolicy.TabFocus in buttons(modes)["Watch"].focusPolicy()
