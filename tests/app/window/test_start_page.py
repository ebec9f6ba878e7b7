"""The start page in the window: by clicks and keys, and what is shown."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from app.start.session_index import NOTES, Note, load_notes
from app.start.start_page import NO_MATCH, NOTHING
from app.window.main_window import MainWindow
from engine.plan import dumps, preset
from engine.session import Header, Recorder
from engine.space.architecture import to_bytes

Key = Qt.Key


@pytest.fixture
def record(settings, darts):
    """Makes a session in the sessions folder: its file, plan, and scores."""

    def make(
        file: str, plan: str = "random-digits", *scores: float, began: str = "2026-11-30", state="finished"
    ) -> Path:
        path = settings.sessions_folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        header = Header(plan=dumps(preset(plan)), method="random", space="darts", created=f"{began}T12:00:00+00:00")
        recorder = Recorder(header, path)
        recorder.status("running")
        for score in scores or (50.0,):
            recorder.score(recorder.candidate(to_bytes(darts)), score, seconds=1, parameters=10)
        recorder.status(state)
        recorder.close()
        return path

    return make


@pytest.fixture
def three(record) -> list[Path]:
    """Three sessions, the last one the newest."""
    return [
        record("a.h5", "random-digits", 61.5, began="2026-11-01"),
        record("b.h5", "evolution-digits", 91.25, began="2026-11-02"),
        record("c.h5", "evolution-fashion", 70.0, began="2026-11-03"),
    ]


@pytest.fixture
def page(three, window, qtbot):
    """The page of a window with these three sessions, all of them read."""
    page = window.start.page
    qtbot.waitUntil(lambda: len(page.model.rows) == 3 and all(entry.known for entry in page.model.rows))
    return page


def names(page) -> list[str]:
    """What the cards are called, in their order."""
    return [page.model.index(row).data() for row in range(page.model.rowCount())]


def click(qtbot, page, row: int, box: bool = False) -> None:
    """Click on a card, or on its box."""
    place = page.cards.visualRect(page.model.index(row))
    parts = page.cards.cards.parts(place)
    qtbot.mouseClick(page.cards.viewport(), Qt.MouseButton.LeftButton, pos=parts["tick" if box else "picture"].center())


def choose(qtbot, box, text: str) -> None:
    """Choose from a list by keys."""
    box.setFocus()
    row = next(n for n in range(box.count()) if box.itemText(n).startswith(text))
    while box.currentIndex() != row:
        qtbot.keyClick(box, Key.Key_Down if box.currentIndex() < row else Key.Key_Up)


def test_a_first_window_begins_with_ways_to_begin(window, qtbot):
    start = window.start
    assert start.shown
    page = start.page
    assert [way.text() for way in page.ways.values()] == [
        "Digits",
        "My images",
        "A benchmark",
        "My own space",
        "A file",
    ]
    qtbot.waitUntil(lambda: str(window.settings.sessions_folder) in page.said)
    assert page._nothing.isVisible()
    assert page._nothing.text() == NOTHING
    assert not page.search.isVisible()


def test_it_covers_everything_below_the_bar_and_follows_it(window, qtbot):
    page = window.start.page

    def covered() -> bool:
        top = window.top.geometry()
        return page.geometry().getRect() == (0, top.bottom() + 1, window.width(), window.height() - top.bottom() - 1)

    assert covered()
    window.resize(1000, 640)
    qtbot.waitUntil(covered)
    window.top.notice.show_message("A line on top")
    qtbot.waitUntil(covered)
    assert window.panel("plan").visibleRegion().isEmpty(), "nothing is drawn behind it"


def test_digits_take_one_click_and_can_be_started(window, qtbot):
    window.controller.show_plan(window.presets["evolution-digits"])
    window.start.show()
    qtbot.mouseClick(window.start.page.ways["digits"], Qt.MouseButton.LeftButton)
    assert not window.start.shown
    assert window.plan.plan == preset("darts-digits")
    assert window.top.start.isEnabled()


def test_a_benchmark_and_a_space_are_one_click_away(window, qtbot):
    qtbot.mouseClick(window.start.page.ways["benchmark"], Qt.MouseButton.LeftButton)
    assert window.plan.plan.name == "evolution-nb201"
    assert not window.start.shown
    window.menu_actions.start_page.trigger()
    qtbot.mouseClick(window.start.page.ways["space"], Qt.MouseButton.LeftButton)
    assert not window.start.shown
    assert window.modes.mode == "Space"


def test_a_folder_of_images_is_opened_as_if_it_was_dropped(window, qtbot, monkeypatch, tmp_path):
    asked: list[Path] = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: str(tmp_path))
    monkeypatch.setattr(window.controller, "open", asked.append)
    qtbot.mouseClick(window.start.page.ways["images"], Qt.MouseButton.LeftButton)
    assert asked == [tmp_path]


def test_sessions_stand_there_with_what_is_known_of_them(page):
    assert names(page) == ["evolution-fashion", "evolution-digits", "random-digits"]
    told = page.model.index(1).data(Qt.ItemDataRole.ToolTipRole)
    assert told.splitlines()[:2] == ["Regularized evolution · Digits", "best 91.2\u00a0%"]
    assert told.splitlines()[2].startswith("finished · 2 Nov")
    assert told.splitlines()[-1] == "b.h5"
    assert page.said.endswith("3 files · 0 MB")


def test_cards_show_their_cells(page, qtbot):
    """In the colours of their operations, once the worker has made the pictures."""

    def colours() -> set[str]:
        place = page.cards.cards.parts(page.cards.visualRect(page.model.index(0)))["picture"]
        picture: QImage = page.cards.viewport().grab(place).toImage()
        return {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}

    theme = page.cards.cards.theme
    qtbot.waitUntil(lambda: {theme.operation("separable"), theme.operation("skip")} <= colours())


@pytest.mark.parametrize("way", ["click", "Enter"])
def test_a_card_opens_its_session_and_the_page_goes(page, window, qtbot, three, way):
    if way == "click":
        click(qtbot, page, 1)
    else:
        assert page.cards.hasFocus()
        qtbot.keyClick(page.cards, Key.Key_Right)
        qtbot.keyClick(page.cards, Key.Key_Return)
    qtbot.waitUntil(lambda: window.controller.path == three[1])
    assert not window.start.shown
    assert "evolution-digits · finished" in window.windowTitle()


def test_the_page_comes_back_by_its_action_and_goes_by_escape(page, window, qtbot, three):
    click(qtbot, page, 0)
    qtbot.waitUntil(lambda: not window.start.shown)
    window.menu_actions.start_page.trigger()
    assert window.start.shown
    assert window.menu_actions.start_page.shortcut().toString() == "Alt+Home"
    qtbot.keyClick(page.cards, Key.Key_Escape)
    assert not window.start.shown
    window.menu_actions.start_page.trigger()
    click(qtbot, page, 0)
    assert not window.start.shown, "the session is open already"
    assert window.controller.path == three[2]


def test_closing_a_session_leads_back_to_the_page(page, window, qtbot):
    assert not window.menu_actions.close_session.isEnabled()
    click(qtbot, page, 1)
    qtbot.waitUntil(lambda: not window.start.shown)
    window.menu_actions.close_session.trigger()
    assert window.start.shown
    assert window.controller.path is None
    assert window.windowTitle() == "darts-digits · ready — Cellwright", "the draft is back"
    assert window.plan.locked == ""
    assert not window.menu_actions.close_session.isEnabled()


@pytest.mark.parametrize("what", ["mode", "panel", "preset"])
def test_it_makes_way_for_what_is_meant_for_what_is_behind(window, what):
    actions = window.menu_actions
    if what == "mode":
        window.modes.mode_actions[1].trigger()
    elif what == "panel":
        window.docks["queue"].bring_to_front()
    else:
        window.top.preset_chosen.emit("darts-digits")
    assert not window.start.shown
    actions.start_page.trigger()
    actions.themes.actions()[1].trigger()
    assert window.start.shown, "a theme is for the page, too"


def test_ctrl_f_finds_by_name_method_data_and_status(page, qtbot):
    def find(text: str) -> list[str]:
        qtbot.keyClick(page.cards, Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        assert page.search.hasFocus()
        qtbot.keyClicks(page.search, text)
        found = names(page)
        page.cards.setFocus()
        return found

    assert find("fashion") == ["evolution-fashion"]
    assert find("RANDOM") == ["random-digits"]
    assert find("evolution digits") == ["evolution-digits"]
    assert find("nothing like it") == []
    assert page._nothing.isVisible()
    assert page._nothing.text() == NO_MATCH
    page.search.setFocus()
    qtbot.keyClick(page.search, Key.Key_Escape)
    assert len(names(page)) == 3
    qtbot.keyClick(page.search, Key.Key_Down)
    assert page.cards.hasFocus()


def test_orders(page, qtbot):
    for order, expected in (
        ("oldest first", ["random-digits", "evolution-digits", "evolution-fashion"]),
        ("best first", ["evolution-digits", "evolution-fashion", "random-digits"]),
        ("by name", ["evolution-digits", "evolution-fashion", "random-digits"]),
        ("by method", ["random-digits", "evolution-fashion", "evolution-digits"]),
        ("by data", ["evolution-digits", "random-digits", "evolution-fashion"]),
        ("newest first", ["evolution-fashion", "evolution-digits", "random-digits"]),
    ):
        choose(qtbot, page.sort, order)
        assert names(page) == expected, order


def test_the_keyboard_stays_on_its_card_when_the_order_changes(page, qtbot):
    qtbot.keyClick(page.cards, Key.Key_Right)
    assert page.cards.current.file == "b.h5"
    choose(qtbot, page.sort, "best first")
    assert page.cards.current.file == "b.h5"


def write(qtbot, page, key: Key, text: str) -> None:
    """Press a key on the current card, and write."""
    page.cards.setFocus()
    qtbot.keyClick(page.cards, key)
    line = next(each for each in page.cards.findChildren(QLineEdit) if each.isVisible())
    line.selectAll()
    qtbot.keyClick(line, Key.Key_Delete)
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Key.Key_Return)


def test_names_tags_and_notes_are_written_on_the_cards_and_kept(page, window, qtbot, settings):
    before = (settings.sessions_folder / "c.h5").read_bytes()
    write(qtbot, page, Key.Key_F2, "My best")
    qtbot.waitUntil(lambda: names(page)[0] == "My best")
    write(qtbot, page, Key.Key_F3, "thesis, #figure 3, thesis")
    qtbot.waitUntil(lambda: page.groups.findText("#thesis 1") >= 0)
    write(qtbot, page, Key.Key_F4, "same budget as b")
    qtbot.waitUntil(lambda: "same budget as b" in page.model.index(0).data(Qt.ItemDataRole.ToolTipRole))
    session = page.model.rows[0].id
    note = Note(name="My best", tags=("thesis", "figure 3"), note="same budget as b", id=session)
    assert load_notes(settings.sessions_folder) == {"c.h5": note}
    assert (settings.sessions_folder / "c.h5").read_bytes() == before
    choose(qtbot, page.groups, "#thesis")
    assert names(page) == ["My best"]
    qtbot.keyClicks(page.search, "#figure")
    assert names(page) == ["My best"]
    page.search.clear()
    write(qtbot, page, Key.Key_F3, "")
    qtbot.waitUntil(lambda: len(names(page)) == 3)
    assert page.groups.currentText() == "all 3", "a tag that nothing has any more narrows nothing"


def test_notes_that_cannot_be_written_are_said(page, qtbot, settings):
    (settings.sessions_folder / NOTES).write_text("{")
    write(qtbot, page, Key.Key_F2, "Another")
    qtbot.waitUntil(lambda: NOTES in page.said)
    assert names(page)[0] == "evolution-fashion"
    assert (settings.sessions_folder / NOTES).read_text() == "{"


def test_ticked_sessions_are_compared(page, window, qtbot, three):
    opened: list[str] = []
    page.opened.connect(opened.append)
    assert not page.compare.isEnabled()
    click(qtbot, page, 1, box=True)
    assert not opened, "a tick opens nothing"
    qtbot.keyClick(page.cards, Key.Key_Right)
    qtbot.keyClick(page.cards, Key.Key_Space)
    assert page.compare.text() == "Compare 2"
    qtbot.mouseClick(page.compare, Qt.MouseButton.LeftButton)
    assert not window.start.shown
    compare = window.panel("compare")
    qtbot.waitUntil(lambda: compare.list.paths == [three[1], three[0]] and not compare.list.waiting)
    assert compare.list.texts == ["evolution-digits, seed 0, 91.2\u00a0%", "random-digits, seed 0, 61.5\u00a0%"]
    assert not window.docks["compare"].isHidden()


@pytest.fixture
def trash(monkeypatch, tmp_path) -> Path:
    """A trash of our own, as freedesktop.org has it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "Trash" / "files"


def test_delete_moves_to_the_trash_and_undo_brings_it_back(page, qtbot, three, trash):
    kept = three[2].read_bytes()
    qtbot.keyClick(page.cards, Key.Key_Delete)
    qtbot.waitUntil(lambda: len(names(page)) == 2)
    assert not three[2].exists()
    assert page.said == "evolution-fashion was moved to the trash."
    assert [file.read_bytes() for file in trash.iterdir()] == [kept]
    qtbot.mouseClick(page.undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(names(page)) == 3)
    assert three[2].read_bytes() == kept
    assert list(trash.iterdir()) == []
    assert list((trash.parent / "info").iterdir()) == []
    assert not page.undo.isVisible()


def test_delete_on_a_ticked_card_takes_all_that_are_ticked(page, qtbot, three, trash):
    for row in (0, 2):
        click(qtbot, page, row, box=True)
    qtbot.keyClick(page.cards, Key.Key_Delete)
    qtbot.waitUntil(lambda: names(page) == ["evolution-digits"])
    assert page.said == "2 sessions were moved to the trash."
    assert page.compare.text() == "Compare"


def test_a_session_that_is_being_written_is_not_thrown_away(window, qtbot, settings, trash):
    settings.sessions_folder.mkdir(parents=True, exist_ok=True)
    recorder = Recorder(Header(method="random"), settings.sessions_folder / "a.h5")
    recorder.status("running")
    page = window.start.page
    qtbot.waitUntil(lambda: [entry.status for entry in page.model.rows] == ["running"])
    page.take_focus()
    qtbot.keyClick(page.cards, Key.Key_Delete)
    assert "stop it first" in page.said
    assert (settings.sessions_folder / "a.h5").exists()
    recorder.status("finished")
    recorder.close()
    qtbot.waitUntil(lambda: [entry.status for entry in page.model.rows] == ["finished"])


def test_what_is_damaged_says_so_and_the_others_are_there(page, qtbot, settings):
    (settings.sessions_folder / "bad.h5").write_bytes(b"no session at all" * 100)
    qtbot.waitUntil(lambda: len(names(page)) == 4 and all(entry.known for entry in page.model.rows))
    choose(qtbot, page.groups, "damaged")
    assert names(page) == ["bad"]
    assert page.model.rows[0].fault
    page.cards.viewport().grab()


def test_another_folder_is_listed_once_it_is_chosen(page, window, qtbot, monkeypatch, tmp_path, three):
    other = tmp_path / "other"
    other.mkdir()
    three[0].rename(other / "moved.h5")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: str(other))
    qtbot.mouseClick(page.folder, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: [entry.file for entry in page.model.rows] == ["moved.h5"])
    assert str(other) in page.said
    assert window.start.shown


def test_a_thousand_sessions_take_no_widget_each(page, window, qtbot, three, settings):
    widgets = len(window.findChildren(QWidget))
    entries = page.model.rows
    many = [replace(entries[n % 3], file=f"{n}.h5") for n in range(1000)]
    page.show_sessions("here", many, {})
    page.cards.viewport().grab()
    assert len(names(page)) == 1000
    assert len(window.findChildren(QWidget)) == widgets
    page.cards.setFocus()
    qtbot.keyClick(page.cards, Key.Key_End)
    assert page.cards.visualRect(page.cards.currentIndex()).intersects(page.cards.viewport().rect())


def test_keys_are_not_for_what_is_behind(page, window, qtbot, three):
    qtbot.keyClick(page.cards, Key.Key_Escape)
    assert window.start.shown, "there is nothing to go back to"
    click(qtbot, page, 1)
    qtbot.waitUntil(lambda: not window.start.shown)
    window.menu_actions.start_page.trigger()
    speed = window.playback.speed
    for widget in (page.cards, page.ways["digits"]):
        widget.setFocus()
        qtbot.keyClicks(widget, "sm")
    assert window.playback.speed == speed
    assert window.start.shown
    assert len(window.playback.source.tables["marks"]) == 0


def test_tab_never_leads_behind_the_page(page, window, qtbot):
    page.search.setFocus()
    seen = set()
    for _ in range(40):
        qtbot.keyClick(window.focusWidget(), Key.Key_Tab)
        focused = window.focusWidget()
        assert page.isAncestorOf(focused) or window.top.isAncestorOf(focused), focused
        seen.add(focused)
    assert {
        page.search,
        page.cards,
        page.compare if page.compare.isEnabled() else page.more,
        *page.ways.values(),
    } <= seen


def test_everything_that_takes_the_keyboard_has_a_name(page):
    for widget in page.findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible():
            text = widget.text() if hasattr(widget, "text") else ""
            assert widget.accessibleName() or text, widget
    assert page.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole).startswith("evolution-fashion, Regularized")


def test_a_window_that_opens_a_file_does_not_begin_with_the_page(qtbot, qapp, settings, three):
    window = MainWindow(settings)
    qtbot.addWidget(window)
    window.start.begins = False
    with qtbot.waitSignal(window.completed):
        window.show()
    assert not window.start.shown
