"""How a command ends: its exit code, the one line that says what was wrong, and streams that take nothing any more."""

import contextlib
import os
import sys
from pathlib import Path
from typing import TextIO

from engine.run.interruptions import INTERRUPTED

OK, FAILED, BAD_INPUT = 0, 1, 2

PROGRAM = "cellwright" if Path(sys.argv[0]).stem == "cellwright" else "python main.py"
"""What a person types to start the program: where it is installed, there is a command."""

__all__ = ["BAD_INPUT", "FAILED", "INTERRUPTED", "OK", "PROGRAM", "complain", "ensure_streams", "say", "silence"]


def complain(message: str, code: int = BAD_INPUT) -> int:
    """Say in one line on stderr what is wrong; returns the exit code."""
    try:
        print(f"cellwright: {' '.join(message.split())}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        silence(sys.stderr)
    return code


def say(text: str, stream: TextIO) -> None:
    """Print lines. Where the stream cannot take them, it is silenced, and nothing is raised: what was done is done."""
    try:
        print(text, file=stream, flush=True)
    except (OSError, ValueError) as fault:
        give_up(stream, fault, "the output could not be written")


def give_up(stream: TextIO, fault: Exception, what: str) -> None:
    """Silence a stream and say why in one line, unless its reader just went away (`| head`)."""
    silence(stream)
    if not isinstance(fault, BrokenPipeError):
        reason = (fault.strerror if isinstance(fault, OSError) else "") or str(fault) or type(fault).__name__
        complain(f"{what} ({reason})")


def silence(stream: TextIO) -> None:
    """Send the rest of a stream nowhere, so that no later flush complains."""
    with contextlib.suppress(OSError, ValueError):  # it is no file, or closed
        place = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, place)
        os.close(nowhere)


def ensure_streams() -> None:
    """Give a program that was started without stdin, stdout or stderr one that leads nowhere: a file that it opens
    would get the stream's number, and what is printed later would go into that file."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if number == 0 else "w"))  # noqa: SIM115 - as long as the program
