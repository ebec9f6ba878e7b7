"""What all panels share: the explanation, the sentence while empty, and the ways out as picture and data."""

import csv
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget

from app import theme as themes
from app.panels.benchmark_rank import BenchmarkRank
from app.panels.candidates import Candidates
from app.panels.compare import Compare
from app.panels.controller import Controller
from app.panels.curves import Curves
from app.panels.embedding import Embedding
from app.panels.front import Front
from app.panels.lineage import Lineage
from app.panels.log import Log
from app.panels.population import Population
from app.panels.surrogate import Surrogate
from app.panels.weights import Weights
from app.widgets.panel import Data, Panel
from app.widgets.panel_header import Choice, Header

ALL = [
    *(Curves, Weights, Population, Candidates, Log, Lineage, Front, BenchmarkRank, Compare),
    *(Controller, Surrogate, Embedding),
]


class Numbers(Panel):
    """A panel of two rows."""

    title = "Numbers"
    about = "Two numbers. Look whether they differ."

    def data(self) -> Data:
        return ["name", "value"], [("a, b", 1.5), ("c→d", 2)]


@pytest.fixture
def panel(qtbot) -> Numbers:
    panel = Numbers()
    qtbot.addWidget(panel)
    panel.resize(300, 200)
    panel.show()
    return panel


def test_the_question_mark_explains_in_place(panel) -> None:
    label = next(label for label in panel.findChildren(QLabel) if label.text() == panel.about)
    assert not label.isVisible()
    panel.header.question.click()
    assert label.isVisible()
    panel.header.question.click()
    assert not label.isVisible()


@pytest.mark.parametrize("kind", ALL)
def test_every_panel_says_what_it_is_for(qtbot, kind) -> None:
    panel = kind()
    qtbot.addWidget(panel)
    panel.show_view(None, None)
    assert panel.shown_sentence.endswith(".")
    assert 2 <= panel.about.count(". ") + 1 <= 5
    assert panel.accessibleName() == panel.title
    assert panel.reads
    assert panel.cadence in ("fast", "slow")


@pytest.mark.parametrize("kind", ALL)
def test_whatever_is_in_it_a_panel_on_screen_counts_as_in_sight(qtbot, one_shot, evolution, kind) -> None:
    panel = kind()
    qtbot.addWidget(panel)
    panel.header.setParent(bar := QWidget())  # as in the title bar of a dock
    qtbot.addWidget(bar)
    panel.resize(380, 200)
    panel.show()
    one_shot.step(15)
    evolution.candidate(15)
    for search in (one_shot, evolution):
        panel.show_view(search.recorder.view(), None)
        for _ in range(2):
            panel.header.question.click()
            assert not panel.visibleRegion().isEmpty()


def test_data_goes_to_a_csv_file_and_to_the_clipboard(panel, tmp_path) -> None:
    panel.save_data(tmp_path / "numbers.csv")
    with open(tmp_path / "numbers.csv", encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["name", "value"], ["a, b", "1.5"], ["c→d", "2"]]
    panel.copy_data()
    assert QGuiApplication.clipboard().text() == "name\tvalue\na, b\t1.5\nc→d\t2\n"


@pytest.mark.parametrize("theme", themes.THEMES.values(), ids=themes.THEMES)
def test_the_picture_is_that_of_the_body_on_the_themes_ground(panel, tmp_path, theme) -> None:
    panel.set_theme(theme)
    panel.save_picture(tmp_path / "picture.png")
    image = QImage(str(tmp_path / "picture.png"))
    assert image.width() == 600
    assert image.pixelColor(5, 5).name() == theme.surface
    panel.save_picture(tmp_path / "picture.svg")
    assert QSvgRenderer(str(tmp_path / "picture.svg")).isValid()
    panel.copy_picture()
    assert QGuiApplication.clipboard().image().width() == 600


def test_a_curve_is_saved_as_lines_not_pixels(qtbot, one_shot, tmp_path) -> None:
    one_shot.step(30)
    panel = Curves()
    qtbot.addWidget(panel)
    panel.resize(400, 300)
    panel.show()
    panel.show_view(one_shot.recorder.view(), None)
    panel.save_picture(tmp_path / "curves.svg")
    text = (tmp_path / "curves.svg").read_text(encoding="utf-8")
    assert text.count("<polyline") + text.count("<path") > 5
    assert panel.theme.accent in text


def test_a_file_that_cannot_be_written_is_told_in_place(panel, tmp_path, monkeypatch) -> None:
    place = tmp_path / "absent" / "numbers"

    def chosen(*_: object) -> tuple[str, str]:
        return str(place), "CSV table (*.csv)"

    monkeypatch.setattr(QFileDialog, "getSaveFileName", chosen)
    action = next(action for action in panel.menu.actions() if action.text() == "Save data…")
    action.trigger()
    told = [label.text() for label in panel.findChildren(QLabel) if label.isVisible() and "Not saved" in label.text()]
    assert len(told) == 1
    place.parent.mkdir()
    action.trigger()
    assert Path(f"{place}.csv").exists()
    assert not any(label.isVisible() and "Not saved" in label.text() for label in panel.findChildren(QLabel))


def test_a_choice_keeps_what_was_chosen_while_it_is_offered(qtbot) -> None:
    choice = Choice(("accuracy", "loss"))
    qtbot.addWidget(choice)
    assert choice.value == "accuracy"
    choice.choose("loss")
    choice.offer(("accuracy", "loss", "score"))
    assert choice.value == "loss"
    choice.offer(("accuracy", "score"))
    assert choice.value == "accuracy"


def test_a_choice_without_room_becomes_a_menu(qtbot) -> None:
    around, told = QWidget(), []
    qtbot.addWidget(around)
    header, choice = Header("Numbers", around), Choice(("accuracy", "loss", "learning rate"))
    header.add(choice)
    choice.changed.connect(told.append)
    header.resize(500, 30)
    around.show()
    assert not choice.short
    header.resize(120, 30)
    assert choice.short
    next(action for action in choice._menu.actions() if action.text() == "loss").trigger()
    assert (choice.value, told) == ("loss", ["loss"])
    header.resize(500, 30)
    assert not choice.short
    assert choice.value == "loss"
