"""Cycles are collected by the window's thread, and by no other."""

import gc
import threading
import weakref

from app.startup import Collector


class Knot:
    def __init__(self) -> None:
        self.itself = self


def test_only_the_windows_thread_collects(qtbot, qapp, monkeypatch):
    monkeypatch.setattr("app.startup.EVERY", 20)
    collected_in = []
    collector = Collector()
    knot = Knot()
    weakref.finalize(knot, lambda: collected_in.append(threading.current_thread()))
    del knot
    busy = threading.Thread(target=lambda: [[] for _ in range(5000)] and [Knot() for _ in range(5000)])
    busy.start()
    busy.join()
    assert collected_in == []
    qtbot.waitUntil(lambda: collected_in == [threading.main_thread()])
    collector.stop()
    assert gc.isenabled()
