"""A view is the session at one moment: complete, and unchanged for ever."""

import threading
from math import inf

import numpy as np
import pytest


@pytest.mark.parametrize("seed", range(5))
def test_a_view_has_exactly_the_rows_up_to_its_time(record, fill, seed):
    recorder = record()
    fill(recorder, 400, seed)
    times = np.unique(np.concatenate([recorder.view().rows(name)["time"] for name in recorder.tables]))
    between = (times[:-1] + times[1:]) / 2
    moments = [-1.0, 0.0, *times[::7], *between[::11], np.nextafter(times[5], 0), np.nextafter(times[5], 9), 1e9, inf]
    for moment in moments:
        view = recorder.view(moment)
        for name in recorder.tables:
            array, length = recorder.tables[name].published
            expected = [row for row in array[:length] if row["time"] <= moment]
            assert view.rows(name).tobytes() == b"".join(row.tobytes() for row in expected)


def test_rows_cannot_be_written(record):
    recorder = record()
    recorder.log("hello")
    with pytest.raises(ValueError, match="read-only"):
        recorder.view().rows("log")["level"][0] = 1


def test_text_reads_as_it_was_recorded(record):
    recorder = record()
    recorder.log("")
    recorder.log("k−2 → 0, “sep 3×3”")
    view = recorder.view()
    assert [view.text(row["text"]) for row in view.rows("log")] == ["", "k−2 → 0, “sep 3×3”"]


def test_the_end_is_the_time_of_the_last_row(record, fill):
    recorder = record()
    assert recorder.end == recorder.view().time == 0.0
    fill(recorder, 50)
    assert recorder.end == max(rows["time"][-1] for name in recorder.tables if len(rows := recorder.view().rows(name)))
    assert recorder.view().time == recorder.end
    assert recorder.view(recorder.end / 2).time == recorder.end / 2


def test_equal_stamps_mean_equal_content(record, fill):
    recorder, other = record(), record()
    fill(recorder, 60)
    fill(other, 60)
    before = recorder.view()
    assert before.stamp("log", "scores") == recorder.view().stamp("log", "scores")
    assert before.stamp("log") != other.view().stamp("log")  # as many rows, but of another session
    recorder.log("one more")
    assert recorder.view().stamp("log") != before.stamp("log")
    assert recorder.view().stamp("scores") == before.stamp("scores")
    assert recorder.view(before.time).stamp("log") == before.stamp("log")


def test_views_hold_still_and_are_whole_while_threads_record(record):
    recorder = record()
    stop = threading.Event()

    def work(name):
        step = 0
        while not stop.is_set():
            candidate = recorder.candidate(f"{name} {step}".encode(), change=name)
            recorder.score(candidate, step, seconds=1, parameters=step)
            recorder.death(candidate)
            recorder.scalar(name, step, step=step, candidate=candidate)
            step += 1

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    try:
        taken = []
        for _ in range(300):
            view = recorder.view()
            # Asked for in this order, a torn view would name candidates that it does not have.
            born, scored, died = (len(view.rows(name)) for name in ("candidates", "scores", "deaths"))
            scalars = view.rows("scalars")
            assert born >= scored >= died >= len(scalars) >= born - 3
            assert scored == 0 or view.rows("scores")["candidate"].max() < born
            assert len(scalars) == 0 or scalars["series"].max() < len(view.rows("series"))
            for row in view.rows("candidates")[-3:]:
                assert view.bytes(row["architecture"]).decode().startswith(view.text(row["change"]))
            taken.append((view, {name: view.rows(name).tobytes() for name in ("scores", "scalars")}))
            if len(taken) > 20:
                taken.pop(len(taken) // 2)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for view, rows in taken:
        for name, content in rows.items():
            assert view.rows(name).tobytes() == content
            assert recorder.view(view.time).rows(name).tobytes() == content  # replayed, it is the same
