"""Asking which operation: for parts that are there, and for an arc that was just drawn."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QPoint

from ..kinds import ArcRef, Choice, Part, SpotRef
from .chooser import Chooser
from .picture import EditView


class Asking(QObject):
    """Opens the chooser where it is wanted. `favourites` are offered first, what was chosen last stands ready."""

    def __init__(self, view: EditView, chooser: Chooser) -> None:
        super().__init__(view)
        self.view, self.chooser = view, chooser
        self.document = view.document
        self.favourites: tuple[str, ...] = ()
        self.last = ""

    def operate(self, parts: Iterable[Part], at: QPoint) -> None:
        """Ask what these parts are to carry, at a point of the viewport."""
        parts = frozenset(parts)
        self.document.select(parts)
        choices = self.document.choices(parts)
        if choices:
            self._ask(
                choices,
                self._carried(parts),
                at,
                lambda choice: self.document.choose(parts, choice),
                typed=lambda text: self.document.typed(parts, text),
            )

    def drawn(self, source: SpotRef, target: SpotRef, at: QPoint) -> None:
        """Ask what a new arc is to carry, then draw it; at once where it carries nothing."""
        document, board = self.document, source.board
        offers = document.offers(board, source.number, target.number)
        if not offers:
            document.draw(board, source.number, target.number, None)
            return
        self.view.pending = (source, target)
        self._ask(
            offers,
            self.preferred(offers) or "",
            at,
            lambda choice: document.draw(board, source.number, target.number, choice.name),
            self._settled,
        )

    def preferred(self, offers: tuple[Choice, ...]) -> str | None:
        """What a new arc most likely carries: what was chosen last, else the first favourite."""
        names = [choice.name for choice in self._ordered(offers)]
        if self.last in names:
            return self.last
        return next((name for name in names if name != "none"), None)

    def _settled(self) -> None:
        self.view.pending = None
        self.view.viewport().update()

    def _carried(self, parts: frozenset[Part]) -> str:
        part = min(parts, key=str)
        board = self.document.board(part.board)
        if isinstance(part, ArcRef):
            return board.arcs[part.index].operation or ""
        return board.by_number[part.number].operation

    def _ask(
        self,
        choices: tuple[Choice, ...],
        current: str,
        at: QPoint,
        take: Callable[[Choice], object],
        leave: Callable[[], object] | None = None,
        typed: Callable[[str], Choice | None] | None = None,
    ) -> None:
        def taken(choice: Choice) -> None:
            self.last = choice.name
            take(choice)

        self.chooser.ask(self._ordered(choices), current, self.view.viewport().mapToGlobal(at), taken, leave, typed)

    def _ordered(self, choices: tuple[Choice, ...]) -> list[Choice]:
        own = self.favourites
        return sorted(choices, key=lambda choice: own.index(choice.name) if choice.name in own else len(own))
