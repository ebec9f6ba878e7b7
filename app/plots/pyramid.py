"""Long rows of numbers reduced to what a few hundred pixel columns can show, at a cost that does not grow with them."""

import numpy as np

FACTOR = 4
"""Values per block of the first level, blocks per block of every further one."""


class Pyramid:
    """Smallest and largest value of ever larger blocks of an append-only row of numbers, and its running sums.

    It holds no values of its own: every call is handed the whole row as known so far, of which a longer version may
    have been seen before. Of that, only what lies within the row handed in is used.
    """

    def __init__(self) -> None:
        self._extremes: list[_Growing] = []  # per level: (blocks, 2)
        self._sums = _Growing(2)  # after each value: sum and number of the finite ones
        self._seen = 0

    def extend(self, values: np.ndarray) -> None:
        """Take in what is new in `values`. NaN stands for a gap."""
        fresh = values[self._seen :].astype(np.float64)
        if not len(fresh):
            return
        finite = np.isfinite(fresh)
        steps = np.column_stack([np.where(finite, fresh, 0.0), finite])
        if self._seen:  # carried on before adding, so that the sums do not depend on how the row was handed in
            steps[0] += self._sums.array[-1]
        self._sums.extend(np.cumsum(steps, axis=0))
        self._seen = len(values)
        level, size = 0, FACTOR
        while size <= self._seen:
            if level == len(self._extremes):
                self._extremes.append(_Growing(2))
            known = len(self._extremes[level].array)
            if level == 0:
                below = values[known * FACTOR : self._seen // FACTOR * FACTOR].reshape(-1, FACTOR)
                low, high = below, below
            else:
                finer = self._extremes[level - 1].array
                blocks = finer[known * FACTOR : len(finer) // FACTOR * FACTOR].reshape(-1, FACTOR, 2)
                low, high = blocks[..., 0], blocks[..., 1]
            if len(low):
                extremes = np.column_stack([np.fmin.reduce(low, axis=1), np.fmax.reduce(high, axis=1)])
                self._extremes[level].extend(extremes)
            level, size = level + 1, size * FACTOR

    def outline(
        self, x: np.ndarray, values: np.ndarray, start: int, stop: int, columns: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """The polyline of `values[start:stop]` over `x`, exact to the pixel of a plot `columns` pixels wide.

        Returns its x and y: the values themselves while they are few, else lowest and highest value of each block.
        """
        self.extend(values)
        level, size = -1, 1
        while (stop - start) > 2 * columns * size and level + 1 < len(self._extremes):
            level, size = level + 1, size * FACTOR
        if level < 0:
            return x[start:stop], values[start:stop]
        xs, lows, highs = [], [], []
        position = start // size * size
        while level >= 0:  # whole blocks first, then the rest in ever smaller ones
            first, last = position // size, stop // size
            blocks = self._extremes[level].array[first:last]
            xs.append(x[first * size : last * size : size])
            lows.append(blocks[:, 0])
            highs.append(blocks[:, 1])
            position = last * size
            level, size = level - 1, size // FACTOR
        rest = values[position:stop]
        xs.append(x[position:stop])
        lows.append(rest)
        highs.append(rest)
        return np.repeat(np.concatenate(xs), 2), np.column_stack([np.concatenate(lows), np.concatenate(highs)]).ravel()

    def smooth(
        self, x: np.ndarray, values: np.ndarray, start: int, stop: int, points: int, reach: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Means over the `reach` values before and after (fewer at the two ends), at about `points` places.

        The places are multiples of a power of two, so that they do not wander while the row grows.
        """
        self.extend(values)
        stride = 1
        while (stop - start) > points * stride:
            stride *= 2
        places = np.arange(start // stride * stride, stop, stride)
        if len(places) and places[-1] != stop - 1:
            places = np.append(places, stop - 1)
        return x[places], self.mean(values, places, reach)

    def mean(self, values: np.ndarray, places: np.ndarray, reach: int) -> np.ndarray:
        """The mean over `reach` values before and after each place; NaN where all of them are gaps."""
        self.extend(values)
        sums = self._sums.array
        above = sums[np.minimum(places + reach, len(values) - 1)]
        before = np.maximum(places - reach, 0) - 1
        below = np.where(before[:, None] >= 0, sums[np.maximum(before, 0)], 0.0)
        total, number = (above - below).T
        return np.divide(total, number, out=np.full(len(places), np.nan), where=number > 0)


class _Growing:
    """Rows of `width` numbers, appended at a cost that is constant on average."""

    def __init__(self, width: int) -> None:
        self._buffer = np.empty((64, width))
        self._length = 0

    @property
    def array(self) -> np.ndarray:
        return self._buffer[: self._length]

    def extend(self, rows: np.ndarray) -> None:
        total = self._length + len(rows)
        if total > len(self._buffer):
            longer = np.empty((max(total, 2 * len(self._buffer)), self._buffer.shape[1]))
            longer[: self._length] = self.array
            self._buffer = longer
        self._buffer[self._length : total] = rows
        self._length = total
