"""The whole window with settings and sessions of its own; whatever runs in it at the end is stopped."""

import pytest

from app.settings import Settings


@pytest.fixture
def window(qtbot, tmp_path):
    from app.window.main_window import MainWindow

    settings = Settings(tmp_path / "settings.ini")
    settings.sessions_folder = tmp_path / "sessions"
    window = MainWindow(settings)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.completed):
        window.show()
    yield window
    window.controller.search.stop()
    qtbot.waitUntil(lambda: not window.controller.search.running)
