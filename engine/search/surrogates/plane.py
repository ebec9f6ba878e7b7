"""A plane in which to show a learnt space, chosen once and then kept, so that points stay where they belong."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Plane(NamedTuple):
    """A centre and two directions at right angles, each of length 1: rows of `axes` (2, width)."""

    centre: Numbers
    axes: Numbers

    def project(self, points: Numbers) -> Numbers:
        """Where points (rows, width) fall in the plane: (rows, 2)."""
        return (points - self.centre) @ self.axes.T


def plane(points: Numbers) -> Plane:
    """The plane in which these points (rows, width) spread most: their first two principal components.

    Of the two ways a component can point, it takes the one in which its largest entry is positive, and of several
    equally large ones the first.
    """
    centre = points.mean(0)
    _, _, directions = np.linalg.svd(points - centre, full_matrices=True)
    axes = directions[:2]
    largest = np.abs(axes).argmax(1)
    return Plane(centre, axes * np.where(axes[np.arange(2), largest] < 0, -1.0, 1.0)[:, None])
