"""Reads the command line, calls the command, and turns what may go wrong into one line and an exit code."""

import argparse
import io
import sys
from collections.abc import Sequence
from typing import NoReturn

from engine.commands import count, export, import_table, queue, run, show
from engine.commands.exits import INTERRUPTED, OK, complain, silence
from engine.plan import PlanError
from engine.run import RunError
from engine.session import SessionError
from engine.space.architecture import ArchitectureError
from engine.space.counts import Unbuildable
from engine.space.genotype import NotationError

PROGRAM = "python main.py"
COMMANDS = ("run", "queue", "presets", "show", "count", "export", "import-table")

USAGE = f"""{PROGRAM} [SESSION.h5]            the window, with a session in it if one is named
       {PROGRAM} COMMAND [arguments]     the same engine without a screen"""
EPILOG = """exit codes: 0 success; 1 the search failed, and its session says why; 2 bad input, with one line on stderr;
130 interrupted by Ctrl-C, with the session closed cleanly"""


class Parser(argparse.ArgumentParser):
    """An argument parser that complains in one line."""

    def error(self, message: str) -> NoReturn:
        raise SystemExit(complain(f"{message} (see {self.prog} --help)"))


def main(arguments: Sequence[str]) -> int:
    """Carry out one command and return the exit code; bad input, Ctrl-C and a reader that went away raise nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no "→" still gets its line
    try:
        options = _parser().parse_args(arguments)
        code: int = options.command(options)
        sys.stdout.flush()
        return code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else OK
    except BrokenPipeError:
        silence(sys.stdout)
        return OK
    except KeyboardInterrupt:
        return INTERRUPTED
    except (PlanError, RunError, SessionError, ArchitectureError, NotationError, Unbuildable) as fault:
        return complain(str(fault))
    except OSError as fault:
        return complain(f"{fault.filename or 'file'}: {fault.strerror or fault}")


def _parser() -> Parser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = Parser(prog=PROGRAM, usage=USAGE, epilog=EPILOG, formatter_class=formatter)
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=Parser, prog=PROGRAM
    )
    run.add(commands)
    queue.add(commands)
    show.add_presets(commands)
    show.add(commands)
    count.add(commands)
    export.add(commands)
    import_table.add(commands)
    return parser
