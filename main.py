"""Cellwright: the window or, with a command, the same engine without a screen. See `python main.py --help`."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # until a command or the window has been loaded, there is nothing to be closed
    for _name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, _name) and signal.getsignal(getattr(signal, _name)) is not signal.SIG_IGN:
            signal.signal(getattr(signal, _name), lambda number, frame: os._exit(130))

if __package__:  # installed, as cellwright.main: `engine`, `app` and `resources` lie here (CONTRIBUTING.md, Packaging)
    sys.path.insert(0, str(Path(__file__).parent))
    sys.modules[__package__].__path__ = []  # or `import cellwright.engine` would make a second copy of `engine`

from engine import commands, plugins


def main(arguments: Sequence[str] | None = None) -> int:
    """Hand over to a headless command or to the window; returns the exit code."""
    commands.ensure_streams()
    try:
        arguments = plugins.load_named(sys.argv[1:] if arguments is None else arguments)
    except plugins.PluginError as fault:
        return commands.complain(str(fault))
    if arguments and (arguments[0] in commands.COMMANDS or arguments[0].startswith("-")):
        return commands.main(arguments)
    if (reason := commands.obstacle(arguments)) is not None:
        return commands.complain(reason)
    try:
        from app.startup import main as window
    except ImportError as fault:
        if (reason := commands.missing_library(fault)) is None:
            raise
        return commands.complain(reason)
    return window(arguments[0] if arguments else None)


if __name__ == "__main__":
    sys.exit(main())
