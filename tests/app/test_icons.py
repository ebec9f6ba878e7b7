"""The icons: every drawing renders, in the colour asked for."""

import numpy as np
import pytest
from PySide6.QtGui import QIcon, QImage
from PySide6.QtSvg import QSvgRenderer

from app.icons import application_icon, icon
from app.theme import DARK, ICONS, LIGHT

NAMES = sorted(path.stem for path in ICONS.glob("*.svg"))
TINTED = [name for name in NAMES if "currentColor" in (ICONS / f"{name}.svg").read_text(encoding="utf-8")]


def strongest(picture: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> str:
    """The colour of the most opaque pixel."""
    image = picture.pixmap(32, 32, mode).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    opacities = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1) >> 24
    y, x = np.unravel_index(opacities.argmax(), opacities.shape)
    return image.pixelColor(int(x), int(y)).name()


def test_every_drawing_is_valid(qapp):
    assert [name for name in NAMES if not QSvgRenderer(str(ICONS / f"{name}.svg")).isValid()] == []


def test_icons_take_the_colour_of_the_theme(qapp):
    assert len(TINTED) > 30
    for name in TINTED:
        assert strongest(icon(name, DARK)) == DARK.text, name
        assert strongest(icon(name, LIGHT)) == LIGHT.text, name
        assert strongest(icon(name, DARK, DARK.accent)) == DARK.accent, name
        assert strongest(icon(name, DARK), QIcon.Mode.Disabled) == DARK.line, name


def test_application_icon_is_drawn(qapp):
    assert application_icon().pixmap(64, 64).toImage().pixelColor(32, 32).alpha() == 255


def test_unknown_icon_is_an_error(qapp):
    with pytest.raises(KeyError, match="no icon named 'nonsense'"):
        icon("nonsense", DARK)
