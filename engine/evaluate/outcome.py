"""What came of evaluating a candidate."""

import math
from typing import Literal, NamedTuple


class Outcome(NamedTuple):
    """A score, or why there is none.

    `score`: higher is better, NaN unless `outcome` is "ok"; `parameters` of the network, 0 if none was built; `message`
    says in one line what went wrong. `macs` of the network for one image, 0 where unknown; `cost` is the simulated
    duration in seconds, NaN where the measured `seconds` count; `reported` is what a benchmark reports for the
    architecture, NaN where there is none, and no method is told it.
    """

    score: float
    seconds: float
    parameters: int
    outcome: Literal["ok", "failed", "out of memory", "not a number"] = "ok"
    message: str = ""
    macs: int = 0
    cost: float = math.nan
    reported: float = math.nan
