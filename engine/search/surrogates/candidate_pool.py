"""The architectures of a level that can be tried next: all that the parents grow into, or a random part of it."""

import random
from collections.abc import Sequence

import numpy as np

from engine.search.surrogates.encoding import Tokens, Vocabulary
from engine.space.decisions import Decisions
from engine.space.progressive_levels import Level


class Pool:
    """Pairs of a parent and a way in which it grows.

    What is decided at a level does not depend on the parent, so that the ways are listed once, as children of the first
    parent, and rows of tokens are put together from those of parents and ways.

    Args:
        level: that of the children.
        parents: at least one; `()` alone for the first level.
        most: of the pairs. Where there are more, they are drawn.
        rng: for drawing; nothing is drawn where the pairs are all there.
        ways: children of the first parent to be taken instead of all or of random ones.
    """

    def __init__(
        self,
        level: Level,
        parents: Sequence[Decisions],
        most: int,
        rng: random.Random,
        ways: Sequence[Decisions] = (),
    ) -> None:
        self._level, self._parents = level, parents
        first = parents[0]
        if ways:
            self._ways = list(ways)
        elif level.ways <= most:
            self._ways = list(level.children(first))
        else:
            self._ways = [level.child(first, rng) for _ in range(most)]
        pairs = len(parents) * len(self._ways)
        self.whole = pairs <= most and not ways and level.ways <= most
        self._pairs = np.arange(pairs) if pairs <= most else np.array(rng.sample(range(pairs), most))

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> Decisions:
        parent, way = divmod(int(self._pairs[index]), len(self._ways))
        return self._joined(self._parents[parent], self._ways[way])

    def rows(self, vocabulary: Vocabulary) -> Tokens:
        """The tokens of all."""
        parent, way = np.divmod(self._pairs, len(self._ways))
        new = [self._level.home[place] for place in self._level.new]
        rows = vocabulary.rows(self._level, [self._joined(one, self._ways[0]) for one in self._parents])[parent]
        rows[:, new] = vocabulary.rows(self._level, self._ways)[:, new][way]
        return rows

    def _joined(self, parent: Decisions, way: Decisions) -> Decisions:
        kept = self._level.kept
        return tuple(parent[kept[place]] if place in kept else choice for place, choice in enumerate(way))
