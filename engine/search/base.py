"""The two contracts of search methods: what a sampling and what a one-shot method can be asked, and what they answer.

Nothing here loads torch, so that a method from outside can be named before a search begins.
"""

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np

from engine.plan import MethodSettings
from engine.space.architecture import Architecture
from engine.space.decisions import Decisions, DecisionSpace
from engine.space.registry import Implementations
from engine.space.spaces import Space

if TYPE_CHECKING:
    import torch

    from engine.data import Dataset


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


class Proposal(NamedTuple):
    """An architecture to be scored, as the space's decisions, and where it came from.

    `parent` is the number of the candidate it was made from, or -1; `origin` is "sampled", "mutated", "handed in" or,
    for what is drawn to be the result, "derived"; `change` says in words what was changed in the parent. `space` is the
    one that the decisions belong to where it is not the searched one, but a smaller one on the way to it.
    """

    decisions: Decisions
    parent: int = -1
    origin: str = "sampled"
    change: str = ""
    space: DecisionSpace | None = None


def generator_state(rng: random.Random) -> list[Any]:
    """The state of `rng` as plain JSON."""
    version, words, spare = rng.getstate()
    return [version, list(words), spare]


def set_generator(rng: random.Random, state: list[Any]) -> None:
    """Put `rng` where `generator_state` was taken."""
    version, words, spare = state
    rng.setstate((version, tuple(words), spare))


def failed(score: float | None) -> bool:
    """Whether a score is none: nothing was told, or what was told is no finite number."""
    return score is None or not math.isfinite(score)


def worth(score: float | None) -> float:
    """A score to be compared with others: minus infinity where the evaluation failed."""
    return -math.inf if score is None or not math.isfinite(score) else float(score)


UnderWay = TypeVar("UnderWay")
"""What a method keeps of a candidate until its score is told."""


class SamplingMethod(ABC, Generic[UnderWay]):
    """Proposes candidates by `ask` and learns from their scores by `tell`; it evaluates nothing itself.

    Any number of candidates may be under way, and their scores are told in any order. What is to be recorded beside
    the candidates goes to `note`. All that decides how it goes on is in `state`, so that `load` makes another instance
    of the same settings and space go on alike, to the bit.

    A subclass registers by `SEARCHES.carries_out(its settings)` and gives `ask`, `tell`, `_handed_in` and, where it
    learns, more of `state` and `load`. It puts into `_under_way` what it needs when the score comes, and says by
    `_plain` and `_read` how that is written down.
    """

    def __init__(self, settings: Any, space: Space, rng: random.Random) -> None:
        """All that is random comes from `rng`."""
        self._settings, self._space, self._rng = settings, space, rng
        self._under_way: dict[int, UnderWay] = {}
        self._notes: list[Note] = []

    @abstractmethod
    def ask(self, candidate: int) -> Proposal:
        """The architecture to score as number `candidate`. Raises NothingFits where none is found within the limits."""

    @abstractmethod
    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        """Take the score of a candidate that was asked for or adopted (see `failed` for one that has none). Returns the
        candidates that die by it."""

    def adopt(self, candidate: int, decisions: Decisions) -> Proposal:
        """Take an architecture from elsewhere as number `candidate`; nothing is drawn for it."""
        self._under_way[candidate] = self._handed_in(decisions)
        return Proposal(decisions, origin="handed in")

    def remaining(self, evaluations: int) -> None:
        """Hear, before a candidate is asked for, how many there will be with it; only where the search knows that.

        Of no consequence unless a method spends its last ones otherwise.
        """
        return

    def draw(self) -> Decisions | None:
        """An architecture to train shared weights with; None: any of the space will do."""
        return None

    def note(self, *notes: Note) -> None:
        """Have something recorded."""
        self._notes += notes

    def notes(self) -> list[Note]:
        """What is to be recorded since the last call."""
        notes, self._notes = self._notes, []
        return notes

    def state(self) -> dict[str, Any]:
        """All that `load` needs to go on alike, as plain JSON. Notes that were not taken are no part of it."""
        under_way = [[candidate, *self._plain(kept)] for candidate, kept in self._under_way.items()]
        return {"rng": generator_state(self._rng), "under way": under_way}

    def load(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        set_generator(self._rng, state["rng"])
        self._under_way = {candidate: self._read(*plain) for candidate, *plain in state["under way"]}
        self._notes = []

    @abstractmethod
    def _handed_in(self, decisions: Decisions) -> UnderWay:
        """What is kept of an architecture that people hand in."""

    def _plain(self, kept: UnderWay) -> list[Any]:
        """What is kept of a candidate under way, as plain JSON; as it stands here, for decisions alone."""
        return [list(kept)]  # type: ignore[call-overload]

    def _read(self, *plain: Any) -> UnderWay:
        """Inverse to `_plain`."""
        (decisions,) = plain
        return tuple(decisions)  # type: ignore[return-value]


class Curvature(Protocol):
    """Measures how sharp the validation loss is in the architecture weights."""

    def measure(self) -> tuple[float, float]:
        """The largest eigenvalue of its Hessian now, and the seconds that this took."""


class OneShotMethod(ABC):
    """Trains one network that holds all cells of the space, step by step, and derives an architecture from it.

    A subclass registers by `SEARCHES.carries_out(its settings)`. `GradientSearch` is what the ones here share.

    Attributes:
        steps: the number of steps in all epochs.
        steps_per_epoch: in one.
    """

    steps: int
    steps_per_epoch: int

    @abstractmethod
    def __init__(
        self, settings: Any, space: Any, dataset: "Dataset", epochs: int, seed: int, device: "torch.device | str"
    ) -> None:
        """All that is random follows from `seed`. Raises DataError for data that cannot be searched with."""

    @abstractmethod
    def step(self) -> Mapping[str, float]:
        """Take a step; returns the numbers to record, by the names of their series. Raises Diverged."""

    @abstractmethod
    def end_of_epoch(self, pulse: Callable[[], None] = lambda: None) -> Mapping[str, float]:
        """Look at the whole validation split; numbers to record, "validation accuracy (epoch)" among them (percent).

        `pulse` is called before each batch and may raise to end it.
        """

    @abstractmethod
    def weights(self) -> np.ndarray:
        """How strong each operation is on each edge now, float32 (cells, edges, operations); NaN for what an edge has
        not."""

    @abstractmethod
    def derive(self) -> Architecture:
        """The architecture that the network stands for now."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """A snapshot of all that `load` needs to go on, to the bit on a CPU: numbers and tensors in dicts and lists."""

    @abstractmethod
    def load(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken, by a method with the same settings, space, data and epochs."""

    def events(self) -> list[str]:
        """What happened since it was asked last that a person should know, in lines for the log."""
        return []

    def predicted(self) -> list[int] | None:
        """For how many images of the validation split each class was the answer at the end of the last epoch; None
        where the method cannot tell."""
        return None

    def curvature(self, dataset: "Dataset", batch: int, iterations: int, seed: int) -> Curvature | None:
        """What measures the curvature, on so many images of the validation split and in so many iterations at most;
        None where the method has none."""
        return None


class Diverged(ValueError):  # noqa: N818 - it says what happened
    """The loss is no longer a number; one line saying since when and what to do."""


SEARCHES: Implementations[type[SamplingMethod[Any]] | type[OneShotMethod]] = Implementations("search", "engine.search")


def sampling(settings: MethodSettings, space: Space, rng: random.Random) -> SamplingMethod[Any]:
    """The sampling method of these settings."""
    found = SEARCHES.of(settings)
    if not issubclass(found, SamplingMethod):
        raise TypeError(f"{found.__name__} is no SamplingMethod, and its settings do not say that it is one-shot")
    return found(settings, space, rng)


def one_shot(
    settings: MethodSettings, space: Space, dataset: "Dataset", epochs: int, seed: int, device: "torch.device | str"
) -> OneShotMethod:
    """The one-shot method of these settings."""
    found = SEARCHES.of(settings)
    if not issubclass(found, OneShotMethod):
        raise TypeError(f"{found.__name__} is no OneShotMethod, and its settings say that it is one-shot")
    return found(settings, space, dataset, epochs, seed, device)
