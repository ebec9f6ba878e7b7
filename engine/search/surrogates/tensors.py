"""Weights that come from a generator, and that go into a state and out of it without losing a bit."""

import random
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor


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
