"""A session in a few words, at any moment of it."""

from dataclasses import dataclass

from engine.session.queries.best import Best, best, is_one_shot, latest
from engine.session.schema import ENDED, STATES
from engine.session.view import View
from engine.space.architecture import Architecture, from_bytes


@dataclass(frozen=True)
class Summary:
    """What a session has come to: its state, the optimisation steps of a one-shot search, the number of scored
    candidates, the best score so far (None before the first) and its unit, the architecture to take away, and its
    candidate's number where it is one. Of a one-shot search scores are the shared network's: `best` says after which
    epoch, and `latest` is that after the last one, which is nearest to the architecture."""

    status: str
    steps: int
    evaluations: int
    best_score: float | None
    unit: str
    architecture: Architecture | None
    best_candidate: int | None
    best: Best | None
    latest: Best | None


def summary(view: View) -> Summary:
    """The session as it stood at the view's time. A one-shot search offers what it derived last, a sampling one its
    best candidate. Raises ArchitectureError where a file holds no architecture."""
    found, one_shot = best(view), is_one_shot(view)
    places = view.rows("derived")["architecture"][-1:] if one_shot else view.rows("candidates")["architecture"][:0]
    if found is not None and found.candidate is not None:
        places = view.rows("candidates")["architecture"][[found.candidate]]
    return Summary(
        status=status(view),
        steps=_steps(view) if one_shot else 0,
        evaluations=len(view.rows("scores")),
        best_score=None if found is None else found.score,
        unit="" if found is None else found.unit,
        architecture=from_bytes(view.bytes(places[0])) if len(places) else None,
        best_candidate=None if found is None else found.candidate,
        best=found,
        latest=latest(view),
    )


def status(view: View) -> str:
    """The last state said; "interrupted" where nobody is left who could say another."""
    rows = view.rows("status")
    state = STATES[int(rows["state"][-1])] if len(rows) else "running"
    over = view.time >= view.source.end and not view.source.live
    return "interrupted" if over and state not in ENDED else state


def _steps(view: View) -> int:
    scalars = view.rows("scalars")
    own = scalars["step"][scalars["candidate"] == -1]
    return int(own[-1]) + 1 if len(own) else 0
