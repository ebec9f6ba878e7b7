"""How healthy a one-shot search is at a moment of its session, in one sentence."""

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from app.panels.operations import derived
from app.plots.numbers import NB, grouped, number
from engine.run import health
from engine.session.folds import Curve, SeriesFold
from engine.space.architecture import Architecture

if TYPE_CHECKING:
    from engine.session import SessionSource, View

EMPTY = Curve(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))

Level = Literal["good", "warning", "muted"]


class Alarm(NamedTuple):
    """The last alarm: when it was raised, and the step and moment at which the search was last healthy (step -1 and NaN
    where it never was). Steps count from 0."""

    step: int
    healthy: int
    at: float
    text: str


class Measured:
    """The numbers that the driver has recorded of a session's health, by name."""

    def __init__(self, source: "SessionSource") -> None:
        self.source = source
        self._fold = SeriesFold(source)

    def curve(self, view: "View", name: str) -> Curve:
        """What the view holds of a series; empty where it holds none."""
        number = next((series.number for series in self._fold.series(view) if series.name == name), None)
        return EMPTY if number is None else self._fold.curve(view, number)


def last_alarm(view: "View") -> Alarm | None:
    """The last alarm before the view's moment."""
    rows = view.rows("alarms")
    if not len(rows):
        return None
    row = rows[-1]
    return Alarm(int(row["step"]), int(row["healthy"]), float(row["at"]), view.text(row["text"]))


def state(view: "View", measured: Measured) -> tuple[Level, str]:
    """One sentence on the view's moment, by the rules of engine.run.health, and how grave it is."""
    architecture, alarm = derived(view), last_alarm(view)
    if architecture is None:
        return "muted", ""
    name, cell = health.judged(architecture)
    made_of = health.composition(cell)
    openness = measured.curve(view, f"share of most entropy ({name})").value
    undecided = bool(len(openness)) and openness[-1] >= 100 * health.OPEN
    fault = "" if undecided else health.fault(name, made_of)
    times = health.growth(measured.curve(view, "Hessian eigenvalue").value[-2 * health.WINDOW :].tolist())
    if alarm is not None and (fault or times > health.GROWTH):
        return "warning", f"Alarm at step {grouped(alarm.step + 1)}: {alarm.text}."
    if fault:
        return "warning", f"{_capital(fault)}. An alarm follows if that lasts an epoch."
    if undecided:
        return "muted", "Too early to tell: the weights of the operations are still nearly equal."
    parts = [health.of_edges(made_of.skips, made_of.edges, "skip")]
    if made_of.pools:
        parts.append(f"{made_of.pools} {'is a pool' if made_of.pools == 1 else 'are pools'}")
    words = f"{health.titled(name)}: {', '.join(parts)}"
    if alarm is not None:
        return "good", f"Healthy again since the alarm at step {grouped(alarm.step + 1)}. {_capital(words)}."
    return "good", f"No sign of collapse. {_capital(words)}."


def architecture_at(view: "View", alarm: Alarm) -> Architecture | None:
    """What the search had derived when it was last healthy."""
    return derived(view.source.view(min(alarm.at, view.time)))


def cost(seconds: np.ndarray, until: float) -> str:
    """What the measurements of the eigenvalue took: "12 × 1.4 s, 8 % of time"."""
    each, share = float(seconds.mean()), 100 * float(seconds.sum()) / max(until, 1e-9)
    return f"{len(seconds)} × {number(each, 2)}{NB}s, {share:.0f}{NB}% of time"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
