"""How a command ends: its exit code, and the one line that says what was wrong."""

import os
import sys
from typing import TextIO

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def complain(message: str, code: int = BAD_INPUT) -> int:
    """Say in one line on stderr what is wrong; returns the exit code."""
    print(f"cellwright: {' '.join(message.split())}", file=sys.stderr)
    return code


def silence(stream: TextIO) -> None:
    """After the reader of `stream` went away (`| head`): send the rest nowhere, so that no later flush complains."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
