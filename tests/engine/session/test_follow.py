"""A session that another process writes, followed live."""

import time

import pytest

from engine.session import SessionError, read

WRITER = """
import sys, threading, time
from pathlib import Path
from zlib import crc32
import numpy as np
from engine.session import Header, Recorder
header = Header(plan="seed = 1", cells=("normal",), edges=("a", "b"), operations=("x", "y", "z"))
recorder = Recorder(header, Path(sys.argv[1]))
print("begun", flush=True)
rng = np.random.default_rng(0)
enough = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), enough.set())).start()
number = 0
while not enough.is_set():
    for _ in range(rng.integers(1, 200)):
        candidate = recorder.candidate(b"architecture %d" % (number % 50), change=f"change {number}")
        recorder.score(candidate, number, seconds=1, parameters=number)
        recorder.scalar("loss", number, step=number, candidate=number)
        number += 1
    recorder.weights(rng.random((1, 2, 3)), step=number)
    if rng.random() < 0.3:
        recorder.flush()  # at other moments than the writer's own
    time.sleep(rng.random() / 50)
recorder.status("finished")
recorder.close()
for name in recorder.tables:
    rows = recorder.view().rows(name)
    print(name, len(rows), crc32(rows.tobytes()))
print("text", len(recorder.stream), crc32(recorder.stream.slice(0, len(recorder.stream))))
"""


@pytest.mark.slow
def test_a_follower_ends_with_the_writers_rows_and_shows_none_that_change(spawn, tmp_path):
    path = tmp_path / "s.h5"
    process = spawn(WRITER, path)
    assert process.stdout.readline() == "begun\n"
    reader = read(path)
    other = read(path)
    reader.follow()
    assert reader.live
    tables = dict(reader.tables)
    seen, moments = [], set()
    try:
        while not reader.packed:
            view = reader.view()
            seen.append((view.time, {name: view.rows(name).tobytes() for name in tables}))
            scores, born = view.rows("scores"), len(view.rows("candidates"))
            assert len(scores) == 0 or scores["candidate"].max() < born
            other.poll()  # as fast as it can, right into the writer's writes
            time.sleep(0.002)
            assert reader.fault is None
            assert process.poll() in (None, 0)
            if view.time not in moments and len(moments) == 8:  # it was followed, not read at the end
                print(file=process.stdin, flush=True)
            moments.add(view.time)
    finally:
        reader.close()
    assert not reader.live
    for moment, rows in seen[:: max(1, len(seen) // 20)]:
        for name, content in rows.items():
            assert reader.view(moment).rows(name).tobytes() == content
    other.poll()
    assert other.end == reader.end
    assert all(reader.tables[name] is table for name, table in tables.items())
    assert _sums(reader) == process.communicate(timeout=600)[0].splitlines()


def _sums(reader):
    from zlib import crc32

    lines = []
    for name in reader.tables:
        rows = reader.view().rows(name)
        lines.append(f"{name} {len(rows)} {crc32(rows.tobytes())}")
    text = reader.stream.slice(0, len(reader.stream))
    return [*lines, f"text {len(text)} {crc32(text)}"]


def wait_for(condition) -> None:
    until = time.monotonic() + 600
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def test_following_stops_by_itself_when_the_session_is_closed(record, tmp_path):
    recorder = record(tmp_path / "s.h5")
    recorder.log("one")
    recorder.flush()
    reader = read(tmp_path / "s.h5")
    reader.follow()
    recorder.log("two")
    recorder.close()
    wait_for(lambda: reader.packed)
    assert reader.end == recorder.end
    # that its thread is gone is checked after every test


def test_a_file_that_vanishes_is_a_fault_and_not_the_end(record, tmp_path):
    recorder = record(tmp_path / "s.h5")
    recorder.log("one")
    recorder.flush()
    reader = read(tmp_path / "s.h5")
    away = (tmp_path / "s.h5").rename(tmp_path / "away.h5")
    reader.follow()
    try:
        wait_for(lambda: reader.fault is not None)
        assert "does not exist" in reader.fault
        assert len(reader.tables["log"]) == 1
        away.rename(tmp_path / "s.h5")
        wait_for(lambda: reader.fault is None)
    finally:
        reader.close()


def test_a_file_that_never_holds_still_is_given_up_in_the_end(tmp_path, monkeypatch):
    path = tmp_path / "growing.log"
    path.write_text("a line\n")
    monkeypatch.setattr("engine.session.reader.sleep", lambda seconds: path.write_text(path.read_text() + "a line\n"))
    with pytest.raises(SessionError, match="not a session"):
        read(path)
