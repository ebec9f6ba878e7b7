"""Reads the command line, calls the command, and turns what may go wrong into one line and an exit code."""

import argparse
import io
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from engine.commands import count, export, import_log, import_table, queue, run, show
from engine.commands.exits import FAILED, INTERRUPTED, OK, PROGRAM, complain, give_up
from engine.plan import PlanError
from engine.run import RunError
from engine.run.interruptions import handled
from engine.run.preflight import program
from engine.session import SessionError
from engine.space.architecture import ArchitectureError
from engine.space.counts import Unbuildable
from engine.space.genotype import NotationError

COMMANDS = ("run", "queue", "presets", "show", "count", "export", "import-table", "import-log")

USAGE = f"""{PROGRAM} [SESSION.h5|FOLDER]     the window, with a session or a folder of images in it if one is named
       {PROGRAM} COMMAND [arguments]     the same engine without a screen
       {PROGRAM} --plugin FILE.py ...    either, with what a plug-in brings (a method, a space, a panel, ...);
                                         as often as there are plug-ins, before or after the command"""
EPILOG = """exit codes: 0 success; 1 the search failed, and its session says why; 2 bad input, with one line on stderr;
130 interrupted by Ctrl-C, SIGTERM or SIGHUP, with the session closed cleanly; a second one ends at once, with all that
was recorded in a session that can be read"""


class Parser(argparse.ArgumentParser):
    """An argument parser that complains in one line."""

    def error(self, message: str) -> NoReturn:
        raise SystemExit(complain(f"{message} (see {self.prog} --help)"))


def main(arguments: Sequence[str]) -> int:
    """Carry out one command and return the exit code; bad input, signals and full streams raise nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no "→" still gets its line
    try:
        with handled(signal.default_int_handler):
            return _carried_out(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


def _carried_out(arguments: Sequence[str]) -> int:
    try:
        try:
            options = _parser().parse_args(arguments)
            code: int = options.command(options)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else OK
        sys.stdout.flush()
        return code
    except BrokenPipeError as fault:
        give_up(sys.stdout, fault, "")
        return OK
    except (PlanError, RunError, SessionError, ArchitectureError, NotationError, Unbuildable) as fault:
        return complain(str(fault))
    except OSError as fault:
        if fault.filename:
            return complain(f"{fault.filename}: {fault.strerror or fault}")
        give_up(sys.stdout, fault, "the output could not be written")
        return FAILED


def _parser() -> Parser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = Parser(prog=PROGRAM, usage=USAGE, epilog=EPILOG, formatter_class=formatter)
    parser.add_argument("--version", action="version", version=program())
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
    import_log.add(commands)
    return parser
