"""How spaces and their numbers are put into words. Without Qt."""

from typing import TYPE_CHECKING

from engine.space.counts import Frame, LanguageModel
from engine.space.statistics import Share

from ..words import titled
from .slots import Part, Slot

if TYPE_CHECKING:
    from .document import SpaceDocument

SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
SHORT = 10**6
"""Numbers below are written out."""


def power(number: int) -> str:
    """1,764 or 1.1 × 10¹⁸. Never rounded by way of a float, which ends at 10³⁰⁸."""
    if number < SHORT:
        return f"{number:,}"
    exponent = len(str(number)) - 1
    tenths = (number * 10 + 10**exponent // 2) // 10**exponent
    if tenths >= 100:
        tenths, exponent = 10, exponent + 1
    return f"{tenths // 10}.{tenths % 10} × 10{str(exponent).translate(SUPERSCRIPT)}"


def amount(number: int) -> str:
    """1.23 M, 45.6 k, 535 M: three digits are enough to compare."""
    for unit, name in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if number >= 0.9995 * unit:
            return f"{number / unit:.3g}{name}" if number < 999.5 * unit else f"{number / unit:,.0f}{name}"
    return str(number)


def within(size: int, share: Share) -> str:
    """How many architectures are within the limits, as far as that is known."""
    if share.whole:
        return power(share.kept)
    if not share.drawn:
        return "counting"
    if not share.kept:
        return f"fewer than {power(_part(size, share.interval[1]))}"
    if share.kept == share.drawn:
        return f"more than {power(_part(size, share.interval[0]))}"
    return f"≈ {power(_part(size, share.kept / share.drawn))}"


def error(share: Share) -> str:
    """The share within the limits, and how sure that is."""
    if share.whole or not share.drawn:
        return ""
    low, high = share.interval
    half = 100 * (high - low) / 2
    digits = 1 if half < 1 else 0
    return f"{100 * share.kept / share.drawn:.{digits}f} % ± {half:.{digits}f}"


def frame_words(frame: Frame) -> str:
    """A frame in a few words."""
    if isinstance(frame, LanguageModel):
        return f"language model, {frame.hidden:,} units, {frame.words:,} words"
    side = f"{frame.image} px, " if frame.image else ""
    return f"{frame.kind}, {frame.layers} layers, {frame.channels} channels, {side}{frame.classes} classes"


def tooltip(document: "SpaceDocument", part: Part) -> str:
    """What a part of the picture leaves open, spelt out."""
    keys = document.kind.keys(document.space, part)
    slots = document.slots()
    return "\n".join(f"{document.name([slots[key]])}: {allowed(slots[key])}" for key in keys)


def allowed(slot: Slot) -> str:
    """What may be chosen in a slot, in words."""
    names = ", ".join(choice.label for choice in slot.offered)
    if not names:
        return "forbidden"
    several = f"{len(slot.offered)} of {len(slot.choices)}: " if len(slot.offered) < len(slot.choices) else ""
    return f"{'always there; ' if slot.always else ''}{several}{names}"


def described(document: "SpaceDocument") -> str:
    """The whole space for those who hear it: every slot that was edited, and how many there are."""
    slots = [slot for slot in document.slots().values() if not slot.whole]
    if not slots:
        return ""
    boards = list(dict.fromkeys(titled(slot.board) for slot in slots))
    edited = [f"{document.name([slot])}: {allowed(slot)}" for slot in document.slots().values() if slot.edited]
    head = f"{len(slots)} {document.kind.places} in {' and '.join(boards)}."
    return " ".join([head, *(f"{line}." for line in edited)]) if edited else f"{head} Nothing is restricted."


def _part(size: int, share: float) -> int:
    """A share of a number that may be too large for a float."""
    return size * round(share * 10**9) // 10**9
