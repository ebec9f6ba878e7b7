"""Digits: 1,797 handwritten digits of 8×8 pixels, part of scikit-learn (Alpaydin & Kaynak 1998)."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from engine.data.reading import DataError, Labelled, Reading
from engine.plan import READERS
from engine.plan.datasets import Digits

CLASSES = tuple("0123456789")


def read() -> Labelled:
    """All digits; grey values 0..16 are spread over 0..255. Raises DataError where scikit-learn is not installed.

    From scikit-learn's file, a row of 64 pixels and a label for each: to import scikit-learn takes a second.
    """
    library = find_spec("sklearn")
    if library is None or library.origin is None:
        raise DataError("data: the digits come with scikit-learn, which is not installed; install it")
    rows = np.loadtxt(Path(library.origin).parent / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    images = np.rint(rows[:, :64].reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    return Labelled(images[:, None], rows[:, 64].astype(np.int64))


@READERS.carries_out(Digits)
def _read(settings: Digits) -> Reading:
    return Reading(read(), None, CLASSES)
