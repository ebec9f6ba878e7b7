"""Files in and out, in a worker thread; every fault is one line and costs nothing."""

from datetime import datetime
from pathlib import Path

import pytest

from app.window.session_files import Files, Jobs, new_path
from engine.plan import load, preset
from engine.session import read


@pytest.fixture
def files(qapp, settings):
    jobs = Jobs()
    files = Files(settings, jobs)
    files.jobs = jobs
    yield files
    jobs.close()


def done(qtbot, files, signal, act):
    """What `signal` carries once the worker has done its part."""
    with qtbot.waitSignal(signal) as caught:
        act()

        def polled() -> bool:
            files.jobs.poll()
            return not files.jobs.busy

        qtbot.waitUntil(polled)
    return caught.args


def test_a_new_session_is_named_by_plan_and_time_and_never_overwrites(tmp_path):
    now = datetime(2026, 1, 2, 3, 4, 5)
    first = new_path(tmp_path, "DARTS / try 2", now)
    assert first == tmp_path / "DARTS-try-2-20260102-030405.h5"
    first.touch()
    assert new_path(tmp_path, "DARTS / try 2", now) == tmp_path / "DARTS-try-2-20260102-030405-2.h5"
    assert new_path(tmp_path, "../..", now).parent == tmp_path


def test_a_session_is_opened_and_remembered(qtbot, files, settings, recorded):
    path = recorded("a.h5")
    reader, opened = done(qtbot, files, files.session_opened, lambda: files.open(path))
    assert opened == path
    assert len(reader.view().rows("log")) == 5
    assert settings.recent == [path]


def test_a_plan_is_saved_and_opened(qtbot, files, tmp_path):
    plan = preset("evolution-digits")
    (path,) = done(qtbot, files, files.saved, lambda: files.save_plan(plan, tmp_path / "mine"))
    assert path == tmp_path / "mine.toml"
    assert load(path) == plan
    assert done(qtbot, files, files.plan_opened, lambda: files.open(path)) == [plan, path]


@pytest.mark.parametrize("content", [b"", b"no session", b"\x89HDF\r\n\x1a\n" + bytes(2000)])
def test_what_is_no_session_is_refused_in_one_line(qtbot, files, settings, tmp_path, content):
    path = tmp_path / "bad.h5"
    path.write_bytes(content)
    (line,) = done(qtbot, files, files.failed, lambda: files.open(path))
    assert "bad.h5" in line
    assert "\n" not in line
    assert path.read_bytes() == content
    assert settings.recent == []


def test_a_file_that_is_gone_is_forgotten(qtbot, files, settings, tmp_path):
    settings.remember(tmp_path / "gone.h5")
    (line,) = done(qtbot, files, files.failed, lambda: files.open(tmp_path / "gone.h5"))
    assert "gone.h5" in line
    assert settings.recent == []


def test_a_wrong_plan_is_refused_in_one_line(qtbot, files, tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text('[method]\nkind = "darts"\nspeed = 3\n', encoding="utf-8")
    (line,) = done(qtbot, files, files.failed, lambda: files.open(path))
    assert "method.speed" in line
    assert "wrong.toml" in line


def test_a_copy_is_a_session_of_its_own(qtbot, files, tmp_path, recorded):
    path = recorded("a.h5")
    done(qtbot, files, files.saved, lambda: files.save_session(path, tmp_path / "b.h5", whole=True))
    assert len(read(tmp_path / "b.h5").view().rows("log")) == 5
    assert sorted(file.name for file in tmp_path.glob("*.h5*")) == ["a.h5", "b.h5"]


def test_a_session_is_not_copied_onto_itself(qtbot, files, recorded):
    path = recorded("a.h5")
    before = path.read_bytes()
    (line,) = done(qtbot, files, files.failed, lambda: files.save_session(path, path, whole=True))
    assert "another name" in line
    assert path.read_bytes() == before


def test_a_copy_that_cannot_be_written_says_so(qtbot, files, tmp_path, recorded):
    path = recorded("a.h5")
    target = tmp_path / "nowhere" / "b.h5"
    (line,) = done(qtbot, files, files.failed, lambda: files.save_session(path, target, whole=True))
    assert "b.h5" in line


def test_a_mark_is_added_to_a_closed_session(qtbot, files, recorded):
    path = recorded("a.h5")
    reader, _ = done(qtbot, files, files.marked, lambda: files.mark(path, 1.5, "here"))
    (row,) = reader.view().rows("marks")
    assert (float(row["at"]), reader.view().text(row["note"])) == (1.5, "here")
    assert len(read(path).view().rows("marks")) == 1


def test_a_fault_of_the_program_is_not_swallowed(qtbot):
    jobs = Jobs()
    jobs.do(lambda: {}["no such key"], lambda result: None, lambda error: pytest.fail("swallowed"))
    try:
        with pytest.raises(KeyError):
            qtbot.waitUntil(lambda: jobs.poll() or not jobs.busy)
    finally:
        jobs.close()


def test_paths_are_said_with_the_home_folder_short():
    from engine.words import short

    assert short(Path.home() / "a" / "b.h5") == str(Path("~/a/b.h5"))
    assert short(Path("/elsewhere/b.h5")) == str(Path("/elsewhere/b.h5"))
