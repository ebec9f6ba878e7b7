"""Nothing that exists is lost before what takes its place is whole, and a writer destroys no file but its own."""

import sys

import pytest

from engine.session import SessionError, predecessors, read
from engine.session.previous import set_aside


@pytest.fixture
def made(record, tmp_path):
    """Makes a closed session at s.h5 with one line of log; gives its path."""

    def make(line: str, state: str = "finished", *, overwrite: bool = True):
        recorder = record(tmp_path / "s.h5", overwrite=overwrite)
        recorder.log(line)
        recorder.status(state)
        recorder.close()
        return tmp_path / "s.h5"

    return make


def line_of(path) -> str:
    view = read(path).view()
    return view.text(view.rows("log")[0]["text"])


def found(folder) -> dict[str, str]:
    return {path.name: line_of(path) for path in folder.iterdir()}


def test_what_is_overwritten_stays_until_its_successor_has_finished(made, record, tmp_path):
    path = made("old")
    recorder = record(path, overwrite=True)
    recorder.log("new")
    recorder.status("running")
    recorder.flush()
    assert (line_of(path), line_of(tmp_path / "s.h5.previous")) == ("new", "old")
    recorder.status("finished")
    recorder.close()
    assert found(tmp_path) == {"s.h5": "new"}


@pytest.mark.parametrize("state", ["stopped", "failed", "running"])
def test_it_stays_where_the_successor_does_not_finish(made, tmp_path, state):
    made("old")
    path = made("half", state)
    assert found(tmp_path) == {"s.h5": "half", "s.h5.previous": "old"}
    assert predecessors(path) == [tmp_path / "s.h5.previous"]
    made("half again", state)
    assert found(tmp_path) == {"s.h5": "half again", "s.h5.previous": "old", "s.h5.previous-2": "half"}
    made("new")  # what was never finished is superseded; the finished one was not this one's to replace
    assert found(tmp_path) == {"s.h5": "new", "s.h5.previous": "old"}


def test_somebody_elses_file_is_not_taken_for_a_previous_session(made, tmp_path):
    (tmp_path / "s.h5.previous").write_text("somebody's")
    made("old", "stopped", overwrite=False)
    made("new")
    assert (tmp_path / "s.h5.previous").read_text() == "somebody's"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.h5", "s.h5.previous"]


def test_a_withdrawn_session_was_never_there(made, record, tmp_path):
    path = tmp_path / "s.h5"
    recorder = record(path)
    recorder.withdraw()
    assert list(tmp_path.iterdir()) == []
    made("old")
    recorder = record(path, overwrite=True)
    recorder.log("new")
    recorder.withdraw()
    assert found(tmp_path) == {"s.h5": "old"}
    with pytest.raises(SessionError, match="closed"):
        recorder.log("too late")


def test_without_links_files_are_moved(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    path = tmp_path / "s.h5"
    (tmp_path / "s.h5.previous").write_text("older")
    path.write_text("old")
    before = set_aside(path)
    assert before.kept == tmp_path / "s.h5.previous-2"
    assert not path.exists()
    path.write_text("new")
    before.restore()
    assert path.read_text() == "old"
    assert (tmp_path / "s.h5.previous").read_text() == "older"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("what", ["a session", "any file"])
def test_another_file_in_its_place_is_not_destroyed(record, tmp_path, what):
    path = tmp_path / "s.h5"
    recorder = record(path)
    recorder.log("mine")
    recorder.flush()
    other = tmp_path / "other.h5"
    if what == "a session":
        stranger = record(other)
        stranger.log("its")
        stranger.close()
    else:
        other.write_text("precious " * 1000)
    content = other.read_bytes()
    other.replace(path)
    recorder.log("the search goes on")
    recorder.flush()
    assert "was removed, or another program replaced it" in recorder.fault
    recorder.close()
    assert path.read_bytes() == content
    beside = tmp_path / "s-2.h5"
    assert recorder.fault == f"{path} is another program's file now; this session is kept as {beside}"
    assert recorder.path == beside
    assert len(read(beside).tables["log"]) == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["s-2.h5", "s.h5"]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_a_removed_file_is_written_anew_at_the_end(record, tmp_path):
    path = tmp_path / "s.h5"
    recorder = record(path)
    recorder.log("one")
    recorder.flush()
    path.unlink()
    recorder.log("two")
    recorder.close()
    assert recorder.fault is None
    assert len(read(path).tables["log"]) == 2


# Dies at the given one of all calls that change the folder, half of the times before it and half after.
DIES = """
import os, sys
from pathlib import Path
from engine.session import Header, Recorder
import engine.session.hdf5_layout  # brings in h5py
left = int(sys.argv[2])
def deadly(call):
    def change(*arguments, **options):
        global left
        left -= 1
        if left == 0:
            os._exit(9)
        result = call(*arguments, **options)
        left -= 1
        if left == 0:
            os._exit(9)
        return result
    return change
for name in ("link", "replace", "unlink", "rename", "open"):
    setattr(os, name, deadly(getattr(os, name)))
recorder = Recorder(Header(), Path(sys.argv[1]), overwrite=True)
recorder.log("new")
recorder.status("finished")
recorder.close()
print("through", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="counts the system's calls as Linux has them")
def test_overwriting_that_dies_again_and_again_leaves_the_old_session(made, spawn, tmp_path):
    path = made("old")
    whole = {"s.h5": "old"}
    for count in range(1, 60):
        spawn(DIES, path, count).communicate(timeout=60)
        assert path.exists()
        sessions = [file for file in tmp_path.iterdir() if file.suffix not in (".lock", ".part")]
        whole = {file.name: line_of(file) for file in sessions if read(file).packed}
        assert "old" in whole.values()
        if whole.get("s.h5") == "new":
            break
    assert count > 8  # it died at as many places before
    spawn(DIES, path, 1_000_000).communicate(timeout=60)
    assert line_of(path) == "new"
    assert "old" in found(tmp_path).values()  # a finished session that the last one did not replace
    assert not [file.name for file in tmp_path.iterdir() if file.suffix in (".lock", ".part")]
