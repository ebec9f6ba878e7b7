"""The search methods, one per file: what they try next and what they learn from it. Their settings are in engine/plan.

`base` has the two contracts. Importing it loads no torch; the files of the methods do.
"""

from engine.search.base import (
    SEARCHES,
    Diverged,
    OneShotMethod,
    Proposal,
    SamplingMethod,
    one_shot,
    sampling,
)

__all__ = ["SEARCHES", "Diverged", "OneShotMethod", "Proposal", "SamplingMethod", "one_shot", "sampling"]
