"""The canvas: what it shows, how it zooms, what it copies and saves. Read from the items, not from pixels."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QWheelEvent

from app.graph.graph_view import FITTED, LARGEST, SMALLEST
from app.graph.items import BoxItem, LabelItem, WireItem
from app.panels.cell import CanvasView
from app.theme import DARK, LIGHT
from engine.space import genotype
from engine.space.architecture import CellArchitecture
from engine.space.cells import Cell, Edge, Node


@pytest.fixture
def view(qtbot) -> CanvasView:
    view = CanvasView()
    qtbot.addWidget(view)
    view.resize(780, 560)
    view.show()
    return view


def items(view: CanvasView, kind: type) -> list:
    return [item for item in view.scene().items() if isinstance(item, kind)]


def wheel(view: CanvasView, at: QPoint, delta: int) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(view.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QGuiApplication.sendEvent(view.viewport(), event)


def test_shows_every_edge_with_its_label(view: CanvasView, darts: CellArchitecture):
    view.show_architecture(darts, "as published")
    normal = [edge for edge in view.shown() if edge[0] == "normal"]
    assert normal == [
        ("normal", "k−2", "0", "sep 3×3"),
        ("normal", "k−1", "0", "sep 3×3"),
        ("normal", "k−2", "1", "sep 3×3"),
        ("normal", "k−1", "1", "sep 3×3"),
        ("normal", "k−1", "2", "sep 3×3"),
        ("normal", "k−2", "2", "skip"),
        ("normal", "k−2", "3", "skip"),
        ("normal", "0", "3", "dil 3×3"),
        *(("normal", str(node), "k", "") for node in range(4)),
    ]
    assert len(items(view, BoxItem)) == 14
    assert {(box.name, box.subscript) for box in items(view, BoxItem)} >= {
        ("c", "k−2"),
        ("c", "k−1"),
        ("c", "k"),
        ("0", ""),
    }
    assert [cell.title.text for cell in view._diagrams] == ["normal cell", "reduction cell"]


def test_empty_state_is_a_sentence(view: CanvasView, darts: CellArchitecture):
    view.show_architecture(None, "The derived cell appears here")
    assert view.sentence == "The derived cell appears here"
    assert view.shown() == ()
    view.show_architecture(darts, "as published")
    assert view.sentence == ""
    view.show_architecture(None, "Nothing again")
    assert (view.sentence, view.shown(), items(view, WireItem)) == ("Nothing again", (), [])


def test_marks_what_changed(view: CanvasView, darts: CellArchitecture, earlier: CellArchitecture):
    view.show_architecture(darts, "", earlier)
    assert view.marked() == (("normal", "k−2", "2", "skip"), ("normal", "0", "3", "dil 3×3"))
    view.show_architecture(darts, "")
    assert view.marked() == ()


def test_rebuilds_only_what_differs(view: CanvasView, darts: CellArchitecture):
    view.show_architecture(darts, "one")
    before = items(view, WireItem)
    view.show_architecture(genotype.parse(genotype.format(darts)), "two")
    assert items(view, WireItem) == before
    assert view.caption == "two"


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_one_colour_per_kind_of_operation(view: CanvasView, darts: CellArchitecture, theme):
    view.set_theme(theme)
    view.show_architecture(darts, "")
    wanted = {"sep 3×3": "separable", "skip": "skip", "dil 3×3": "dilated", "max 3×3": "pool"}
    for cell in view._diagrams:
        for wire, plate in zip(cell.wires, cell.labels, strict=True):
            assert wire.colour == (theme.operation(wanted[plate.text]) if plate else theme.edge)
    assert view.scene().backgroundBrush().color().name() == theme.surface


def test_boards_stand_side_by_side_when_wide_and_stacked_when_not(view: CanvasView, darts: CellArchitecture):
    view.show_architecture(darts, "")
    normal, reduction = view._diagrams
    view.resize(1200, 420)
    assert reduction.x() > normal.x() + normal.boundingRect().width()
    assert reduction.y() == normal.y()
    view.resize(600, 700)
    assert reduction.y() > normal.y() + normal.boundingRect().height()
    assert reduction.x() == normal.x()


@pytest.mark.parametrize("size", [(300, 200), (780, 560), (2000, 1200)])
def test_fits_into_any_window(view: CanvasView, darts: CellArchitecture, size: tuple[int, int]):
    view.show_architecture(darts, "")
    view.resize(*size)
    room = QRectF(view.viewport().rect())
    for kind in (BoxItem, LabelItem, WireItem):
        for item in items(view, kind):
            assert room.contains(view.mapFromScene(item.sceneBoundingRect()).boundingRect())
    assert view.transform().m11() <= FITTED


def test_wheel_zooms_at_the_pointer_within_bounds(view: CanvasView, darts: CellArchitecture):
    view.show_architecture(darts, "")
    at = QPoint(500, 200)
    before, scale = view.mapToScene(at), view.transform().m11()
    wheel(view, at, 120)
    assert view.transform().m11() > scale
    drift = view.mapFromScene(before) - at
    assert drift.manhattanLength() <= 2
    for _ in range(80):
        wheel(view, at, 240)
    assert view.transform().m11() == pytest.approx(LARGEST)
    for _ in range(160):
        wheel(view, at, -240)
    assert view.transform().m11() == pytest.approx(SMALLEST)


def test_zoom_stays_until_fitted(view: CanvasView, darts: CellArchitecture, earlier: CellArchitecture, qtbot):
    view.show_architecture(darts, "")
    fitted = view.transform().m11()
    view.zoom(2)
    zoomed = view.transform().m11()
    view.show_architecture(earlier, "")
    view.resize(700, 500)
    assert view.transform().m11() == zoomed
    view.resize(780, 560)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton)
    view.show_architecture(darts, "")
    assert view.transform().m11() == pytest.approx(fitted)


def test_drag_pans(view: CanvasView, darts: CellArchitecture, qtbot):
    view.show_architecture(darts, "")
    before = view.mapToScene(QPoint(0, 0))
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    qtbot.mouseMove(view.viewport(), QPoint(340, 320))
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(340, 320))
    after = view.mapToScene(QPoint(0, 0))
    scale = view.transform().m11()
    assert after.x() - before.x() == pytest.approx(-40 / scale, abs=2)
    assert after.y() - before.y() == pytest.approx(-20 / scale, abs=2)


def test_speaks_to_screen_readers(view: CanvasView, darts: CellArchitecture):
    view.show_architecture(darts, "derived at step 10")
    words = view.accessibleDescription()
    assert words.startswith("derived at step 10. Normal cell: node 0 reads sep 3×3 from k−2 and sep 3×3 from k−1;")
    assert "node 3 reads skip from k−2 and dil 3×3 from 0; output joins 0, 1, 2, 3. Reduction cell:" in words
    view.show_architecture(None, "Nothing yet")
    assert view.accessibleDescription() == "Nothing yet"


def test_copies_the_genotype(view: CanvasView, darts: CellArchitecture):
    view.show_architecture(darts, "")
    view.copy_genotype()
    assert genotype.parse(QGuiApplication.clipboard().text()) == darts


def test_saves_png_and_svg_whatever_the_zoom(view: CanvasView, darts: CellArchitecture, tmp_path: Path):
    view.show_architecture(darts, "derived at step 10")
    view.save_picture(tmp_path / "fitted.png")
    view.zoom(3)
    view.save_picture(tmp_path / "zoomed.png")
    view.save_picture(tmp_path / "cell.svg")
    image = QImage(str(tmp_path / "fitted.png"))
    assert image == QImage(str(tmp_path / "zoomed.png"))
    assert image.width() > 1000
    assert image.pixelColor(0, 0).name() == DARK.surface
    svg = ElementTree.parse(tmp_path / "cell.svg")
    texts = ["".join(element.itertext()).strip() for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("sep 3×3") == 5
    assert "derived at step 10" in texts
    assert DARK.operation("pool") in (tmp_path / "cell.svg").read_text(encoding="utf-8")


def test_unwritable_picture_is_an_os_error(view: CanvasView, darts: CellArchitecture, tmp_path: Path):
    view.show_architecture(darts, "")
    with pytest.raises(OSError, match="nowhere"):
        view.save_picture(tmp_path / "nowhere" / "cell.png")


def test_monstrous_cell_is_refused_in_words(view: CanvasView):
    node = Node((Edge(0, "none"), Edge(1, "none")))
    cell = Cell((node,) * 2000, (2,))
    view.show_architecture(CellArchitecture(cell, cell), "from a stranger")
    assert view.shown() == ()
    assert "too large to be drawn" in view.sentence


def test_files_dropped_on_it_are_left_to_the_window(view: CanvasView):
    assert not view.acceptDrops()
    assert not view.viewport().acceptDrops()
