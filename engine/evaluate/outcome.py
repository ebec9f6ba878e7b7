"""What came of evaluating a candidate."""

from typing import Literal, NamedTuple


class Outcome(NamedTuple):
    """A score, or why there is none.

    `score`: higher is better, NaN unless `outcome` is "ok"; `parameters` of the network, 0 if none was built; `message`
    says in one line what went wrong.
    """

    score: float
    seconds: float
    parameters: int
    outcome: Literal["ok", "failed", "out of memory", "not a number"] = "ok"
    message: str = ""
