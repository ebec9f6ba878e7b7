"""Everything the window can do, found by typing; and the page of everything that has a key."""

from PySide6.QtCore import Qt

from app.window.command_palette import CommandPalette, ShortcutsPage


def palette(window) -> CommandPalette:
    window.menu_actions.palette.trigger()
    found = window.findChild(CommandPalette)
    assert found.isVisible()
    return found


def names(found) -> list[str]:
    return [command.name for command in found.list.shown]


def test_what_is_typed_is_found_in_names_and_places_and_enter_does_it(qtbot, window):
    found = palette(window)
    qtbot.keyClicks(found.line, "plan evolution-digits")
    assert names(found) == ["evolution-digits"]
    qtbot.keyClick(found.line, Qt.Key.Key_Return)
    assert not found.isVisible()
    assert window.top.presets.text().startswith("evolution-digits")


def test_arrows_choose_and_a_command_that_cannot_be_done_is_passed_over(qtbot, window):
    found = palette(window)
    qtbot.keyClicks(found.line, "run")
    assert names(found)[:3] == ["Start the search", "Pause the search", "Stop the search"]
    assert found.list.current.name == "Start the search"
    qtbot.keyClick(found.line, Qt.Key.Key_Down)
    assert found.list.current.name not in ("Pause the search", "Stop the search"), "nothing runs"


def test_panels_themes_modes_and_ways_out_are_among_them(window):
    found = palette(window)
    said = {(command.place, command.name) for command in found.list.shown}
    assert {("View", "Lineage"), ("View", "Dark"), ("View", "Space"), ("Curves", "Save picture…")} <= said
    dark = next(command for command in found.list.shown if (command.place, command.name) == ("View", "Dark"))
    assert dark.keys == "Ctrl+Alt+D"


def test_every_action_of_every_menu_can_be_found(qtbot, window):
    found = palette(window)
    offered = {id(command.action) for command in found.list.shown}
    for top in window.top.menus.actions():
        for action in top.menu().actions():
            if action.text() and action.menu() is None and action.isVisible():
                assert id(action) in offered, action.text()


def test_escape_closes_and_nothing_is_done(qtbot, window):
    before = window.windowTitle()
    found = palette(window)
    qtbot.keyClick(found, Qt.Key.Key_Escape)
    assert not found.isVisible()
    assert window.windowTitle() == before


def test_the_page_of_shortcuts_has_every_key_and_is_searched(qtbot, window):
    window.menu_actions.shortcuts.trigger()
    page = window.findChild(ShortcutsPage)
    assert page.isVisible()
    keys = {command.name: command.keys for command in page.list.shown}
    assert keys["Start the search"] == "F5"
    assert keys["Play or pause the replay"] == "Space"
    assert keys["Copy as genotype"] == "Ctrl+C", "a key of the canvas, which is in no menu"
    assert all(keys.values())
    qtbot.keyClicks(page.line, "ctrl+c genotype")
    assert names(page) == ["Copy as genotype"]
    page.close()
