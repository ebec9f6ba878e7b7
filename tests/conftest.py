"""Fixtures for every test: Qt draws offscreen, and a test that leaves a thread or a timer running fails."""

import gc
import os
import sys
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt
os.environ.setdefault("PYTEST_QT_API", "pyside6")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the tests themselves run side by side

import pytest


@pytest.fixture(autouse=True)
def _no_threads_left():
    """Fail a test that leaves a Python thread behind: a search or a file that nobody closed."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=2)
    left = [thread.name for thread in set(threading.enumerate()) - before if thread.is_alive()]
    assert not left, f"the test left threads running: {left}"


@pytest.fixture(autouse=True)
def _no_widgets_left(request: pytest.FixtureRequest):
    """Close and really delete every window after a Qt test, and fail one that leaves a timer ticking."""
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
    assert not ticking, f"the test left timers running: {ticking}"


def _active(timer) -> bool:
    shiboken = sys.modules["shiboken6"]
    return shiboken.isValid(timer) and timer.isActive()
