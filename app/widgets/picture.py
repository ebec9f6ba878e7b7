"""Pictures of what a panel or the canvas shows, for the clipboard, a paper or a talk: PNG, SVG and PDF, in the look and
the width that a person chose."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QBuffer, QByteArray, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QColor,
    QFontInfo,
    QImage,
    QImageWriter,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPalette,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from app import theme as themes
from app.theme import Theme

PICTURES = "PNG picture (*.png);;SVG drawing (*.svg);;PDF drawing (*.pdf)"

SCREEN, PRINT = 96, 300
"""Dots per inch: of lengths on the screen, which SVG and PDF keep; of a PNG whose width is given on paper."""
MM = 25.4

WIDEST = 20_000
"""Pixels, and with the height not more than so many million."""
AREA = 200_000_000


@dataclass(frozen=True)
class Width:
    """How wide a picture is to be: pixels of a PNG (a drawing has them at 96 per inch), or millimetres on paper."""

    number: float
    unit: str

    def __str__(self) -> str:
        return f"{self.number:g} {self.unit}"

    def dots(self, per_inch: int) -> float:
        """The width in dots."""
        return self.number if self.unit == "px" else self.number / MM * per_inch


LOOKS: dict[str, Theme | None] = {"As in the window": None, "Light, for paper": themes.LIGHT, "Dark": themes.DARK}
WIDTHS: dict[str, Width | None] = {
    "As wide as it is": None,
    "One column (85 mm)": Width(85, "mm"),
    "Two columns (170 mm)": Width(170, "mm"),
    "Full HD (1920 px)": Width(1920, "px"),
}


@dataclass
class Options:
    """What pictures are to be like; the same for all of the window, until it is closed."""

    look: str = next(iter(LOOKS))
    width: Width | None = None


options = Options()


class Sheet(Protocol):
    """What can be painted on a sheet of its own size."""

    theme: Theme

    def dress(self, theme: Theme) -> None:
        """Take another set of colours, and show everything in it."""

    def sheet_size(self) -> QSizeF:
        """In logical pixels."""

    def paint_sheet(self, painter: QPainter) -> None:
        """Paint everything, from (0, 0), on the ground of the theme."""


def image(sheet: Sheet, scale: float) -> QImage:
    """The sheet as it is, `scale` pixels per logical pixel."""
    result = QImage((sheet.sheet_size() * scale).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    result.setDevicePixelRatio(scale)
    result.fill(QColor(sheet.theme.surface))
    _paint(sheet, result, 1.0)
    return result


def write(sheet: Sheet, path: Path, title: str, scale: float) -> None:
    """Write the sheet in the look and width of `options`, as SVG or PDF by the suffix, else as PNG. Where no width was
    chosen, a PNG has `scale` pixels per logical pixel. Raises OSError when the file cannot be written."""
    with _dressed(sheet, LOOKS[options.look]):
        kind, size, width = path.suffix.lower(), sheet.sheet_size(), options.width
        if kind in (".svg", ".pdf"):
            content = _drawing(sheet, kind, title, width.dots(SCREEN) / size.width() if width else 1.0)
        else:
            content = _png(sheet, width.dots(PRINT) / size.width() if width else scale)
    path.write_bytes(content)


def _png(sheet: Sheet, scale: float) -> bytes:
    wanted = sheet.sheet_size() * scale
    if wanted.width() > WIDEST or wanted.width() * wanted.height() > AREA:
        raise OSError(f"a PNG of {wanted.width():.0f} × {wanted.height():.0f} pixels is too large; SVG and PDF are not")
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    picture = image(sheet, scale)
    picture.setDevicePixelRatio(1.0)
    if options.width is not None and options.width.unit == "mm":
        picture.setDotsPerMeterX(round(PRINT / MM * 1000))
        picture.setDotsPerMeterY(round(PRINT / MM * 1000))
    QImageWriter(buffer, QByteArray(b"png")).write(picture)
    return bytes(buffer.data().data())


def _drawing(sheet: Sheet, kind: str, title: str, scale: float) -> bytes:
    buffer, size = QBuffer(), sheet.sheet_size() * scale
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    if kind == ".pdf":
        page = QPdfWriter(buffer)
        page.setResolution(SCREEN)
        page.setPageSize(QPageSize(size / SCREEN, QPageSize.Unit.Inch, title, QPageSize.SizeMatchPolicy.ExactMatch))
        page.setPageMargins(QMarginsF())
        page.setTitle(title)
        _paint(sheet, page, scale)
        return bytes(buffer.data().data())
    drawing = QSvgGenerator()
    drawing.setOutputDevice(buffer)
    drawing.setResolution(SCREEN)
    drawing.setViewBox(QRectF(0, 0, size.width(), size.height()))
    drawing.setSize(size.toSize())
    drawing.setTitle(title)
    _paint(sheet, drawing, scale)
    return _with_named_font(bytes(buffer.data().data()))


def _with_named_font(svg: bytes) -> bytes:
    """Qt writes the name by which it asked for the font, which may be an alias of this system ("Sans Serif"). Browsers
    and drawing programs elsewhere want the font's own name, and others to take where they lack it."""
    fonts = f'font-family="{QFontInfo(themes.font()).family()}, Arial, Helvetica, sans-serif"'
    return re.sub(rb'font-family="[^"]*"', fonts.encode(), svg)


def _paint(sheet: Sheet, device: QPaintDevice, scale: float) -> None:
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    sheet.paint_sheet(painter)
    painter.end()


@contextmanager
def _dressed(sheet: Sheet, look: Theme | None) -> Iterator[None]:
    """The sheet in another theme; nobody sees it, since the screen is not drawn before the event loop goes on."""
    before = sheet.theme
    if look is None or look.name == before.name:
        yield
        return
    if isinstance(sheet, QWidget):
        style = sheet.styleSheet()
        sheet.setPalette(themes.palette(look))
        sheet.setStyleSheet(f"QLabel {{ color: {look.text}; }}" + themes.style_sheet(look))
    sheet.dress(look)
    try:
        yield
    finally:
        if isinstance(sheet, QWidget):
            sheet.setStyleSheet(style)
            sheet.setPalette(QPalette())
        sheet.dress(before)


class PictureMenu(QMenu):
    """Which look and width saved pictures get."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Pictures are saved", parent)
        self._looks, self._widths = QActionGroup(self), QActionGroup(self)
        for name in LOOKS:
            self._add(self._looks, name)
        self.addSeparator()
        for name in WIDTHS:
            self._add(self._widths, name)
        self._other = self._add(self._widths, "")
        self._looks.triggered.connect(lambda action: setattr(options, "look", action.text()))
        self._widths.triggered.connect(lambda action: self._choose_width(action.text()))
        self.aboutToShow.connect(self._follow)

    def _add(self, group: QActionGroup, name: str) -> QAction:
        action = group.addAction(name)
        action.setCheckable(True)
        self.addAction(action)
        return action

    def _follow(self) -> None:
        """Tick what holds now; it may have been chosen in another panel."""
        width = options.width
        self._other.setText(f"Another width ({width}) …" if width not in WIDTHS.values() else "Another width …")
        for action in self._looks.actions():
            if action.text() == options.look:
                action.setChecked(True)
        chosen = next((name for name, offered in WIDTHS.items() if offered == width), self._other.text())
        for action in self._widths.actions():
            if action.text() == chosen:
                action.setChecked(True)

    def _choose_width(self, name: str) -> None:
        if name in WIDTHS:
            options.width = WIDTHS[name]
            return
        start = options.width.dots(PRINT) if options.width is not None else 1600
        number, chosen = QInputDialog.getInt(
            self, "Width of pictures", "Pixels", round(start), 100, WIDEST, 100, flags=Qt.WindowType.Dialog
        )
        if chosen:
            options.width = Width(number, "px")
