"""Cellwright: the window or, with a command, the same engine without a screen. See `python main.py --help`."""

import sys
from collections.abc import Sequence

from engine import commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Hand over to a headless command or to the window; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
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
