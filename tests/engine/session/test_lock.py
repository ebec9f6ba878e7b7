"""One writer at a time: who may write a session, as other programs see it, and when the one that could is gone."""

import errno
import os
import signal
import sys
import time

import pytest

from engine.session import Busy, Recorder, SessionError, add_mark, copy, held, lock, read, rescue
from engine.session.lock import Lock, lock_file

HOLDER = """
import sys, time
from pathlib import Path
from engine.session.lock import Lock
lock = Lock(Path(sys.argv[1]))
lock.sign()
print("held", flush=True)
sys.stdin.readline()
lock.release()
print("released", flush=True)
"""

COUNTER = """
import sys
from pathlib import Path
from engine.session.lock import Lock
path, count = Path(sys.argv[1]), int(sys.argv[2])
for _ in range(count):
    lock = Lock(path, 60.0)
    number = int(path.read_text())
    path.write_text(str(number + 1))
    lock.release()
"""

WRITER = """
import sys, time
from pathlib import Path
from engine.session import Header, Recorder
recorder = Recorder(Header(), Path(sys.argv[1]))
recorder.status("running")
recorder.flush()
print("begun", flush=True)
number = 0
for line in sys.stdin:
    recorder.log(f"line {number}")
    number += 1
recorder.status("finished")
recorder.close()
print(number, recorder.fault, flush=True)
"""

MARKER = """
import sys
from pathlib import Path
from engine.session import SessionError, add_mark
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    try:
        add_mark(Path(sys.argv[1]), 0.0, f"{sys.argv[2]} {number}")
    except SessionError as error:
        assert "is being written by another program" in str(error)
    else:
        print(f"{sys.argv[2]} {number}", flush=True)
"""


def test_a_lock_is_one_owners_and_leaves_nothing(tmp_path):
    path = tmp_path / "s.h5"
    assert held(path) is None
    first = Lock(path)
    first.sign()
    assert held(path) is True
    with pytest.raises(Busy, match=r"s\.h5 is being written by another program; choose another name or wait"):
        Lock(path, 0.05)
    first.release()
    assert held(path) is None
    Lock(path, 0.0).release()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_owner_blocks_nobody(spawn, tmp_path):
    path = tmp_path / "s.h5"
    process = spawn(HOLDER, path)
    assert process.stdout.readline() == "held\n"
    assert held(path) is True
    with pytest.raises(Busy):
        Lock(path, 0.0)
    process.kill()
    process.wait()
    assert held(path) is False  # its lock file says so
    Lock(path, 0.0).release()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_no_two_own_it_though_the_lock_file_comes_and_goes(spawn, tmp_path):
    path = tmp_path / "count"
    path.write_text("0")
    for process in [spawn(COUNTER, path, 200) for _ in range(3)]:
        assert process.wait(120) == 0
    assert path.read_text() == "600"


def test_a_link_to_a_session_has_the_sessions_lock(tmp_path):
    (tmp_path / "else").mkdir()
    (tmp_path / "link.h5").symlink_to(tmp_path / "else" / "s.h5")
    owner = Lock(tmp_path / "else" / "s.h5")
    assert held(tmp_path / "link.h5") is True
    owner.release()


def test_a_mark_set_through_a_link_is_in_the_session_itself(record, tmp_path):
    record(tmp_path / "s.h5").close()
    (tmp_path / "link.h5").symlink_to(tmp_path / "s.h5")
    add_mark(tmp_path / "link.h5", 1.0, "here")
    assert len(read(tmp_path / "s.h5").tables["marks"]) == 1
    assert (tmp_path / "link.h5").is_symlink()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGSTOP")
def test_a_suspended_writer_keeps_its_session_whatever_the_clock_says(spawn, tmp_path, monkeypatch, header):
    """A lid that is closed, a container that is paused, a clock that is an hour off."""
    path = tmp_path / "s.h5"
    process = spawn(WRITER, path)
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGSTOP)
    try:
        now = time.time()
        monkeypatch.setattr("engine.session.reader.clock", lambda: now + 3600)
        assert read(path).live
        for attempt in (
            lambda: add_mark(path, 0.0, "no"),
            lambda: rescue(path),
            lambda: Recorder(header, path, overwrite=True),
            lambda: Recorder(header, path),
            lambda: copy(path, path),
        ):
            with pytest.raises(SessionError, match="is being written by another program"):
                attempt()
    finally:
        process.send_signal(signal.SIGCONT)
    assert process.communicate("one\ntwo\n", timeout=60)[0] == "2 None\n"
    reader = read(path)
    assert reader.packed
    assert len(reader.tables["log"]) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["s.h5"]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_session_is_interrupted_at_once_and_can_be_marked(spawn, tmp_path):
    path = tmp_path / "s.h5"
    process = spawn(WRITER, path)
    assert process.stdout.readline() == "begun\n"
    process.kill()
    process.wait()
    assert not read(path).live
    add_mark(path, 0.0, "where it ended")
    assert read(path).packed
    assert [file.name for file in tmp_path.iterdir()] == ["s.h5"]


@pytest.mark.parametrize("lock_of", [None, "elsewhere\n4711\n", ""])
def test_where_the_lock_cannot_tell_the_heart_does(record, tmp_path, monkeypatch, header, lock_of):
    """A copy, or a file that another machine writes in a shared folder."""
    path, killed = tmp_path / "s.h5", tmp_path / "killed.h5"
    recorder = record(path)
    recorder.flush()
    killed.write_bytes(path.read_bytes())
    if lock_of is not None:
        lock_file(killed).write_text(lock_of)
    assert read(killed).live
    for attempt in (lambda: add_mark(killed, 0.0, "no"), lambda: Recorder(header, killed, overwrite=True)):
        with pytest.raises(SessionError, match="is being written by another program"):
            attempt()
    assert not lock_of or lock_file(killed).read_text() == lock_of
    now = time.time()
    monkeypatch.setattr("engine.session.reader.clock", lambda: now + 60)
    assert not read(killed).live
    add_mark(killed, 0.0, "yes")
    assert not lock_file(killed).exists()


def test_where_files_cannot_be_locked_a_session_is_written_and_says_so(record, tmp_path, monkeypatch):
    def refuse(handle, shared):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_lock", refuse)
    path = tmp_path / "s.h5"
    recorder = record(path)
    recorder.flush()
    assert read(path).live  # by its heart
    with pytest.raises(Busy):
        add_mark(path, 0.0, "no")
    recorder.close()
    reader = read(path)
    (row,) = reader.view().rows("log")
    assert "files cannot be locked" in reader.view().text(row["text"])
    add_mark(path, 0.0, "yes")


def test_a_lock_that_cannot_be_made_is_one_line(tmp_path, header):
    (tmp_path / "s.h5.lock").mkdir()
    with pytest.raises(SessionError, match=r"cannot write .*s\.h5: s\.h5\.lock: ") as caught:
        Recorder(header, tmp_path / "s.h5")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_every_mark_that_is_said_to_be_set_is_there(spawn, record, tmp_path):
    path = tmp_path / "s.h5"
    record(path).close()
    markers = [spawn(MARKER, path, name, 12) for name in ("one", "other")]
    for process in markers:
        assert process.stdout.readline() == "ready\n"
    for process in markers:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [line for process in markers for line in process.communicate(timeout=120)[0].splitlines()]
    assert [process.returncode for process in markers] == [0, 0]
    view = read(path).view()
    assert sorted(view.text(row["note"]) for row in view.rows("marks")) == sorted(said)
    assert len(said) >= 12
    assert os.listdir(tmp_path) == ["s.h5"]
