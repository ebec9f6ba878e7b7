"""The writing end of a session: what a search says goes into tables, and a thread mirrors them in a file."""

import threading
from collections.abc import Callable
from math import inf, isfinite, nan, nextafter
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.session.hdf5_writer import Mirrored, Writer
from engine.session.schema import DATA_ROWS, LEVELS, ORIGINS, OUTCOMES, STATES, Header, SessionError, weights_shape

_ORIGIN = {name: code for code, name in enumerate(ORIGINS)}
_OUTCOME = {name: code for code, name in enumerate(OUTCOMES)}
_LEVEL = {name: code for code, name in enumerate(LEVELS)}
_STATE = {name: code for code, name in enumerate(STATES)}
_DATA = {name: code for code, name in enumerate(DATA_ROWS)}

_MOST_SERIES = 1 << 16  # numbers of two bytes


class Recorder(Mirrored):
    """Records a search. Any thread may call any method; one lock stamps every row with its time.

    `path` is the session file, or None to keep the session in memory. SessionError at once where another program writes
    it, where it exists (unless `overwrite`), or cannot be written. A failure of the disk later on does not stop the
    search: `fault` then says in one line why the file has fallen behind.

    `clock` gives the seconds that rows are stamped with; one that is told what happened elsewhere has another than this
    machine's. The clock stands still while the search is paused, so that no replay waits for what did not happen.

    What is overwritten is kept as PATH.previous until this session is closed, whole, and its status is "finished".
    """

    def __init__(
        self,
        header: Header,
        path: Path | None,
        *,
        overwrite: bool = False,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        super().__init__(header)
        self.path = path
        self._clock = clock
        self._began = clock()  # later by as long as was paused
        self._held: float | None = None  # when the pause began
        self._lock = threading.Lock()
        self._closed = False
        self._series: dict[str, int] = {}
        self._last_derived = b""
        self._unit: tuple[str, tuple[int, int]] = ("", (0, 0))  # of the last score, and where it stands in the text
        self._writer: Writer | None = None
        if path is not None:
            self._writer = Writer(self, path, overwrite=overwrite)

    @property
    def live(self) -> bool:
        """Whether rows may still come."""
        return not self._closed

    def now(self) -> float:
        """Seconds since the session began, but for those in a pause."""
        held = self._held
        return (self._clock() if held is None else held) - self._began

    def scalar(self, name: str, value: float, *, step: int, candidate: int = -1, unit: str = "") -> None:
        """One number of the series `name`, of the search itself or of one candidate's training.

        The unit is taken from the first number of a series.
        """
        with self._lock:
            if candidate != -1:
                self._must_be_born(candidate)
            series = self._series.get(name)
            if series is None:
                series = self._new_series(name, unit)
            self._append("scalars", step, series, candidate, value)

    def candidate(self, architecture: bytes, *, parent: int = -1, origin: str = "sampled", change: str = "") -> int:
        """A proposed architecture (bytes of engine.space); returns its number."""
        code = _ORIGIN[origin]
        with self._lock:
            if parent != -1:
                self._must_be_born(parent)
            return self._append("candidates", parent, code, *self.stream.append(architecture), *self._text(change))

    def score(
        self,
        candidate: int,
        score: float | None,
        *,
        seconds: float,
        parameters: int,
        outcome: str = "ok",
        message: str = "",
        unit: str = "%",
    ) -> None:
        """A candidate's score, higher is better; None or NaN where the evaluation failed."""
        code = _OUTCOME[outcome]
        value = nan if score is None else score
        with self._lock:
            self._must_be_born(candidate)
            if unit != self._unit[0]:
                self._unit = (unit, self._text(unit))
            self._append("scores", candidate, code, value, seconds, parameters, *self._text(message), *self._unit[1])
        self._urge()

    def evaluated(
        self,
        candidate: int,
        score: float,
        *,
        seconds: float,
        parameters: int,
        outcome: str = "ok",
        message: str = "",
        unit: str = "%",
        macs: int = 0,
        cost: float = nan,
        reported: float = nan,
    ) -> None:
        """A candidate's score (as `score` takes it) and, where anything of them is known, its measures."""
        self.score(
            candidate, score, seconds=seconds, parameters=parameters, outcome=outcome, message=message, unit=unit
        )
        if macs or cost == cost or reported == reported:  # NaN is not itself
            self.measure(candidate, macs=macs, cost=cost, reported=reported)

    def death(self, candidate: int) -> None:
        """A candidate left the population."""
        with self._lock:
            self._must_be_born(candidate)
            self._append("deaths", candidate)

    def measure(self, candidate: int, *, macs: int = 0, cost: float = nan, reported: float = nan) -> None:
        """What is known of a scored candidate beside its score: multiply-accumulates (0: unknown), simulated seconds of
        its evaluation (NaN: the measured ones count), and what a benchmark reports for it."""
        with self._lock:
            self._must_be_born(candidate)
            self._append("measures", candidate, macs, cost, reported)

    def policy(self, step: int, decision: int, label: str, entropy: float, choice: str, probability: float) -> None:
        """How a controller stands to its decision number `decision`: entropy (nats) and most probable choice."""
        with self._lock:
            self._append("policy", step, decision, *self._text(label), entropy, *self._text(choice), probability)

    def prediction(self, candidate: int, value: float, spread: float = nan) -> None:
        """The score that a surrogate expects of a candidate, and the standard deviation over its ensemble."""
        with self._lock:
            self._must_be_born(candidate)
            self._append("predictions", candidate, value, spread)

    def point(
        self,
        architecture: bytes,
        x: float,
        y: float,
        *,
        candidate: int = -1,
        start: int = -1,
        step: int = 0,
        predicted: float = nan,
    ) -> None:
        """A point of a learnt space in a lasting projection, and the architecture (bytes) that it decodes to.

        Step `step` of a path that began at the point of candidate `start`, or (-1) a point of its own.
        """
        with self._lock:
            for number in {candidate, start} - {-1}:
                self._must_be_born(number)
            self._append("embedding", candidate, start, step, x, y, predicted, *self.stream.append(architecture))

    def benchmark(self, entries: npt.NDArray[np.void]) -> None:
        """All entries of the benchmark table in use: a structured array with the columns of this table but the time."""
        table = self.tables["benchmark"]
        rows = np.empty(len(entries), table.dtype)
        for name in ("searched", "reported", "cost", "parameters"):
            rows[name] = entries[name]
        with self._lock:
            if self._closed:
                raise SessionError("this session is closed")
            now = max(self.now(), self.end)
            rows["time"] = now + 4 * np.spacing(now) * np.arange(1, len(rows) + 1)  # strictly increasing, all at once
            table.extend(rows)
            self.end = float(rows["time"][-1]) if len(rows) else self.end

    def data(
        self,
        kind: str,
        name: str = "",
        *,
        splits: tuple[int, int, int] = (0, 0, 0),
        files: int = 0,
        example: str = "",
        values: tuple[int, int] = (0, 0),
    ) -> None:
        """A row of what was taken of the data: a "class" with its images in each split, files "left out" for a reason,
        a "note", or the range of the "values"."""
        with self._lock:
            self._append("data", _DATA[kind], *self._text(name), *splits, files, *self._text(example), *values)

    def alarm(self, step: int, healthy: int, at: float, text: str) -> None:
        """The search is collapsing: last healthy at step `healthy` (-1: never), recorded at `at` seconds (then NaN)."""
        with self._lock:
            self._append("alarms", step, healthy, at, *self._text(text))
        self._urge()

    def derived(self, architecture: bytes, *, step: int) -> None:
        """The architecture that the search would choose now; recorded only where it differs from the last."""
        with self._lock:
            if architecture != self._last_derived:
                self._append("derived", step, *self.stream.append(architecture))
                self._last_derived = architecture

    def weights(self, values: npt.ArrayLike, *, step: int) -> None:
        """Softmaxed architecture weights, (cells, edges, operations) as in the header."""
        array = np.asarray(values, dtype=np.float32)
        if array.shape != weights_shape(self.header):
            raise SessionError(f"architecture weights of shape {array.shape}, not {weights_shape(self.header)}")
        with self._lock:
            self._append("weights", step, array)

    def log(self, text: str, level: str = "info") -> None:
        """A line of the log."""
        code = _LEVEL[level]
        with self._lock:
            self._append("log", code, *self._text(text))

    def status(self, state: str, text: str = "") -> None:
        """The search's state from now on, and why."""
        code = _STATE[state]
        with self._lock:
            if self._held is not None:
                self._began += self._clock() - self._held
                self._held = None
            self._append("status", code, *self._text(text))
            if state == "paused":
                self._held = self._clock()
        self._urge()

    def progress(
        self,
        done: int,
        total: int,
        *,
        remaining: float = nan,
        evaluations: int = 0,
        memory: int = 0,
        load: float = nan,
    ) -> None:
        """How far the search is, the seconds it will still take, and the device's memory (bytes) and load (0 to 1)."""
        with self._lock:
            self._append("progress", done, total, remaining, evaluations, memory, load)

    def mark(self, at: float, note: str) -> None:
        """A person's note on the moment `at` (seconds)."""
        if not isfinite(at):
            raise SessionError("a mark needs a moment")
        with self._lock:
            self._append("marks", at, *self._text(note))
        self._urge()

    def heartbeat(self, wall: float) -> None:
        """A sign of life at clock time `wall`; the writer gives it."""
        with self._lock:
            self._append("heartbeat", wall)

    def flush(self, timeout: float | None = None) -> None:
        """Write everything recorded so far; returns when another process can read it (or `fault` says why not), or
        `timeout` (s) is over."""
        if self._writer is not None:
            self._writer.flush(timeout)

    def close(self) -> None:
        """Take no more rows, write the last ones, and pack the file. Waits until that is done; again does nothing."""
        with self._lock:
            self._closed = True
        if self._writer is not None:
            self._writer.close()

    def withdraw(self) -> None:
        """As if the session had never been begun: take its file away, and put back what was to be overwritten."""
        with self._lock:
            self._closed = True
        if self._writer is not None:
            self._writer.close(void=True)

    def cut(self) -> tuple[float, int, dict[str, int]]:
        """A moment at which all tables are whole: the last row's time, the length of the text and of every table."""
        with self._lock:
            return self.end, len(self.stream), {name: len(table) for name, table in self.tables.items()}

    def _urge(self) -> None:
        """What was recorded is rare or precious: have it written at once."""
        if self._writer is not None:
            self._writer.urge()

    def _append(self, table: str, *values: Any) -> int:
        """Append under the lock. Times strictly increase, so that a view at a row's time never gains another row."""
        if self._closed:
            raise SessionError("this session is closed")
        now = self.now()
        if now <= self.end:
            now = nextafter(self.end, inf)
        number = self.tables[table].put(now, *values)
        self.end = now  # after the row: whoever reads this end finds the row
        return number

    def _must_be_born(self, candidate: int) -> None:
        if not 0 <= candidate < len(self.tables["candidates"]):
            raise SessionError(f"there is no candidate {candidate}")

    def _new_series(self, name: str, unit: str) -> int:
        if len(self._series) == _MOST_SERIES:
            raise SessionError(f"a session has room for {_MOST_SERIES:,} series of scalars")
        number = self._series[name] = self._append("series", *self._text(name), *self._text(unit))
        return number

    def _text(self, text: str) -> tuple[int, int]:
        return self.stream.append(text.encode("utf-8", errors="replace")) if text else (0, 0)
