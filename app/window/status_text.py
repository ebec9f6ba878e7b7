"""What the window says about a session in words: the status on top, the line at the bottom, the title."""

from pathlib import Path
from typing import TYPE_CHECKING

from engine.plan import Plan, PlanError, loads_recorded
from engine.words import count, duration, short, size

if TYPE_CHECKING:
    from engine.session import Header, SessionSource


def plan_of(header: "Header") -> Plan | None:
    """The plan a session was made with; None where this version cannot read it."""
    try:
        return loads_recorded(header.plan)
    except PlanError:
        return None


def ready(plan: Plan) -> str:
    """The status of a plan that nobody has started."""
    threads = [count(plan.threads, "thread")] if plan.threads else []
    return " · ".join(["ready", plan.device, *threads])


def has_ended(state: str) -> bool:
    """Whether a search in this state goes no further."""
    from engine.session.schema import ENDED  # with numpy, which the window does without until it is painted

    return state in ENDED


def status(source: "SessionSource", plan: Plan | None, state: str) -> str:
    """How far a session is and what it uses: epoch 24 of 50 · 13 min left · cpu · 1 thread · 1.9 GB · 92 % of cores."""
    from engine.session.queries.best import best_in_words

    view, ended = source.view(), has_ended(state)
    rows = view.rows("progress")
    parts = []
    if state != "running":
        parts.append(f"{state}…" if state in ("starting", "pausing", "stopping") else state)
    if ended:
        parts.append(best_in_words(view))
    if len(rows):
        last = rows[-1]
        parts.append(_done(int(last["done"]), int(last["total"]), plan, over=ended))
        if state == "running" and last["remaining"] == last["remaining"]:
            parts.append(f"{duration(float(last['remaining']))} left")
    if ended:
        parts.append(f"in {duration(source.end)}")
    threads = source.header.threads  # 0 where it ran elsewhere
    parts += [source.header.device, count(threads, "thread") if threads else ""]
    if len(rows) and not ended:
        parts.append(size(int(last["memory"])))
        if last["load"] == last["load"]:
            whose = "the card" if source.header.device.startswith("cuda") else "all cores"
            parts.append(f"{100 * float(last['load']):.0f} % of {whose}")
    return " · ".join(part for part in parts if part)


def _done(done: int, total: int, plan: Plan | None, over: bool) -> str:
    if plan is not None and plan.method.one_shot and plan.budget.epochs and total:
        epochs = plan.budget.epochs
        at = done * epochs // total
        return f"{at} of {epochs} epochs" if over else f"epoch {min(epochs, at + 1)} of {epochs}"
    return f"{done} of {count(total, 'candidate')}" if total else count(done, "candidate")


def share(source: "SessionSource") -> float | None:
    """How much of a session's budget is used up, 0 to 1; None where that is not known."""
    rows = source.view().rows("progress")
    if not len(rows):
        return None
    last = rows[-1]
    if last["total"]:
        return float(last["done"] / last["total"])
    remaining = float(last["remaining"])
    return source.end / (source.end + remaining) if remaining == remaining else None


def place(header: "Header", plan: Plan | None) -> str:
    """What runs where: method, space, data or benchmark, seed, and the machine."""
    what = [header.method, header.space]
    if plan is not None:
        what = [plan.method.title, plan.space.title, plan.benchmark or plan.data.title]
    machine = header.versions.get("host", "")
    torch = header.versions.get("torch", "")
    parts = [*what, f"seed {header.seed}", f"on {machine}" if machine else "", f"torch {torch}" if torch else ""]
    return " · ".join(part for part in parts if part)


def saved(path: Path | None, written: bool) -> str:
    """Where the session is."""
    if path is None or not path.exists():  # a search that could not start leaves no file
        return ""
    return f"{'Writing' if written else 'Saved as'} {short(path)}"
