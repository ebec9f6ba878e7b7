"""The icons of resources/icons as QIcons in the colours of a theme.

They are 16-pixel line drawings in `currentColor`; here that word is replaced by a real colour before rendering, so that
one drawing serves both themes.
"""

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.theme import ICONS, Theme

SIZES = (16, 20, 24, 32, 48)  # pixels; the larger ones serve dense screens


@cache
def icon(name: str, theme: Theme, colour: str | None = None) -> QIcon:
    """The icon `name` in the theme's text colour, or in `colour`; muted where its action is disabled.

    Raises KeyError when there is no such icon.
    """
    result = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour or theme.text), (QIcon.Mode.Disabled, theme.line)):
        for size in SIZES:
            result.addPixmap(_render(name, tint, size), mode)
    return result


@cache
def application_icon() -> QIcon:
    """The program's own icon, for the window and the task bar; the same in both themes."""
    result = QIcon()
    for size in (16, 32, 64, 128, 256):
        result.addPixmap(_render("cellwright", "", size))
    return result


def spot(side: int, colour: str, draw: Callable[[QPainter], object], opacity: float = 1.0) -> QPixmap:
    """A square of so many pixels a side, sharp on dense screens, in which something is drawn in one colour."""
    pixmap = QPixmap(2 * side, 2 * side)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(opacity)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    draw(painter)
    painter.end()
    return pixmap


def _render(name: str, colour: str, size: int) -> QPixmap:
    path = ICONS / f"{name}.svg"
    if not path.is_file():
        raise KeyError(f"no icon named {name!r}")
    drawing = path.read_text(encoding="utf-8").replace("currentColor", colour)
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter)
    painter.end()
    return pixmap
