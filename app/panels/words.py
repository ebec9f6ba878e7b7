"""A candidate in one line of words."""

from typing import TYPE_CHECKING

import numpy as np

from app.plots.numbers import NB, clock, millions, percent
from app.plots.numbers import number as number_text
from engine.session.schema import ORIGINS, OUTCOMES

if TYPE_CHECKING:
    from engine.session import View


def candidate_words(view: "View", number: int) -> tuple[str, str, str]:
    """Who it is and how good, what was changed, and what became of it: the three parts of a sentence, "" where unknown.

    For example: "#143 · 91.6 % · 0.48 M parameters · child of #97", "edge 1→3: sep 3×3 → skip", "died at 12:31".
    """
    born, scores, deaths = view.rows("candidates"), view.rows("scores"), view.rows("deaths")
    if not 0 <= number < len(born):
        return f"#{number} is not born yet", "", ""
    parts = [f"#{number}"]
    row = born[number]
    found = np.flatnonzero(scores["candidate"] == number)
    if not len(found):
        parts.append("being evaluated")
    else:
        score = scores[found[-1]]
        parts.append(score_text(view, float(score["score"])) if not np.isnan(score["score"]) else _failure(view, score))
        if score["parameters"] > 0:
            parts.append(f"{millions(int(score['parameters']))}{NB}parameters")
    parent, change = int(row["parent"]), view.text(row["change"])
    parts.append(f"child of #{parent}" if parent >= 0 else ORIGINS[int(row["origin"])])
    dead = deaths["time"][deaths["candidate"] == number]
    return " · ".join(parts), change, f"died at {clock(float(dead[-1]))}" if len(dead) else ""


def score_unit(view: "View") -> str:
    """The unit of the scores: "%" for an accuracy, "" where a proxy gives plain numbers."""
    for row in view.rows("series"):
        if view.text(row["name"]) == "best score":
            return view.text(row["unit"])
    return "%"


def score_name(view: "View") -> str:
    """What an axis of scores is called: "score, %"."""
    unit = score_unit(view)
    return f"score, {unit}" if unit else "score"


def score_text(view: "View", score: float) -> str:
    """A score as a person reads it: 91.6 %, or a plain number."""
    return percent(score) if score_unit(view) == "%" else number_text(score)


def _failure(view: "View", score: np.void) -> str:
    message = view.text(score["message"])
    return f"{OUTCOMES[int(score['outcome'])]}: {message}" if message else OUTCOMES[int(score["outcome"])]
