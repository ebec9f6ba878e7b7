"""A window with its own settings and folders, and sessions made by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.settings import Settings
from engine.plan import Plan, dumps, preset
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


class Host:
    """A search that a test drives: it records what the test says, and ends when it is told to."""

    def __init__(self, plan: Plan, path: Path) -> None:
        self.source = Recorder(Header(plan=dumps(plan), method=plan.method.title), None)
        self.source.status("running")
        self.state, self.message, self.finished = "running", "", False

    def pause(self) -> None:
        self.state = "paused"

    def resume(self) -> None:
        self.state = "running"

    def stop(self) -> None:
        self.end("stopped")

    def end(self, state: str, message: str = "") -> None:
        self.source.status(state)
        self.state, self.message, self.finished = state, message, True


@pytest.fixture
def start(window, qtbot, monkeypatch) -> Iterator[Callable[[], Host]]:
    """Clicks Start; what is started is a search that the test drives."""
    hosts: list[Host] = []

    def launch(plan: Plan, path: Path) -> Host:
        hosts.append(Host(plan, path))
        return hosts[-1]

    monkeypatch.setattr("engine.run.launch", launch)

    def click() -> Host:
        qtbot.mouseClick(window.top.start, Qt.MouseButton.LeftButton)
        return hosts[-1]

    yield click
    for host in hosts:
        if not host.finished:
            host.end("stopped")
        host.source.close()
    window.controller.search.poll()
