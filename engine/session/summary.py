"""A session in a few words, at any moment of it."""

from dataclasses import dataclass

import numpy as np

from engine.space.architecture import Architecture, from_bytes

from .schema import ORIGINS, OUTCOMES, STATES
from .view import View

_ONE_SHOT_SCORE = "validation accuracy (epoch)"  # the series in which a one-shot search tells how good it is


@dataclass(frozen=True)
class Summary:
    """What a session has come to: its state, the optimisation steps of a one-shot search, the number of scored
    candidates, the best score so far (None before the first), the architecture to take away, and its candidate's
    number where it is one."""

    status: str
    steps: int
    evaluations: int
    best_score: float | None
    architecture: Architecture | None
    best_candidate: int | None


def summary(view: View) -> Summary:
    """The session as it stood at the view's time. A one-shot search offers what it derived last, a sampling one its
    best-scored candidate (the earliest of equals), among those drawn for the result as soon as there are any. Raises
    ArchitectureError where a file holds no architecture."""
    candidate, score, place = _derived(view) if _is_one_shot(view) else _best(view)
    return Summary(
        status=_status(view),
        steps=_steps(view) if _is_one_shot(view) else 0,
        evaluations=len(view.rows("scores")),
        best_score=score,
        architecture=None if place is None else from_bytes(view.bytes(place)),
        best_candidate=candidate,
    )


def _is_one_shot(view: View) -> bool:
    return len(view.rows("derived")) > 0 or len(view.rows("candidates")) == 0


def _derived(view: View) -> tuple[None, float | None, np.void | None]:
    derived = view.rows("derived")
    return None, _best_scalar(view, _ONE_SHOT_SCORE), derived["architecture"][-1] if len(derived) else None


def _best(view: View) -> tuple[int | None, float | None, np.void | None]:
    scores = view.rows("scores")
    good = scores[(scores["outcome"] == OUTCOMES.index("ok")) & ~np.isnan(scores["score"])]
    if not len(good):
        return None, None, None
    # ENAS scores what it offers last, with shared weights as they are by then; earlier scores are not comparable.
    last = view.rows("candidates")["origin"][good["candidate"]] == ORIGINS.index("derived")
    good = good[last] if last.any() else good
    best = good[int(np.argmax(good["score"]))]
    candidate = int(best["candidate"])
    return candidate, float(best["score"]), view.rows("candidates")["architecture"][candidate]


def _status(view: View) -> str:
    """The last state said; "interrupted" where nobody is left who could say another."""
    rows = view.rows("status")
    state = STATES[int(rows["state"][-1])] if len(rows) else "running"
    over = view.time >= view.source.end and not view.source.live
    return "interrupted" if over and state in ("running", "paused") else state


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
