"""A page that edits a small DARTS space, and hands: what a person does with mouse and keyboard."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox

from app.editors.space.kinds.choices import Part
from app.editors.space.space_page import SpacePage
from engine.plan import Plan, preset
from engine.space.darts import DartsSpace

EVOLUTION = preset("evolution-digits")
SPACE = DartsSpace(nodes=3, operations=("none", "skip_connect", "max_pool_3x3", "sep_conv_3x3"))


def plan_of(space) -> Plan:
    """An evolution on digits in a space."""
    return replace(EVOLUTION, space=space)


@pytest.fixture
def make(qtbot):
    """Makes a page that shows the plan of a space."""
    pages = []

    def made(space=SPACE) -> SpacePage:
        page = SpacePage(space)
        qtbot.addWidget(page)
        page.resize(900, 640)
        page.show()
        qtbot.waitExposed(page)
        page.show_plan(plan_of(space))
        page.activateWindow()
        page.view.setFocus()
        qtbot.waitUntil(page.view.hasFocus)
        pages.append(page)
        return page

    yield made
    for page in pages:
        page.worker.stop()


@pytest.fixture
def page(make) -> SpacePage:
    return make()


class Hands:
    """A person's hands on a page."""

    def __init__(self, page: SpacePage, qtbot) -> None:
        self.page, self.view, self.qtbot = page, page.view, qtbot

    @property
    def space(self):
        return self.page.document.space

    def at(self, part: Part) -> QPoint:
        return self.view.on_view(part)

    def click(self, part: Part, more: bool = False) -> None:
        held = Qt.KeyboardModifier.ControlModifier if more else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(self.view.viewport(), Qt.MouseButton.LeftButton, held, self.at(part))

    def click_nothing(self) -> None:
        QTest.mouseClick(self.view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(3, 3))

    def row(self, name: str):
        return next(row for row in self.page.side.choices.rows if row.choice.name == name)

    def tick(self, name: str) -> None:
        self.press(self.row(name).box)

    def only(self, name: str) -> None:
        QTest.mouseClick(self.row(name).alone, Qt.MouseButton.LeftButton)

    def press(self, widget) -> None:
        at = QPoint(8, widget.height() // 2) if isinstance(widget, QCheckBox) else widget.rect().center()
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def ticked(self) -> dict[str, Qt.CheckState]:
        return {row.choice.name: row.box.checkState() for row in self.page.side.choices.rows}

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.view, key, held)

    def undo(self) -> None:
        self.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    def type_limit(self, quantity: str, end: str, text: str) -> None:
        field = self.page.limits.fields[quantity, end]
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def set_number(self, name: str, value: int) -> None:
        spin = self.page.side.settings.rows[name].editor.face
        spin.setFocus()
        spin.selectAll()
        QTest.keyClicks(spin, str(value))
        QTest.keyClick(spin, Qt.Key.Key_Return)

    def wait(self) -> None:
        """Until everything is worked out."""
        self.qtbot.waitUntil(lambda: not self.page.worker.busy)

    def shown(self, diagram: str = "normal") -> dict[str, str]:
        """What stands on the plates of a diagram."""
        return {
            f"{source} → {target}": text for name, source, target, text in self.view.shown() if name == diagram and text
        }


@pytest.fixture
def hands(page, qtbot) -> Hands:
    return Hands(page, qtbot)


@pytest.fixture
def hands_on(make, qtbot):
    """Hands on a page of another space."""
    return lambda space: Hands(make(space), qtbot)
