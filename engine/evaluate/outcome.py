"""What came of evaluating a candidate."""

from typing import Literal, NamedTuple


class Outcome(NamedTuple):
    """`score`: higher is better, NaN unless `outcome` is "ok"; `seconds` it took; `parameters` of the network (0 if it
    was not built).

    `message` says in one line what went wrong.
    """

    score: float
    seconds: float
    parameters: int
    outcome: Literal["ok", "failed", "out of memory", "not a number"] = "ok"
    message: str = ""
