"""A session in a few words, at any moment of it."""

from dataclasses import dataclass

import numpy as np

from engine.space.architecture import Architecture, from_bytes

from .schema import STATES
from .view import View

_ONE_SHOT_SCORE = "validation accuracy (epoch)"


@dataclass(frozen=True)
class Summary:
    """What a session has come to: the best score in percent (NaN-free; None before the first) and its architecture."""

    status: str
    steps: int
    evaluations: int
    best_score: float | None
    architecture: Architecture | None
    best_candidate: int | None


def summary(view: View) -> Summary:
    """The session as it stood at the view's time."""
    derived = view.rows("derived")
    best_candidate: int | None = None
    best_score: float | None = None
    architecture: Architecture | None = None
    if len(derived):
        architecture = from_bytes(view.bytes(derived["architecture"][-1]))
        best_score = _best_scalar(view, _ONE_SHOT_SCORE)
    else:
        scores = view.rows("scores")
        good = scores[~np.isnan(scores["score"])]
        if len(good):
            best = good[int(np.argmax(good["score"]))]
            best_candidate, best_score = int(best["candidate"]), float(best["score"])
            architecture = from_bytes(view.bytes(view.rows("candidates")["architecture"][best_candidate]))
    return Summary(_status(view), _steps(view), len(view.rows("scores")), best_score, architecture, best_candidate)


def _status(view: View) -> str:
    rows = view.rows("status")
    state = STATES[int(rows["state"][-1])] if len(rows) else "running"
    at_end = view.time >= view.source.end
    return "interrupted" if state in ("running", "paused") and at_end and not view.source.live else state


def _steps(view: View) -> int:
    scalars = view.rows("scalars")
    own = scalars["step"][scalars["candidate"] == -1]
    return int(own[-1]) + 1 if len(own) else 0


def _best_scalar(view: View, name: str) -> float | None:
    for number, row in enumerate(view.rows("series")):
        if view.text(row["name"]) == name:
            scalars = view.rows("scalars")
            values = scalars["value"][(scalars["series"] == number) & (scalars["candidate"] == -1)]
            values = values[~np.isnan(values)]
            return float(values.max()) if len(values) else None
    return None
