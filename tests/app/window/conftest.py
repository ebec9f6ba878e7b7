"""A window with its own settings and folders, and sessions made by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.settings import Settings
from engine.plan import dumps, preset
from engine.session import Header, Recorder


@pytest.fixture
def settings(tmp_path) -> Settings:
    settings = Settings(tmp_path / "settings.ini")
    settings.sessions_folder = tmp_path / "sessions"
    return settings


@pytest.fixture
def window(qtbot, qapp, settings):
    """The whole window, shown and complete."""
    from app.window.main_window import MainWindow

    window = MainWindow(settings)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.completed):
        window.show()
    return window


@pytest.fixture
def recorder():
    """A session in memory; a test fills it."""
    recorder = Recorder(Header(method="random", space="darts"), None)
    yield recorder
    recorder.close()


@pytest.fixture
def recorded(tmp_path) -> Callable[..., Path]:
    """Makes a closed session file with a few lines of log."""

    def make(name: str, lines: int = 5, state: str = "finished") -> Path:
        path = tmp_path / name
        recorder = Recorder(Header(plan=dumps(preset("random-digits")), method="random", space="darts"), path)
        recorder.status("running")
        for number in range(lines):
            recorder.log(f"line {number}")
            recorder.progress(number + 1, lines)
        recorder.status(state)
        recorder.close()
        return path

    return make
