"""Shares of a whole as coloured bands, one above the other."""

import numpy as np

from app.plots.area import Areas, between


class Bands(Areas):
    """Bands stacked from 0 upwards over a rising x."""

    def __init__(self) -> None:
        super().__init__()
        self.x = np.empty(0)
        self.tops = np.empty((0, 0))

    def stack(self, x: np.ndarray, heights: np.ndarray, colours: list[str]) -> None:
        """The heights (bands, places) at every x, the lowest band first, and a colour for each."""
        self.x = np.asarray(x, float)
        self.tops = np.vstack([np.zeros(len(x)), np.cumsum(heights, axis=0)])
        self.place(
            [between(self.x, low, high) for low, high in zip(self.tops[:-1], self.tops[1:], strict=True)], colours
        )
