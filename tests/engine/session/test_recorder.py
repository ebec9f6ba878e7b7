"""What is recorded stands in the tables as it was said, and the file is guarded from the first moment."""

import itertools
import sys
import threading
import time
from math import isnan

import numpy as np
import pytest

from engine.session import LEVELS, ORIGINS, OUTCOMES, STATES, Header, Recorder, SessionError, read


def last(source, table):
    return source.view().rows(table)[-1]


def text(source, table, column):
    return source.view().text(last(source, table)[column])


def test_scalars_name_their_series_once(record):
    recorder = record()
    recorder.scalar("train loss", 2.5, step=3)
    recorder.scalar("accuracy", 91.5, step=3, unit="%")
    recorder.scalar("train loss", 2.25, step=4)
    view = recorder.view()
    assert [(view.text(row["name"]), view.text(row["unit"])) for row in view.rows("series")] == [
        ("train loss", ""),
        ("accuracy", "%"),
    ]
    assert [tuple(row)[1:] for row in view.rows("scalars")] == [(3, 0, -1, 2.5), (3, 1, -1, 91.5), (4, 0, -1, 2.25)]


def test_a_candidate_its_score_and_its_death(record):
    recorder = record()
    parent = recorder.candidate(b'{"first": 1}')
    child = recorder.candidate(b'{"second": 2}', parent=parent, origin="mutated", change="sep 3×3 → skip")
    assert (parent, child) == (0, 1)
    row = last(recorder, "candidates")
    assert row["parent"] == 0
    assert ORIGINS[row["origin"]] == "mutated"
    assert recorder.view().bytes(row["architecture"]) == b'{"second": 2}'
    assert text(recorder, "candidates", "change") == "sep 3×3 → skip"

    recorder.score(child, 88.25, seconds=1.5, parameters=1000)
    row = last(recorder, "scores")
    assert (row["candidate"], row["score"], row["seconds"], row["parameters"]) == (1, 88.25, 1.5, 1000)
    assert OUTCOMES[row["outcome"]] == "ok"

    recorder.score(parent, None, seconds=0.5, parameters=0, outcome="out of memory", message="needs 3 GB")
    assert isnan(last(recorder, "scores")["score"])
    assert OUTCOMES[last(recorder, "scores")["outcome"]] == "out of memory"
    assert text(recorder, "scores", "message") == "needs 3 GB"

    recorder.death(parent)
    assert last(recorder, "deaths")["candidate"] == 0


def test_everything_else_a_search_says(record):
    recorder = record()
    values = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    recorder.weights(values, step=8)
    assert last(recorder, "weights")["step"] == 8
    assert np.array_equal(last(recorder, "weights")["values"], values)
    recorder.log("epoch 3", "good")
    assert (LEVELS[last(recorder, "log")["level"]], text(recorder, "log", "text")) == ("good", "epoch 3")
    recorder.status("stopped", "by hand")
    assert (STATES[last(recorder, "status")["state"]], text(recorder, "status", "text")) == ("stopped", "by hand")
    recorder.progress(3, 10, remaining=7.5, evaluations=2, memory=1 << 35, load=0.25)
    assert tuple(last(recorder, "progress"))[1:] == (3, 10, 7.5, 2, 1 << 35, 0.25)
    recorder.mark(1.25, "here it turns")
    assert (last(recorder, "marks")["at"], text(recorder, "marks", "note")) == (1.25, "here it turns")


def test_what_a_sampling_method_tells_beside_its_candidates(record):
    recorder = record()
    born = recorder.candidate(b"a")
    recorder.measure(born, macs=7, cost=112.5, reported=91.25)
    assert tuple(last(recorder, "measures"))[1:] == (born, 7, 112.5, 91.25)
    recorder.measure(born)
    assert last(recorder, "measures")["macs"] == 0
    assert isnan(last(recorder, "measures")["cost"])
    recorder.policy(3, 5, "node 2, operation", 0.75, "sep 3×3", 0.5)
    assert [last(recorder, "policy")[name] for name in ("step", "decision", "entropy", "probability")] == [
        3,
        5,
        0.75,
        0.5,
    ]
    assert [text(recorder, "policy", name) for name in ("label", "choice")] == ["node 2, operation", "sep 3×3"]
    recorder.prediction(born, 92.5, 0.25)
    assert tuple(last(recorder, "predictions"))[1:] == (born, 92.5, 0.25)
    recorder.point(b"there", 0.5, -1.5, start=born, step=2, predicted=93.0)
    row = last(recorder, "embedding")
    assert tuple(row)[1:-1] == (-1, born, 2, 0.5, -1.5, 93.0)
    assert recorder.view().bytes(row["architecture"]) == b"there"
    recorder.alarm(840, 700, 12.5, "6 of 8 edges are skips")
    assert tuple(last(recorder, "alarms"))[1:-1] == (840, 700, 12.5)
    assert text(recorder, "alarms", "text") == "6 of 8 edges are skips"


def test_a_benchmark_is_recorded_entry_by_entry(record):
    recorder = record()
    columns = [("cost", "f4"), ("searched", "f8"), ("reported", "f8"), ("parameters", "i4"), ("more", "i1")]
    recorder.benchmark(np.array([(100, 88.5, 91.5, 1000, 1), (50, 80.5, 84.5, 500, 2)], columns))
    rows = recorder.view().rows("benchmark")
    assert [tuple(row)[1:] for row in rows] == [(88.5, 91.5, 100, 1000), (80.5, 84.5, 50, 500)]


def test_measures_of_unborn_candidates_are_refused(record):
    recorder = record()
    for say in (recorder.measure, lambda number: recorder.prediction(number, 1.0)):
        with pytest.raises(SessionError, match="there is no candidate 0"):
            say(0)
    with pytest.raises(SessionError, match="there is no candidate 3"):
        recorder.point(b"", 0, 0, start=3)


def test_a_derived_architecture_is_recorded_only_when_it_changes(record):
    recorder = record()
    for step, architecture in enumerate([b"a", b"a", b"b", b"b", b"a"]):
        recorder.derived(architecture, step=step)
    assert recorder.view().rows("derived")["step"].tolist() == [0, 2, 4]


def test_times_increase_over_all_tables_whoever_records(record):
    recorder = record()

    def work(name):
        for step in range(2000):
            recorder.scalar(name, step, step=step)
            recorder.score(recorder.candidate(b"x"), 1.0, seconds=1, parameters=1)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tables = [recorder.view().rows(name) for name in recorder.tables]
    assert len(recorder.tables["scalars"]) == len(recorder.tables["scores"]) == 8000
    for rows in tables:
        assert np.all(np.diff(rows["time"]) > 0)
    times = np.concatenate([rows["time"] for rows in tables])
    assert len(np.unique(times)) == len(times)
    scores = recorder.view().rows("scores")
    assert sorted(scores["candidate"]) == list(range(8000))  # no number was given twice


def test_times_increase_even_where_the_clock_does_not(record, monkeypatch):
    recorder = record()
    recorder.log("first")
    monkeypatch.setattr("engine.session.recorder.perf_counter", lambda: 0.0)
    for _ in range(5):
        recorder.log("at the same moment")
    times = recorder.view().rows("log")["time"]
    assert np.all(np.diff(times) > 0)
    assert [len(recorder.view(moment).rows("log")) for moment in times] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("call", ["score", "death", "scalar", "parent"])
def test_a_candidate_that_was_never_born_is_refused(record, call):
    recorder = record()
    recorder.candidate(b"only one")
    with pytest.raises(SessionError, match="no candidate 1"):
        {
            "score": lambda: recorder.score(1, 0.5, seconds=1, parameters=1),
            "death": lambda: recorder.death(1),
            "scalar": lambda: recorder.scalar("loss", 1.0, step=0, candidate=1),
            "parent": lambda: recorder.candidate(b"", parent=1),
        }[call]()


def test_weights_of_another_shape_are_refused(record):
    with pytest.raises(SessionError, match=r"\(2, 3\)"):
        record().weights(np.zeros((2, 3)), step=0)


def test_a_closed_session_takes_nothing_more(record, tmp_path):
    recorder = record(tmp_path / "s.h5")
    recorder.close()
    assert not recorder.live
    with pytest.raises(SessionError, match="closed"):
        recorder.log("too late")
    recorder.close()  # once more does no harm


def test_an_existing_file_is_left_alone_unless_overwriting_was_asked_for(record, tmp_path, header):
    path = tmp_path / "s.h5"
    path.write_text("precious")
    with pytest.raises(SessionError, match="exists already"):
        Recorder(header, path)
    assert path.read_text() == "precious"
    recorder = record(path, overwrite=True)
    recorder.log("new")
    recorder.close()
    assert read(path).view().text(last(read(path), "log")["text"]) == "new"


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_killed_programs_left_blocks_nothing(record, tmp_path, overwrite):
    for name in ("s.h5.4711.part", "s.h5.lock", "s.h5.part"):
        (tmp_path / name).write_text("left")
    recorder = record(tmp_path / "s.h5", overwrite=overwrite)
    recorder.log("new")
    recorder.close()
    assert read(tmp_path / "s.h5").packed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.h5", "s.h5.part"]  # the last is no name of ours


def test_a_place_that_cannot_be_written_is_refused_at_once_in_one_line(tmp_path, header):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "nowhere" / "s.h5", tmp_path / "file" / "s.h5", tmp_path):
        with pytest.raises(SessionError, match=r"cannot write|exists already") as caught:
            Recorder(header, path)
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)


DISK_FULL = """
import resource, signal, sys
from pathlib import Path
from engine.session import Header, Recorder
def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit(12 << 20)
recorder = Recorder(Header(), Path(sys.argv[1]))
recorder.scalar("early", 1.5, step=0)
recorder.flush()
print(recorder.fault)
for step in range(10_000):
    recorder.log(f"{step ** 9} is not like any other number" * 30)
recorder.flush()
print(recorder.fault)
recorder.log("the search goes on")
when = sys.argv[2]
if when == "freed":
    limit(resource.RLIM_INFINITY)
    recorder.flush()
    print(recorder.fault)
else:
    if when == "packed":
        limit(300_000)
    recorder.close()
    print(recorder.fault)
    limit(resource.RLIM_INFINITY)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files, which Windows cannot")
@pytest.mark.parametrize("when", ["freed", "closed", "packed"])
def test_a_full_disk_stops_the_file_and_not_the_search(spawn, tmp_path, when):
    path = tmp_path / "s.h5"
    process = spawn(DISK_FULL, path, when)
    before, during, after = process.communicate(timeout=600)[0].splitlines()
    assert process.returncode == 0
    assert before == "None"
    assert during.startswith(f"cannot write {path}: ")
    kept = read(path)
    assert len(kept.tables["scalars"]) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["s.h5"]
    if when == "packed":  # what was flushed before stands, though the disk cannot even take the packed file
        assert after == during
        view = kept.view()
        texts = [view.text(row["text"]) for row in view.rows("log")]
        assert len(texts) < 10_000  # none at all, unless the writer's own flushes came in between
        assert texts == [f"{step**9} is not like any other number" * 30 for step in range(len(texts))]
    else:  # all of it was still in memory; packed, it fits
        assert after == "None"
        assert len(kept.tables["log"]) == 10_001


NEVER_CLOSED = """
import sys
from pathlib import Path
from engine.session import Header, Recorder
recorder = Recorder(Header(), Path(sys.argv[1]))
for step in range(1234):
    recorder.scalar("loss", step, step=step)
"""


def test_a_program_that_ends_without_closing_loses_nothing(spawn, tmp_path):
    process = spawn(NEVER_CLOSED, tmp_path / "s.h5")
    assert process.wait(timeout=600) == 0
    assert read(tmp_path / "s.h5").view().rows("scalars")["step"].tolist() == list(range(1234))


def test_a_session_in_memory_needs_no_file():
    recorder = Recorder(Header(), None)
    recorder.log("hello")
    recorder.flush()
    recorder.close()
    assert len(recorder.view().rows("log")) == 1


LEFT_ALONE = """
import sys, threading, time
from pathlib import Path
from engine.session import Header, Recorder
recorder = Recorder(Header(), Path(sys.argv[1]))
def search():
    while threading.main_thread().is_alive():
        time.sleep(0.01)
    time.sleep(1.2)  # longer than a round of writing
    recorder.scalar("loss", 1.5, step=0)
    recorder.flush()
    print(recorder.fault, flush=True)
    recorder.status("finished")
    recorder.close()
threading.Thread(target=search).start()
raise MemoryError("in the main thread")
"""


def test_the_writer_lives_as_long_as_a_thread_that_records(spawn, tmp_path):
    process = spawn(LEFT_ALONE, tmp_path / "s.h5")
    assert process.communicate(timeout=60)[0] == "None\n"
    reader = read(tmp_path / "s.h5")
    assert reader.packed
    assert (len(reader.tables["scalars"]), len(reader.tables["status"])) == (1, 1)


class TestWakingTheWriter:
    @pytest.fixture
    def rounds(self, monkeypatch):
        """Counts rounds of a writer that makes none by itself."""
        from engine.session import hdf5_writer as writer

        monkeypatch.setattr(writer, "_ROUND", 3600.0)
        counted = []
        once = writer.Writer._round
        monkeypatch.setattr(
            writer.Writer, "_round", lambda self, *arguments: (counted.append(1), once(self, *arguments))
        )
        return counted

    @pytest.mark.parametrize("what", ["score", "mark", "alarm", "status"])
    def test_what_is_rare_is_written_at_once(self, record, tmp_path, rounds, what):
        recorder = record(tmp_path / "s.h5")
        recorder.flush()
        recorder.candidate(b"")
        call = {
            "score": lambda: recorder.score(0, 1.5, seconds=3600, parameters=1),
            "mark": lambda: recorder.mark(0.5, "here"),
            "alarm": lambda: recorder.alarm(1, 0, 0.5, "collapsing"),
            "status": lambda: recorder.status("paused"),
        }[what]
        call()
        table = what if what == "status" else what + "s"
        until = time.monotonic() + 30
        while not len(read(tmp_path / "s.h5").tables[table]):
            assert time.monotonic() < until, "it waits for a round"
            time.sleep(0.01)

    def test_where_they_crowd_it_rests_longer_until_they_are_rare_again(self):
        from engine.session.hdf5_writer import _spaced

        spacing, seen = 0.1, []
        for since in (0.1, 0.2, 0.4, 0.5, 2.0, 0.1):
            seen.append(spacing := _spaced(spacing, since))
        assert seen == [0.2, 0.4, 0.5, 0.5, 0.1, 0.2]

    def test_many_of_them_do_not_flood_it(self, record, tmp_path, rounds, monkeypatch):
        from engine.session import hdf5_writer as writer

        monkeypatch.setattr(writer, "_SPACING", 3600.0)
        recorder = record(tmp_path / "s.h5")
        recorder.candidate(b"")
        for _ in range(20_000):
            recorder.score(0, 1.5, seconds=1, parameters=1)
        recorder.close()
        assert len(rounds) <= 4
        assert len(read(tmp_path / "s.h5").tables["scores"]) == 20_000


def test_the_clock_stands_still_in_a_pause_and_times_go_on_rising(record):
    clock = [1000.0]
    recorder, times = record(clock=lambda: clock[0]), []

    def passes(seconds: float, act) -> None:
        clock[0] += seconds
        act()
        times.append(recorder.end)

    passes(10, lambda: recorder.status("running"))
    passes(5, lambda: recorder.status("paused"))
    passes(3600, lambda: recorder.mark(1.0, "set in the pause"))
    passes(60, lambda: recorder.heartbeat(0.0))
    passes(60, lambda: recorder.status("running"))
    passes(7, lambda: recorder.log("a step"))
    passes(1, lambda: recorder.status("paused"))
    passes(100, lambda: recorder.status("stopped"))
    passes(2, lambda: recorder.log("the end"))
    assert times == pytest.approx([10, 15, 15, 15, 15, 22, 23, 23, 25])
    assert all(earlier < later for earlier, later in itertools.pairwise(times))
    assert recorder.now() == 25
