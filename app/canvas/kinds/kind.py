"""What an editor needs to know of a kind of architecture. Everything else it finds in the boards.

Edits are functions from value to value; one that cannot be raises `Illegal` with the reason and changes nothing.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeAlias, TypeVar

from engine.space.architecture import Architecture

from ..board import OUTPUT, Arc, Board

A = TypeVar("A", bound=Architecture)


class Illegal(ValueError):  # noqa: N818 (it reads as what it says)
    """An edit that cannot be; one line with the reason."""


@dataclass(frozen=True, order=True)
class SpotRef:
    """A spot of an architecture: the board's name and the spot's number."""

    board: str
    number: int


@dataclass(frozen=True, order=True)
class ArcRef:
    """An arc of an architecture: the board's name and the arc's place among the board's arcs."""

    board: str
    index: int


Part: TypeAlias = SpotRef | ArcRef


@dataclass(frozen=True)
class Choice:
    """One of the things a spot or an arc may carry: its name in notations, its label in pictures, its colour."""

    name: str
    label: str
    tint: str = "none"


@dataclass(frozen=True)
class Change(Generic[A]):
    """What an edit has led to.

    `select`: the parts that it was about, as they are called now. `moved`: spots that have another number now, or none.
    """

    architecture: A
    select: frozenset[Part] = frozenset()
    moved: Mapping[SpotRef, SpotRef | None] = field(default_factory=dict)

    def now(self, spot: SpotRef) -> SpotRef | None:
        """What a spot of the architecture before is called now; None when it is gone."""
        return self.moved.get(spot, spot)


class Kind(ABC, Generic[A]):
    """How one kind of architecture is drawn and edited.

    Attributes:
        name: the tag of its values; what is copied from one kind cannot be pasted into another.
        node, arc: what a person calls a spot and an arc.
        joins: whether spots may join the output by an arc that carries nothing.
    """

    name: ClassVar[str]
    node: ClassVar[str] = "node"
    arc: ClassVar[str] = "edge"
    joins: ClassVar[bool] = True

    @abstractmethod
    def boards(self, architecture: A) -> tuple[Board, ...]:
        """The boards, in the order in which they are drawn."""

    @abstractmethod
    def choices(self, architecture: A, part: Part) -> tuple[Choice, ...]:
        """What may be put on a spot or an arc; empty where there is nothing to choose."""

    @abstractmethod
    def offers(self, architecture: A, board: str, source: int, target: int) -> tuple[Choice, ...]:
        """What a new arc may carry; empty where it carries nothing."""

    @abstractmethod
    def objection(self, architecture: A, board: str, source: int, target: int) -> str:
        """Why no arc can be drawn from one spot to another, or ""."""

    @abstractmethod
    def add(self, architecture: A, board: str, after: int | None = None) -> Change[A]:
        """One more node on a board, selected; right after another where the order of nodes means something."""

    @abstractmethod
    def connect(self, architecture: A, board: str, source: int, target: int, name: str | None) -> Change[A]:
        """One more arc, carrying `name`, selected."""

    @abstractmethod
    def choose(self, architecture: A, parts: Iterable[Part], name: str) -> Change[A]:
        """Put something else on some parts."""

    @abstractmethod
    def remove(self, architecture: A, parts: Iterable[Part]) -> Change[A]:
        """Take spots, with all their arcs, and arcs away."""

    def rewire(self, architecture: A, arc: ArcRef, source: int, target: int) -> Change[A]:
        """Lead an arc from and to other spots, with what it carries."""
        board = self.board(architecture, arc.board)
        name = board.arcs[arc.index].operation
        before = self.remove(architecture, [arc])
        if reason := self.objection(before.architecture, arc.board, source, target):
            raise Illegal(reason)
        return self.connect(before.architecture, arc.board, source, target, name)

    def toggle(self, architecture: A, spots: Iterable[SpotRef]) -> Change[A]:
        """Let all these spots join the output or, where all do already, none of them."""
        spots = sorted(spots)
        joining = [self.joined(architecture, spot) for spot in spots]
        result = architecture
        for spot, arc in zip(spots, joining, strict=True):
            if arc is None:
                result = self.connect(result, spot.board, spot.number, OUTPUT, None).architecture
        if None not in joining:
            result = self.remove(result, [arc for arc in joining if arc is not None]).architecture
        return Change(result, frozenset(spots))

    def joined(self, architecture: A, spot: SpotRef) -> ArcRef | None:
        """The arc by which a spot joins the output."""
        arcs = enumerate(self.board(architecture, spot.board).arcs)
        return next((ArcRef(spot.board, index) for index, arc in arcs if joins(arc, spot.number)), None)

    def typed(self, architecture: A, part: Part, text: str) -> Choice | None:
        """What a text means that is none of the choices, such as a number; None where it means nothing."""
        return None

    def opens(self, architecture: A, part: Part) -> str | None:
        """The name of the board that a part stands for, if it stands for one."""
        return None

    def board(self, architecture: A, name: str) -> Board:
        """One of the boards by its name."""
        for board in self.boards(architecture):
            if board.name == name:
                return board
        raise Illegal(f"there is nothing called {name} here")


def joins(arc: Arc, number: int) -> bool:
    """Whether an arc lets a spot join the output."""
    return arc.source == number and arc.target == OUTPUT and arc.operation is None
