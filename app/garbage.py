"""Python's cyclic garbage collector, kept on the window's thread.

Left to itself it runs in whichever thread happens to allocate, the search's included, and there it may destroy Qt
objects, which only the window's thread may do. So automatic collection is off while the window is open, and a timer
collects instead.
"""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY = 500  # milliseconds


class Collector(QObject):
    """Collects by the usual thresholds, but here."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(collect)
        self._timer.start(EVERY)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()


def collect() -> None:
    """Collect the oldest generation whose threshold is exceeded."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation] > 0:
            gc.collect(generation)
            return
