"""`presets` and `show`: what there is to run, and what came of a run."""

import argparse
import json
import math
import tomllib
from pathlib import Path
from typing import Any

from engine import plan as plans
from engine.commands.exits import complain
from engine.session import View, predecessors, read, summary
from engine.session.queries.data_record import data_record
from engine.session.queries.summary import Summary
from engine.space import notations
from engine.space.architecture import Architecture, to_bytes
from engine.space.bounded_parsing import NotationError
from engine.words import falling, plain, score

Subparsers = Any  # argparse has no public name for it


def add_presets(commands: Subparsers) -> None:
    """Add `presets` to the command line."""
    parser = commands.add_parser("presets", help="list the plans that come with the program")
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    parser.set_defaults(command=_presets)


def add(commands: Subparsers) -> None:
    """Add `show` to the command line."""
    parser = commands.add_parser("show", help="say what a session has come to, also while it runs")
    parser.add_argument("session", type=Path, metavar="SESSION.h5")
    add_at(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=_show)


def add_at(parser: argparse.ArgumentParser) -> None:
    """Add `--at`, the moment of the session that is meant."""
    parser.add_argument(
        "--at", type=_seconds, default=math.inf, metavar="SECONDS", help="as it stood so long after its start (the end)"
    )


def facts(view: View) -> dict[str, Any]:
    """What `show` says of a session at one moment, as plain JSON. Raises `ArchitectureError` for a damaged one."""
    header, state, taken = view.source.header, summary(view), data_record(view)
    sign, unit = (-1, state.unit[1:]) if falling(state.unit) else (1, state.unit)
    reported = _reported(view, state.best_candidate)
    return {
        "plan": plan_name(header.plan),
        "method": header.method,
        "space": header.space,
        "seed": header.seed,
        "device": header.device,
        "data": taken.plain() if taken else None,
        "status": state.status,
        "message": _message(view),
        "time": round(view.time, 3),
        "steps": state.steps,
        "evaluations": state.evaluations,
        "best_score": None if state.best_score is None else sign * state.best_score,
        "unit": unit,
        "objective": "minimise" if sign < 0 else None,
        "best_candidate": state.best_candidate,
        "reported": None if reported is None else sign * reported,
        "best_epoch": state.best.epoch if state.best is not None and state.best.epoch else None,
        "shared_network": _of_network(state),
        "architecture": notation(state.architecture) if state.architecture else None,
    }


def plan_name(text: str) -> str:
    """The name of a recorded plan. One that names what is not known here has its name all the same; any other fault
    of a plan is raised as PlanError."""
    if plans.missing(text):
        return str(tomllib.loads(text).get("name", ""))
    return plans.loads_recorded(text).name


def tell_missing(text: str) -> None:
    """Say in one line on stderr what a recorded plan names and is not known here."""
    if missing := plans.missing(text):
        complain(f"not known here: {', '.join(missing)}; --plugin FILE.py brings it; everything recorded is shown")


def notation(architecture: Architecture) -> str:
    """The architecture in its usual notation or, where no notation can express it, as the JSON that sessions hold."""
    try:
        return notations.write(architecture)
    except NotationError:
        return to_bytes(architecture).decode()


def told(facts: dict[str, Any]) -> str:
    """The facts as aligned lines, without those that say nothing; scores with their unit."""
    values = {name.replace("_", " "): value for name, value in facts.items() if value not in (None, "")}
    if taken := values.get("data"):
        values["data"] = f"\n{'':<16}".join((taken["summary"], *taken["warnings"]))
    values["time"] = f"{facts['time']:.1f} s"
    unit = values.pop("unit", "")
    for name in ("best score", "reported"):
        if name in values:
            values[name] = plain(score(values[name], unit, 2))
    if epoch := values.pop("best epoch", 0):  # a shared network's score, and another moment's than the architecture
        values["best score"] += f", the shared network's after epoch {epoch}"
    if last := facts["shared_network"]:
        stage = f" (stage {last['stage']})" if last["stage"] else ""
        values["shared network"] = f"{plain(score(last['score'], unit, 2))} after epoch {last['epoch']}{stage}"
    return "\n".join(f"{name:<14}  {value}" for name, value in values.items())


def tell_previous(path: Path) -> None:
    """Say in one line on stderr where sessions are kept that stood at `path` before."""
    if kept := predecessors(path):
        names = ", ".join(file.name for file in kept)
        complain(f"{names}: kept from before, as what replaced it was not finished; remove what you do not need")


def _show(options: argparse.Namespace) -> int:
    view = read(options.session).view(options.at)
    found = facts(view)
    print(json.dumps(found, ensure_ascii=False, indent=2) if options.json else told(found))
    tell_missing(view.source.header.plan)
    tell_previous(options.session)
    return 0


def _presets(options: argparse.Namespace) -> int:
    rows = [{"name": name} | _kinds(plan) for name, plan in plans.presets().items()]
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    widths = {key: max(len(row[key]) for row in rows) for key in rows[0]}
    for row in rows:
        print("  ".join(f"{row[key]:<{width}}" for key, width in widths.items()).rstrip())
    return 0


def _kinds(plan: plans.Plan) -> dict[str, str]:
    kinds = {part: plans.kind_of(getattr(plan, part)) or "" for part in ("method", "space", "data")}
    return kinds | ({"data": plan.benchmark} if plan.benchmark else {})


def _message(view: View) -> str:
    rows = view.rows("status")
    return view.text(rows["text"][-1]) if len(rows) else ""


def _reported(view: View, candidate: int | None) -> float | None:
    """What a benchmark reports for a candidate, and no search has seen; None where nothing is."""
    rows = view.rows("measures")
    found = rows["reported"][rows["candidate"] == (-1 if candidate is None else candidate)]
    return float(found[-1]) if len(found) and not math.isnan(found[-1]) else None


def _of_network(state: Summary) -> dict[str, Any] | None:
    """The score of a one-shot search's shared network after the last epoch, which is nearest to the architecture."""
    last = state.latest
    return None if last is None else {"score": last.score, "epoch": last.epoch, "stage": last.stage or None}


def _seconds(text: str) -> float:
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError("a time in seconds is wanted, 0 or later")
    return value
