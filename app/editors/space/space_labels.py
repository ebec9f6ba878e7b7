"""How spaces are put into words. Without Qt."""

from app.editors.space.kinds.choices import Part, Slot
from app.editors.space.space_document import SpaceDocument
from app.graph.model import titled
from engine.space.counts import Frame, LanguageModel
from engine.space.size_and_cost import Share
from engine.words import power


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


def tooltip(document: SpaceDocument, part: Part) -> str:
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


def described(document: SpaceDocument) -> str:
    """The whole space for those who hear it: every slot that was edited, and how many there are."""
    slots = [slot for slot in document.slots().values() if not slot.whole]
    if not slots:
        return ""
    diagrams = list(dict.fromkeys(titled(slot.diagram) for slot in slots))
    edited = [f"{document.name([slot])}: {allowed(slot)}" for slot in document.slots().values() if slot.edited]
    head = f"{len(slots)} {document.kind.places} in {' and '.join(diagrams)}."
    return " ".join([head, *(f"{line}." for line in edited)]) if edited else f"{head} Nothing is restricted."


def _part(size: int, share: float) -> int:
    """A share of a number that may be too large for a float."""
    return size * round(share * 10**9) // 10**9
