"""`run`: a search without a window."""

import argparse
import contextlib
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import plan as plans
from engine.commands.exits import FAILED, INTERRUPTED, OK, complain, silence
from engine.commands.show import facts, told, unit_of_scores
from engine.commands.terminal import Terminal
from engine.run import Host, launch

LOOK = 0.1
"""Seconds between two looks at the search: how fast the progress bar moves and Ctrl-C is heeded."""


def add(commands: Any) -> None:
    """Add `run` to the command line."""
    parser = commands.add_parser("run", help="run a search and record it in a session file")
    parser.add_argument("plan", metavar="PLAN", help="the name of a preset, or a .toml file")
    parser.add_argument("--out", type=Path, required=True, metavar="S.h5", help="the session file to write")
    parser.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="change the plan: method.w_lr=0.1"
    )
    parser.add_argument("--device", metavar="cpu|cuda|...", help="the device to compute on, instead of the plan's")
    parser.add_argument("--overwrite", action="store_true", help="replace the session file if there is one")
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object (progress: stderr)")
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    changes = [*options.set, *([f"device={options.device}"] if options.device else [])]
    plan = plans.override(plan_of(options.plan), changes)
    with interruptions() as interrupted:
        host = launch(plan, options.out, options.overwrite)
        terminal = Terminal(sys.stderr if options.json else sys.stdout, plan)
        while not host.join(LOOK):
            if interrupted:
                host.stop()
            terminal.look(host)
        terminal.close(host)
    return _report(host, options, bool(interrupted))


def plan_of(name: str) -> plans.Plan:
    """The plan in a .toml file, or the preset of that name."""
    path = Path(name)
    return plans.load(path) if path.suffix == ".toml" or path.is_file() else plans.preset(name)


@contextlib.contextmanager
def interruptions() -> Iterator[list[int]]:
    """Collect Ctrl-C in a list instead of raising somewhere: the search is to be stopped, not torn."""
    caught: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: caught.append(number))
    try:
        yield caught
    finally:
        signal.signal(signal.SIGINT, before)


def _report(host: Host, options: argparse.Namespace, interrupted: bool) -> int:
    if host.state == "failed" and not host.started:
        return complain(host.message)
    view = host.source.view()
    found = facts(view)
    try:
        print(
            json.dumps(found, ensure_ascii=False, indent=2) if options.json else told(found, unit_of_scores(view)),
            flush=True,
        )
    except BrokenPipeError:
        silence(sys.stdout)  # the exit code still tells how it went
    if host.state == "failed" or host.source.fault:
        return complain(host.message, FAILED)
    return INTERRUPTED if interrupted and host.state == "stopped" else OK
