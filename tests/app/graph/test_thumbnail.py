"""Architectures in small: every kind has a picture, and it stays in its room."""

import random

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app import theme as themes
from app.graph.thumbnail import paint_thumbnail, thumbnail
from engine.space import SPACES
from engine.space.architecture import Architecture

ONE_OF_EACH_KIND = ("darts", "nasbench201", "nas-rl", "enas-macro", "hierarchical", "darts-rnn", "nas-rl-rnn")


def sampled(name: str) -> Architecture:
    space = SPACES[name]()
    return space.decode(space.sample(random.Random(1)))


@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
@pytest.mark.parametrize("room", [(300, 80), (90, 60), (60, 200)], ids=["card", "tile", "tall"])
def test_a_picture_fills_its_room_and_stays_in_it(qapp, name, room):
    picture = thumbnail(sampled(name))
    assert picture
    wide, high = room
    image = QImage(wide + 40, high + 40, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    paint_thumbnail(painter, picture, QRectF(20, 20, wide, high), themes.DARK)
    painter.end()
    painted = [(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixel(x, y) & 0xFFFFFF]
    across, down = [x for x, _ in painted], [y for _, y in painted]
    assert min(across) >= 15
    assert max(across) <= wide + 25
    assert min(down) >= 15
    assert max(down) <= high + 25
    assert max(across) - min(across) > 0.7 * wide


def test_one_picture_for_two_equal_cells_and_none_for_what_could_not_be_made_out(darts):
    assert len(thumbnail(darts)) == 2
    twins = type(darts)(normal=darts.normal, reduction=darts.normal)
    assert len(thumbnail(twins)) == 1
    deep = SPACES["nas-rl"](layers=62)
    assert thumbnail(deep.decode(deep.sample(random.Random(0)))) == ()
