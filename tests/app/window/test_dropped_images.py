"""Folders of images on the window: how they come in, and what is said where they cannot be taken."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton

from app.panels.data_preview import DataPreview
from engine.session.queries.data_record import ClassCount, DataRecord, LeftOut
from tests.engine.data.wild_folders import fill


@pytest.fixture
def photos(tmp_path):
    for label in range(2):
        fill(tmp_path / "photos" / f"kind {label}", label, 10)
    return tmp_path / "photos"


def test_the_file_menu_opens_a_folder_of_images(qtbot, window, photos, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: str(photos))
    window.menu_actions.open_images.trigger()
    qtbot.waitUntil(lambda: "2 classes · 20 images" in window.plan.preview.text)
    assert window.plan.plan.data.folder == str(photos)
    assert window.windowTitle().startswith("photos · ready")


def test_what_is_dropped_stays_where_it_is_though_its_move_was_proposed(qtbot, window, photos):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photos))])
    actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    none = Qt.KeyboardModifier.NoModifier
    left = Qt.MouseButton.LeftButton
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(9, 9), actions, data, left, none))
    event = QDropEvent(QPointF(9, 9), actions, data, left, none)
    event.setDropAction(Qt.DropAction.MoveAction)
    QApplication.sendEvent(window, event)
    assert event.isAccepted()
    assert event.dropAction() == Qt.DropAction.CopyAction
    qtbot.waitUntil(lambda: "2 classes" in window.plan.preview.text)


def test_a_folder_typed_that_holds_no_classes_says_so_beside_its_field(qtbot, window, photos):
    kind = window.plan.form.rows["data"].editor.combo
    kind.setCurrentIndex(kind.findData("folder"))
    kind.activated.emit(kind.currentIndex())
    line = window.plan.form.rows["data.folder"].editor.line
    qtbot.keyClicks(line, str(photos / "kind 1"))
    fault = window.plan.form.rows["data.folder"].fault
    qtbot.waitUntil(lambda: "no folder per class" in fault.text())
    assert window.plan.preview.text == ""
    qtbot.keyClicks(line, "/..")
    qtbot.waitUntil(lambda: "2 classes" in window.plan.preview.text)
    assert fault.text() == ""


def test_another_preset_takes_the_preview_away(qtbot, window, photos):
    window.controller.open(photos)
    qtbot.waitUntil(lambda: "2 classes" in window.plan.preview.text)
    window.controller.show_plan(window.presets["darts-digits"])
    qtbot.waitUntil(lambda: window.plan.preview.text == "")
    assert window.plan.fault == ""


def test_a_folder_may_be_named_on_the_command_line_and_an_archive_opened(qtbot, window, tmp_path):
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(b"cut short")
    window.controller.open(tmp_path / "cifar-10-python.tar.gz")
    qtbot.waitUntil(lambda: "no CIFAR archive" in window.top.notice.text)
    assert "\n" not in window.top.notice.text


def shown(preview: DataPreview) -> list[str]:
    return [label.text() for label in preview.findChildren(QLabel) if not label.isHidden()]


def test_many_classes_are_listed_when_they_are_asked_for(qtbot):
    preview = DataPreview()
    qtbot.addWidget(preview)
    preview.resize(300, 400)
    preview.show()
    classes = tuple(ClassCount(f"class {number}", 5, 4, 3) for number in range(400))
    preview.show_record(DataRecord(classes, (LeftOut("empty", 1, "<b>a.png</b>"),)))
    qtbot.waitUntil(lambda: "400 classes · 4800 images" in shown(preview))
    assert "Left out: 1 file, empty (<b>a.png</b>)" in shown(preview)  # as it is, and no markup
    assert not any("class 0" in text for text in shown(preview))
    [more] = preview.findChildren(QPushButton)
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "and 100 more" in shown(preview))
    assert "class 299" in preview.text
    assert "class 300" not in preview.text
    assert more.isHidden()
    preview.clear()
    assert preview.text == ""
