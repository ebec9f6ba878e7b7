"""`run`: a search without a window, and how it looks on a terminal, in a file or in a pipe."""

import argparse
import json
import math
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from engine import plan as plans
from engine.commands.exits import FAILED, INTERRUPTED, OK, complain, give_up, say
from engine.commands.show import facts, tell_previous, told
from engine.plan import Plan
from engine.run import Host, launch
from engine.run.interruptions import interruptions
from engine.session import View
from engine.session.queries.best import best_in_words
from engine.words import long_clock, plain, size

REDRAW = 0.25
"""Seconds between two drawings of the bar."""

QUIET = 10.0
"""Seconds without a line after which one about the progress is written, where there is no terminal."""

BAR = 24
"""Characters of the bar."""


class Terminal:
    """Prints the log as it comes and, on a terminal, a progress bar in the last line; elsewhere a line now and then.

    Whatever goes wrong with showing (a reader that went away, a full disk, a terminal that is gone, no memory for a
    line) silences it; the search goes on.
    """

    def __init__(self, stream: TextIO, plan: Plan) -> None:
        self._stream, self._plan = stream, plan
        self._live = not stream.closed and stream.isatty()
        self._silent = False
        self._logged = 0  # rows of the log printed so far
        self._drawn = 0  # characters of the bar on the screen
        self._last = time.monotonic() - (QUIET if self._live else 0.0)

    def look(self, host: Host) -> None:
        """Print what is new."""
        self._try(lambda: self._look(host))

    def close(self, host: Host) -> None:
        """Print the rest of the log and clear the bar."""
        self._try(lambda: self._close(host))

    def _try(self, show: Callable[[], None]) -> None:
        if self._silent:
            return
        try:
            show()
        except Exception as fault:  # of whatever kind: it must not end the one who waits for the search
            self._silent = True
            give_up(self._stream, fault, "progress is not shown any more; the search goes on")

    def _look(self, host: Host) -> None:
        view = host.source.view()
        self._log(view)
        if time.monotonic() - self._last >= (REDRAW if self._live else QUIET):
            self._last = time.monotonic()
            self._progress(f"{self._words(view)} · {host.state}" if host.state != "running" else self._words(view))

    def _close(self, host: Host) -> None:
        self._log(host.source.view())
        self._wipe()
        self._stream.flush()

    def _log(self, view: View) -> None:
        rows = view.rows("log")
        for row in rows[self._logged :]:
            self._wipe()
            self._stream.write(f"{long_clock(row['time'])}  {view.text(row['text']).rstrip()}\n")
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
        parts = [f"{long_clock(view.time)}  {self._done(int(row['done']), int(row['total']))}"]
        parts += filter(None, [best_in_words(view)])
        if not math.isnan(row["remaining"]):
            parts.append(f"{long_clock(row['remaining'])} left")
        parts.append(size(int(row["memory"])))
        share = _share(float(row["done"]), float(row["total"]), view.time, float(row["remaining"]))
        bar = f"{'█' * round(share * BAR):░<{BAR}} " if self._live else ""
        return bar + plain(" · ".join(parts))

    def _done(self, done: int, total: int) -> str:
        if self._plan.method.one_shot:
            epochs = self._plan.budget.epochs or 1
            return f"epoch {min(epochs, 1 + done * epochs // max(1, total))} of {epochs}, step {done} of {total}"
        return f"{done} of {total} evaluated" if total else f"{done} evaluated"


def _share(done: float, total: float, elapsed: float, remaining: float) -> float:
    if total:
        return min(1.0, done / total)
    return 0.0 if math.isnan(remaining) else elapsed / max(elapsed + remaining, 1e-9)


LOOK = 0.1
"""Seconds between two looks at the search: how fast the progress bar moves."""


def add(commands: Any) -> None:
    """Add `run` to the command line."""
    parser = commands.add_parser("run", help="run a search and record it in a session file")
    parser.add_argument("plan", metavar="PLAN", help="the name of a preset, or a .toml file")
    parser.add_argument("--out", type=Path, required=True, metavar="S.h5", help="the session file to write")
    parser.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="change the plan: method.w_lr=0.1"
    )
    parser.add_argument("--device", metavar="cpu|cuda|...", help="the device to compute on, instead of the plan's")
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace the session file if there is one; it is kept as S.h5.previous until the new search has finished",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object (progress: stderr)")
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    changes = [*options.set, *([f"device={options.device}"] if options.device else [])]
    plan = plans.override(plan_of(options.plan), changes)
    with interruptions() as interrupted:
        host = launch(plan, options.out, options.overwrite)
        interrupted.watch(host)
        try:
            terminal = Terminal(sys.stderr if options.json else sys.stdout, plan)
            while not host.join(LOOK):
                terminal.look(host)
            terminal.close(host)
        finally:
            host.join()  # whatever happens here: what a search imports and starts needs a main thread that lives
    return _report(host, options, interrupted.asked)


def plan_of(name: str) -> plans.Plan:
    """The plan in a .toml file, or the preset of that name."""
    path = Path(name)
    return plans.load(path) if path.suffix == ".toml" or path.is_file() else plans.preset(name)


def _report(host: Host, options: argparse.Namespace, interrupted: bool) -> int:
    if host.state == "failed" and not host.started:
        return complain(host.message)
    view = host.source.view()
    found = facts(view)
    text = json.dumps(found, ensure_ascii=False, indent=2) if options.json else told(found)
    say(text, sys.stdout)
    tell_previous(options.out)
    if host.state == "failed" or host.source.fault:
        return complain(host.message, FAILED)
    return INTERRUPTED if interrupted and host.state == "stopped" else OK
