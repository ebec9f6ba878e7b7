"""The Queue panel by itself: what it offers, asks for and shows, in any size."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.panels.queue import Queue
from app.panels.queue_model import Run
from app.theme import DARK, LIGHT
from engine.plan import presets

FOLDER = Path("/somewhere/queue")


def run(name: str, state: str, **known) -> Run:
    return Run(FOLDER / f"{name}.h5", state, **known)


PRESETS = presets()


@pytest.fixture
def panel(qtbot) -> Queue:
    panel = Queue()
    qtbot.addWidget(panel)
    panel.offer(PRESETS)
    panel.show_plan(PRESETS["random-digits"])
    panel.show_folder(FOLDER)
    panel.resize(700, 260)
    panel.show()
    return panel


def test_an_empty_queue_says_what_to_do(panel) -> None:
    assert panel.hint.isVisible()
    assert panel.hint.text().startswith("Choose a plan and seeds, and add them")
    assert not any(button.isEnabled() for button in (panel.start, panel.pause, panel.stop, panel.compare))


def test_what_is_added_is_asked_for_with_seeds_and_folder(panel, qtbot) -> None:
    with qtbot.waitSignal(panel.add_requested) as asked:
        qtbot.mouseClick(panel.add_button, Qt.MouseButton.LeftButton)
    assert asked.args == ["", "0-9", FOLDER]
    panel.plans.setCurrentText("evolution-digits")
    with qtbot.waitSignal(panel.add_requested) as asked:
        qtbot.keyClick(panel.seeds, Qt.Key.Key_Return)
    assert asked.args[0] == "evolution-digits"


def test_every_search_is_a_row(panel) -> None:
    panel.show_runs(
        [
            run("a-0", "finished", best=91.256, unit="%", evaluations=1200),
            run("a-1", "running", share=0.375, best=38.2),
            run("a-2", "failed", note="no such file"),
            run("a-3", "waiting"),
        ],
        "running",
    )
    rows = [tuple(text.replace("\u00a0", " ") for text in panel.model.values(row)) for row in range(4)]
    assert rows == [
        ("a-0", "finished", "1200", "91.26 %", ""),
        ("a-1", "running", "38 %", "38.20", ""),
        ("a-2", "failed", "", "", "no such file"),
        ("a-3", "waiting", "", "", ""),
    ]
    assert panel.said == "1 finished · 1 running · 1 failed · 1 waiting"
    assert not panel.start.isEnabled()
    names, data = panel.data()
    assert names == ["session", "state", "share", "best score", "unit", "evaluations", "note"]
    assert data[1] == (str(FOLDER / "a-1.h5"), "running", 0.375, 38.2, "", 0, "")


def test_states_are_told_apart_by_colour_in_both_themes(panel) -> None:
    panel.show_runs([run("a-0", "failed"), run("a-1", "finished")], "")
    for theme in (DARK, LIGHT):
        panel.set_theme(theme)
        colours = [
            panel.model.data(panel.model.index(row, 1), Qt.ItemDataRole.ForegroundRole).name() for row in range(2)
        ]
        assert colours == [theme.bad, theme.good]


def test_the_middle_button_pauses_or_continues(panel, qtbot) -> None:
    panel.show_runs([run("a-0", "running")], "running")
    assert panel.pause.text() == "Pause"
    panel.show_runs([run("a-0", "paused")], "paused")
    assert panel.pause.text() == "Continue"
    with qtbot.waitSignal(panel.pause_requested):
        qtbot.mouseClick(panel.pause, Qt.MouseButton.LeftButton)
    panel.show_runs([run("a-0", "running")], "stopping")
    assert not panel.pause.isEnabled()
    assert panel.said == "1 running · stopping…"


def test_a_double_click_or_return_opens_what_has_begun(panel, qtbot) -> None:
    panel.show_runs([run("a-0", "finished", best=1.0), run("a-1", "waiting")], "")
    opened = []
    panel.open_requested.connect(opened.append)
    for row in range(2):
        place = panel.table.visualRect(panel.model.index(row, 0)).center()
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == [FOLDER / "a-0.h5"]
    panel.table.setCurrentIndex(panel.model.index(0, 0))
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert len(opened) == 2


def test_all_that_have_scores_are_compared_or_those_selected(panel, qtbot) -> None:
    panel.show_runs([run(f"a-{n}", "finished", best=1.0) for n in range(3)] + [run("a-3", "failed")], "")
    with qtbot.waitSignal(panel.sessions_requested) as asked:
        qtbot.mouseClick(panel.compare, Qt.MouseButton.LeftButton)
    assert [path.stem for path in asked.args[0]] == ["a-0", "a-1", "a-2"]
    panel.table.selectRow(1)
    panel.table.selectionModel().select(
        panel.model.index(2, 0),
        panel.table.selectionModel().SelectionFlag.Select | panel.table.selectionModel().SelectionFlag.Rows,
    )
    with qtbot.waitSignal(panel.sessions_requested) as asked:
        qtbot.mouseClick(panel.compare, Qt.MouseButton.LeftButton)
    assert [path.stem for path in asked.args[0]] == ["a-1", "a-2"]


def test_what_is_wrong_takes_the_line_until_all_is_well(panel) -> None:
    panel.show_runs([run("a-0", "waiting")], "")
    panel.show_fault("seeds are written as 0-9")
    assert panel.fault.isVisible()
    assert not panel.line.isVisible()
    panel.show_fault("")
    assert panel.line.isVisible()


@pytest.mark.parametrize("size", [(310, 340), (500, 110), (700, 240)])
def test_nothing_of_the_form_overlaps(qtbot, panel, size) -> None:
    panel.show_runs([run("a-0", "waiting")], "")
    panel.resize(*size)

    def apart() -> None:
        parts = [panel.plans, panel.seeds, panel.add_button, panel.choose, panel.at_once, panel.table]
        places = [part.geometry() for part in parts if part.isVisible()]
        assert not any(one.intersects(other) for n, one in enumerate(places) for other in places[:n])
        assert all(panel.body.rect().contains(place) for place in places)

    qtbot.waitUntil(apart)  # layouts settle when Qt comes to it


def test_ctrl_f_shows_only_searches_that_match_and_delete_takes_no_other(panel, qtbot) -> None:
    runs = [run("digits-0", "waiting"), run("cifar-0", "waiting"), run("digits-1", "failed", note="no room")]
    panel.show_runs(runs, "")
    panel.activateWindow()
    panel.table.setFocus()
    qtbot.waitUntil(panel.table.hasFocus)
    qtbot.keyClick(panel.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(panel.finder.edit, "DIGITS waiting")

    def shown() -> list[int]:
        return [row for row in range(panel.model.rowCount()) if not panel.table.isRowHidden(row)]

    assert shown() == [0]
    assert panel.finder.told.text() == "1 of 3"
    panel.show_runs([*runs, run("digits-2", "waiting")], "")
    qtbot.waitUntil(lambda: panel.finder.told.text() == "2 of 4")
    assert shown() == [0, 3]
    qtbot.keyClick(panel.finder.edit, Qt.Key.Key_Down)
    panel.table.selectAll()
    with qtbot.waitSignal(panel.remove_requested) as asked:
        qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert asked.args == [[runs[0].path, FOLDER / "digits-2.h5"]]
    qtbot.keyClick(panel.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(panel.finder.edit, Qt.Key.Key_Escape)
    assert shown() == [0, 1, 2, 3]
    assert panel.table.hasFocus()
