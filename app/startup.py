"""Starts the window: looks for a display, dresses the application, and sees to a clean end, Ctrl-C included.

And what keeps the window alive. A fault that nobody caught is written to a log in full and told to the person in one
line. Left to itself, Python's cyclic garbage collector runs in whichever thread happens to allocate, the search's
included, and there it may destroy Qt objects, which only the window's thread may do. So automatic collection is off
while the window is open, and a timer collects instead.
"""

import contextlib
import faulthandler
import gc
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QObject, QTimer

EVERY = 500  # milliseconds


class Collector(QObject):
    """Collects by the usual thresholds, but here."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(collect)
        self._timer.start(EVERY)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()


def collect() -> None:
    """Collect the oldest generation whose threshold is exceeded."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation] > 0:
            gc.collect(generation)
            return


LARGEST = 1_000_000  # bytes; a longer log is set aside when the program starts


@contextlib.contextmanager
def watching(log: Path, tell: Callable[[str], None]) -> Iterator[None]:
    """While this lasts, uncaught exceptions of any thread go to `log`, and `tell` gets one line about each kind.

    `tell` is called in the thread of the fault. Exceptions raised at the same place are one kind: a fault in something
    that is drawn thirty times a second is written once. A crash of the interpreter itself leaves its stacks in the log.
    """
    file = _open(log)
    seen: set[tuple[str, str, int]] = set()

    def fault(kind: type[BaseException], value: BaseException | None, trace: TracebackType | None, where: str) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, value or kind(), trace)
            return
        place = traceback.extract_tb(trace)[-1:]
        key = (kind.__name__, place[0].filename if place else where, (place[0].lineno or 0) if place else 0)
        if key in seen:
            return
        seen.add(key)
        text = "".join(traceback.format_exception(kind, value, trace))
        file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} in {where}\n{text}\n")
        file.flush()
        said = str(value).strip().splitlines()
        tell(
            f"Something went wrong inside Cellwright ({kind.__name__}{': ' + said[0] if said else ''}). Details: {log}"
        )

    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    sys.excepthook = lambda kind, value, trace: fault(kind, value, trace, "the window")
    threading.excepthook = lambda args: fault(
        args.exc_type, args.exc_value, args.exc_traceback, f"thread {args.thread.name if args.thread else '?'}"
    )
    sys.unraisablehook = lambda args: fault(args.exc_type, args.exc_value, args.exc_traceback, f"{args.object!r}")
    had_handler = faulthandler.is_enabled()
    faulthandler.enable(file)
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = before
        faulthandler.disable()
        if had_handler and sys.__stderr__ is not None:
            faulthandler.enable(sys.__stderr__)
        file.close()


def _open(log: Path) -> TextIO:
    """The log, opened to append; nothing at all where there is no place for one."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LARGEST:
            log.replace(log.with_suffix(".old.log"))
        return log.open("a", encoding="utf-8")
    except OSError:
        return open(os.devnull, "w", encoding="utf-8")


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

    from app.settings import Settings, data_folder
    from app.window.main_window import MainWindow
    from engine.run.interruptions import INTERRUPTED, handled

    application = QApplication(sys.argv[:1])
    application.setApplicationName("Cellwright")
    application.setApplicationDisplayName("Cellwright")
    application.setDesktopFileName("cellwright")
    window = MainWindow(Settings())
    windows = window.windows
    collector = Collector(application)

    def tell(line: str) -> None:
        for each in windows.open[:1]:
            each.fault.emit(line)

    with watching(data_folder() / "faults.log", tell):
        code = 0

        def interrupt(number: int, frame: object) -> None:
            nonlocal code
            code = INTERRUPTED
            for each in tuple(windows.open):
                each.end()

        windows.all_closed.connect(application.quit)
        window.completed.connect(gc.freeze)  # what has come to stay need not be looked through again and again
        window.start.begins = path is None
        with handled(interrupt):
            window.show()
            if path is not None:
                window.controller.open(Path(path))
            application.exec()
    collector.stop()
    if _ended():
        return code
    for host in windows.unheeding:
        host.abandon()
    return _give_up()


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
    """End without a thread that does not heed: what it recorded is in its session file."""
    print("cellwright: the search did not stop in time; its session file is kept as it is", file=sys.stderr)
    sys.stderr.flush()
    os._exit(1)
