"""Limits on what the networks of a space may cost: their parameters, or their multiply-accumulates (MACs).

How much an architecture costs is not decided step by step, so limits are kept by drawing again (see `DecisionSpace`).
"""

from collections.abc import Iterable
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from engine.space.architecture import Architecture
from engine.space.counts import Count, Skeleton, Unbuildable, count
from engine.space.setting import setting

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

    def objection(self, counted: Count) -> str:
        """Why a network that counts so much is outside, or ""."""
        value: int = getattr(counted, self.counts)
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


def frame(limit: Limit) -> str:
    """The skeleton of a limit in a few words."""
    skeleton = limit.skeleton
    return f"a {skeleton.kind} skeleton of {skeleton.layers} layers and {skeleton.channels} channels"


def objection(limits: Iterable[Limit], architecture: Architecture) -> str:
    """Why an architecture is outside the limits, in one line, or ""; one that cannot be built is outside."""
    try:
        return next(filter(None, (limit.objection(count(architecture, limit.skeleton)) for limit in limits)), "")
    except Unbuildable as fault:
        return str(fault)


def require_countable(limits: Iterable[Limit], example: Architecture) -> None:
    """Raises ValueError for a limit in a skeleton that the space's architectures, like this one, do not fit into."""
    for limit in limits:
        try:
            count(example, limit.skeleton)
        except Unbuildable as fault:
            raise ValueError(f"limits: {fault}") from None


def nothing_fits(limits: Iterable[Limit]) -> NothingFits:
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
