"""How a search ends."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Ending:
    """The final state, and in one line why (empty when the search simply carried out its plan)."""

    state: Literal["finished", "stopped", "failed"]
    message: str = ""


class Failed(Exception):  # noqa: N818 - it reads as what happened
    """A search cannot go on, for a reason in one line; what it has found so far is kept."""
