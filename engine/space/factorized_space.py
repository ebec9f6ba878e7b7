"""Spaces whose decisions do not depend on each other: any combination of answers is an architecture."""

from abc import abstractmethod
from collections.abc import Hashable, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import mul
from typing import Annotated, Any, Self

import msgspec
from msgspec import Struct

from engine.space.architecture import Architecture
from engine.space.canonical import canonical_architecture
from engine.space.decisions import Decision, Decisions, DecisionSpace, OutsideSpace
from engine.space.limits import Limit, limit_list, require_countable
from engine.space.setting import setting

Answer = Any
"""What an answer stands for in an architecture: the name of an operation, the number of a state, yes or no, ..."""


class Question(Struct, frozen=True):
    """A decision, and what each of its choices stands for."""

    decision: Decision
    answers: tuple[Answer, ...]


class Only(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An edit of a space: of the choices that there are at one place, these alone are open."""

    place: str
    choices: tuple[str, ...]


class IndependentSpace(DecisionSpace, frozen=True, kw_only=True):
    """A space gives its questions, and says what the answers make. Counting is multiplying."""

    restrictions: Annotated[
        tuple[Only, ...],
        setting(
            "What was edited by hand: places at which fewer choices are open.",
            label="Restrictions",
            source="none in any published space",
            allowed="a list of tables with place and choices",
        ),
    ] = ()

    @abstractmethod
    def asked(self) -> Sequence[Question]:
        """Every question, in order, as it is without restrictions. No two have the same label."""

    @abstractmethod
    def made(self, answers: Sequence[Answer]) -> Architecture:
        """The architecture of one answer to each question."""

    @abstractmethod
    def answered(self, architecture: Architecture) -> Sequence[Answer]:
        """The answers that make the architecture, inverse to `made`. Raises OutsideSpace with the reason.

        An answer that the space does not offer may be given here; `encode` refuses it by name.
        """

    def __post_init__(self) -> None:
        _table(self)

    def open(self) -> tuple[Question, ...]:
        """Every question, in order, with the choices that restrictions leave."""
        return _table(self)[0]

    def next(self, prefix: Decisions) -> Decision | None:
        questions, _ = _table(self)
        return questions[len(prefix)].decision if len(prefix) < len(questions) else None

    def completions(self, prefix: Decisions) -> int:
        _, ways = _table(self)
        return ways[min(len(prefix), len(ways) - 1)]

    def at(self, rank: int) -> Decisions:
        if not 0 <= rank < self.size():
            raise OutsideSpace(f"the space has no architecture number {rank}, only 0 to {self.size() - 1}")
        decisions = []
        for ways in _table(self)[1][1:]:
            choice, rank = divmod(rank, ways)
            decisions.append(choice)
        return tuple(decisions)

    def decode(self, decisions: Decisions) -> Architecture:
        questions, _ = _table(self)
        if len(decisions) != len(questions):
            self.questions(decisions)
        answers = []
        for question, choice in zip(questions, decisions, strict=True):
            if not 0 <= choice < len(question.answers):
                self.questions(decisions)
            answers.append(question.answers[choice])
        return self.made(answers)

    def encode(self, architecture: Architecture) -> Decisions:
        questions, _ = _table(self)
        decisions = []
        for place, (question, answer) in enumerate(zip(questions, self.answered(architecture), strict=True)):
            if answer not in question.answers:
                open_ones = ", ".join(question.decision.choices)
                raise OutsideSpace(f"{question.decision.label}: {self._named(place, answer)} is not one of {open_ones}")
            decisions.append(question.answers.index(answer))
        return tuple(decisions)

    def canonical(self, architecture: Architecture) -> Hashable:
        return canonical_architecture(architecture)

    def restrict(self, place: str, choices: tuple[str, ...]) -> Self:
        """The part of the space in which fewer choices are open at one place, the label of a decision.

        Raises ValueError for a place or a choice that the space does not have, and for none at all.
        """
        kept = tuple(edit for edit in self.restrictions if edit.place != place)
        return msgspec.structs.replace(self, restrictions=(*kept, Only(place=place, choices=choices)))

    def free(self, place: str) -> Self:
        """The space without the edit made at this place."""
        kept = tuple(edit for edit in self.restrictions if edit.place != place)
        return msgspec.structs.replace(self, restrictions=kept)

    def _named(self, place: int, answer: Answer) -> str:
        """An answer as its question calls it, edits aside; one that there never was by itself."""
        whole = self.asked()[place]
        known = whole.answers.index(answer) if answer in whole.answers else None
        return f"'{answer if known is None else whole.decision.choices[known]}'"

    def changed(self, **settings: Any) -> Self:
        """The space with other settings. What was edited stays edited, where it is still there."""
        bare = msgspec.structs.replace(self, restrictions=(), **settings)
        open_now = {question.decision.label: question.decision.choices for question in bare.asked()}
        edits = (
            Only(place=edit.place, choices=tuple(name for name in edit.choices if name in open_now[edit.place]))
            for edit in self.restrictions
            if edit.place in open_now
        )
        return msgspec.structs.replace(bare, restrictions=tuple(edit for edit in edits if edit.choices))


class ImageSpace(IndependentSpace, frozen=True, kw_only=True):
    """A space of networks that look at images and differ in what they cost, which may be limited."""

    limits: Annotated[tuple[Limit, ...], limit_list()] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.limits:
            require_countable(self.limits, self.example())

    def encode(self, architecture: Architecture) -> Decisions:
        decisions = super().encode(architecture)
        if reason := self.objection(architecture):
            raise OutsideSpace(reason)
        return decisions


@lru_cache(maxsize=256)
def _table(space: IndependentSpace) -> tuple[tuple[Question, ...], tuple[int, ...]]:
    """The questions, and for each number of answers given in how many ways to go on."""
    edits = {edit.place: edit.choices for edit in space.restrictions}
    asked = space.asked()
    for place in edits.keys() - {question.decision.label for question in asked}:
        raise ValueError(f"restrictions: nothing is decided at '{place[:40]}'")
    questions = tuple(
        _restricted(question, edits[question.decision.label]) if question.decision.label in edits else question
        for question in asked
    )
    ways = tuple(accumulate((len(question.answers) for question in reversed(questions)), mul, initial=1))
    return questions, ways[::-1]


def _restricted(question: Question, choices: tuple[str, ...]) -> Question:
    decision = question.decision
    for choice in choices:
        if choice not in decision.choices:
            raise ValueError(f"restrictions: at {decision.label} there is no '{choice[:40]}'")
    kept = [place for place, choice in enumerate(decision.choices) if choice in choices]
    if not kept:
        raise ValueError(f"restrictions: {decision.label} is left without any choice")
    return Question(
        Decision(
            decision.kind,
            tuple(decision.choices[place] for place in kept),
            tuple(decision.refs[place] for place in kept),
            decision.label,
            decision.state,
        ),
        tuple(question.answers[place] for place in kept),
    )


def plain_question(
    kind: str, answers: Sequence[Answer], label: str, state: int | None, names: Sequence[str] | None = None
) -> Question:
    """A question about a state whose choices point at nothing; they are called as `names` say, or by themselves."""
    choices = tuple(names) if names is not None else tuple(map(str, answers))
    return Question(Decision(kind, choices, (None,) * len(choices), label, state), tuple(answers))


def state_question(kind: str, states: Sequence[int], label: str, state: int | None) -> Question:
    """A question about a state whose choices are states."""
    return Question(Decision(kind, tuple(map(str, states)), tuple(states), label, state), tuple(states))
