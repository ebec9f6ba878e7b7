"""Limits on what the networks of a space may cost: their parameters, or their multiply-accumulates (MACs); and the part
of a space that is known, where scores come from a table.

How much an architecture costs is not decided step by step, so limits are kept by drawing again (see `DecisionSpace`).
"""

import random
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, TypeAlias

from msgspec import Meta, Struct

from engine.space.architecture import Architecture
from engine.space.counts import Skeleton, Unbuildable, count
from engine.space.setting import setting

if TYPE_CHECKING:
    import numpy.typing as npt

Quantity: TypeAlias = Literal["params", "macs"]

WORDS: dict[Quantity, str] = {"params": "parameters", "macs": "MACs"}

TRIES = 10_000
"""Architectures that are drawn before it is said that none fits."""


class NothingFits(ValueError):  # noqa: N818 (it reads as what it says)
    """Practically no architecture of the space lies within its limits; one line that says which these are."""


class Limit(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the network of an architecture may count at least and at most, both ends included, in one skeleton."""

    counts: Quantity
    skeleton: Skeleton
    least: Annotated[int, Meta(ge=0)] | None = None
    most: Annotated[int, Meta(ge=0)] | None = None

    def __post_init__(self) -> None:
        if self.least is None and self.most is None:
            raise ValueError(f"limits: one on {WORDS[self.counts]} says neither least nor most")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"limits: least {WORDS[self.counts]} ({self.least:,}) exceed the most ({self.most:,})")

    def refuses(self, architecture: Architecture) -> str:
        """Why its network is outside, or "". Raises Unbuildable where it has none in the skeleton."""
        value: int = getattr(count(architecture, self.skeleton), self.counts)
        if self.least is not None and value < self.least:
            return f"{value:,} {WORDS[self.counts]} are fewer than {self.least:,}, the least allowed in {frame(self)}"
        if self.most is not None and value > self.most:
            return f"{value:,} {WORDS[self.counts]} are more than {self.most:,}, the most allowed in {frame(self)}"
        return ""

    def __str__(self) -> str:
        """The limit in words."""
        match self.least, self.most:
            case None, most:
                span = f"up to {most:,}"
            case least, None:
                span = f"from {least:,}"
            case least, most:
                span = f"{least:,} to {most:,}"
        return f"{span} {WORDS[self.counts]} in {frame(self)}"


class Numbered(Protocol):
    """A space whose members have numbers (see `DecisionSpace`)."""

    def at(self, rank: int, /) -> tuple[int, ...]: ...
    def rank(self, decisions: tuple[int, ...], /) -> int: ...
    def completions(self, prefix: tuple[int, ...], /) -> int: ...
    def encode(self, architecture: Architecture, /) -> tuple[int, ...]: ...


class Known:
    """The members of a space that something is known of, among which a search is to stay.

    It stands beside the limits of the space that a search is given, and in no plan. `ranks` are the members' numbers in
    `space`, which is the same without it, ascending.
    """

    def __init__(self, space: Numbered, ranks: Sequence[int]) -> None:
        self._space, self._ranks = space, ranks

    def __str__(self) -> str:
        return "an entry in the table"

    def refuses(self, architecture: Architecture) -> str:
        """Why it is none of them, or "". Raises OutsideSpace for what the space does not hold."""
        rank = self._space.rank(self._space.encode(architecture))
        place = bisect_left(self._ranks, rank)
        known = place < len(self._ranks) and int(self._ranks[place]) == rank
        return "" if known else "the table has no such architecture"

    def reaches(self, prefix: tuple[int, ...]) -> bool:
        """Whether a known member begins with these decisions."""
        completions = self._space.completions
        first = sum(
            completions((*prefix[:place], earlier)) for place, choice in enumerate(prefix) for earlier in range(choice)
        )
        place = bisect_left(self._ranks, first)
        return place < len(self._ranks) and int(self._ranks[place]) < first + completions(prefix)

    def sample(self, rng: random.Random) -> tuple[int, ...]:
        """One of them, each as likely as any other."""
        return self._space.at(int(self._ranks[rng.randrange(len(self._ranks))]))

    def nearest(self, decisions: tuple[int, ...], rng: random.Random) -> tuple[int, ...]:
        """Another one of them, of the few that differ in the fewest decisions; the same where there is no other.

        The very nearest alone would lead back and forth between two of them.
        """
        import numpy as np  # the window is painted before it is loaded

        members = self._members
        here = np.full(max(members.shape[1], len(decisions)), _OVER)
        here[: len(decisions)] = decisions
        apart = (members != here[: members.shape[1]]).sum(1)
        mixed = np.random.default_rng(rng.getrandbits(63)).permutation(np.flatnonzero(apart))  # ties fall by chance
        if not len(mixed):
            return decisions
        near = mixed[np.argsort(apart[mixed], kind="stable")][:_NEAR]
        chosen = members[near[rng.randrange(len(near))]]
        return tuple(chosen[chosen != _OVER].tolist())

    @cached_property
    def _members(self) -> "npt.NDArray[Any]":
        """Their decisions, a row each, filled up; of very many, some that are evenly spread."""
        import numpy as np

        rows = [self._space.at(int(rank)) for rank in self._ranks[:: -(-len(self._ranks) // _COMPARED)]]
        found = np.full((len(rows), max(map(len, rows))), _OVER)
        for row, decisions in zip(found, rows, strict=True):
            row[: len(decisions)] = decisions
        return found


_COMPARED = 20_000
_NEAR = 10
_OVER = -1
"""Stands where a shorter sequence is over."""


def frame(limit: Limit) -> str:
    """The skeleton of a limit in a few words."""
    skeleton = limit.skeleton
    return f"a {skeleton.kind} skeleton of {skeleton.layers} layers and {skeleton.channels} channels"


def objection(limits: Iterable[Limit | Known], architecture: Architecture) -> str:
    """Why an architecture is outside the limits, in one line, or ""; one that cannot be built is outside."""
    try:
        return next(filter(None, (limit.refuses(architecture) for limit in limits)), "")
    except Unbuildable as fault:
        return str(fault)


def require_countable(limits: Iterable[Limit | Known], example: Architecture) -> None:
    """Raises ValueError for a limit in a skeleton that the space's architectures, like this one, do not fit into."""
    for limit in limits:
        if isinstance(limit, Known):
            continue
        try:
            count(example, limit.skeleton)
        except Unbuildable as fault:
            raise ValueError(f"limits: {fault}") from None


def nothing_fits(limits: Iterable[Limit | Known]) -> NothingFits:
    """The error that says so."""
    wanted = " and ".join(map(str, limits))
    return NothingFits(f"none of {TRIES:,} architectures drawn has {wanted}; widen the limits of the space")


def limit_list() -> Meta:
    """The setting `limits`, of every space whose architectures differ in what they cost."""
    return setting(
        "How many parameters or MACs the networks may have, each in a skeleton.",
        label="Limits",
        source="none in any published space",
        allowed="a list of tables with counts (params or macs), least, most and a skeleton",
    )
