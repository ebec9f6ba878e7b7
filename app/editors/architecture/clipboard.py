"""Copies in and out: part of an architecture, or a whole one as text in a notation."""

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from app.editors.architecture.architecture_document import ArchitectureDocument
from app.editors.architecture.architecture_table import rows_of
from app.graph.kinds import Illegal
from app.graph.kinds.fragment import Fragment, decoded, encoded
from engine.space import notations
from engine.space.architecture import Architecture
from engine.space.bounded_parsing import NotationError

PART = "application/x-cellwright-part"


def copy(document: ArchitectureDocument) -> str:
    """Copy the selected nodes or, with none selected, the whole architecture; returns what was copied, in words."""
    fragment = document.copied()
    if fragment is None:
        return copy_notation(document)
    data = QMimeData()
    data.setData(PART, encoded(fragment))
    rows = [row for row in rows_of(document.draft) if row.part in document.selection]
    data.setText("\n".join("\t".join(row.texts) for row in rows))
    QGuiApplication.clipboard().setMimeData(data)
    return f"copied {len(fragment.nodes)} {document.kind.node}{'s' if len(fragment.nodes) > 1 else ''}"


def copy_notation(document: ArchitectureDocument) -> str:
    """Copy the whole architecture as text in the notation its users exchange."""
    try:
        text = notations.write(document.architecture)
    except NotationError as error:
        document.refused.emit(str(error))
        return ""
    QGuiApplication.clipboard().setText(text)
    return "copied as text"


def cut(document: ArchitectureDocument) -> None:
    """Copy the selected nodes and remove them."""
    if document.copied() is None:
        document.refused.emit(f"select the {document.kind.node}s to cut")
    else:
        copy(document)
        document.remove(document.nodes)


def duplicate(document: ArchitectureDocument) -> None:
    """Copies of the selected nodes beside them, which read what these read."""
    fragment = document.copied()
    if fragment is None:
        document.refused.emit(f"select the {document.kind.node}s to duplicate")
    else:
        document.paste(fragment, document.nodes[0].diagram, "duplicate", outside=True)


def paste(document: ArchitectureDocument, diagram: str) -> str | None:
    """Paste nodes into a diagram; returns the text on the clipboard where there is that instead."""
    data = QGuiApplication.clipboard().mimeData()
    if data.hasFormat(PART):
        try:
            fragment: Fragment = decoded(bytes(data.data(PART).data()))
        except Illegal as error:
            document.refused.emit(str(error))
        else:
            document.paste(fragment, diagram)
    elif data.hasText():
        return data.text()
    else:
        document.refused.emit("there is neither a part of an architecture nor text on the clipboard")
    return None


def read(document: ArchitectureDocument) -> tuple[Architecture, str] | None:
    """The architecture that the text on the clipboard describes; None, and why, where it describes none, or several."""
    try:
        found = [one for one in notations.find(QGuiApplication.clipboard().text()) if one.readings]
    except NotationError as error:
        document.refused.emit(str(error))
        return None
    if len(found) > 1 or found[0].asks:
        document.refused.emit("the text on the clipboard could be several architectures; paste it to choose one")
        return None
    return found[0].architecture, "clipboard"
