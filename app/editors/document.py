"""What both editors edit: a value, what is selected of it, and the stack of commands that lead back and forth."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.graph.model import Diagram

V = TypeVar("V")


@dataclass(frozen=True)
class State(Generic[V]):
    """What is edited, with the parts that are selected in it: what one undo brings back."""

    value: V
    selection: frozenset[Any] = field(default_factory=frozenset)


class Command(QUndoCommand):
    """One step: the states before and after it, and nothing else. Steps of the same drag become one."""

    def __init__(
        self, text: str, put: Callable[[State[Any]], None], before: State[Any], after: State[Any], drag: int = 0
    ) -> None:
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
        self.setObsolete(self._after.value == self._before.value)
        return True


class Document(QObject, Generic[V]):
    """Every change goes through here, as a command that can be undone.

    `changing`: the value may become another, which may still be refused. `changed`: it is another one. `selected`:
    other parts are selected. `done`: what was done, in words. `refused`: why something was not done; all is as it was.
    """

    changing = Signal()
    changed = Signal()
    selected = Signal()
    done = Signal(str)
    refused = Signal(str)

    def __init__(self, value: V, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = State(value)
        self.lock = ""
        """Why nothing may be edited now, or ""."""
        self.stack = QUndoStack(self)

    @property
    def value(self) -> V:
        """What is edited."""
        return self._state.value

    @property
    def selection(self) -> frozenset[Any]:
        """The parts that are selected."""
        return self._state.selection

    def diagrams(self) -> tuple[Diagram, ...]:
        """The diagrams, in the order in which they are drawn."""
        raise NotImplementedError

    def diagram(self, name: str) -> Diagram:
        """One diagram by its name."""
        return next(diagram for diagram in self.diagrams() if diagram.name == name)

    def select(self, parts: Iterable[Any]) -> None:
        """Select exactly these parts."""
        parts = frozenset(parts)
        if parts != self.selection:
            self._state = State(self.value, parts)
            self.selected.emit()

    # -- how an edit is done

    def edit(self, text: str, edited: Callable[[], State[V]]) -> bool:
        """Go on to the state that `edited` gives; a ValueError of it is the reason why not. Whether it was done."""
        reason = self.attempt(text, edited)
        return self.refuse(reason) if reason else True

    def attempt(self, text: str, edited: Callable[[], State[V]]) -> str:
        """The same, but the reason is given to who asked, who says it; "" where it was done."""
        if self.lock:
            return self.lock
        self.changing.emit()
        try:
            after = edited()
        except ValueError as reason:
            return str(reason)
        self.push(text, after)
        return ""

    def refuse(self, reason: str) -> bool:
        """Say why something is not done."""
        self.refused.emit(reason)
        return False

    def push(self, text: str, after: State[V], drag: int = 0, quiet: bool = False) -> None:
        """One more step, where it makes a difference; unless it is `quiet`, say so."""
        if after.value == self.value:
            self.select(after.selection)
            return
        self.stack.push(Command(text, self.put, self._state, after, drag))
        if not quiet:
            self.done.emit(text)

    def put(self, state: State[V]) -> None:
        """Show a state, whatever led there."""
        self.changing.emit()
        self._state = state
        self.changed.emit()
        self.selected.emit()
