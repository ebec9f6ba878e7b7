"""`queue`: plans and seeds, one search after another or side by side, each with a session of its own."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from engine import plan as plans
from engine.commands.exits import FAILED, INTERRUPTED, OK, say
from engine.commands.run import plan_of
from engine.run.interruptions import interruptions
from engine.run.queue import ENDED, Entry, Queue, entries, refuse_written, seeds_of
from engine.words import plain, score

LOOK = 0.2
"""Seconds between two looks at the queue."""


def add(commands: Any) -> None:
    """Add `queue` to the command line."""
    parser = commands.add_parser(
        "queue",
        help="run plans over seeds, one after another or side by side",
        description="Each search is recorded as FOLDER/NAME-SEED.h5. Those that the folder holds finished are skipped, "
        "others are begun anew, so that the same command goes on where it was stopped. What was half done is kept as "
        "FOLDER/NAME-SEED.h5.previous until the search has finished.",
    )
    parser.add_argument("plans", nargs="+", metavar="PLAN", help="the name of a preset, or a .toml file")
    parser.add_argument("--seeds", metavar="0-9", help="the seeds of every plan: 0-9 or 1,4,7-9 (each plan's own)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the sessions go")
    parser.add_argument("--at-once", type=int, default=1, metavar="N", help="searches that run side by side (1)")
    parser.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="change every plan: budget.epochs=9"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON list at the end (lines: stderr)")
    parser.set_defaults(command=_queue)


def _queue(options: argparse.Namespace) -> int:
    changed = [plans.override(plan_of(name), options.set) for name in options.plans]
    if options.at_once < 1:
        raise plans.PlanError(f"--at-once must be at least 1, got {options.at_once}")
    searches = entries(changed, seeds_of(options.seeds) if options.seeds else None, options.out)
    refuse_written(searches)
    queue = Queue(searches, options.at_once)
    stream = sys.stderr if options.json else sys.stdout
    told: set[Path] = set()
    with interruptions() as interrupted:
        queue.start()
        interrupted.watch(queue)
        try:
            done = False
            while not done:
                done = queue.join(LOOK)
                for entry in queue.entries:
                    if entry.stand in ENDED and entry.path not in told:
                        told.add(entry.path)
                        say(_line(entry), stream)
        finally:
            queue.join()  # whatever happens here: it can start no process without a main thread that lives
    found = queue.entries
    if options.json:
        say(json.dumps([_facts(entry) for entry in found], ensure_ascii=False, indent=2), sys.stdout)
    if interrupted.asked:
        return INTERRUPTED
    return FAILED if any(entry.stand == "failed" for entry in found) else OK


def _line(entry: Entry) -> str:
    """How a search ended, in one line."""
    parts = [f"{entry.path.stem:<32}  {entry.stand:<8}"]
    if entry.best_score is not None:
        whose = "shared network's best" if entry.plan.method.one_shot else "best"
        parts.append(f"{whose} {plain(score(entry.best_score, entry.unit, 2))}")
    if entry.evaluations:
        parts.append(f"{entry.evaluations:,} evaluated")
    if entry.message:
        parts.append(entry.message)
    return "  ".join(parts).rstrip()


def _facts(entry: Entry) -> dict[str, Any]:
    return {
        "plan": entry.plan.name,
        "seed": entry.plan.seed,
        "session": str(entry.path),
        "status": entry.stand,
        "message": entry.message,
        "evaluations": entry.evaluations,
        "best_score": entry.best_score,
        "unit": entry.unit,
    }
