"""The central area: one page at a time, switched by mouse and keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.canvas.centre import Centre
from app.theme import LIGHT


class Sheet(QWidget):
    """A page with a strip and something to type in."""

    def __init__(self, wide: int = 100) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.setFocusProxy(self.line)
        self.line.setMinimumWidth(wide)
        column = QVBoxLayout(self)
        self.strip = QHBoxLayout()
        column.addLayout(self.strip)
        column.addWidget(self.line)

    def set_theme(self, theme) -> None: ...


@pytest.fixture
def centre(qtbot) -> Centre:
    centre = Centre()
    qtbot.addWidget(centre)
    centre.add("Watch", Sheet(), "")
    centre.add("Edit", Sheet(wide=500), "")
    centre.resize(600, 200)
    centre.show()
    return centre


def buttons(centre: Centre) -> dict[str, QToolButton]:
    return {button.text(): button for button in centre.findChildren(QToolButton) if button.isVisible()}


def test_the_first_page_is_shown_and_every_page_offers_all_modes(centre: Centre):
    assert centre.mode == "Watch"
    assert list(buttons(centre)) == ["Watch", "Edit"]
    assert buttons(centre)["Watch"].isChecked()
    assert not buttons(centre)["Edit"].isChecked()


def test_a_click_shows_the_other_page(centre: Centre, qtbot):
    with qtbot.waitSignal(centre.mode_changed, check_params_cb=lambda mode: mode == "Edit"):
        buttons(centre)["Edit"].click()
    assert centre.mode == "Edit"
    assert centre.page("Edit").isVisible()
    assert not centre.page("Watch").isVisible()
    assert buttons(centre)["Edit"].isChecked()
    buttons(centre)["Edit"].click()  # once more does not turn it off
    assert centre.mode == "Edit"
    assert buttons(centre)["Edit"].isChecked()


def test_a_mode_that_comes_later_is_offered_everywhere(centre: Centre):
    centre.add("Space", Sheet(), "")
    assert list(buttons(centre)) == ["Watch", "Edit", "Space"]
    centre.show_mode("Space")
    assert list(buttons(centre)) == ["Watch", "Edit", "Space"]
    assert [action.shortcut().toString() for action in centre.actions_] == ["Alt+1", "Alt+2", "Alt+3"]


def test_the_keyboard_goes_along(centre: Centre, qtbot):
    centre.activateWindow()
    centre.page("Watch").setFocus()
    qtbot.waitUntil(centre.page("Watch").line.hasFocus)
    centre.show_mode("Edit")
    assert centre.page("Edit").line.hasFocus()


def test_a_wide_page_behind_does_not_keep_the_window_wide(centre: Centre, qtbot):
    centre.resize(200, 200)
    assert centre.width() == 200
    centre.show_mode("Edit")
    qtbot.waitUntil(lambda: centre.width() >= 500)


def test_the_mode_shown_has_the_accent_colour(centre: Centre):
    centre.set_theme(LIGHT)
    switch = buttons(centre)["Watch"].parentWidget()
    assert f"QToolButton:checked {{ color: {LIGHT.accent}" in switch.styleSheet()
    assert Qt.FocusPolicy.TabFocus in buttons(centre)["Watch"].focusPolicy()
