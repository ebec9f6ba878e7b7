"""The space being edited, its selection, and the stack of commands that lead back and forth."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.space import Space
from engine.space.limits import Limit
from engine.space.presets import presets

from ..board import Board
from ..words import titled
from .kinds import kind_of
from .slots import BoardRef, Drawn, Key, Part, Slot, SpaceKind, Wish

State = tuple[Space, frozenset[Part]]


class Command(QUndoCommand):
    """One step: how things stood before it and after."""

    def __init__(self, text: str, put: Callable[[State], None], before: State, after: State) -> None:
        super().__init__(text)
        self._put, self._before, self._after = put, before, after

    def undo(self) -> None:
        self._put(self._before)

    def redo(self) -> None:
        self._put(self._after)


class SpaceDocument(QObject):
    """Every change of the space goes through here, as a command that can be undone.

    `changing`: somebody wants another space, which may still be refused. `changed`: the space is another one.
    `selected`: other parts are selected. `done`: what was done, in words. `refused`: why something was not done; the
    space is as it was.
    """

    changing = Signal()
    changed = Signal()
    selected = Signal()
    done = Signal(str)
    refused = Signal(str)

    def __init__(self, space: Space, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state: State = (space, frozenset())
        self.lock = ""
        """Why nothing may be edited now, or ""."""
        self.stack = QUndoStack(self)

    # -- how things stand

    @property
    def space(self) -> Space:
        return self._state[0]

    @property
    def kind(self) -> SpaceKind[Any]:
        return kind_of(self.space)

    @property
    def title(self) -> str:
        """The name of the preset that the space is, else its kind, edited."""
        return next((name for name, known in presets().items() if known == self.space), f"{self.space.title} · edited")

    def drawn(self) -> tuple[Drawn, ...]:
        return self.kind.drawn(self.space)

    def boards(self) -> tuple[Board, ...]:
        return tuple(drawn.board for drawn in self.drawn())

    def board(self, name: str) -> Board:
        """One board by its name."""
        return next(board for board in self.boards() if board.name == name)

    def slots(self) -> dict[Key, Slot]:
        return self.kind.slots(self.space)

    @property
    def selection(self) -> frozenset[Part]:
        return self._state[1]

    def selected_slots(self) -> list[Slot]:
        """The slots that the selected parts stand for, in the order of the table."""
        wanted = {key for part in self.selection for key in self.kind.keys(self.space, part)}
        return [slot for key, slot in self.slots().items() if key in wanted]

    def name(self, slots: Iterable[Slot]) -> str:
        """What sentences call some slots."""
        slots = list(slots)
        if len(slots) > 1:
            return f"{len(slots)} {self.kind.places}"
        slot = slots[0]
        several = len({one.board for one in self.slots().values()}) > 1
        return f"{titled(slot.board)}, {slot.title}" if several and not slot.whole else slot.title

    def select(self, parts: Iterable[Part]) -> None:
        """Select exactly these parts."""
        parts = frozenset(parts)
        if parts != self.selection:
            self._state = (self.space, parts)
            self.selected.emit()

    def select_slots(self, keys: Iterable[Key]) -> None:
        """Select the parts that show these slots."""
        self.select(part for key in keys for part in self.kind.parts(self.space, key))

    # -- edits

    def show(self, space: Space, text: str = "") -> None:
        """Show another space that was chosen elsewhere: as one more step, called `text`, or as a new beginning."""
        if space == self.space:
            return
        if text:
            self.stack.push(Command(text, self._put, self._state, (space, self._still(space))))
        else:
            self.stack.clear()
            self._put((space, frozenset()))

    def take(self, space: Space, text: str) -> bool:
        """Put another space in place of this one."""
        return self._edit(text, lambda old: space)

    def allow(self, names: Iterable[str], on: bool, keys: Collection[Key] | None = None) -> bool:
        """Let the selected slots (or those of them with these keys) have these choices, or not.

        Without a selection, the whole space.
        """
        names = frozenset(names)
        slots = self._chosen(keys)
        labels = " and ".join(self._labels(names))
        if not slots:
            kept = [choice for choice in self.palette() if choice not in names]
            wanted = [*self.palette(), *(name for name in names if name not in self.palette())] if on else kept
            text = f"{'allow' if on else 'remove'} {labels}"
            return self._edit(text, lambda old: self.kind.with_palette(old, wanted))
        text = f"{'allow' if on else 'exclude'} {labels}: {self.name(slots)}"
        return self._wish(text, {s.key: Wish(s.allowed | names if on else s.allowed - names, s.always) for s in slots})

    def allow_only(self, names: Iterable[str], always: bool = False, keys: Collection[Key] | None = None) -> bool:
        """Let the selected slots (or those of them with these keys) have exactly these choices."""
        names = frozenset(names)
        slots = self._chosen(keys)
        if not slots:
            return self._refuse("select something first")
        labels = " and ".join(self._labels(names)) if len(names) < 3 else f"{len(names)} {self.kind.noun}"
        return self._wish(f"only {labels}: {self.name(slots)}", {slot.key: Wish(names, always) for slot in slots})

    def forbid(self) -> bool:
        """Leave out what is selected."""
        slots, wishes = self.slots(), dict[Key, Wish]()
        for part in self.selection:
            choice = self.kind.choice(self.space, part)
            for slot in (slots[key] for key in self.kind.keys(self.space, part)):
                if choice:
                    before = wishes[slot.key].allowed if slot.key in wishes else slot.allowed
                    wishes[slot.key] = Wish(before - {choice})
                elif slot.optional:
                    wishes[slot.key] = slot.left_out()
        if not wishes:
            return self._refuse("select an edge that can be left out")
        return self._wish(f"forbid {self.name(slots[key] for key in wishes)}", wishes)

    def require(self, on: bool) -> bool:
        """Ask for what is selected in any case, or no longer."""
        slots, wishes = self.slots(), dict[Key, Wish]()
        for part in self.selection:
            choice = self.kind.choice(self.space, part)
            for slot in (slots[key] for key in self.kind.keys(self.space, part)):
                if choice:
                    wishes[slot.key] = Wish(frozenset([choice]) if on else _everything(slot))
                elif slot.optional:
                    wishes[slot.key] = slot.required(on)
        if not wishes:
            return self._refuse("select an edge that can be asked for")
        return self._wish(f"{'always' if on else 'not always'}: {self.name(slots[key] for key in wishes)}", wishes)

    def free(self) -> bool:
        """Take back what was edited in the selected slots."""
        slots = self.selected_slots()
        if not any(slot.edited for slot in slots):
            return self._refuse("nothing was edited there")
        return self._wish(f"free {self.name(slots)}", {slot.key: Wish(_everything(slot)) for slot in slots})

    def set(self, name: str, value: Any, label: str) -> bool:
        """Give a setting of the space another value."""
        return self._edit(f"set {label.lower()}", lambda old: self.kind.with_setting(old, name, value))

    def limit(self, limits: tuple[Limit, ...]) -> str:
        """Put other limits in place of those there are. Gives the reason where that cannot be, for who asked to say."""
        return self._attempt("set limits", lambda old: self.kind.with_setting(old, "limits", limits))

    def palette(self) -> list[str]:
        """The choices of the whole space."""
        names: tuple[str, ...] = getattr(self.space, self.kind.palette(self.space), ())
        decided = getattr(self.space, "decided", names)
        return [name for name in names if name in decided]

    def _chosen(self, keys: Collection[Key] | None) -> list[Slot]:
        return [slot for slot in self.selected_slots() if keys is None or slot.key in keys]

    def _labels(self, names: Iterable[str]) -> list[str]:
        known = {choice.name: choice.label for slot in self.slots().values() for choice in slot.choices}
        return [known.get(name, name) for name in sorted(names)]

    def _wish(self, text: str, wishes: Mapping[Key, Wish]) -> bool:
        return self._edit(text, lambda old: self.kind.with_wishes(old, wishes))

    def _edit(self, text: str, edit: Callable[[Space], Space]) -> bool:
        reason = self._attempt(text, edit)
        return self._refuse(reason) if reason else True

    def _attempt(self, text: str, edit: Callable[[Space], Space]) -> str:
        """Edit the space, or give the reason why not."""
        if self.lock:
            return self.lock
        self.changing.emit()
        try:
            after = edit(self.space)
        except ValueError as reason:
            return str(reason)
        if after != self.space:
            self.stack.push(Command(text, self._put, self._state, (after, self._still(after))))
            self.done.emit(text)
        return ""

    def _still(self, space: Space) -> frozenset[Part]:
        """Those of the selected parts that another space has, too."""
        boards = {drawn.board.name: drawn.board for drawn in kind_of(space).drawn(space)}
        before = {board.name: board for board in self.boards()}
        kept = {
            part
            for part in self.selection
            if part.board in boards and (isinstance(part, BoardRef) or _alike(boards[part.board], before[part.board]))
        }
        return frozenset(kept)

    def _refuse(self, reason: str) -> bool:
        self.refused.emit(reason)
        return False

    def _put(self, state: State) -> None:
        self.changing.emit()
        self._state = state
        self.changed.emit()
        self.selected.emit()


def _everything(slot: Slot) -> frozenset[str]:
    return frozenset(choice.name for choice in slot.choices)


def _alike(board: Board, other: Board) -> bool:
    """Whether two boards have the same spots and arcs, whatever stands in them."""

    def shape(board: Board) -> tuple[list[int], list[tuple[int, int]]]:
        return [spot.number for spot in board.spots], [(arc.source, arc.target) for arc in board.arcs]

    return shape(board) == shape(other)
