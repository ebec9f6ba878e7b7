"""What a sampling method wants recorded beside its candidates; the loop that drives it asks for the notes and records
them."""

from typing import Literal, NamedTuple, TypeAlias

from engine.space.architecture import Architecture


class Scalar(NamedTuple):
    """One number of a series of the search, e.g. the controller's reward."""

    name: str
    value: float
    step: int
    unit: str = ""


class Policy(NamedTuple):
    """How a controller stands to decision number `decision`: entropy (nats) and its most probable choice."""

    step: int
    decision: int
    label: str
    entropy: float
    choice: str
    probability: float


class Predicted(NamedTuple):
    """The score that a surrogate expected of a candidate; `spread` over its ensemble, NaN where there is none."""

    candidate: int
    value: float
    spread: float


class Point(NamedTuple):
    """A point of a learnt space of architectures, in a plane that stays the same.

    `candidate` is the one that it stands for, or -1. `start` is the candidate at whose point a path of gradient steps
    began, and `step` the place on that path; -1 and 0 for a point of its own. `architecture` is what it decodes to.
    """

    candidate: int
    start: int
    step: int
    x: float
    y: float
    predicted: float
    architecture: Architecture


class Line(NamedTuple):
    """A line of the log."""

    text: str
    level: Literal["info", "good", "warning", "error"] = "info"


Note: TypeAlias = Scalar | Policy | Predicted | Point | Line
