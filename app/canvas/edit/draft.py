"""What is being edited, as one immutable value: undo, redo and comparison are then free."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from engine.space.architecture import Architecture

from ..board import MOST, Board
from ..kinds import Change, Illegal, Kind, Part, SpotRef, kind_of
from ..places import Places
from ..routes import Point


@dataclass(frozen=True)
class Draft:
    """An architecture, what it is called, and where boxes stand that were moved by hand."""

    architecture: Architecture
    title: str = ""
    moved: tuple[tuple[SpotRef, Point], ...] = ()

    @property
    def kind(self) -> Kind[Any]:
        return kind_of(self.architecture)

    def boards(self) -> tuple[Board, ...]:
        """The boards, in the order in which they are drawn."""
        return self.kind.boards(self.architecture)

    def places(self, board: str) -> Places:
        """The boxes of one board that were moved."""
        return tuple((spot.number, at) for spot, at in self.moved if spot.board == board)

    def placed(self, places: dict[SpotRef, Point]) -> "Draft":
        """The draft with these boxes moved, too."""
        return replace(self, moved=tuple(sorted({**dict(self.moved), **places}.items())))


@dataclass(frozen=True)
class State:
    """A draft with what is selected in it: what one undo brings back."""

    draft: Draft
    selection: frozenset[Part] = field(default_factory=frozenset)


def edited(state: State, edit: Callable[[Kind[Any], Architecture], Change[Any]]) -> State:
    """The state after an edit. Raises Illegal; then nothing is different."""
    change = edit(state.draft.kind, state.draft.architecture)
    places = {now: at for spot, at in state.draft.moved if (now := change.now(spot)) is not None}
    draft = replace(state.draft, architecture=change.architecture, moved=tuple(sorted(places.items())))
    check(draft)
    return State(draft, change.select)


def check(draft: Draft) -> None:
    """Raise Illegal for what is too large to be drawn."""
    for board in draft.boards():
        if board.size > MOST:
            raise Illegal(f"what has more than {MOST} edges and nodes is too large to be edited here")
