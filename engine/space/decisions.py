"""A search space as a sequence of decisions: given those made so far, what are the choices for the next one?

From `next` and `completions` alone come sampling, mutation, exact size and description in words, for any space.
Nothing here knows a particular space.
"""

import random
from abc import abstractmethod
from collections.abc import Hashable, Sequence
from typing import ClassVar, Self, TypeAlias

import msgspec
from msgspec import Struct

from engine.space.architecture import Architecture
from engine.space.limits import TRIES, Known, Limit, nothing_fits, objection

Decisions: TypeAlias = tuple[int, ...]
"""One choice after the other, each an index into the choices that were open at that point."""


class OutsideSpace(ValueError):  # noqa: N818 (it reads as what it says)
    """An architecture or a sequence of decisions that the space does not contain; one line with the reason."""


class Decision(Struct, frozen=True):
    """One open question.

    Attributes:
        kind: what is chosen ("input", "operation"), so that a method may treat kinds differently.
        choices: the possible answers, as a person reads them; their number is what a softmax needs.
        refs: for each choice the state it points at, or None.
        label: the place in the architecture, such as "normal node 2".
        state: the state that the answer helps to make, numbered as `refs` numbers states; None where there is none.
    """

    kind: str
    choices: tuple[str, ...]
    refs: tuple[int | None, ...]
    label: str
    state: int | None = None


NEIGHBOURS = 1_000
"""Mutants that are drawn before it is given up to find one within the limits."""
NEAR = 10
"""The same where the nearest of those known is taken instead."""


class DecisionSpace(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True, cache_hash=True):
    """What every space can do. A space gives the first five methods; the others follow, and may be overridden.

    Its fields are its settings. It says what it is in `title`, `about` and `source`, and registers in `spaces.SPACES`.

    A space may have a setting `limits`: then only architectures within them are sampled, mutated to and encoded, while
    `size`, `completions`, `at` and `decode` speak of the space without them, since only so can it be counted exactly.
    """

    title: ClassVar[str]
    about: ClassVar[str]
    source: ClassVar[str] = ""

    @property
    def limits(self) -> tuple[Limit, ...]:
        """On the networks' costs; a setting of most spaces."""
        return ()

    @property
    def known(self) -> Known | None:
        """The members among which a search is to stay, where it is not to try all of them."""
        return next((limit for limit in self.limits if isinstance(limit, Known)), None)

    def among(self, ranks: Sequence[int]) -> Self | None:
        """The space of which only the members with these numbers, ascending, are sampled, mutated to and encoded; None
        for a space that has no limits."""
        if "limits" not in self.__struct_fields__:
            return None
        return msgspec.structs.replace(self, limits=(*self.limits, Known(self, ranks)))

    reads_text: ClassVar[bool] = False
    """Whether the architectures read words, one after the other, and not images."""

    macro: ClassVar[bool] = False
    """Whether it decides whole networks of `layers` layers, one of shared weights holding them all, as ENAS's macro
    space does. Where they are halved depends on their number, so that small ones are no parts of large ones."""

    @property
    def unshareable(self) -> str:
        """Why no network of shared weights can hold all architectures of this space, or "".

        What a place in the network computes must have the same shape in every architecture that uses it.
        """
        if self.reads_text:
            return "recurrent cells have no shared network here; cell spaces and enas-macro do"
        return f"{self.title} have no shared network, as their places differ in size; cell spaces and enas-macro do"

    @property
    def unpaired(self) -> str:
        """Why the network in which ENAS's authors search cannot hold the architectures of this space, or ""."""
        return f"{self.title} are no cells that read the two before them, such as the authors' search network holds"

    @property
    def unmixable(self) -> tuple[str, str]:
        """Why no search network can hold all cells at once, with an architecture weight for each edge and operation:
        the setting to change ("" for the space itself), and what it must be. Both "" where one can."""
        return "", "must be darts, nasbench201 or another whose cells have edges that each carry one operation"

    @abstractmethod
    def next(self, prefix: Decisions) -> Decision | None:
        """The decision that follows `prefix`; None when the architecture is complete."""

    @abstractmethod
    def completions(self, prefix: Decisions) -> int:
        """How many architectures begin with `prefix`, exactly."""

    @abstractmethod
    def decode(self, decisions: Decisions) -> Architecture:
        """The architecture decided. Raises OutsideSpace for decisions that the space does not have."""

    @abstractmethod
    def encode(self, architecture: Architecture) -> Decisions:
        """The decisions that make the architecture, inverse to `decode`. Raises OutsideSpace with the reason."""

    @abstractmethod
    def canonical(self, architecture: Architecture) -> Hashable:
        """A value that is equal for two architectures exactly when they are the same graph."""

    def size(self) -> int:
        """How many architectures the space holds, exactly."""
        return self.completions(())

    def distinct(self, most: int = 20_000) -> int | None:
        """How many different graphs the space holds, counted one by one; None for a space of more than `most`."""
        if self.size() > most:
            return None
        members = (self.decode(self.at(rank)) for rank in range(self.size()))
        return len({self.canonical(member) for member in members if not self.objection(member)})

    def example(self) -> Architecture:
        """The architecture of `simplest`."""
        return self.decode(self.simplest())

    def objection(self, architecture: Architecture) -> str:
        """Why an architecture is outside the limits of the space, in one line, or ""."""
        return objection(self.limits, architecture) if self.limits else ""

    def admits(self, decisions: Decisions) -> bool:
        """Whether what is decided lies within the limits of the space."""
        return not self.limits or not self.objection(self.decode(decisions))

    def questions(self, decisions: Decisions) -> list[Decision]:
        """The questions that the decisions answer. Raises OutsideSpace unless they make one whole architecture."""
        asked: list[Decision] = []
        while decision := self.next(decisions[: len(asked)]):
            place = len(asked)
            if place >= len(decisions):
                raise OutsideSpace(f"{place} decisions are too few: {decision.label} is still open")
            if not 0 <= decisions[place] < len(decision.choices):
                choices = f"{len(decision.choices)} choices"
                raise OutsideSpace(f"decision {place} ({decision.label}): {decisions[place]} is none of {choices}")
            asked.append(decision)
        if len(decisions) > len(asked):
            raise OutsideSpace(f"{len(decisions)} decisions are too many: the space asks for {len(asked)}")
        return asked

    def at(self, rank: int) -> Decisions:
        """The architecture number `rank` of 0 .. size() - 1, in the order of its decisions."""
        prefix: Decisions = ()
        while decision := self.next(prefix):
            choice, rank = self._ranked(prefix, decision, rank)
            prefix = (*prefix, choice)
        return prefix

    def rank(self, decisions: Decisions) -> int:
        """The number of the architecture, inverse to `at`. Raises OutsideSpace for decisions of another space."""
        self.questions(decisions)
        return sum(
            self.completions((*decisions[:place], earlier))
            for place, choice in enumerate(decisions)
            for earlier in range(choice)
        )

    def sample(self, rng: random.Random) -> Decisions:
        """One architecture of the space, each with the same probability (drawing choice by choice would not be).

        Raises NothingFits where practically none lies within the limits.
        """
        known = self.known
        for _ in range(TRIES):
            decisions = known.sample(rng) if known else self.at(rng.randrange(self.size()))
            if self.admits(decisions):
                return decisions
        raise nothing_fits(self.limits)

    def simplest(self) -> Decisions:
        """The decisions for some simple architecture, always the same one, whatever the limits."""
        return self.at(0)

    def diversified(self, rng: random.Random, mutations: int) -> Decisions:
        """The simplest architecture after so many random mutations (Liu et al. 2018, section 3.3), within the limits.

        Raises NothingFits where practically none lies within the limits.
        """
        for _ in range(TRIES):
            decisions = self.simplest()
            for _ in range(mutations):
                decisions = self.neighbour(decisions, rng)
            if self.admits(decisions):
                return decisions
            if self.known:
                return self.mutate(decisions, rng)
        raise nothing_fits(self.limits)

    def mutate(self, decisions: Decisions, rng: random.Random, kind: str | None = None) -> Decisions:
        """A neighbour within the limits, drawn as `neighbour` draws. The decisions themselves where none is found; of a
        space that is known in part, one of the known ones that differ little."""
        known = self.known
        for _ in range(NEAR if known else NEIGHBOURS):
            mutant = self.neighbour(decisions, rng, kind)
            if self.admits(mutant):
                return mutant
        if known and self.admits(mutant := known.nearest(decisions, rng)):
            return mutant
        return decisions if self.admits(decisions) else self.sample(rng)

    def neighbour(self, decisions: Decisions, rng: random.Random, kind: str | None = None) -> Decisions:
        """A neighbour whatever the limits: one decision, of the given kind if any, redrawn to another value.

        Later decisions keep the answer they had where it is still open, and are drawn afresh where it is not.
        Where no decision of that kind has another value, the decisions come back unchanged.
        """
        asked = self.questions(decisions)
        others = {
            place: [
                choice
                for choice in range(len(decision.choices))
                if choice != decisions[place] and self.completions((*decisions[:place], choice))
            ]
            for place, decision in enumerate(asked)
            if kind in (None, decision.kind)
        }
        places = [place for place, choices in others.items() if choices]
        if not places:
            return decisions
        place = rng.choice(places)
        prefix = (*decisions[:place], rng.choice(others[place]))
        while decision := self.next(prefix):
            later = len(prefix)
            choice = -1
            if later < len(asked) and asked[later].kind == decision.kind:
                answer = asked[later].choices[decisions[later]]
                choice = decision.choices.index(answer) if answer in decision.choices else -1
            if choice < 0 or not self.completions((*prefix, choice)):
                choice, _ = self._ranked(prefix, decision, rng.randrange(self.completions(prefix)))
            prefix = (*prefix, choice)
        return prefix

    def describe_change(self, a: Decisions, b: Decisions) -> str:
        """What was decided otherwise in `b` than in `a`, in words: "normal node 2: sep 3×3 → skip"."""
        phrases = []
        for before, after, old, new in zip(self.questions(a), self.questions(b), a, b, strict=False):
            if before.choices[old] != after.choices[new]:
                phrases.append(f"{after.label}: {before.choices[old]} → {after.choices[new]}")
        if len(a) != len(b):
            phrases.append(f"{len(a)} decisions → {len(b)}")
        return "; ".join(phrases) or "no change"

    def _ranked(self, prefix: Decisions, decision: Decision, rank: int) -> tuple[int, int]:
        """The choice within which completion number `rank` of the prefix lies, and its number there."""
        for choice in range(len(decision.choices)):
            count = self.completions((*prefix, choice))
            if rank < count:
                return choice, rank
            rank -= count
        raise OutsideSpace(f"{decision.label}: the space has no architecture of that number")
