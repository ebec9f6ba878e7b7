"""Decisions as rows of numbers that a net can read; weights from a generator, in and out of a state without a loss."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.space.decisions import Decision, Decisions, DecisionSpace
from engine.space.progressive_levels import Level


def generator(rng: random.Random) -> torch.Generator:
    """A generator of torch that depends on `rng` alone."""
    return torch.Generator().manual_seed(rng.getrandbits(62))


def uniform(shape: tuple[int, ...], bound: float, source: torch.Generator) -> Tensor:
    """Weights drawn from ± `bound`."""
    return (torch.rand(shape, generator=source) * 2 - 1) * bound


def as_lists(weights: Mapping[str, Tensor]) -> dict[str, Any]:
    """Tensors as flat lists of numbers; a float32 is exactly a Python float."""
    return {name: weight.detach().flatten().tolist() for name, weight in weights.items()}


def from_lists(lists: Mapping[str, Any], like: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors back again, in the shapes of `like`."""
    return {name: torch.tensor(lists[name], dtype=weight.dtype).reshape(weight.shape) for name, weight in like.items()}


def generator_words(source: torch.Generator) -> list[int]:
    """The state of a generator as plain numbers."""
    words: list[int] = source.get_state().tolist()
    return words


def set_generator_words(source: torch.Generator, words: list[int]) -> None:
    """Put a generator where `generator_words` was taken."""
    source.set_state(torch.tensor(words, dtype=torch.uint8))


Tokens = NDArray[np.int16]
"""One row per architecture, one column per decision of a whole one; `NOTHING` where a smaller one has none."""
NOTHING, OTHER = 0, 1
"""The token of a place that is not there, and of a choice that none of the members looked at was offered."""
LOOKED_AT = 500
"""Members of a space whose questions tell the choices that there are, always the same ones."""


class Vocabulary:
    """A number for every choice of a space.

    Args:
        space: whose choices.
        shared: whether a choice has the same number wherever it is made, as in PNAS and in NAO: one for "skip", one for
            "the state before last". Otherwise each place has numbers of its own.

    Attributes:
        size: how many tokens there are, `NOTHING` and `OTHER` included.
        places: how many decisions make a whole architecture.
    """

    def __init__(self, space: DecisionSpace, shared: bool) -> None:
        self._shared = shared
        self.places = len(space.at(0))
        rng = random.Random(0)
        self._numbers: dict[tuple[str | int, str], int] = {}
        self._seen: dict[tuple[int, int], tuple[Decision, tuple[int, ...]]] = {}
        for _ in range(min(LOOKED_AT, space.size())):
            for place, decision in enumerate(space.questions(space.at(rng.randrange(space.size())))):
                for name in decision.choices:
                    self._numbers.setdefault(self._key(place, decision, name), len(self._numbers) + OTHER + 1)
        self.size = len(self._numbers) + OTHER + 1

    def rows(self, level: Level, members: Sequence[Decisions]) -> Tokens:
        """The tokens of architectures of one level."""
        table = np.full((len(members), self.places), NOTHING, np.int16)
        for row, decisions in enumerate(members):
            for at, (decision, choice) in enumerate(zip(level.space.questions(decisions), decisions, strict=True)):
                place = level.home[at]
                table[row, place] = self.numbers(place, decision)[choice]
        return table

    def numbers(self, place: int, decision: Decision) -> tuple[int, ...]:
        """The tokens of all choices of a decision. Spaces ask the same question with the same object."""
        known = self._seen.get((place, id(decision)))
        if known is None or known[0] is not decision:
            numbers = tuple(self._numbers.get(self._key(place, decision, name), OTHER) for name in decision.choices)
            known = self._seen[place, id(decision)] = decision, numbers
        return known[1]

    def _key(self, place: int, decision: Decision, name: str) -> tuple[str | int, str]:
        return (decision.kind if self._shared else place), name
