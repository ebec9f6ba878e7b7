"""Saved pictures: in the look and the width that were chosen, while the window looks as before."""

import re
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QVBoxLayout

from app import theme as themes
from app.widgets import picture
from app.widgets.panel import Panel
from app.widgets.picture import Options, PictureMenu, Width
from app.widgets.save import as_text


@pytest.fixture(autouse=True)
def options(monkeypatch) -> Options:
    options = Options()
    monkeypatch.setattr(picture, "options", options)
    return options


@pytest.fixture
def dressed(qapp):
    """The application in dark, and afterwards as it was."""
    before = qapp.styleSheet(), qapp.palette(), qapp.font()
    themes.apply(qapp, themes.DARK)
    yield
    qapp.setStyleSheet(before[0])
    qapp.setPalette(before[1])
    qapp.setFont(before[2])


@pytest.fixture
def panel(qtbot, dressed):
    panel = Panel()
    layout = QVBoxLayout(panel.body)
    layout.addWidget(QLabel("a word"))
    panel.set_theme(themes.DARK)
    qtbot.addWidget(panel)
    panel.resize(340, 200)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def choose(menu: PictureMenu, start: str) -> None:
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text().startswith(start)).trigger()


def ground(path) -> str:
    return QImage(str(path)).pixelColor(2, 2).name()


def test_a_picture_for_paper_is_light_and_the_window_stays_dark(panel, qapp, tmp_path):
    choose(panel.menu.findChild(PictureMenu), "Light")
    qapp.processEvents()  # the font's size reaches the layout
    before = panel.grab().toImage()
    panel.save_picture(tmp_path / "paper.png")
    assert ground(tmp_path / "paper.png") == themes.LIGHT.surface
    assert panel.theme is themes.DARK
    qapp.processEvents()
    assert panel.grab().toImage() == before


def test_words_of_a_light_picture_are_dark(panel, tmp_path):
    choose(panel.menu.findChild(PictureMenu), "Light")
    panel.save_picture(tmp_path / "paper.png")
    image = QImage(str(tmp_path / "paper.png"))
    darkest = min(image.pixelColor(x, y).lightness() for x in range(160) for y in range(image.height()))
    assert darkest < 120


def test_a_width_on_paper_is_kept_by_every_kind(panel, tmp_path):
    choose(panel.menu.findChild(PictureMenu), "One column")
    for kind in ("png", "svg", "pdf"):
        panel.save_picture(tmp_path / f"column.{kind}")
    image = QImage(str(tmp_path / "column.png"))
    assert image.width() == pytest.approx(85 / 25.4 * 300, abs=1)
    assert image.dotsPerMeterX() == pytest.approx(300 / 0.0254, abs=1)
    svg = ElementTree.parse(tmp_path / "column.svg").getroot()
    assert float(svg.attrib["width"].removesuffix("mm")) == pytest.approx(85, abs=0.3)
    box = re.search(rb"/MediaBox \[([^\]]*)\]", (tmp_path / "column.pdf").read_bytes())
    assert box is not None
    assert float(box[1].split()[2]) == pytest.approx(85 / 25.4 * 72, abs=0.5)


def test_text_of_a_drawing_asks_for_a_font_by_its_own_name_and_for_any_sans_serif(panel, tmp_path):
    panel.save_picture(tmp_path / "words.svg")
    families = set(re.findall('font-family="([^"]*)"', (tmp_path / "words.svg").read_text("utf-8")))
    assert len(families) == 1
    names = families.pop().split(", ")
    assert "Sans Serif" not in names
    assert names[-1] == "sans-serif"


def test_a_picture_too_large_to_hold_is_refused_in_one_line(panel, options, tmp_path):
    options.width = Width(1_000_000, "mm")
    with pytest.raises(OSError, match="too large; SVG and PDF are not"):
        panel.save_picture(tmp_path / "wall.png")
    assert not (tmp_path / "wall.png").exists()


def test_the_menu_ticks_what_was_chosen_in_another_panel(panel, qtbot):
    choose(panel.menu.findChild(PictureMenu), "Full HD")
    other = PictureMenu()
    qtbot.addWidget(other)
    other.aboutToShow.emit()
    assert [action.text() for action in other.actions() if action.isChecked()] == [
        "As in the window",
        "Full HD (1920 px)",
    ]


def test_another_width_is_asked_for_in_pixels(panel, qtbot, options, monkeypatch):
    monkeypatch.setattr("app.widgets.picture.QInputDialog.getInt", lambda *rest, **more: (1234, True))
    menu = panel.menu.findChild(PictureMenu)
    choose(menu, "Another width")
    assert options.width == Width(1234, "px")
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions() if action.isChecked()][1] == "Another width (1234 px) …"


def test_data_has_the_names_that_notations_have():
    data = ["edge", "dil 3×3"], [("k−2→0", 0.5), ("nor conv 1×1", "1\N{NARROW NO-BREAK SPACE}234")]
    assert as_text(data, ",") == "edge,dil_conv_3x3\nk-2→0,0.5\nnor_conv_1x1,1234\n"
