"""Documents and pages to edit, and hands: what a person does with mouse and keyboard."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.editors.architecture.architecture_document import ArchitectureDocument, Draft
from app.editors.architecture.architecture_page import ArchitecturePage
from app.graph.kinds import EdgeRef, NodeRef
from engine.space.architecture import CellArchitecture
from engine.space.cells import Cell, Edge, Node


def node(*inputs: tuple[int, str], combine: str = "add") -> Node:
    return Node(tuple(Edge(source, operation) for source, operation in inputs), combine)


@pytest.fixture
def small() -> CellArchitecture:
    """A normal cell of three nodes, the last of which alone is not in the output; a reduction cell of one."""
    normal = Cell(
        (
            node((0, "sep_conv_3x3"), (1, "skip_connect")),
            node((0, "max_pool_3x3")),
            node((2, "dil_conv_3x3"), (3, "skip_connect")),
        ),
        (2, 3),
    )
    return CellArchitecture(normal, Cell((node((0, "max_pool_3x3"), (1, "max_pool_3x3")),), (2,)))


@pytest.fixture
def document(qapp, small) -> ArchitectureDocument:
    return ArchitectureDocument(Draft(small, "small"))


@pytest.fixture
def page(qtbot, small) -> ArchitecturePage:
    page = ArchitecturePage()
    qtbot.addWidget(page)
    page.resize(1100, 720)
    page.show()
    qtbot.waitExposed(page)
    page.open(small, "small")
    page.document.stack.clear()
    page.activateWindow()
    page.view.setFocus()
    qtbot.waitUntil(page.view.hasFocus)
    return page


class Hands:
    """A person's hands on the picture of a page."""

    def __init__(self, page: ArchitecturePage) -> None:
        self.page, self.view = page, page.view
        self.port = self.view.viewport()

    def at(self, part: NodeRef | EdgeRef) -> QPoint:
        return self.view.on_view(part)

    def handle(self, node: NodeRef) -> QPoint:
        """Where an edge from a node is drawn from."""
        return self.view.mapFromScene(self.view.port_of(node))

    def click(self, where: NodeRef | EdgeRef | QPoint, shift: bool = False) -> None:
        at = where if isinstance(where, QPoint) else self.at(where)
        modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(self.port, Qt.MouseButton.LeftButton, modifier, at)

    def double_click(self, where: NodeRef | EdgeRef | QPoint) -> None:
        at = where if isinstance(where, QPoint) else self.at(where)
        QTest.mouseClick(self.port, Qt.MouseButton.LeftButton, pos=at)
        QTest.mouseDClick(self.port, Qt.MouseButton.LeftButton, pos=at)

    def press(self, at: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        QTest.mousePress(self.port, button, pos=at)

    def move(self, *path: QPoint) -> None:
        for at in path:
            QTest.mouseMove(self.port, at)

    def release(self, at: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        QTest.mouseRelease(self.port, button, pos=at)

    def drag(self, start: QPoint, end: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        self.press(start, button)
        self.move((start + end) / 2, end)
        self.release(end, button)

    def draw(self, source: NodeRef, target: NodeRef) -> None:
        """Drag from a node's port to another node."""
        self.drag(self.handle(source), self.at(target))

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.view, key, modifier)

    def control(self, key: Qt.Key) -> None:
        self.key(key, Qt.KeyboardModifier.ControlModifier)

    def choose(self, text: str) -> None:
        """Type into the open list of operations, and take what it then offers first."""
        chooser = self.page.chooser
        assert chooser.isVisible()
        QTest.keyClicks(chooser.line, text)
        QTest.keyClick(chooser.line, Qt.Key.Key_Return)

    def empty(self) -> QPoint:
        """A point of the viewport where nothing is."""
        for x in range(20, self.port.width(), 30):
            for y in range(20, self.port.height(), 30):
                point = self.view.mapToScene(QPoint(x, y))
                if self.view.part_at(point) is None and self.view.port_at(point) is None:
                    return QPoint(x, y)
        raise AssertionError("the picture is full")


@pytest.fixture
def hands(page) -> Hands:
    return Hands(page)
