"""The index of a folder's sessions: what it knows, when it doubts it, and what is nobody's but people's own."""

import os
import time
from pathlib import Path

import msgspec
import pytest

from app.start import session_index
from app.start.session_index import NOTES, Entry, FileReader, Note, SessionIndex, load_notes, notes_of, save_note, when
from engine.plan import dumps, preset
from engine.session import Header, Recorder
from engine.space.architecture import CellArchitecture, from_bytes, to_bytes
from tests.app.conftest import DARTS_V2


def all_read(index: SessionIndex) -> dict[str, Entry]:
    """Look into the folder, and read whatever is due."""
    known = {entry.file: entry for entry in index.scan()}
    while index.due:
        known |= {entry.file: entry for entry in index.read(0)}
    index.save()
    return known


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "sessions"
    folder.mkdir()
    return folder


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """The files that are opened."""
    read, opened = session_index.read_entry, []

    def counted(folder: Path, entry: Entry) -> Entry:
        opened.append(entry.file)
        return read(folder, entry)

    monkeypatch.setattr(session_index, "read_entry", counted)
    return opened


def test_a_sampling_search_in_short(folder, tmp_path, darts: CellArchitecture, earlier: CellArchitecture):
    plan = dumps(preset("evolution-digits"))
    recorder = Recorder(
        Header(plan=plan, method="evolution", space="darts", created="2026-11-30T12:00:00+00:00"), folder / "a.h5"
    )
    for architecture, score in ((earlier, 61.5), (darts, 91.25), (earlier, 80.0)):
        recorder.score(recorder.candidate(to_bytes(architecture)), score, seconds=1, parameters=10)
    recorder.status("finished")
    recorder.close()
    entry = all_read(SessionIndex(folder, tmp_path / "cache"))["a.h5"]
    assert (entry.plan, entry.about, entry.status) == ("evolution-digits", "Regularized evolution · Digits", "finished")
    assert (entry.score, entry.evaluations, entry.curve) == ("91.2\u00a0%", 3, (61.5, 91.25, 91.25))
    assert entry.began == 1796040000.0
    assert from_bytes(entry.architecture.encode()) == darts


def test_a_one_shot_search_in_short(folder, tmp_path, darts: CellArchitecture, earlier: CellArchitecture):
    recorder = Recorder(Header(method="darts", space="darts"), folder / "a.h5")
    recorder.derived(to_bytes(earlier), step=9)
    recorder.scalar("validation accuracy (epoch)", 61.0, step=9)
    recorder.scalar("train loss", 2.0, step=10)
    recorder.scalar("validation accuracy (epoch)", 87.5, step=19)
    recorder.derived(to_bytes(darts), step=19)
    recorder.close()
    entry = all_read(SessionIndex(folder, tmp_path / "cache"))["a.h5"]
    assert (entry.method, entry.curve, entry.best, entry.unit) == ("darts", (61.0, 87.5), 87.5, "%")
    assert from_bytes(entry.architecture.encode()) == darts
    assert entry.status == "interrupted", "closed without an end"


def test_what_is_known_is_not_read_again(folder, tmp_path, recorded_in, reads):
    for name in ("a.h5", "b.h5", "queue/c.h5"):
        recorded_in(folder / name)
    first = all_read(SessionIndex(folder, tmp_path / "cache"))
    assert sorted(reads) == ["a.h5", "b.h5", "queue/c.h5"]
    reads.clear()
    assert all_read(SessionIndex(folder, tmp_path / "cache")) == first
    assert reads == []


def test_changed_new_and_deleted_files_are_noticed(folder, tmp_path, recorded_in, reads):
    for name in ("a.h5", "b.h5"):
        recorded_in(folder / name)
    all_read(SessionIndex(folder, tmp_path / "cache"))
    reads.clear()
    (folder / "a.h5").unlink()
    (folder / "b.h5").unlink()
    recorded_in(folder / "b.h5", state="stopped")
    recorded_in(folder / "c.h5")
    known = all_read(SessionIndex(folder, tmp_path / "cache"))
    assert sorted(reads) == ["b.h5", "c.h5"]
    assert {file: entry.status for file, entry in known.items()} == {"b.h5": "stopped", "c.h5": "finished"}


def test_a_file_of_the_same_size_but_another_time_is_read_again(folder, tmp_path, recorded_in, reads):
    recorded_in(folder / "a.h5")
    index = SessionIndex(folder, tmp_path / "cache")
    all_read(index)
    os.utime(folder / "a.h5", ns=(1, 1))
    all_read(index)
    assert reads == ["a.h5", "a.h5"]


def test_until_it_is_read_again_a_changed_file_shows_what_was_known_but_that_is_not_kept(folder, tmp_path, recorded_in):
    recorded_in(folder / "a.h5")
    index = SessionIndex(folder, tmp_path / "cache")
    all_read(index)
    (folder / "a.h5").unlink()
    recorded_in(folder / "a.h5", state="stopped")
    assert [entry.status for entry in index.scan()] == ["finished"]
    assert index.due == ["a.h5"]
    index.save()
    assert [entry.status for entry in SessionIndex(folder, tmp_path / "cache").scan()] == [""]


def test_a_session_that_runs_is_looked_at_every_time(folder, tmp_path, reads):
    recorder = Recorder(Header(method="random"), folder / "a.h5")
    recorder.status("running")
    index = SessionIndex(folder, tmp_path / "cache")
    assert all_read(index)["a.h5"].status == "running"
    index.scan()
    assert index.due == ["a.h5"]
    recorder.status("finished")
    recorder.close()
    assert all_read(index)["a.h5"].status == "finished"
    index.scan()
    assert index.due == []


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b'{"version": 1}',
        b'{"version": 1, "entries": [{"file": 3}]}',
        b'{"version": 999, "entries": []}',
        b"[" * 100_000,
    ],
    ids=["empty", "cut", "no text", "no entries", "wrong type", "another version", "deep"],
)
def test_a_damaged_index_is_made_anew(folder, tmp_path, recorded_in, damage):
    recorded_in(folder / "a.h5")
    index = SessionIndex(folder, tmp_path / "cache")
    whole = all_read(index)
    index.path.write_bytes(damage)
    assert all_read(SessionIndex(folder, tmp_path / "cache")) == whole
    assert b'"finished"' in index.path.read_bytes()


def test_an_index_of_another_version_is_not_believed(folder, tmp_path, recorded_in):
    recorded_in(folder / "a.h5")
    index = SessionIndex(folder, tmp_path / "cache")
    all_read(index)
    written = index.path.read_bytes()
    index.path.write_bytes(written.replace(b'"version":1', b'"version":999').replace(b"finished", b"stopped"))
    assert [entry.status for entry in SessionIndex(folder, tmp_path / "cache").scan()] == [""]
    index.path.write_bytes(written)
    assert [entry.status for entry in SessionIndex(folder, tmp_path / "cache").scan()] == ["finished"]


def test_without_a_place_for_the_index_everything_is_there_all_the_same(folder, tmp_path, recorded_in):
    recorded_in(folder / "a.h5")
    (tmp_path / "cache").write_text("a file in the way")
    assert all_read(SessionIndex(folder, tmp_path / "cache"))["a.h5"].status == "finished"


def test_what_is_no_session_says_so_and_hides_nothing(folder, tmp_path, recorded_in):
    recorded_in(folder / "good.h5")
    whole = (folder / "good.h5").read_bytes()
    (folder / "cut.h5").write_bytes(whole[: len(whole) // 2])
    (folder / "noise.h5").write_bytes(bytes(range(256)) * 40)
    (folder / "empty.hdf5").touch()
    (folder / "notes.txt").write_text("no session at all")
    (folder / "folder.h5").mkdir()
    index = SessionIndex(folder, tmp_path / "cache")
    known = all_read(index)
    assert sorted(known) == ["cut.h5", "empty.hdf5", "good.h5", "noise.h5"]
    assert [file for file, entry in known.items() if entry.fault] != ["good.h5"]
    assert all(entry.fault and "\n" not in entry.fault for file, entry in known.items() if file != "good.h5")
    (folder / "cut.h5").write_bytes(whole)
    assert all_read(index)["cut.h5"].status == "finished"


def test_words_of_a_stranger_are_made_short_and_plain(folder, tmp_path):
    recorder = Recorder(
        Header(method="\x1b[31mred\n" * 1000, space="\u202edarts", created="the day before"), folder / "a.h5"
    )
    recorder.status("finished")
    recorder.close()
    entry = all_read(SessionIndex(folder, tmp_path / "cache"))["a.h5"]
    assert len(entry.method) <= 200
    assert entry.method.isprintable()
    assert entry.space == "darts"
    assert entry.began == 0.0
    assert entry.since == pytest.approx(os.stat(folder / "a.h5").st_mtime)


def test_a_folder_that_is_not_there_has_no_sessions(tmp_path):
    index = SessionIndex(tmp_path / "nowhere", tmp_path / "cache")
    assert index.scan() == []
    index.save()


# -- in a process of its own


@pytest.fixture
def reader():
    reader = FileReader()
    yield reader
    reader.rest()


def blank(file: str) -> Entry:
    return Entry(file=file, size=1, changed=2)


def test_a_process_of_its_own_finds_the_same_and_its_death_is_the_files(folder, recorded_in, reader):
    recorded_in(folder / "a.h5")
    whole = session_index.read_entry(folder, blank("a.h5"))
    assert reader.read(folder, blank("a.h5")) == whole
    reader._process.kill()
    reader._process.join()
    assert reader.read(folder, blank("a.h5")).fault == "is damaged: whoever reads it fails"
    assert reader.read(folder, blank("a.h5")) == whole, "by another process"
    reader.end()
    reader.rest()
    with pytest.raises(OSError, match="not come up"):
        reader.read(folder, blank("a.h5"))


def test_what_takes_too_long_is_given_up(folder, recorded_in, reader, monkeypatch):
    recorded_in(folder / "a.h5")
    monkeypatch.setattr(session_index, "PATIENCE", 0.0)
    assert reader.read(folder, blank("a.h5")).fault == "takes too long to be read"


@pytest.mark.parametrize("name", ["CRASH-620-eahd.h5", "HANG-2990-eahd.h5"])
def test_what_crashes_or_fills_its_reader_is_said_to(reader, name):
    folder = Path(__file__).parents[4] / "shared" / "data" / "attacks"
    if not (folder / name).exists():
        pytest.skip(f"needs {folder / name}")
    assert "damaged" in reader.read(folder, blank(name)).fault


# -- notes


def test_notes_lie_beside_the_sessions_and_outlive_the_index(folder, tmp_path, recorded_in):
    recorded_in(folder / "a.h5")
    before = (folder / "a.h5").read_bytes()
    save_note(folder, "a.h5", Note(name="The first", tags=("thesis",), note="for figure 3"))
    for file in (tmp_path / "cache").glob("*"):
        file.unlink()
    assert load_notes(folder) == {"a.h5": Note(name="The first", tags=("thesis",), note="for figure 3")}
    assert (folder / "a.h5").read_bytes() == before
    save_note(folder, "a.h5", Note(id="what is empty is not kept"))
    assert load_notes(folder) == {}


def test_notes_follow_a_file_that_got_another_name(folder, tmp_path, recorded_in):
    recorded_in(folder / "a.h5")
    index = SessionIndex(folder, tmp_path / "cache")
    note = Note(name="The first", id=all_read(index)["a.h5"].id)
    notes = save_note(folder, "a.h5", note)
    (folder / "a.h5").rename(folder / "b.h5")
    assert notes_of(all_read(index).values(), notes) == {"b.h5": note}
    recorded_in(folder / "c.h5")
    assert notes_of(all_read(index).values(), notes) == {"b.h5": note}


@pytest.mark.parametrize("damage", [b"{", b"[]", b'{"a.h5": 1}', b"\xff"])
def test_damaged_notes_are_said_and_never_written_over(folder, damage):
    (folder / NOTES).write_bytes(damage)
    with pytest.raises(ValueError, match=NOTES):
        load_notes(folder)
    with pytest.raises(ValueError, match=NOTES):
        save_note(folder, "a.h5", Note(name="another"))
    assert (folder / NOTES).read_bytes() == damage


def test_notes_by_anybody_are_shown_short_and_plain_and_kept_as_they_are(folder, recorded_in, tmp_path):
    recorded_in(folder / "a.h5")
    note = Note(name="line\nline" * 1000, tags=("\x1b[1m",) * 500, note="x" * 10_000)
    notes = save_note(folder, "a.h5", note)
    shown = notes_of(all_read(SessionIndex(folder, tmp_path / "cache")).values(), notes)["a.h5"]
    assert len(shown.name) <= 200
    assert (len(shown.note), len(shown.tags)) == (1000, 20)
    assert all(text.isprintable() for text in (shown.name, shown.note, *shown.tags))
    save_note(folder, "b.h5", Note(name="another"))
    assert load_notes(folder)["a.h5"] == note


def test_what_another_window_notes_meanwhile_stays(folder):
    save_note(folder, "a.h5", Note(name="one"))
    (folder / NOTES).write_bytes(msgspec.json.encode({**load_notes(folder), "b.h5": Note(name="theirs")}))
    save_note(folder, "a.h5", Note(name="two"))
    assert load_notes(folder) == {"a.h5": Note(name="two"), "b.h5": Note(name="theirs")}


@pytest.fixture
def in_greenwich(monkeypatch):
    """The clock of this machine, set to universal time."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


NOON = 1796040000.0  # 30 November 2026, 12:00 UTC, a Monday


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (5, "just now"),
        (-5, "just now"),
        (130, "2 min ago"),
        (2 * 3600, "2 h ago"),
        (24 * 3600, "yesterday"),
        (3 * 24 * 3600, "Friday"),
        (30 * 24 * 3600, "31 Oct"),
        (366 * 24 * 3600, "29 Nov 2025"),
    ],
)
def test_when_it_was(in_greenwich, ago, words):
    assert when(NOON - ago, NOON) == words


def test_a_moment_that_no_calendar_has_is_not_said():
    assert when(1e300, NOON) == ""


def test_the_published_cell_is_as_long_as_an_index_keeps():
    """Most architectures are; else cards would have no pictures."""
    assert len(DARTS_V2) < session_index._PICTURE
