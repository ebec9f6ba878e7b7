"""The line that shortens itself: whole where there is room, in two lines where that helps, else cut."""

import pytest
from PySide6.QtGui import QFontMetrics

from app import theme as themes
from app.widgets.labels import PART, ElidedLabel, in_lines

TEXT = "3 of 300 candidates · 18 min left · cpu · 1 thread · 832 MB · load 51 %"


@pytest.fixture
def label(qtbot):
    def make(width: int, wraps: bool, text: str = TEXT) -> ElidedLabel:
        made = ElidedLabel(wraps=wraps)
        qtbot.addWidget(made)
        made.setText(text)
        made.resize(width, made.sizeHint().height())
        return made

    return make


def test_where_there_is_room_it_is_one_line(label):
    width = label(1, True).sizeHint().width()
    assert label(width, True).lines() == label(width, False).lines() == [TEXT]


def test_with_little_room_it_wraps_between_its_parts_and_nothing_is_lost(label):
    width = label(1, True).sizeHint().width()
    above, below = label(int(0.55 * width), True).lines()
    assert above + PART + below == TEXT
    (cut,) = label(int(0.55 * width), False).lines()
    assert cut.endswith("…")


def test_what_has_no_room_even_so_is_cut_and_the_tooltip_has_it_all(label):
    narrow = label(60, True)
    assert [line[-1] for line in narrow.lines()] == ["…", "…"]
    assert narrow.toolTip() == narrow.full_text == TEXT
    (word,) = label(60, True, "one part that does not end").lines()
    assert word.endswith("…")


def test_the_bar_on_top_says_all_in_a_small_window(window):
    window.resize(1100, 700)
    height = window.top.height()
    window.top.status.setText(TEXT)
    above, below = window.top.status.lines()
    assert above + PART + below == TEXT
    assert window.top.height() == height


@pytest.mark.parametrize("width", [60, 90, 140, 1000])
@pytest.mark.parametrize("most", [1, 2, 4])
def test_lines_break_between_words_and_only_the_last_is_cut(qapp, width, most):
    words = "A session, a plan or a genotype; or drop it here"
    metrics = QFontMetrics(themes.font())
    lines = in_lines(words, metrics, width, most)
    assert len(lines) <= most
    assert all(metrics.horizontalAdvance(line) <= width for line in lines)
    for line in lines[:-1]:
        assert set(line.split()) <= set(words.split()), "no word is broken"
    told = " ".join(lines)
    assert told == words if "\u2026" not in told else words.startswith(" ".join(lines[:-1]))


def test_lines_are_about_equally_long(qapp):
    metrics = QFontMetrics(themes.font())
    words = "one two three four five six"
    first, second = in_lines(words, metrics, metrics.horizontalAdvance(words) - 2, 2)
    assert (first, second) == ("one two three", "four five six")
