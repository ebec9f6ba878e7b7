"""What the actions of the editor do, where that takes more than a line."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from ..kinds import SpotRef
from .rows import FROM

if TYPE_CHECKING:
    from .page import EditPage


class Doing:
    """Acts on the document of one page, by what is selected there."""

    def __init__(self, page: "EditPage") -> None:
        self._page, self._document = page, page.document

    def board(self) -> str:
        """The board that a new node belongs to: that of the selection, else the one last pointed at."""
        document, page = self._document, self._page
        names = [board.name for board in document.boards()]
        if document.selection:
            return min(document.selection, key=str).board
        wanted = page.table.current_board() if page.table.hasFocus() else page.view.last_board
        return wanted if wanted in names else names[0]

    def add_node(self) -> None:
        """A new node, where the layout puts it."""
        self._document.add(self.board())

    def add_edge(self) -> None:
        """A new edge into the selected node, from wherever one can come; its row opens for typing."""
        document, page = self._document, self._page
        board, target = document.board(self.board()), self._target()
        for spot in board.spots:
            if target is None or document.objection(board.name, spot.number, target):
                continue
            name = page.asking.preferred(document.offers(board.name, spot.number, target))
            if document.draw(board.name, spot.number, target, name):
                (new,) = document.selection
                page.deeds.table.setChecked(True)
                page.table.setVisible(True)
                page.table.setFocus()
                page.table.edit_part(new, FROM)
            return
        document.refused.emit(f"select the {document.kind.node} that the new {document.kind.arc} is to enter")

    def _target(self) -> int | None:
        """The spot that a new edge enters: a selected one, or that of a selected edge."""
        document = self._document
        for part in sorted(document.selection, key=str):
            if isinstance(part, SpotRef):
                return part.number if document.spot(part).role != "input" else None
            return document.board(part.board).arcs[part.index].target
        return None

    def choose_operation(self) -> None:
        """Choose what the selected parts carry."""
        selection = self._document.selection
        if selection:
            self._page.asking.operate(selection, self._page.view.on_view(min(selection, key=str)))

    def open_part(self) -> None:
        """Show the board that the selected part stands for."""
        document = self._document
        for part in sorted(document.selection, key=str):
            if (name := document.kind.opens(document.architecture, part)) is not None:
                self._page.view.open_board(name)
                return
        document.refused.emit("what is selected stands for nothing that could be opened")

    def toggle_table(self) -> None:
        """Show the table, or hide it."""
        page = self._page
        on = page.deeds.table.isChecked()
        page.table.setVisible(on)
        (page.table if on else page.view).setFocus()

    def ask_picture(self) -> None:
        """Save the picture where a person says."""
        kinds = "PNG picture (*.png);;SVG drawing (*.svg)"
        name, kind = QFileDialog.getSaveFileName(self._page, "Save picture", "architecture.png", kinds)
        if name:
            path = Path(name)
            path = path if path.suffix else path.with_suffix(".svg" if "svg" in kind else ".png")
            try:
                self._page.view.save_picture(path)
            except OSError as error:
                self._document.refused.emit(f"{path.name} was not saved: {error.strerror or error}")
