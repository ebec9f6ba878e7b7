"""A session that another program is writing: shown live, and seen to end, cleanly or not."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.plan import dumps, preset
from engine.session import Header, Recorder

ROOT = Path(__file__).resolve().parents[3]

WRITER = """
import sys, time
from pathlib import Path
from engine.plan import dumps, preset
from engine.session import Header, Recorder
recorder = Recorder(Header(plan=dumps(preset("random-digits"))), Path(sys.argv[1]))
recorder.status("running")
for number in range(100_000):
    recorder.log(f"line {number}")
    time.sleep(0.1)
    if Path(sys.argv[1] + ".enough").exists():
        break
recorder.status("finished")
recorder.close()
"""


@pytest.fixture
def elsewhere(tmp_path):
    """A process that writes a session until told that it is enough, and the session's file."""
    path = tmp_path / "live.h5"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], cwd=ROOT)
    yield process, path
    process.kill()
    process.wait()


@pytest.mark.slow
def test_a_session_written_elsewhere_is_followed_to_its_end(qtbot, window, elsewhere):
    process, path = elsewhere
    qtbot.waitUntil(path.exists)
    window.controller.open(path)
    qtbot.waitUntil(lambda: window.playback.source is not None or window.top.notice.text != "")
    assert window.top.notice.text == ""
    qtbot.waitUntil(lambda: "running" in window.windowTitle())
    assert window.timeline.live.text() == "live"
    first = window.playback.end
    qtbot.waitUntil(lambda: window.playback.end > first + 0.5)
    window.timeline.mark_set.emit(0.1, "not now")
    assert "Another program" in window.top.notice.text
    path.with_name(path.name + ".enough").touch()
    process.wait()
    qtbot.waitUntil(lambda: "finished" in window.windowTitle())
    assert window.timeline.live.text() == "end"
    assert "Saved as" in window.where.full_text


def test_the_end_of_a_file_is_said_although_no_row_comes_with_it(qtbot, window, tmp_path):
    path = tmp_path / "mine.h5"
    recorder = Recorder(Header(plan=dumps(preset("random-digits"))), path)
    recorder.status("running")
    window.controller.path = path
    window.playback.show(recorder)
    recorder.status("finished")
    qtbot.waitUntil(lambda: "finished" in window.windowTitle())
    assert "Writing" in window.where.full_text
    recorder.close()
    qtbot.waitUntil(lambda: "Saved as" in window.where.full_text)
    qtbot.waitUntil(lambda: window.timeline.live.text() == "end")
