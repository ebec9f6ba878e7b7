"""Starts the window: looks for a display, dresses the application, and sees to a clean end, Ctrl-C included."""

import gc
import os
import signal
import sys
import threading
from pathlib import Path

LAST_WAIT = 5.0  # seconds that a thread may take to end after the window has closed


def main(path: str | None = None) -> int:
    """Show the window, with the session or plan at `path` if given; returns the exit code."""
    if not has_display():
        print(
            "cellwright: no display for the window; to search without one: python main.py run PLAN --out SESSION.h5",
            file=sys.stderr,
        )
        return 2
    # While a search computes in Python, the window's thread waits for the interpreter up to this long, 5 ms unless told
    # otherwise: a third of a frame.
    sys.setswitchinterval(0.001)

    from PySide6.QtWidgets import QApplication

    from app import crash
    from app.garbage import Collector
    from app.settings import Settings, data_folder
    from app.window.main import MainWindow

    application = QApplication(sys.argv[:1])
    application.setApplicationName("Cellwright")
    application.setApplicationDisplayName("Cellwright")
    application.setDesktopFileName("cellwright")
    window = MainWindow(Settings())
    collector = Collector(window)
    with crash.watching(data_folder() / "faults.log", window.fault.emit):
        code = 0

        def interrupt(number: int, frame: object) -> None:
            nonlocal code
            code = 128 + number  # as shells count; 130 for Ctrl-C
            window.close()

        before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
        window.closed.connect(application.quit)
        window.completed.connect(gc.freeze)  # what has come to stay need not be looked through again and again
        window.show()
        if path is not None:
            window.conduct.open(Path(path))
        application.exec()
        for number, handler in before.items():
            signal.signal(number, handler)
    collector.stop()
    return code if _ended() else _give_up()


def has_display() -> bool:
    """Whether Qt can open a window here. Without a display it would abort the process, so this is asked before."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _ended() -> bool:
    """Wait for the threads that were told to end."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(LAST_WAIT)
            if thread.is_alive():
                return False
    return True


def _give_up() -> int:
    """End without a thread that does not heed: what it recorded is in its session file up to the last half second."""
    print("cellwright: the search did not stop in time; its session file is kept as it is", file=sys.stderr)
    sys.stderr.flush()
    os._exit(1)
