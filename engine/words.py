"""Numbers, times, sizes and faults in words: short, and the same in the window, in the log and on a terminal.

A number holds together with its unit and in its groups of digits by spaces that no line breaks at; `plain` has ordinary
characters instead, for the log and for terminals.
"""

import math
from pathlib import Path

THIN = "\u202f"
"""Narrow no-break space: groups digits."""
NB = "\u00a0"
"""No-break space: between a number and its unit."""

_PLAIN = str.maketrans({THIN: ",", NB: " ", "−": "-"})
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_WRITTEN_OUT = 10**6
"""Whole numbers below are written out where others are powers of ten."""


def plain(text: str) -> str:
    """The text in characters that every terminal has and every search finds: 12,400 and 91.6 %."""
    return text.translate(_PLAIN)


def number(value: float, digits: int = 3) -> str:
    """A value with about `digits` significant digits: 91.6, 0.0213, 1.2e−5, 12 400."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size != 0 and (size < 10.0**-digits or size >= 1e7):
        mantissa, _, exponent = f"{value:.{digits - 2}e}".partition("e")
        return signed(f"{mantissa}e{int(exponent)}")
    whole = len(str(int(size))) if size >= 1 else 0 if size == 0 else math.floor(math.log10(size)) + 1
    return grouped(value, max(0, digits - whole) if size else 0)


def grouped(value: float, decimals: int = 0) -> str:
    """A number with its thousands apart: 12 400."""
    text = f"{value:,.{decimals}f}" if abs(value) >= 10_000 else f"{value:.{decimals}f}"
    return signed(text.replace(",", THIN))


def signed(text: str) -> str:
    """The text with true minus signs."""
    return text.replace("-", "−")


def percent(value: float) -> str:
    """91.6 %"""
    return score(value, "%") if math.isfinite(value) else "–"


def score(value: float, unit: str, decimals: int = 1) -> str:
    """A score with its unit: percent with so many decimals, else four digits: 91.6 %, 38.21, 1.250 nats. Of a negative
    of what is minimised ("−loss"), the loss itself."""
    if falling(unit):
        value, unit = -value, unit[1:]
    return f"{bare_score(value, unit, decimals)}{NB}{unit}" if unit else bare_score(value, unit, decimals)


def falling(unit: str) -> bool:
    """Whether scores of this unit are negatives of something of which less is better."""
    return unit.startswith("−")


def bare_score(value: float, unit: str, decimals: int = 1) -> str:
    """The same without the unit, where that is said once for many."""
    return signed(f"{value:.{decimals}f}") if unit == "%" and math.isfinite(value) else number(value, 4)


def named(quantity: str, unit: str) -> str:
    """What an axis or a column of values is called: "score, %"."""
    return f"{quantity}, {unit}" if unit else quantity


def count(number: int, one: str, many: str = "") -> str:
    """1 thread, 4 threads, 2 families."""
    return f"{grouped(number)} {one if number == 1 else many or one + 's'}"


def amount(value: float) -> str:
    """A large number with three digits: 480 k, 1.23 M, 15.6 G. What is rounded up to the next unit is said in that."""
    scale, unit = scale_of(value)
    if not unit:
        return grouped(value) if float(value).is_integer() else number(value)
    return number(math.copysign(max(abs(value) / scale, 1.0), value)) + unit


def scale_of(value: float) -> tuple[float, str]:
    """In which unit a large number is said, and what is written after it: (1e6, " M")."""
    return next(((scale, NB + name) for scale, name in _SCALES if abs(value) >= 0.9995 * scale), (1.0, ""))


def power(number: int) -> str:
    """1,764 or 1.1 × 10¹⁸. Never rounded by way of a float, which ends at 10³⁰⁸."""
    if number < _WRITTEN_OUT:
        return f"{number:,}"
    exponent = len(str(number)) - 1
    tenths = (number * 10 + 10**exponent // 2) // 10**exponent
    if tenths >= 100:
        tenths, exponent = 10, exponent + 1
    return f"{tenths // 10}.{tenths % 10} × 10{str(exponent).translate(_SUPERSCRIPT)}"


def size(count: float) -> str:
    """Memory: 850 MB, 1.9 GB (decimal)."""
    return f"{count / 1e9:.1f} GB" if count >= 0.9995e9 else f"{count / 1e6:.0f} MB"


def duration(seconds: float) -> str:
    """A stretch of time, as coarse as one says it: 40 s, 13 min, 2 h 05 min."""
    if seconds < 60:
        return f"{max(1, math.ceil(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def clock(seconds: float) -> str:
    """A moment of the session: 12:31, and 1:02:31 from one hour on."""
    text = long_clock(seconds)
    return text[3:] if text.startswith("00:") else text.removeprefix("0")


def long_clock(seconds: float) -> str:
    """A moment of the session at full width: 00:12:31."""
    whole = max(0, int(seconds))
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def short(path: Path) -> str:
    """A path with the home folder as ~."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except ValueError:
        return str(path)


def first_line(fault: BaseException) -> str:
    """What an exception says in its first line, or what kind it is where it says nothing."""
    return next(iter(str(fault).strip().splitlines()), type(fault).__name__)


def fault_line(fault: BaseException) -> str:
    """An exception in one line: its kind, and what it says where it says anything."""
    kind, line = type(fault).__name__, first_line(fault)
    return kind if line == kind else f"{kind}: {line}"
