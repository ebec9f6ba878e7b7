"""How numbers are written on axes, in legends and in sentences: short, and the same everywhere."""

import math

THIN = "\u202f"
"""Narrow no-break space: groups digits."""
NB = "\u00a0"
"""No-break space: between a number and its unit."""


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
    return f"{value:.1f}{NB}%" if math.isfinite(value) else "–"


def millions(count: int) -> str:
    """A number of parameters: 0.48 M, 12.3 M, 10 432."""
    if count >= 10_000_000:
        return f"{count / 1e6:.1f}{NB}M"
    return f"{count / 1e6:.2f}{NB}M" if count >= 100_000 else grouped(count)


def amount(value: float) -> str:
    """A large number with three digits: 480 k, 1.23 M, 15.6 G."""
    for scale, name in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= scale:
            return number(value / scale) + NB + name
    return number(value)


def clock(seconds: float) -> str:
    """A moment of the session: 12:31, and 1:02:31 from one hour on."""
    whole = max(0, int(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes:02}:{whole % 60:02}"


def long_clock(seconds: float) -> str:
    """A moment of the session at full width: 00:12:31."""
    whole = max(0, int(seconds))
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
