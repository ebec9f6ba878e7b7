"""The timeline moves the playback, by mouse and by keyboard, and shows where it stands."""

import pytest
from PySide6.QtCore import QPoint, Qt

from app.window.playback import Playback
from app.window.timeline import Timeline


@pytest.fixture
def timeline(qtbot, recorder):
    """Beneath a session of 1,000 s with a mark at 250 s."""
    recorder.mark(250.0, "it turned")
    recorder.end = 1000.0
    playback = Playback()
    timeline = Timeline(playback)
    qtbot.addWidget(timeline)
    timeline.resize(900, 40)
    timeline.show()
    playback.show(recorder)
    playback.tick()
    timeline.playback = playback
    return timeline


def at(timeline: Timeline, seconds: float) -> QPoint:
    return QPoint(round(timeline.track.x_of(seconds)), timeline.track.height() // 2)


def test_it_says_where_the_session_stands(timeline):
    assert (timeline.now.text(), timeline.total.text()) == ("00:16:40", "of 00:16:40")
    assert timeline.live.isChecked()
    assert timeline.live.text() == "live"


def test_a_click_goes_there(qtbot, timeline):
    qtbot.mouseClick(timeline.track, Qt.MouseButton.LeftButton, pos=at(timeline, 500))
    assert timeline.playback.time == pytest.approx(500, abs=3)
    assert timeline.now.text().startswith("00:08:")
    assert not timeline.live.isChecked()


def test_dragging_scrubs_and_stays_within_the_session(qtbot, timeline):
    track = timeline.track
    qtbot.mousePress(track, Qt.MouseButton.LeftButton, pos=at(timeline, 400))
    qtbot.mouseMove(track, at(timeline, 700))
    assert timeline.playback.time == pytest.approx(700, abs=3)
    qtbot.mouseMove(track, QPoint(-50, 10))
    assert timeline.playback.time == 0.0
    qtbot.mouseRelease(track, Qt.MouseButton.LeftButton, pos=QPoint(-50, 10))
    qtbot.mouseMove(track, at(timeline, 900))
    assert timeline.playback.time == 0.0


def test_live_pins_the_cursor_to_the_end_again(qtbot, timeline, recorder):
    timeline.playback.go(10)
    qtbot.mouseClick(timeline.live, Qt.MouseButton.LeftButton)
    assert timeline.playback.cursor is None
    recorder.end = 1200.0
    timeline.playback.tick()
    assert timeline.now.text() == "00:20:00"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Qt.Key.Key_Left, 495.0),
        (Qt.Key.Key_Right, 505.0),
        (Qt.Key.Key_Home, 0.0),
        (Qt.Key.Key_End, 1000.0),
        (Qt.Key.Key_PageUp, 250.0),
        (Qt.Key.Key_PageDown, 500.0),  # no mark ahead
    ],
)
def test_keys_move_the_cursor(qtbot, timeline, key, expected):
    timeline.playback.go(500)
    qtbot.keyClick(timeline.track, key)
    assert timeline.playback.time == pytest.approx(expected)


def test_space_plays_and_s_changes_the_speed(qtbot, timeline):
    timeline.playback.go(500)
    qtbot.keyClick(timeline.track, Qt.Key.Key_Space)
    assert timeline.playback.playing
    shown = []
    for _ in range(4):
        qtbot.keyClick(timeline.track, Qt.Key.Key_S)
        shown.append(timeline.speed.text())
    assert shown == ["×4", "×16", "×64", "×1"]
    qtbot.keyClick(timeline.track, Qt.Key.Key_Space)
    assert not timeline.playback.playing


def test_a_mark_is_drawn_told_and_attracts_the_pointer(timeline):
    track = timeline.track
    (mark,) = track.marks
    assert (mark.at, mark.note) == (250.0, "it turned")
    x = track.x_of(250)
    assert track.tip_at(x + 4) == "00:04:10  it turned"
    assert track.time_at(x + 4) == 250.0
    assert "it turned" not in track.tip_at(x + 40)


def test_m_asks_for_a_note_in_place_and_enter_sets_the_mark(qtbot, timeline):
    timeline.playback.go(321)
    qtbot.keyClick(timeline.track, Qt.Key.Key_M)
    assert timeline.note.isVisible()
    assert "00:05:21" in timeline.note.placeholderText()
    timeline.playback.go(700)  # the mark keeps the moment at which it was asked for
    qtbot.keyClicks(timeline.note, "skips take over")
    with qtbot.waitSignal(timeline.mark_set) as caught:
        qtbot.keyClick(timeline.note, Qt.Key.Key_Return)
    assert caught.args == [321.0, "skips take over"]
    assert not timeline.note.isVisible()


def test_escape_sets_no_mark(qtbot, timeline):
    timeline.mark_set.connect(lambda *args: pytest.fail("a mark was set"))
    qtbot.keyClick(timeline.track, Qt.Key.Key_M)
    qtbot.keyClicks(timeline.note, "no")
    qtbot.keyClick(timeline.note, Qt.Key.Key_Escape)
    assert not timeline.note.isVisible()


def test_without_a_session_nothing_can_be_moved(qtbot):
    timeline = Timeline(Playback())
    qtbot.addWidget(timeline)
    assert not timeline.track.isEnabled()
    assert timeline.total.text() == "no session yet"


def test_the_position_is_said_to_those_who_cannot_see_it(timeline):
    timeline.playback.go(500)
    timeline.refresh()
    assert timeline.track.accessibleDescription() == "00:08:20 of 00:16:40"
