"""`import-log`: a log of the authors' search code, written as a session that replays."""

import argparse
from pathlib import Path
from typing import Any

from engine.run import RunError
from engine.space.files import text
from engine.space.finder import MOST

METHODS = ("darts", "pdarts", "pcdarts", "enas")


def add(commands: Any) -> None:
    """Add `import-log` to the command line."""
    parser = commands.add_parser(
        "import-log",
        help="make a session of a log of the authors' search code",
        description="Reads what the scripts of DARTS, P-DARTS, PC-DARTS and ENAS print while they search: epochs, "
        "losses, accuracies, genotypes, architecture weights, sampled arcs. A log that is cut gives a session as far "
        "as it goes. Rows have the times of the log; where it has none, a second stands for an epoch.",
    )
    parser.add_argument("log", type=Path, metavar="FILE", help="the log, as a file or as the terminal showed it")
    parser.add_argument("--out", type=Path, required=True, metavar="S.h5", help="the session to write")
    parser.add_argument(
        "--method", choices=METHODS, default="", help="whose log it is, where its arguments and words do not tell"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the session if there is one")
    parser.set_defaults(command=_import)


def _import(options: argparse.Namespace) -> int:
    from engine.run.search_log import record

    if options.out.is_dir():
        raise RunError(f"{options.out} is a folder; name a file in it")
    if options.out.exists() and not options.overwrite:
        raise RunError(
            f"{options.out} exists already; choose another name, or allow it to be overwritten (--overwrite)"
        )
    log = text(options.log, 2 * MOST)
    try:
        print(record(log, options.out, options.log.stem, method=options.method, overwrite=options.overwrite))
    except RunError as fault:
        raise RunError(f"{options.log}: {fault}") from None
    return 0
