"""Whether a search learns at all, said while it happens: losses that explode, scores of chance, classes never seen.

Without torch or Qt. The rules, all ours:

1. Explosion: the mean training loss of an epoch is more than twice that of guessing, the log of how many classes
   there are.
2. Chance: 3 scores in a row lie no more than two standard errors above what guessing gives, 1 / classes.
3. A class that none of the images is taken for in 3 epochs in a row. While scores are of chance, that is no news.

Each is said once, and again only after it was over, which is said, too.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from engine.words import count, number, percent, plain

EXPLODED = 2.0
ERRORS = 2.0
IN_A_ROW = 3
NAMED = 3
"""More classes than this are not all named."""


class Said(NamedTuple):
    """A line for the log."""

    text: str
    level: Literal["warning", "good"] = "warning"


class Learning:
    """Follows scores (percent) on so many images of these classes. `rows` says what is scored: "epochs"."""

    def __init__(self, classes: Sequence[str], images: int, rows: str = "epochs") -> None:
        self._classes, self._rows = classes, rows
        self._guess = 100 / max(1, len(classes))
        self._most = self._guess + ERRORS * math.sqrt(self._guess * (100 - self._guess) / max(1, images))
        self._by_chance = 0
        self._unseen = [0] * len(classes)
        self._exploded = False
        self._told: set[int] = set()

    def loss(self, epoch: int, loss: float) -> Iterator[Said]:
        """Judge the mean training loss (nats) of an epoch."""
        guess = math.log(max(2, len(self._classes)))
        exploded = loss > EXPLODED * guess
        if exploded and not self._exploded:
            words = f"the training loss is exploding: {number(loss)} on average in epoch {epoch}"
            yield Said(f"{words}, where guessing gives {number(guess)}; lower the weights' learning rate")
        elif self._exploded and not exploded:
            yield Said(f"the training loss is back at {number(loss)} on average in epoch {epoch}", "good")
        self._exploded = exploded

    def score(self, score: float) -> Iterator[Said]:
        """Judge the next score."""
        if len(self._classes) < 2 or math.isnan(score):
            return
        if score > self._most:
            if self._by_chance >= IN_A_ROW:
                yield Said(f"scores are above chance again: {plain(percent(score))}", "good")
            self._by_chance = 0
            return
        self._by_chance += 1
        if self._by_chance == IN_A_ROW:
            guess = f"guessing among {len(self._classes)} classes gives {plain(percent(self._guess))}"
            yield Said(
                f"nothing has been learnt yet: the last {IN_A_ROW} {self._rows} score {plain(percent(score))} or so, "
                f"and {guess}; see whether the learning rates fit, and whether labels belong to their images"
            )

    def predicted(self, images: Sequence[int]) -> Iterator[Said]:
        """Judge for how many images each class was the answer in an epoch, after `score` was asked of it."""
        self._unseen = [0 if some else times + 1 for some, times in zip(images, self._unseen, strict=True)]
        back = {place for place in self._told if not self._unseen[place]}
        if back:
            yield Said(f"{self._named(sorted(back))} predicted again", "good")
        self._told -= back
        if self._by_chance:
            return
        new = [place for place, times in enumerate(self._unseen) if times >= IN_A_ROW and place not in self._told]
        if new:
            self._told |= set(new)
            yield Said(f"{self._named(new)} never predicted, for any validation image in the last {IN_A_ROW} epochs")

    def _named(self, places: Sequence[int]) -> str:
        return named([self._classes[place] for place in places])


def missing(classes: Sequence[str], images: Sequence[int], split: str) -> Iterator[Said]:
    """A line where a split has no image of some classes. `images`: how many it has of each."""
    lost = [name for name, some in zip(classes, images, strict=True) if not some]
    if lost:
        yield Said(f"{named(lost)} never seen in the {split} split, which has no such image")


def named(classes: Sequence[str]) -> str:
    """Some classes and the verb that follows: "class cat is", "classes a and b are", "12 classes (a, b, c …) are"."""
    if len(classes) == 1:
        return f"class {classes[0]} is"
    if len(classes) <= NAMED:
        return f"classes {', '.join(classes[:-1])} and {classes[-1]} are"
    return f"{plain(count(len(classes), 'class', 'classes'))} ({', '.join(classes[:NAMED])} …) are"
