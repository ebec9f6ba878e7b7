"""What every reader of a data set hands over: labelled images in memory, and the errors they share."""

from typing import NamedTuple

import numpy as np


class DataError(ValueError):
    """Data that is missing, damaged or not what it should be: in one line, what is wrong and what to do."""


class Labelled(NamedTuple):
    """`images` uint8 (N, C, H, W), `labels` int64 (N,) counting from 0."""

    images: np.ndarray
    labels: np.ndarray
