"""A writer that is killed without warning loses at most what it had not flushed."""

import random
import signal
import sys
import time

import h5py
import pytest

from engine.session import read, rescue

# Row number n of every table says n, so that each surviving row can be checked by itself. After every flush the writer
# prints how many rows it has written for good.
WRITER = """
import sys
from pathlib import Path
import numpy as np
from engine.session import Header, Recorder
header = Header(plan="seed = 1", cells=("normal",), edges=("a", "b"), operations=("x", "y", "z"))
recorder = Recorder(header, Path(sys.argv[1]))
recorder.status("running")
rng = np.random.default_rng(int(sys.argv[2]))
number = 0
print("begun", flush=True)
while True:
    for _ in range(rng.integers(1, 400)):
        candidate = recorder.candidate(b"architecture %d" % number, parent=number - 1, change=f"change {number}")
        recorder.score(candidate, number, seconds=1, parameters=number, message=f"message {number}")
        recorder.death(candidate)
        recorder.scalar("loss", number, step=number, candidate=number)
        recorder.weights(np.full((1, 2, 3), number), step=number)
        recorder.log(f"line {number}")
        number += 1
    recorder.flush()
    print(number, flush=True)
"""


def _check(reader, least):
    view = reader.view()
    numbers = list(range(len(view.rows("candidates"))))
    assert len(numbers) >= least
    for name in ("scores", "deaths", "scalars", "weights", "log"):
        assert least <= len(view.rows(name)) <= len(numbers)
    for row, number in zip(view.rows("candidates"), numbers, strict=True):
        assert view.bytes(row["architecture"]) == b"architecture %d" % number
        assert (row["parent"], view.text(row["change"])) == (number - 1, f"change {number}")
    for number, row in enumerate(view.rows("scores")):
        assert (row["candidate"], row["score"], row["parameters"]) == (number, number, number)
        assert view.text(row["message"]) == f"message {number}"
    for number, row in enumerate(view.rows("weights")):
        assert row["step"] == number
        assert (row["values"] == number).all()
    for number, row in enumerate(view.rows("log")):
        assert view.text(row["text"]) == f"line {number}"
    assert view.rows("scalars")["value"].tolist() == numbers[: len(view.rows("scalars"))]
    assert view.rows("deaths")["candidate"].tolist() == numbers[: len(view.rows("deaths"))]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("seed", range(6))
def test_every_flushed_row_of_a_killed_writer_is_there_and_right(spawn, tmp_path, monkeypatch, same, seed):
    path = tmp_path / "s.h5"
    process = spawn(WRITER, path, seed)
    assert process.stdout.readline() == "begun\n"
    time.sleep(random.Random(seed).uniform(0.0, 0.8))
    process.send_signal(signal.SIGKILL)
    said = process.stdout.read().split("\n")[:-1]  # a last line without an end is half a number
    process.wait()
    reader = read(path)
    _check(reader, int(said[-1]) if said else 0)

    now = time.time()
    monkeypatch.setattr("engine.session.reader.clock", lambda: now + 60)
    assert not reader.live
    rescue(path)
    whole = read(path)
    same(whole, reader)
    assert [file.name for file in tmp_path.iterdir()] == ["s.h5"]
    with h5py.File(path, "r") as file:
        assert len(file["log"]) == len(reader.tables["log"])
