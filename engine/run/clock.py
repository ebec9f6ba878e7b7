"""Simulated time: when evaluations would have ended that took so long, so many at once."""

import heapq


class Clock:
    """Slots that take one candidate after the other, each as soon as it is free.

    Attributes:
        now: the end of the last candidate that has arrived, in seconds.
    """

    def __init__(self, slots: int) -> None:
        self._free = [0.0] * slots  # when each idle slot became free
        self.now = 0.0

    def start(self, cost: float) -> float:
        """Give a candidate of that cost to the slot that is free first; returns when it will end."""
        return heapq.heappop(self._free) + cost

    def arrive(self, end: float) -> None:
        """The candidate that ends then is done, and its slot free."""
        heapq.heappush(self._free, end)
        self.now = max(self.now, end)
