"""Scores as a net predicts them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

LOW, HIGH = 0.1, 0.9
"""Where the worst and the best score lie for a net that answers by a sigmoid, which never reaches 0 or 1."""


class Scale(NamedTuple):
    """Scores from `worst` to `best` brought to `LOW` .. `HIGH`; those below `worst` count as much as it does."""

    worst: float
    best: float

    def down(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Scores as a net should predict them."""
        share = (np.asarray(scores, np.float64) - self.worst) / ((self.best - self.worst) or 1.0)
        return LOW + (HIGH - LOW) * np.clip(share, 0.0, 1.0)

    def up(self, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predictions as scores."""
        return self.worst + (predicted - LOW) * self.width

    @property
    def width(self) -> float:
        """How much score one unit of prediction is."""
        return (self.best - self.worst) / (HIGH - LOW)


def scale(scores: ArrayLike, floor: float) -> Scale:
    """The scale of these scores, the share `floor` of which, the worst ones, counts as equally bad."""
    values = np.asarray(scores, np.float64)
    return Scale(float(np.quantile(values, floor)), float(values.max()))
