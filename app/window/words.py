"""How the window says times, states and sizes."""

import math
from pathlib import Path


def clock(seconds: float) -> str:
    """A moment of a session: 00:12:31."""
    whole = max(0, int(seconds))
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def duration(seconds: float) -> str:
    """A stretch of time, as coarse as one says it: 40 s, 13 min, 2 h 05 min."""
    if seconds < 60:
        return f"{max(1, math.ceil(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def size(count: float) -> str:
    """Memory: 850 MB, 1.9 GB (decimal)."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def count(number: int, one: str, many: str = "") -> str:
    """1 thread, 4 threads."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def short(path: Path) -> str:
    """A path with the home folder as ~."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except ValueError:
        return str(path)
