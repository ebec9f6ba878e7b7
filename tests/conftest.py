"""Fixtures for every test: Qt draws offscreen, and a test that leaves a thread or a timer running fails."""

import gc
import os
import sys
import threading
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt
os.environ.setdefault("PYTEST_QT_API", "pyside6")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the tests themselves run side by side
os.environ.pop("PYTHONDONTWRITEBYTECODE", "")  # a hundred processes that tests start would compile all the program

import pytest
from pytestqt.qtbot import QtBot

from engine import plugins

sys.dont_write_bytecode = False  # nor need these be compiled for each run


class PatientBot(QtBot):
    """Waits for a condition or a signal, not for a time: as long as a machine with much else to do may need."""

    PATIENCE = 600_000  # milliseconds

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = PATIENCE) -> None:  # noqa: N802
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: object, *, timeout: int = PATIENCE, **options: object) -> object:  # noqa: N802
        return super().waitSignal(signal, timeout=timeout, **options)


@pytest.fixture
def qtbot(qapp, request: pytest.FixtureRequest) -> PatientBot:
    """pytest-qt's, with more patience."""
    return PatientBot(request)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--plugin", action="append", default=[], help="a plug-in, to run the methods' contract on")
    parser.addoption("--all-spaces", action="store_true", help="test on all spaces, not on one of each kind")


def pytest_configure(config: pytest.Config) -> None:
    """Load plug-ins before the tests are collected, which are run on whatever is registered."""
    for file in config.getoption("--plugin"):
        plugins.load(file)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the spaces for which others of their kind stand, unless they are asked for."""
    if config.getoption("--all-spaces"):
        return
    further = [item for item in items if item.get_closest_marker("further_space")]
    if further:
        config.hook.pytest_deselected(items=further)
        items[:] = [item for item in items if not item.get_closest_marker("further_space")]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip the tests marked `gpu` where there is none."""
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs a CUDA device")


@pytest.fixture(autouse=True)
def _no_threads_left():
    """Fail a test that leaves a Python thread behind: a search or a file that nobody closed."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=30)
    left = [thread.name for thread in set(threading.enumerate()) - before if thread.is_alive()]
    assert not left, f"the test left threads running: {left}"


@pytest.fixture(autouse=True, scope="module")
def _thawed():
    """Let the garbage of a whole file be found after it; see `_no_widgets_left`."""
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _no_widgets_left(request: pytest.FixtureRequest):
    """Close and really delete every window after a Qt test, and fail one that leaves a timer ticking.

    What survives a test is frozen, since it belongs to the file or to the program: looking through all of that after
    every test took a third of the suite's time.
    """
    yield
    if "qapp" not in request.fixturenames:
        return
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtWidgets import QApplication

    for widget in QApplication.topLevelWidgets():
        widget.close()
        widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    ticking = [timer for timer in gc.get_objects() if type(timer) is QTimer and _active(timer)]
    gc.freeze()
    assert not ticking, f"the test left timers running: {ticking}"


def _active(timer) -> bool:
    shiboken = sys.modules["shiboken6"]
    return shiboken.isValid(timer) and timer.isActive()
