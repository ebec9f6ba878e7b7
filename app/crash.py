"""A fault that nobody caught is written to a log in full and told to the person in one line; the window lives on."""

import contextlib
import faulthandler
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

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
