"""How a search ends."""

import traceback
from dataclasses import dataclass
from typing import Literal

from engine.session import Recorder


@dataclass(frozen=True)
class Ending:
    """The final state, and in one line why (empty when the search simply carried out its plan)."""

    state: Literal["finished", "stopped", "failed"]
    message: str = ""


def crashed(recorder: Recorder, fault: Exception, message: str = "") -> Ending:
    """The ending of a search that something unexpected happened to: one line, and the traceback in the log.

    `message` says it better than the exception does, where the cause is understood.
    """
    recorder.log("".join(traceback.format_exception(fault)), "error")
    line = (str(fault).strip().splitlines() or ["no message"])[0]
    return Ending("failed", message or f"{type(fault).__name__}: {line} (the log has the details)")


class Failed(Exception):  # noqa: N818 - it reads as what happened
    """A search cannot go on, for a reason in one line; what it has found so far is kept."""
