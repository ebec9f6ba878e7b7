"""Files read back are what was recorded; anything else ends in one clear line."""

import os
import time

import h5py
import msgspec
import numpy as np
import pytest

from engine.session import TABLES, Header, Recorder, SessionError, add_mark, read, rescue
from engine.session.schema import BLOCKS, OF_FORMAT
from tests.engine.session.older import made_older


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s.h5"


@pytest.fixture
def closed(record, fill, path):
    """A closed session and the recorder that wrote it."""
    recorder = record(path)
    fill(recorder, 300)
    recorder.close()
    return recorder


def test_a_closed_file_holds_what_was_recorded(closed, path, same):
    reader = read(path)
    same(reader, closed)
    assert not reader.live
    assert [file.name for file in path.parent.iterdir()] == ["s.h5"]


def test_a_file_being_written_reads_like_a_closed_one(record, fill, path, same):
    recorder = record(path)
    for seed in range(3):
        fill(recorder, 100, seed)
        recorder.flush()
        reader = read(path)
        assert reader.live
        if reader.end == recorder.end:  # else a heartbeat came in between
            same(reader, recorder)
    recorder.log("the last line")
    recorder.close()
    assert reader.poll()
    same(reader, recorder)
    assert not reader.live
    assert not reader.poll()


def test_what_comes_later_is_polled_into_the_same_tables(record, fill, path, same):
    recorder = record(path)
    reader = read(path)
    tables = dict(reader.tables)
    for seed in range(20):
        fill(recorder, 50, seed)
        recorder.flush()
        early = reader.view()
        before = {name: early.rows(name).tobytes() for name in tables}
        assert reader.poll()
        assert {name: early.rows(name).tobytes() for name in tables} == before
    recorder.close()
    reader.poll()
    same(reader, recorder)
    assert all(reader.tables[name] is table for name, table in tables.items())


def test_a_stranger_with_plain_h5py_understands_a_closed_file(closed, path, header):
    with h5py.File(path, "r") as file:
        assert set(file) == {*TABLES, "blocks", "text"}
        assert file.attrs["plan"].decode() == header.plan
        assert "neural architecture search" in file.attrs["about"].decode()
        for name, spec in TABLES.items():
            dataset = file[name]
            assert dataset.dtype.names == tuple(dataset.attrs["columns"].astype("U"))
            assert len(dataset.attrs["units"]) == len(dataset.attrs["meanings"]) == len(spec.columns)
            assert all(dataset.attrs["meanings"])
            assert dataset.attrs["about"]
            assert (dataset.compression, dataset.shuffle, dataset.fletcher32) == ("gzip", True, True)
        assert (
            dict(zip(file["scores"].attrs["columns"], file["scores"].attrs["units"], strict=True))[b"seconds"] == b"s"
        )
        assert file["scores"].attrs["names of outcome"][2] == b"out of memory"
        offset, length = file["log"][0]["text"]
        line = file["text"][offset : offset + length].tobytes().decode()
    assert line == closed.view().text(closed.view().rows("log")[0]["text"])


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_file_of_an_older_format_is_read_and_marked(closed, path, version):
    made_older(path, version)
    reader = read(path)
    for spec in OF_FORMAT[version]:
        rows, expected = reader.view().rows(spec.name), closed.view().rows(spec.name)
        for column in spec.columns:
            assert rows[column.name].tobytes() == expected[column.name].tobytes(), (spec.name, column.name)
    assert all(len(reader.view().rows(name)) == 0 for name in set(TABLES) - {spec.name for spec in OF_FORMAT[version]})
    assert {reader.view().text(row["unit"]) for row in reader.view().rows("scores")} == {"%"}
    assert reader.stream.slice(0, len(reader.stream)) == closed.stream.slice(0, len(closed.stream))
    add_mark(path, 0.5, "from today")
    marked = read(path)
    assert marked.view().text(marked.view().rows("marks")[-1]["note"]) == "from today"
    assert marked.view().rows("scores").tobytes() == reader.view().rows("scores").tobytes()


@pytest.mark.parametrize("version", [1, 2, 3])
def test_scores_of_an_older_format_have_the_unit_that_their_best_had(record, path, version):
    recorder = record(path)
    recorder.candidate(b"{}")
    recorder.score(0, 38.2, seconds=1, parameters=1, unit="nats")
    recorder.scalar("share", 1.0, step=0, unit="%")
    recorder.scalar("best score", 38.2, step=0, unit="nats")
    recorder.close()
    made_older(path, version)
    view = read(path).view()
    assert [view.text(row["unit"]) for row in view.rows("scores")] == ["nats"]


def test_a_file_of_a_later_format_says_so(closed, path):
    with h5py.File(path, "r+") as file:
        file.attrs["version"] = 99
    with pytest.raises(SessionError, match="format 99; this program reads formats up to 4"):
        read(path)


def test_marks_are_added_to_a_closed_file(closed, path):
    before = {name: closed.view().rows(name).tobytes() for name in TABLES if name != "marks"}
    known = len(closed.view().rows("marks"))
    add_mark(path, 0.25, "here it turns → skip")
    add_mark(path, 0.5, "and here")
    reader = read(path)
    marks = reader.view().rows("marks")[known:]
    assert [(row["at"], reader.view().text(row["note"])) for row in marks] == [
        (0.25, "here it turns → skip"),
        (0.5, "and here"),
    ]
    assert {name: reader.view().rows(name).tobytes() for name in before} == before
    assert np.array_equal(reader.view(closed.end).rows("marks"), closed.view().rows("marks"))


def test_a_session_that_is_being_written_is_not_repacked(record, path):
    record(path)
    for change in (lambda: add_mark(path, 1.0, "no"), lambda: rescue(path)):
        with pytest.raises(SessionError, match="is being written by another program; choose another name or wait"):
            change()


def test_what_killed_programs_left_blocks_no_mark(closed, path):
    left = [path.with_name(name) for name in ("s.h5.part", f"s.h5.{os.getpid()}.part", "s.h5.lock")]
    for file in left:
        file.write_text("left")
    add_mark(path, 1.0, "here")
    assert len(read(path).view().rows("marks")) == len(closed.view().rows("marks")) + 1
    assert left[0].read_text() == "left"  # no name of ours
    assert not left[1].exists()
    assert not left[2].exists()


def test_what_is_no_session_is_told_in_one_line(tmp_path):
    (tmp_path / "text").write_text("some text " * 50)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "signature").write_bytes(b"\x89HDF\r\n\x1a\n")
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file["x"] = 1
    with h5py.File(tmp_path / "latest.h5", "w", libver="latest") as file:
        file["x"] = 1
    cases = dict.fromkeys(("text", "empty", "signature", "old.h5", "latest.h5"), "not a session")
    cases |= {"nowhere": "does not exist", ".": "cannot read"}
    for name, message in cases.items():
        with pytest.raises(SessionError, match=message) as caught:
            read(tmp_path / name)
        assert "\n" not in str(caught.value)
        assert str(tmp_path) in str(caught.value)


def _replace(file, name, dtype, shape=(0,), **how):
    del file[name]
    file.create_dataset(name, shape=shape, maxshape=(None,) * len(shape), dtype=dtype, **{"chunks": True, **how})


def _external(file):
    del file["log"]
    file["log"] = h5py.ExternalLink("/etc/passwd", "/")


TAMPERING = {
    "another format": (lambda file: file.attrs.__setitem__("format", b"else"), "not a session"),
    "a newer version": (lambda file: file.attrs.__setitem__("version", 99), "format 99"),
    "another header": (lambda file: file.attrs.__setitem__("seed", 8), "damaged in its header"),
    "a header of another type": (lambda file: file.attrs.__setitem__("plan", [1.5, 2]), "'plan' has the wrong type"),
    "no header": (lambda file: file.attrs.__delitem__("plan"), "'plan'"),
    "a missing table": (lambda file: file.__delitem__("scores"), "no table scores"),
    "a link to another file": (_external, "no table log"),
    "other columns": (lambda file: _replace(file, "deaths", "<f8"), "deaths has the wrong columns"),
    "another rank": (lambda file: _replace(file, "deaths", TABLES["deaths"].dtype(), (0, 0)), "wrong columns"),
    "a group for a table": (lambda file: (file.__delitem__("log"), file.create_group("log")), "log has the wrong"),
    "another filter": (lambda file: _replace(file, "log", TABLES["log"].dtype(), compression="lzf"), "strange way"),
    "huge chunks": (lambda file: _replace(file, "text", "u1", chunks=(1 << 30,)), "too large"),
    "more rows than bytes": (lambda file: file["text"].resize((1 << 50,)), "cannot hold"),
    "fewer rows than blocks": (lambda file: file["scalars"].resize((3,)), "damaged in table blocks"),
    "rows without a block": (lambda file: file["blocks"].resize((2,)), "damaged in table blocks"),
    "no blocks": (lambda file: file["blocks"].resize((0,)), "damaged in table blocks"),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_a_tampered_file_is_told_in_one_line(closed, path, what):
    tamper, message = TAMPERING[what]
    with h5py.File(path, "r+", libver="latest") as file:
        tamper(file)
    with pytest.raises(SessionError, match=message) as caught:
        read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("column", ["table", "start", "count", "crc32"])
def test_wrong_blocks_are_damage(closed, path, column):
    with h5py.File(path, "r+", libver="latest") as file:
        blocks = file["blocks"][:]
        blocks[column][2] ^= 0xF0
        file["blocks"][:] = blocks
    with pytest.raises(SessionError, match="damaged in table"):
        read(path)


NONSENSE = {
    "a candidate never born": ("deaths", lambda t: (t, 10**6), "numbers a row of candidates that is not there"),
    "a negative candidate": ("deaths", lambda t: (t, -1), "not there"),
    "a parent not yet born": ("candidates", lambda t: (t, 1 << 40, 0, (0, 0), (0, 0)), "not there"),
    "a child of its own": ("candidates", lambda t: (t, 0, 0, (0, 0), (0, 0)), "comes later"),
    "an unknown series": ("scalars", lambda t: (t, 0, 9, -1, 0.0), "row of series"),
    "text behind the end": ("log", lambda t: (t, 0, (10**9, 1)), "outside the text"),
    "text over the end": ("log", lambda t: (t, 0, (0, 2**32 - 1)), "outside the text"),
    "text around the end of numbers": ("log", lambda t: (t, 0, (2**64 - 1, 5)), "outside the text"),
    "a level without a name": ("log", lambda t: (t, 77, (0, 0)), "code without a name"),
    "a time that is none": ("heartbeat", lambda t: (np.nan, 0.0), "times do not increase"),
    "a time before the beginning": ("heartbeat", lambda t: (-1.0, 0.0), "times do not increase"),
    "an infinite mark": ("marks", lambda t: (t, np.inf, (0, 0)), "at is no time"),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_rows_that_make_no_sense_are_refused_whatever_their_checksums(record, path, what):
    recorder = record(path)
    recorder.flush()
    table, row, message = NONSENSE[what]
    recorder.tables[table].append(row(recorder.now()))  # past the recorder's own guards
    recorder.close()
    with pytest.raises(SessionError, match=f"damaged: table {table}: .*{message}") as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_time_running_backwards_is_refused(record, path):
    recorder = record(path)
    for moment in (0.5, 0.75, 0.75):
        recorder.tables["deaths"].append((moment, 0))
    recorder.candidate(b"")
    recorder.close()
    with pytest.raises(SessionError, match="table deaths: times do not increase"):
        read(path)


def test_a_row_that_would_change_an_earlier_view_is_refused(record, path):
    recorder = record(path)
    recorder.log("first")
    recorder.flush()
    reader = read(path)
    recorder.tables["deaths"].append((reader.end / 2, 0))
    recorder.log("second")
    recorder.flush()
    with pytest.raises(SessionError, match="table deaths: times do not increase"):
        reader.poll()
    assert (len(reader.tables["deaths"]), len(reader.tables["log"])) == (0, 1)


def test_every_one_of_the_first_bytes_counts(closed, path):
    content = path.read_bytes()
    for place in range(48):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
        with pytest.raises(SessionError, match=r"damaged|not a session"):
            read(path)


def test_a_file_that_was_cut_off_says_so(closed, path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - 100])
    with pytest.raises(SessionError, match="bytes were written"):
        read(path)


def _unpacked(record, fill, path):
    """A session in four rounds whose writer was killed: a copy of the file made while it was written."""
    recorder = record(path)
    rounds = []
    for seed in range(4):
        fill(recorder, 160, seed)
        recorder.flush()
        rounds.append(recorder.end)
    killed = path.with_name("killed.h5")
    killed.write_bytes(path.read_bytes())
    recorder.close()
    return killed, rounds


def _forget_the_heartbeat(monkeypatch):
    now = time.time()
    monkeypatch.setattr("engine.session.reader.clock", lambda: now + 3600)


def test_rescue_makes_a_killed_file_an_ordinary_one(record, fill, path, monkeypatch, same):
    killed, rounds = _unpacked(record, fill, path)
    with pytest.raises(OSError, match="already open for write"):
        h5py.File(killed, "r")
    _forget_the_heartbeat(monkeypatch)
    before = read(killed)
    assert not before.live
    assert before.end >= rounds[-1]
    rescue(killed)
    same(read(killed), before)
    assert read(killed).packed
    with h5py.File(killed, "r") as file:
        assert len(file["log"]) == len(before.tables["log"])
    content = killed.read_bytes()
    rescue(killed)  # nothing to do any more
    assert killed.read_bytes() == content


@pytest.mark.parametrize("table", ["scalars", "text", "weights", "blocks"])
def test_a_damaged_block_is_named_and_rescue_keeps_what_came_before(record, fill, path, monkeypatch, table):
    killed, rounds = _unpacked(record, fill, path)
    _forget_the_heartbeat(monkeypatch)
    whole = read(killed)
    _damage_third_round(killed, table, rounds)
    with pytest.raises(SessionError, match=f"damaged in table {table}"):
        read(killed)
    rescue(killed)
    kept = read(killed)
    assert rounds[1] <= kept.end < rounds[2]
    for name in TABLES:
        assert kept.view().rows(name).tobytes() == whole.view(kept.end).rows(name).tobytes()


def _damage_third_round(path, table, rounds):
    """Flip one bit of the first block of a table in the third round, on the disk."""
    names = [*TABLES, "text"]
    with h5py.File(path, "r", swmr=True, libver="latest") as file:
        blocks = file["blocks"][:]
        third = blocks[(blocks["time"] > rounds[1]) & (blocks["time"] <= rounds[2])]
        if table == "blocks":
            row, dataset = int(np.flatnonzero(blocks["time"] == third["time"][0])[0]), file["blocks"]
        else:
            row, dataset = int(third["start"][third["table"] == names.index(table)][0]), file[table]
        chunk = dataset.chunks[0]
        place = dataset.id.get_chunk_info_by_coord((row - row % chunk,)).byte_offset
        place += (row % chunk) * dataset.dtype.itemsize + (
            BLOCKS.dtype().fields["start"][1] if table == "blocks" else 0
        )
    with path.open("r+b") as raw:
        raw.seek(place)
        byte = raw.read(1)[0]
        raw.seek(place)
        raw.write(bytes([byte ^ 4]))


def test_another_session_under_the_same_name_is_not_mixed_in(record, path):
    first = record(path)
    first.log("first")
    first.flush()
    reader = read(path)
    second = Recorder(Header(), path.with_name("other.h5"))
    second.log("second")
    second.log("third")
    second.close()
    os.replace(path.with_name("other.h5"), path)
    with pytest.raises(SessionError, match="another session"):
        reader.poll()
    assert len(reader.tables["log"]) == 1


def test_a_header_of_many_languages_and_sizes_survives(tmp_path, header):

    large = msgspec.structs.replace(header, plan="# −→é\n" * 50_000, device="", versions={"torch": "2.13", "ü": "ß"})
    recorder = Recorder(large, tmp_path / "s.h5")
    recorder.flush()
    assert read(tmp_path / "s.h5").header == large
    recorder.close()
    assert read(tmp_path / "s.h5").header == large
