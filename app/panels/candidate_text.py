"""A candidate in one line of words."""

from functools import lru_cache

from engine.plan import PlanError, loads_recorded
from engine.session import View
from engine.session.queries.best import succeeded, unit_of_scores
from engine.session.schema import ORIGINS, OUTCOMES
from engine.words import NB, amount, clock, named
from engine.words import score as score_words


def candidate_words(view: View, number: int) -> tuple[str, str, str]:
    """Who it is and how good, what was changed, and what became of it: the three parts of a sentence, "" where unknown.

    For example: "#143 · 91.6 % · 480 k parameters (8 channels, 3 cells) · child of #97", "edge 1→3: sep 3×3 → skip",
    "died at 12:31".
    """
    born, scores, deaths = view.rows("candidates"), view.rows("scores"), view.rows("deaths")
    if not 0 <= number < len(born):
        return f"#{number} is not born yet", "", ""
    parts = [f"#{number}"]
    row = born[number]
    parts.append(outcome_text(view, number) or "being evaluated")
    parameters = scores["parameters"][scores["candidate"] == number][-1:]
    if len(parameters) and parameters[0] > 0:
        parts.append(f"{amount(int(parameters[0]))}{NB}{counted_in(view, 'parameters')}")
    parent, change = int(row["parent"]), view.text(row["change"])
    parts.append(f"child of #{parent}" if parent >= 0 else ORIGINS[int(row["origin"])])
    dead = deaths["time"][deaths["candidate"] == number]
    return " · ".join(parts), change, f"died at {clock(float(dead[-1]))}" if len(dead) else ""


def counted_in(view: View, quantity: str) -> str:
    """Parameters or MACs and, as the plan has it, the network that they are counted in: "parameters (8 channels, 3
    cells)"; other quantities as they are."""
    network = _network(view.source.header.plan) if quantity in ("parameters", "MACs") else ""
    return f"{quantity} ({network})" if network else quantity


@lru_cache(maxsize=64)
def _network(plan: str) -> str:
    try:
        found = loads_recorded(plan)
    except PlanError:  # of another version, or with a method that is not known here
        return ""
    return found.evaluator.network_size(found.space) if found.evaluator is not None else ""


def score_name(view: View) -> str:
    """What an axis of scores is called: "score, %"."""
    return named("score", unit_of_scores(view))


def score_text(view: View, score: float) -> str:
    """A score as a person reads it: 91.6 %, or a plain number."""
    return score_words(score, unit_of_scores(view))


def outcome_text(view: View, candidate: int, told: bool = True) -> str:
    """What came of a candidate: its score, or why it has none (only in a word, unless that is to be `told`)."""
    scores = view.rows("scores")
    mine = scores[scores["candidate"] == candidate][-1:]
    if not len(mine):
        return ""
    row = mine[0]
    if succeeded(mine)[0]:
        return score_words(float(row["score"]), view.text(row["unit"]))
    outcome, message = OUTCOMES[int(row["outcome"])], view.text(row["message"]) if told else ""
    return f"{outcome}: {message}" if message else outcome
