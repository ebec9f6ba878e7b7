"""Text from elsewhere, dropped or pasted: the window shows what it holds; where it holds several, a person chooses."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest

from app.theme import LIGHT
from engine.space import library
from engine.space.notations import read
from engine.words import plain
from tests.engine.run import author_logs as logs

V1, V2 = (library.published(name).architecture for name in ("DARTS V1", "DARTS V2"))
TEXTS = {name: library.published(name).notation for name in ("DARTS V1", "DARTS V2")}
SOURCE = f"""from collections import namedtuple

DARTS_V1 = {TEXTS["DARTS V1"]}
DARTS_V2 = {TEXTS["DARTS V2"]}
BAD = Genotype(normal=3)
"""
CODES = "(4, 0, 3, 1, 4, 3)"


@pytest.fixture
def page(window):
    return window.modes.page("Edit")


@pytest.fixture
def drop(window, tmp_path):
    """Drops a file of this name and text, or plain text, on the window."""

    def dropped(text: str, name: str = ""):
        data = QMimeData()
        if name:
            path = tmp_path / name
            path.write_text(text, encoding="utf-8")
            data.setUrls([QUrl.fromLocalFile(str(path))])
        else:
            data.setText(text)
        sort = (data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        entered = QDragEnterEvent(QPointF(300, 300).toPoint(), Qt.DropAction.CopyAction, *sort)
        window.dragEnterEvent(entered)
        assert entered.isAccepted()
        window.dropEvent(QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, *sort))

    return dropped


def shown(chooser) -> list[str]:
    return [chooser.list.item(row).text() for row in range(chooser.list.count())]


def paste(page, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    page.menu_actions.paste.trigger()


def test_a_dropped_source_file_offers_what_it_holds(window, page, drop, qtbot):
    chooser = page.chooser_of_found
    drop(SOURCE, "genotypes.py")
    qtbot.waitUntil(chooser.isVisible)
    assert window.modes.mode == "Edit"
    assert chooser.title.full_text == "2 architectures in genotypes.py: which one?"
    first, second, bad = shown(chooser)
    assert first.startswith("DARTS_V1   ·   a DARTS genotype   ·   3.17")
    assert second.startswith("DARTS_V2   ·   a DARTS genotype   ·   3.35")
    assert bad.startswith("BAD   ·   Genotype lacks its part")
    assert window.focusWidget() is chooser.list
    QTest.keyClick(chooser.list, Qt.Key.Key_Down)
    QTest.keyClick(chooser.list, Qt.Key.Key_Return)
    assert page.document.architecture == V2
    assert page.title.full_text == "DARTS_V2"
    assert page.line.full_text.startswith("Read as a DARTS genotype")
    assert not chooser.isVisible()


def test_what_is_faulty_cannot_be_taken_and_escape_takes_none(page, drop, qtbot, monkeypatch):
    chooser, before = page.chooser_of_found, page.document.architecture
    drop(SOURCE, "genotypes.py")
    qtbot.waitUntil(chooser.isVisible)
    QTest.keyClick(chooser.list, Qt.Key.Key_End)
    assert "BAD" not in chooser.list.currentItem().text()
    chooser.list.itemClicked.emit(chooser.list.item(2))
    assert chooser.isVisible()
    QTest.keyClick(chooser.list, Qt.Key.Key_Escape)
    assert not chooser.isVisible()
    assert page.document.architecture == before


def test_a_file_of_one_architecture_is_opened_as_that(page, drop, qtbot):
    for name, text in (
        ("mine.py", f"BEST = {TEXTS['DARTS V2']}\n"),
        ("found.json", f'{{"genotype": "{TEXTS["DARTS V1"]}", "acc": 97.2}}'),
        ("copied.txt", f"2024-01-05 10:11:12,123 genotype = {TEXTS['DARTS V2']}"),
        ("log", f"best {TEXTS['DARTS V1']}"),
    ):
        drop(text, name)
        qtbot.waitUntil(lambda name=name: page.title.full_text == name.partition(".")[0])
        assert page.document.architecture == read(text)
        assert not page.chooser_of_found.isVisible()


def test_a_dropped_log_is_a_session_that_replays(window, drop, qtbot):
    drop(logs.darts(4), "log.txt")
    qtbot.waitUntil(lambda: window.playback.source is not None)
    assert window.controller.path.parent == window.settings.sessions_folder
    assert window.top.notice.text == "log.txt: DARTS · 4 of 4 epochs · 2 derived cells · 4 rows of architecture weights"
    qtbot.waitUntil(
        lambda: plain(window.top.status.full_text).startswith("finished · shared network 56.0 % after epoch 4")
    )
    window.timeline.go_to(10.0)
    qtbot.waitUntil(lambda: read(logs.genotype(0)) == window.parts.cell.canvas.architecture)
    assert window.panel("weights").data()
    window.timeline.go_live()
    qtbot.waitUntil(lambda: read(logs.genotype(2)) == window.parts.cell.canvas.architecture)


def test_a_file_that_holds_nothing_says_what_was_tried(window, drop, qtbot):
    drop("just a note", "note.md")
    qtbot.waitUntil(lambda: "note.md" in window.top.notice.text)
    assert "is neither a session nor a log of a search, and has none of Genotype(...)" in window.top.notice.text
    drop(f"epoch 0 lr 2.5e-02\ntrain_acc 50.0\nvalid_acc {50.0}\n", "train.log")
    qtbot.waitUntil(lambda: "train.log" in window.top.notice.text)
    assert "the log is of a training" in window.top.notice.text
    assert list(window.settings.sessions_folder.glob("*.h5")) == []


def test_numbers_that_could_be_two_things_ask_where_they_are_pasted(window, page):
    window.modes.show_mode("Edit")
    chooser = page.chooser_of_found
    paste(page, CODES)
    assert chooser.title.full_text == "The numbers in the pasted text could be 2 architectures: which one?"
    assert [row.split("   ·   ")[0] for row in shown(chooser)] == [
        "as NASLib's codes of NAS-Bench-201",
        "as NAS-Bench-201's own codes",
    ]
    assert chooser.list.accessibleName() == "Architectures found"
    page.set_theme(LIGHT)
    assert LIGHT.raised in chooser.styleSheet()
    QTest.keyClick(chooser.list, Qt.Key.Key_Return)
    assert page.document.architecture == read(CODES, "naslib-nb201")
    assert page.title.full_text == "pasted"
    assert page.line.full_text.startswith("Read as NASLib's codes of NAS-Bench-201")
    paste(page, CODES)
    chooser.list.itemClicked.emit(chooser.list.item(1))
    assert page.document.architecture == read(CODES, "nb201-codes")


def test_half_an_arc_is_asked_about_and_is_no_recurrent_cell(window, page):
    window.modes.show_mode("Edit")
    paste(page, "0 2 0 0 0 4 0 1 0 4 1 1 1 0 0 1 0 2 1 1")
    assert "could be half of an architecture" in page.chooser_of_found.title.full_text
    assert len(shown(page.chooser_of_found)) == 1


def test_a_pasted_notation_says_how_it_was_read(window, page):
    window.modes.show_mode("Edit")
    paste(page, f"DARTS_V1 = genotypes.{TEXTS['DARTS V1']},")
    assert page.document.architecture == V1
    assert page.line.full_text.startswith("Read as a DARTS genotype   ·   8 nodes, 16 edges")


def test_what_cannot_be_pasted_says_why(window, page):
    window.modes.show_mode("Edit")
    before = page.document.architecture
    for text, reason in (("hello", "there is none of Genotype(...)"), ("a" * 2_000_000, "save it as a file")):
        paste(page, text)
        assert page.line.full_text.startswith("Not p")
        assert reason in page.line.full_text
    assert page.document.architecture == before


def test_dropped_text_is_read_like_a_file(window, page, drop):
    drop(f"genotype = {TEXTS['DARTS V2']}")
    assert window.modes.mode == "Edit"
    assert page.document.architecture == V2
    drop(SOURCE)
    assert page.chooser_of_found.title.full_text == "2 architectures in the dropped text: which one?"
