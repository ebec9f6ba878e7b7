"""What is said below the picture: how large the architecture is, and whether the plan's space holds it. Without Qt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.space.architecture import Architecture
from engine.space.decisions import OutsideSpace

from ..kinds import boards, kind_of

if TYPE_CHECKING:
    from engine.space import Space
    from engine.space.counts import Frame


@dataclass(frozen=True)
class Facts:
    """The parts of the line. `frame` says in which network was counted, `outside` why the space does not hold it."""

    size: str
    cost: str
    frame: str
    inside: str
    outside: str

    @property
    def line(self) -> str:
        """All in one line."""
        return "   ·   ".join(filter(None, (self.size, self.cost, self.inside)))


def facts(architecture: Architecture, space: "Space | None") -> Facts:
    """What there is to say about an architecture beside a space."""
    kind = kind_of(architecture)
    drawn = boards(architecture)
    nodes = sum(spot.role == "node" for board in drawn for spot in board.spots)
    edges = sum(arc.operation is not None or arc.plain for board in drawn for arc in board.arcs)
    cost, frame = _cost(architecture)
    outside = _outside(architecture, space) if space is not None else ""
    inside = ""
    if space is not None:
        inside = f"outside the plan's space: {outside}" if outside else "in the plan's space"
    return Facts(f"{_count(nodes, kind.node)}, {_count(edges, kind.arc)}", cost, frame, inside, outside)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _outside(architecture: Architecture, space: "Space") -> str:
    try:
        space.encode(architecture)
    except OutsideSpace as reason:
        return str(reason)
    return ""


def _cost(architecture: Architecture) -> tuple[str, str]:
    """Parameters and MACs, and in which network; or why there is none."""
    from engine.space import counts  # only when something is edited

    frame = counts.published_frame(architecture)
    try:
        found = counts.count(architecture, frame)
    except counts.Unbuildable as reason:
        return f"cannot be built: {reason}", ""
    return f"{_short(found.params)} parameters, {_short(found.macs)} MACs", _described(frame)


def _described(frame: "Frame") -> str:
    from engine.space.counts import LanguageModel

    if isinstance(frame, LanguageModel):
        return f"counted in a language model of {frame.hidden} hidden units and {frame.words:,} words, MACs per word"
    return f"counted in a {frame.kind} network of {frame.layers} layers from {frame.channels} channels on"


def _short(number: int) -> str:
    """1.23 M, 45.6 k, 535 M: three digits are enough to compare."""
    for unit, name in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= unit:
            return f"{number / unit:.3g}{name}" if number < 1000 * unit else f"{number / unit:,.0f}{name}"
    return str(number)
