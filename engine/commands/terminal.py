"""How a running search looks on a terminal, and in a file or pipe instead of one."""

import math
import shutil
import time
from typing import TextIO

from engine.commands.exits import silence
from engine.commands.show import unit_of_scores
from engine.plan import Plan
from engine.run import Host
from engine.run.words import scored
from engine.session import View, summary

REDRAW = 0.25
"""Seconds between two drawings of the bar."""

QUIET = 10.0
"""Seconds without a line after which one about the progress is written, where there is no terminal."""

BAR = 24
"""Characters of the bar."""


class Terminal:
    """Prints the log as it comes and, on a terminal, a progress bar in the last line; elsewhere a line now and then.

    A reader that goes away (`| head`) silences it; the search goes on.
    """

    def __init__(self, stream: TextIO, plan: Plan) -> None:
        self._stream, self._plan = stream, plan
        self._live = stream.isatty()
        self._logged = 0  # rows of the log printed so far
        self._drawn = 0  # characters of the bar on the screen
        self._last = time.monotonic() - (QUIET if self._live else 0.0)

    def look(self, host: Host) -> None:
        """Print what is new."""
        try:
            view = host.source.view()
            self._log(view)
            if time.monotonic() - self._last >= (REDRAW if self._live else QUIET):
                self._last = time.monotonic()
                self._progress(f"{self._words(view)} · {host.state}" if host.state != "running" else self._words(view))
        except BrokenPipeError:
            silence(self._stream)

    def close(self, host: Host) -> None:
        """Print the rest of the log and clear the bar."""
        try:
            self._log(host.source.view())
            self._wipe()
            self._stream.flush()
        except BrokenPipeError:
            silence(self._stream)

    def _log(self, view: View) -> None:
        rows = view.rows("log")
        for row in rows[self._logged :]:
            self._wipe()
            self._stream.write(f"{clock(row['time'])}  {view.text(row['text']).rstrip()}\n")
            self._last = time.monotonic() if not self._live else self._last
        if len(rows) > self._logged:
            self._logged = len(rows)
            self._stream.flush()

    def _progress(self, line: str) -> None:
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            line = line[:width]
            self._stream.write("\r" + line.ljust(min(self._drawn, width)))
            self._drawn = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def _wipe(self) -> None:
        if self._drawn:
            self._stream.write("\r" + " " * self._drawn + "\r")
            self._drawn = 0

    def _words(self, view: View) -> str:
        """One line: bar, share, what is done of what is planned, the best so far, the time left, memory."""
        rows = view.rows("progress")
        if not len(rows):
            return self._plan.name
        row = rows[-1]
        parts = [f"{clock(view.time)}  {self._done(int(row['done']), int(row['total']))}"]
        best = summary(view).best_score
        if best is not None:
            parts.append(f"best {scored(best, unit_of_scores(view))}")
        if not math.isnan(row["remaining"]):
            parts.append(f"{clock(row['remaining'])} left")
        parts.append(f"{row['memory'] / 1e6:.0f} MB")
        share = _share(float(row["done"]), float(row["total"]), view.time, float(row["remaining"]))
        bar = f"{'█' * round(share * BAR):░<{BAR}} " if self._live else ""
        return bar + " · ".join(parts)

    def _done(self, done: int, total: int) -> str:
        if self._plan.method.one_shot:
            epochs = self._plan.budget.epochs or 1
            return f"epoch {min(epochs, 1 + done * epochs // max(1, total))} of {epochs}, step {done} of {total}"
        return f"{done} of {total} evaluated" if total else f"{done} evaluated"


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _share(done: float, total: float, elapsed: float, remaining: float) -> float:
    if total:
        return min(1.0, done / total)
    return 0.0 if math.isnan(remaining) else elapsed / max(elapsed + remaining, 1e-9)
