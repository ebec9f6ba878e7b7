"""Everything that can be done in the editor of architectures, as actions with their keys."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.editors.architecture import clipboard
from app.editors.architecture.architecture_table import FROM, ArchitectureTable
from app.editors.architecture.architecture_view import ArchitectureView
from app.editors.architecture.operation_chooser import OperationPicker
from app.editors.editor_actions import EditorActions
from app.graph.kinds import NodeRef


class ArchitectureActions(EditorActions):
    """Act on the document by what is selected there.

    `reported`: what was done that is no edit, in words. `text_pasted`: text was pasted, and no part.
    """

    reported = Signal(str)
    text_pasted = Signal(str)

    def __init__(
        self, page: QWidget, view: ArchitectureView, table: ArchitectureTable, picker: OperationPicker
    ) -> None:
        document = view.document
        super().__init__(page, document.stack, view)
        self._document, self._view, self._table, self._picker = document, view, table, picker
        key = QKeySequence.StandardKey
        self.cut = self.add("Cut", key.Cut, lambda: clipboard.cut(document))
        self.copy = self.add("Copy", key.Copy, lambda: self.reported.emit(clipboard.copy(document)))
        self.paste = self.add("Paste", key.Paste, self._paste)
        self.duplicate = self.add("Duplicate", "Ctrl+D", lambda: clipboard.duplicate(document))
        self.copy_text = self.add(
            "Copy as text", "Ctrl+Shift+C", lambda: self.reported.emit(clipboard.copy_notation(document))
        )
        self.select_all = self.add("Select all nodes", key.SelectAll, document.select_all)
        self.add_node = self.add("Add node", "N", lambda: document.add(self.diagram()))
        self.add_edge = self.add("Add edge", "Insert", self._add_edge)
        self.remove = self.add("Remove", key.Delete, lambda: document.remove(document.selection))
        self.operation = self.add("Change operation…", "Return", self._choose_operation)
        # Only on the picture: Return has a meaning of its own wherever something is typed.
        self.operation.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        page.removeAction(self.operation)
        view.addAction(self.operation)
        self.open = self.add("Open what it stands for", "O", self._open_part)
        self.output = self.add("Joins the output", "C", lambda: document.toggle(document.nodes))
        self.output.setCheckable(True)
        self.tidy = self.add("Lay out", "A", document.tidy)
        self.hand_in = self.add("Hand in", "Ctrl+Return")
        self.table.triggered.connect(self._show_table)

    def _paste(self) -> None:
        text = clipboard.paste(self._document, self.diagram())
        if text is not None:
            self.text_pasted.emit(text)

    def diagram(self) -> str:
        """The diagram that a new node belongs to: that of the selection, else the one last pointed at."""
        document, table = self._document, self._table
        names = [diagram.name for diagram in document.diagrams()]
        if document.selection:
            return min(document.selection, key=str).diagram
        wanted = table.current_diagram() if table.hasFocus() else self._view.last_diagram
        return wanted if wanted in names else names[0]

    def _add_edge(self) -> None:
        """A new edge into the selected node, from wherever one can come; its row opens for typing."""
        document = self._document
        diagram, target = document.diagram(self.diagram()), self._target()
        for node in diagram.nodes:
            if target is None or document.objection(diagram.name, node.number, target):
                continue
            name = self._picker.preferred(document.offers(diagram.name, node.number, target))
            if document.draw(diagram.name, node.number, target, name):
                (new,) = document.selection
                self.table.setChecked(True)
                self._show_table()
                self._table.edit_part(new, FROM)
            return
        document.refused.emit(f"select the {document.kind.node} that the new {document.kind.edge} is to enter")

    def _target(self) -> int | None:
        """The node that a new edge enters: a selected one, or that of a selected edge."""
        document = self._document
        for part in sorted(document.selection, key=str):
            if isinstance(part, NodeRef):
                return part.number if document.node(part).role != "input" else None
            return document.diagram(part.diagram).edges[part.index].target
        return None

    def _choose_operation(self) -> None:
        """Choose what the selected parts carry."""
        selection = self._document.selection
        if selection:
            self._picker.operate(selection, self._view.on_view(min(selection, key=str)))

    def _open_part(self) -> None:
        """Show the diagram that the selected part stands for."""
        document = self._document
        for part in sorted(document.selection, key=str):
            if (name := document.kind.opens(document.architecture, part)) is not None:
                self._view.open_diagram(name)
                return
        document.refused.emit("what is selected stands for nothing that could be opened")

    def _show_table(self) -> None:
        """Show the table, or hide it."""
        on = self.table.isChecked()
        self._table.setVisible(on)
        (self._table if on else self._view).setFocus()

    def update_enabled(self) -> None:
        """See what is possible with what is selected now."""
        document = self._document
        nodes = [node for node in document.nodes if document.node(node).role != "output"]
        self.output.setEnabled(bool(nodes) and document.kind.joins)
        self.output.setChecked(
            bool(nodes)
            and document.kind.joins
            and all(document.kind.joined(document.architecture, node) is not None for node in nodes)
        )
        self.operation.setEnabled(bool(document.choices(document.selection)))
        self.open.setEnabled(any(document.kind.opens(document.architecture, part) for part in document.selection))
        for action in (self.cut, self.duplicate):
            action.setEnabled(any(document.node(node).role == "node" for node in document.nodes))
        self.remove.setEnabled(bool(document.selection))
        self.add_node.setText(f"Add {document.kind.node}")
        self.add_edge.setText(f"Add {document.kind.edge}")
        self.tidy.setEnabled(bool(document.draft.moved))

    def fill_edit_menu(self, menu: QMenu) -> None:
        """Fill the window's Edit menu."""
        menu.addActions([self.undo, self.redo])
        menu.addSeparator()
        menu.addActions([self.cut, self.copy, self.paste, self.duplicate, self.copy_text, self.select_all])
        menu.addSeparator()
        menu.addActions([self.add_node, self.add_edge, self.remove, self.operation, self.open, self.output])
        menu.addSeparator()
        menu.addActions([self.tidy, self.table, self.fit, self.zoom_in, self.zoom_out])

    def fill_context_menu(self, menu: QMenu) -> None:
        """Fill the menu of what is selected, or of the empty canvas."""
        document = self._document
        if document.selection:
            menu.addActions([action for action in (self.open, self.operation) if action.isEnabled()])
            if any(isinstance(part, NodeRef) for part in document.selection):
                menu.addActions([self.output] if document.kind.joins else [])
                menu.addSeparator()
                menu.addActions([self.cut, self.copy, self.duplicate])
            menu.addSeparator()
            menu.addAction(self.remove)
        else:
            menu.addActions([self.add_node, self.paste, self.select_all])
            menu.addSeparator()
            menu.addActions([self.tidy, self.fit])
