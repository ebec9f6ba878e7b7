"""Copies in and out: part of an architecture, or a whole one as text in a notation."""

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from engine.space import notations
from engine.space.architecture import Architecture
from engine.space.reading import NotationError

from ..kinds import Illegal
from ..kinds.fragment import Fragment, decoded, encoded
from .document import Document
from .rows import rows_of

PART = "application/x-cellwright-part"


def copy(document: Document) -> str:
    """Copy the selected nodes or, with none selected, the whole architecture; returns what was copied, in words."""
    fragment = document.copied()
    if fragment is None:
        return copy_notation(document)
    data = QMimeData()
    data.setData(PART, encoded(fragment))
    rows = [row for row in rows_of(document.draft) if row.part in document.selection]
    data.setText("\n".join("\t".join(row.texts) for row in rows))
    QGuiApplication.clipboard().setMimeData(data)
    return f"copied {len(fragment.spots)} {document.kind.node}{'s' if len(fragment.spots) > 1 else ''}"


def copy_notation(document: Document) -> str:
    """Copy the whole architecture as text in the notation its users exchange."""
    try:
        text = notations.write(document.architecture)
    except NotationError as error:
        document.refused.emit(str(error))
        return ""
    QGuiApplication.clipboard().setText(text)
    return "copied as text"


def cut(document: Document) -> None:
    """Copy the selected nodes and remove them."""
    if document.copied() is None:
        document.refused.emit(f"select the {document.kind.node}s to cut")
    else:
        copy(document)
        document.remove(document.spots)


def duplicate(document: Document) -> None:
    """Copies of the selected nodes beside them, which read what these read."""
    fragment = document.copied()
    if fragment is None:
        document.refused.emit(f"select the {document.kind.node}s to duplicate")
    else:
        document.paste(fragment, document.spots[0].board, "duplicate", outside=True)


def paste(document: Document, board: str) -> None:
    """Paste nodes into a board; or put the architecture that a text on the clipboard describes in place of this one."""
    data = QGuiApplication.clipboard().mimeData()
    if data.hasFormat(PART):
        try:
            fragment: Fragment = decoded(bytes(data.data(PART).data()))
        except Illegal as error:
            document.refused.emit(str(error))
        else:
            document.paste(fragment, board)
    elif data.hasText():
        paste_text(document, data.text())
    else:
        document.refused.emit("there is neither a part of an architecture nor text on the clipboard")


def paste_text(document: Document, text: str) -> None:
    """Open the architecture that a text describes, in whichever notation."""
    try:
        architecture = notations.read(text)
    except NotationError as error:
        document.refused.emit(f"not pasted: {error}")
    else:
        document.open(architecture, "pasted")


def read(document: Document) -> tuple[Architecture, str] | None:
    """The architecture that the text on the clipboard describes; None, and why, where it describes none."""
    try:
        return notations.read(QGuiApplication.clipboard().text()), "clipboard"
    except NotationError as error:
        document.refused.emit(str(error))
        return None
