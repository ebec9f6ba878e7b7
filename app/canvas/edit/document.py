"""The document: the architecture being edited, its selection, and the stack of commands that lead back and forth."""

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.space.architecture import Architecture

from ..board import Board, Spot
from ..kinds import ArcRef, Change, Choice, Illegal, Kind, Part, SpotRef
from ..kinds.fragment import Fragment, copied, pasted
from ..routes import Point
from .draft import Draft, State, check, edited

Edit = Callable[[Kind[Any], Architecture], Change[Any]]


class Command(QUndoCommand):
    """One step: the states before and after it, and nothing else. Steps of the same drag become one."""

    def __init__(self, text: str, put: Callable[[State], None], before: State, after: State, drag: int = 0) -> None:
        super().__init__(text)
        self._put, self._before, self._after, self._drag = put, before, after, drag

    def undo(self) -> None:
        self._put(self._before)

    def redo(self) -> None:
        self._put(self._after)

    def id(self) -> int:
        return self._drag or -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Command):
            return False
        self._after = other._after
        self.setObsolete(self._after.draft == self._before.draft)
        return True


class Document(QObject):
    """Every change of the draft goes through here, as a command that can be undone.

    `changed`: the draft is another one. `selected`: other parts are selected. `done`: what was done, in words.
    `refused`: why something was not done; the draft is as it was.
    """

    changed = Signal()
    selected = Signal()
    done = Signal(str)
    refused = Signal(str)

    def __init__(self, draft: Draft, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = State(draft)
        self.stack = QUndoStack(self)
        self._drag = 0

    # -- how things stand

    @property
    def draft(self) -> Draft:
        return self._state.draft

    @property
    def architecture(self) -> Architecture:
        return self.draft.architecture

    @property
    def kind(self) -> Kind[Any]:
        return self.draft.kind

    def boards(self) -> tuple[Board, ...]:
        return self.draft.boards()

    def board(self, name: str) -> Board:
        """One board by its name."""
        return next(board for board in self.boards() if board.name == name)

    @property
    def selection(self) -> frozenset[Part]:
        return self._state.selection

    @property
    def spots(self) -> list[SpotRef]:
        """The selected spots, in order."""
        return sorted(part for part in self.selection if isinstance(part, SpotRef))

    @property
    def arcs(self) -> list[ArcRef]:
        """The selected arcs, in order."""
        return sorted(part for part in self.selection if isinstance(part, ArcRef))

    def spot(self, ref: SpotRef) -> Spot:
        """What a reference to a spot means now."""
        return self.board(ref.board).by_number[ref.number]

    def name(self, part: Part) -> str:
        """What sentences call a part: node 2; edge k−2 → 0."""
        board = self.board(part.board)
        if isinstance(part, ArcRef):
            arc = board.arcs[part.index]
            return f"{self.kind.arc} {board.title(arc.source)} → {board.title(arc.target)}"
        spot = board.by_number[part.number]
        return f"{self.kind.node} {spot.title}" if spot.role == "node" else f"{spot.role} {spot.title}"

    def select(self, parts: Iterable[Part]) -> None:
        """Select exactly these parts."""
        parts = frozenset(parts)
        if parts != self.selection:
            self._state = State(self.draft, parts)
            self.selected.emit()

    def select_all(self) -> None:
        """Select every node."""
        self.select(
            SpotRef(board.name, spot.number) for board in self.boards() for spot in board.spots if spot.role == "node"
        )

    # -- edits

    def open(self, architecture: Architecture, title: str) -> bool:
        """Put another architecture in place of this one. That, too, can be undone."""
        draft = Draft(architecture, title)
        if not self._try(lambda: check(draft)):
            return False
        self._push(f"open {title}" if title else "open", State(draft))
        self.stack.setClean()
        self.changed.emit()  # the mark of unsaved changes is gone
        return True

    def replace(self, architecture: Architecture, text: str) -> bool:
        """Put another architecture in place of this one, under the same title."""
        return self._edit(text, lambda kind, old: Change(architecture), forget=True)

    def add(self, board: str, at: Point | None = None) -> bool:
        """One more node, at a place of the board or where the layout puts it; in a chain, behind the selected one."""
        spots = [spot.number for spot in self.spots if spot.board == board]
        after = spots[-1] if spots and at is None else None
        return self._edit(f"add {self.kind.node}", lambda kind, old: kind.add(old, board, after), at)

    def draw(self, board: str, source: int, target: int, name: str | None) -> bool:
        """Draw an arc."""
        titles = [self.board(board).title(number) for number in (source, target)]
        text = f"draw {self.kind.arc} {' → '.join(titles)}"
        return self._edit(text, lambda kind, old: kind.connect(old, board, source, target, name))

    def objection(self, board: str, source: int, target: int) -> str:
        """Why no arc can be drawn there, or ""."""
        return str(self.kind.objection(self.architecture, board, source, target))

    def offers(self, board: str, source: int, target: int) -> tuple[Choice, ...]:
        """What a new arc may carry."""
        return self.kind.offers(self.architecture, board, source, target)

    def choices(self, parts: Iterable[Part]) -> tuple[Choice, ...]:
        """What may be put on all of these parts."""
        lists = [self.kind.choices(self.architecture, part) for part in parts]
        first = lists[0] if lists else ()
        return tuple(choice for choice in first if all(choice in others for others in lists))

    def typed(self, parts: Iterable[Part], text: str) -> Choice | None:
        """What a text means for these parts that is none of the choices, such as a number of filters."""
        meant = {self.kind.typed(self.architecture, part, text) for part in parts}
        return meant.pop() if len(meant) == 1 else None

    def choose(self, parts: Iterable[Part], choice: Choice) -> bool:
        """Put something on these parts."""
        parts = sorted(parts, key=str)
        what = self.name(parts[0]) if len(parts) == 1 else f"{len(parts)} parts"
        return self._edit(f"set {what} to {choice.label}", lambda kind, old: kind.choose(old, parts, choice.name))

    def rewire(self, arc: ArcRef, source: int, target: int) -> bool:
        """Lead an arc from and to other spots."""
        titles = [self.board(arc.board).title(number) for number in (source, target)]
        text = f"lead {self.name(arc)} along {' → '.join(titles)}"
        return self._edit(text, lambda kind, old: kind.rewire(old, arc, source, target))

    def remove(self, parts: Iterable[Part]) -> bool:
        """Take parts away."""
        parts = sorted(parts, key=str)
        if not parts:
            return self._refuse("nothing is selected")
        what = self.name(parts[0]) if len(parts) == 1 else f"{len(parts)} parts"
        return self._edit(f"remove {what}", lambda kind, old: kind.remove(old, parts))

    def toggle(self, spots: Iterable[SpotRef]) -> bool:
        """Let spots join the output, or no longer."""
        spots = sorted(spots)
        if not spots:
            return self._refuse(f"select the {self.kind.node} that is to join the output or no longer")
        if not self.kind.joins:
            return self._refuse("nothing can be let join the output here")
        joined = all(self.kind.joined(self.architecture, spot) is not None for spot in spots)
        what = self.name(spots[0]) if len(spots) == 1 else f"{len(spots)} {self.kind.node}s"
        text = f"take {what} out of the output" if joined else f"let {what} join the output"
        return self._edit(text, lambda kind, old: kind.toggle(old, spots))

    def move(self, places: dict[SpotRef, Point], drag: int = 0) -> bool:
        """Put boxes elsewhere. Moves of the same `drag` (from `new_drag`) are undone together."""
        text = f"move {self.name(next(iter(places)))}" if len(places) == 1 else f"move {len(places)} boxes"
        self._push(text, State(self.draft.placed(places), self.selection), drag, quiet=True)
        return True

    def new_drag(self) -> int:
        """A number for the moves of one drag."""
        self._drag += 1
        return self._drag

    def tidy(self) -> bool:
        """Let the layout place every box again."""
        if not self.draft.moved:
            return self._refuse("every box is where the layout puts it")
        self._push("lay out", State(Draft(self.architecture, self.draft.title), self.selection))
        return True

    # -- copies

    def copied(self) -> Fragment | None:
        """The selected nodes, to be pasted; None where no nodes of one board are selected."""
        return copied(self.kind, self.architecture, self.spots)

    def paste(self, fragment: Fragment, board: str, text: str = "paste", outside: bool = False) -> bool:
        """New nodes like those of the fragment."""
        return self._edit(text, lambda kind, old: pasted(kind, old, board, fragment, outside))

    # -- how an edit is done

    def _edit(self, text: str, edit: Edit, at: Point | None = None, forget: bool = False) -> bool:
        try:
            after = edited(self._state, edit)
        except Illegal as reason:
            return self._refuse(str(reason))
        if forget:
            after = State(Draft(after.draft.architecture, self.draft.title))
        if at is not None:
            after = State(
                after.draft.placed({part: at for part in after.selection if isinstance(part, SpotRef)}), after.selection
            )
        self._push(text, after)
        return True

    def _try(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except Illegal as reason:
            return self._refuse(str(reason))
        return True

    def _refuse(self, reason: str) -> bool:
        self.refused.emit(reason)
        return False

    def _push(self, text: str, after: State, drag: int = 0, quiet: bool = False) -> None:
        if after.draft == self.draft:
            self.select(after.selection)
            return
        self.stack.push(Command(text, self._put, self._state, after, drag))
        if not quiet:
            self.done.emit(text)

    def _put(self, state: State) -> None:
        self._state = state
        self.changed.emit()
        self.selected.emit()
