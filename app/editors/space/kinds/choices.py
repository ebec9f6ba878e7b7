"""What a space leaves open, slot by slot, and how that looks: plain values without Qt.

Every kind of space says what its slots are and how they are restricted; picture, table and palette know slots alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

import msgspec

from app.graph.kinds import Choice, EdgeRef, NodeRef
from app.graph.model import Diagram
from engine.space.operations import OPERATIONS, label

S = TypeVar("S")
Key: TypeAlias = Hashable
State: TypeAlias = Literal["open", "narrowed", "forbidden", "always"]
"""As wider edits leave it; less than that; nothing; certainly there."""


@dataclass(frozen=True, order=True)
class DiagramRef:
    """A whole diagram, by its name."""

    diagram: str


Part: TypeAlias = NodeRef | EdgeRef | DiagramRef
"""What can be pointed at in the picture of a space."""


@dataclass(frozen=True)
class Slot:
    """One open question of a space.

    Attributes:
        key: names it within the space.
        diagram: the diagram on which it is drawn.
        title: what sentences and the table call it.
        choices: everything that can be chosen there, in the order of the space.
        allowed: the names of those that may be chosen.
        sort: what the choices are, where slots of several sorts are selected together.
        nothing: the names of those that leave it out, where there are any.
        closed: the names of those that a wider edit, such as one of the whole cell, takes away.
        whole: it is such a wider edit itself, of a diagram.
        optional: it can be forbidden, or be asked for in any case, as `always` says.
    """

    key: Key
    diagram: str
    title: str
    choices: tuple[Choice, ...]
    allowed: frozenset[str]
    sort: str = ""
    nothing: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    whole: bool = False
    optional: bool = False
    always: bool = False

    @property
    def offered(self) -> list[Choice]:
        """What is allowed, in order."""
        return [choice for choice in self.choices if choice.name in self.allowed]

    @property
    def edited(self) -> bool:
        """Whether less is allowed here than wider edits leave, or more is asked for."""
        return self.always or len(self.allowed) < len(self.choices) - len(self.closed)

    @property
    def forbidden(self) -> bool:
        """Whether it is left out in any case."""
        return self.allowed <= self.nothing

    def left_out(self) -> "Wish":
        """What to wish for so that it is forbidden."""
        return Wish(self.nothing)

    def required(self, on: bool) -> "Wish":
        """What to wish for so that it is there in any case, or no longer in any case."""
        if not self.nothing:
            return Wish(self.allowed, on)
        everything = frozenset(choice.name for choice in self.choices)
        there = self.allowed - self.nothing or everything - self.nothing
        return Wish(there if on else self.allowed | self.nothing, on)


@dataclass(frozen=True)
class SlotStyle:
    """How a slot is drawn: the words on its plate, their colour if one kind of operation is left, and its palette.

    `palette` has the colour of every choice of the space, and whether it is allowed here.
    """

    text: str = ""
    tint: str = ""
    state: State = "open"
    palette: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class Drawn:
    """A diagram with the styles of its edges, in their order, and of its nodes, by number.

    `note`: what holds on all of it. `rails`: everything may lead to everything after it, and each has a rail.
    """

    diagram: Diagram
    edges: tuple[SlotStyle, ...]
    nodes: tuple[tuple[int, SlotStyle], ...] = ()
    note: str = ""
    rails: bool = True


@dataclass(frozen=True)
class Wish:
    """What is to hold in a slot."""

    allowed: frozenset[str]
    always: bool = False


PALETTES = ("operations", "activations", "primitives")
"""Settings that list what may be chosen."""

FEW = 3
"""So many choices are named beside a title."""


class SpaceKind(ABC, Generic[S]):
    """How one kind of space is drawn and restricted.

    Attributes:
        noun, places: what a person calls the choices and the slots, in the plural.
    """

    noun: ClassVar[str] = "operations"
    places: ClassVar[str] = "edges"

    def palette(self, space: S) -> str:
        """The setting that lists the choices of the whole space, or ""."""
        known = space.__struct_fields__  # type: ignore[attr-defined]
        return next((name for name in PALETTES if name in known), "")

    @abstractmethod
    def slots(self, space: S) -> dict[Key, Slot]:
        """Every slot by its key, in the order of the table; wider ones before those that they hold."""

    @abstractmethod
    def drawn(self, space: S) -> tuple[Drawn, ...]:
        """The diagrams; none where there is no picture of this kind of space yet."""

    @abstractmethod
    def keys(self, space: S, part: Part) -> Sequence[Key]:
        """The slots that a part of the picture stands for."""

    @abstractmethod
    def parts(self, space: S, key: Key) -> Sequence[Part]:
        """The parts of the picture that show a slot."""

    def named(self, name: str) -> Choice:
        """A choice of the whole space's palette by its name."""
        known = OPERATIONS.get(name)
        return Choice(name, label(name), known.kind if known else "none")

    def choice(self, space: S, part: Part) -> str:
        """The choice within its slot that a part of the picture stands for, where it stands for one alone, or ""."""
        return ""

    @abstractmethod
    def with_wishes(self, space: S, wishes: Mapping[Key, Wish]) -> S:
        """The space in which exactly these wishes hold in these slots. Raises ValueError with the reason."""

    @abstractmethod
    def with_palette(self, space: S, names: Sequence[str]) -> S:
        """The space of these choices. Raises ValueError."""

    def with_setting(self, space: S, name: str, value: Any) -> S:
        """The space with another value of one of its settings. Raises ValueError."""
        changed: S = msgspec.structs.replace(space, **{name: value})  # type: ignore[type-var]
        return changed


def usual(space: object, name: str) -> tuple[str, ...]:
    """The names that a setting of a space lists unless it is edited."""
    fields = msgspec.structs.fields(type(space))  # type: ignore[arg-type]
    return next((tuple(field.default) for field in fields if field.name == name), ())


def note(slot: Slot) -> str:
    """What is said beside a diagram's title where less is allowed on it than in the space; names where they are few."""
    offered = slot.offered
    if len(offered) == len(slot.choices):
        return ""
    if len(offered) <= FEW:
        return f"only {', '.join(choice.label for choice in offered)}"
    return f"{len(offered)} of {len(slot.choices)}"


def style_of(slot: Slot, plural: str, absent: str = "forbidden") -> SlotStyle:
    """The style of a slot whose choices are things to do: names where they are few."""
    offered = [choice for choice in slot.offered if choice.name not in slot.nothing]
    palette = tuple(
        (choice.tint, choice.name in slot.allowed) for choice in slot.choices if choice.name not in slot.nothing
    )
    if not offered:
        return SlotStyle(absent, "", "forbidden", palette)
    few = len(offered) <= 2 and len(palette) > 1
    text = " · ".join(choice.label for choice in offered) if few else f"{len(offered)} {plural}"
    tint = offered[0].tint if len(offered) == 1 else ""
    state: State = "always" if slot.always else "narrowed" if slot.edited else "open"
    return SlotStyle(f"always {text}" if slot.always else text, tint, state, palette)
