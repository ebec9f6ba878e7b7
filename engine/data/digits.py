"""Digits: 1,797 handwritten digits of 8×8 pixels, part of scikit-learn (Alpaydin & Kaynak 1998). No file is read."""

import numpy as np

from engine.data.reading import Labelled, Reading
from engine.plan import READERS
from engine.plan.datasets import Digits

CLASSES = tuple("0123456789")


def read() -> Labelled:
    """All digits; grey values 0..16 are spread over 0..255."""
    from sklearn.datasets import load_digits  # takes a second to import

    bunch = load_digits()
    images = np.rint(bunch.images * (255 / 16)).astype(np.uint8)
    return Labelled(images[:, None], bunch.target.astype(np.int64))


@READERS.carries_out(Digits)
def _read(settings: Digits) -> Reading:
    return Reading(read(), None, CLASSES)
