"""What keeps the window from opening, found out before Qt is loaded, which would end the program without a screen."""

import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.commands.exits import PROGRAM

ADVICE = f"`{PROGRAM} run PLAN --out S.h5` searches without a window"
PATIENCE = 3.0
"""Seconds to wait for a display on another machine."""


def obstacle(arguments: Sequence[str]) -> str | None:
    """Why no window can be opened with these arguments (at most the path of a session), or None."""
    if len(arguments) > 1:
        return f"{arguments[0]} is no command, and the window takes one session (see {PROGRAM} --help)"
    if arguments and not Path(arguments[0]).exists():
        return f"{arguments[0]} is neither a command nor a file (see {PROGRAM} --help)"
    if not _screen():
        return f"no display for the window; {ADVICE}"
    return None


def missing_library(fault: ImportError) -> str | None:
    """What to say when Qt's libraries of the system are missing; None when `fault` is of another kind."""
    return f"the window cannot be opened ({fault}); {ADVICE}" if ".so" in str(fault) else None


def _screen() -> bool:
    """Whether Qt will find a screen. Where that cannot be told, yes."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if sys.platform in ("win32", "darwin") or platform not in ("", "xcb", "wayland"):
        return True
    return (platform != "xcb" and _wayland()) or (platform != "wayland" and _x11())


def _wayland() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    return bool(name) and (Path(os.environ.get("XDG_RUNTIME_DIR", "")) / name).exists()


def _x11() -> bool:
    """Whether a server answers at $DISPLAY, `host:number.screen`; without a host it is on this machine."""
    host, colon, rest = os.environ.get("DISPLAY", "").rpartition(":")
    number = rest.partition(".")[0]
    if not colon or not number.isdecimal():
        return False
    local = f"/tmp/.X11-unix/X{number}"
    addresses: list[str | tuple[str, int]] = [local, "\0" + local]
    if host not in ("", "unix"):
        addresses = [(host, 6000 + int(number))]
    return any(map(_answers, addresses))


def _answers(address: str | tuple[str, int]) -> bool:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE)
        try:
            connection.connect(address)
        except OSError:
            return False
        return True
