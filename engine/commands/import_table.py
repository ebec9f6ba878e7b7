"""`import-table`: a benchmark that others publish as arrays, written as a table that searches look scores up in."""

import argparse
from pathlib import Path
from typing import Any

from engine.run import RunError
from engine.session import ROLES, SessionError, import_npz, write_table
from engine.space.spaces import SPACES

WORDS = {
    "score": "that a search is told",
    "reported": "that is reported, and no search sees",
    "cost": "of simulated seconds of one evaluation",
    "parameters": "of parameters",
    "macs": "of multiply-accumulates for one image",
}


def add(commands: Any) -> None:
    """Add `import-table` to the command line."""
    parser = commands.add_parser(
        "import-table",
        help="write a finished benchmark as a table to search in",
        description="Reads arrays of numpy (.npz, nothing pickled): ops or decisions, a row of whole numbers for each "
        "architecture, indices into the choices of the space; and any columns, one number for each. The columns of "
        "NAS-Bench-201 are known by their names: val_acc_12ep is the score, val_acc_200ep what is reported, 12 × "
        "train_seconds_per_epoch + val_seconds the cost, params and flops the size.",
    )
    parser.add_argument("source", type=Path, metavar="SOURCE.npz")
    parser.add_argument("--out", type=Path, required=True, metavar="TABLE.h5", help="the table to write")
    parser.add_argument("--space", choices=tuple(SPACES), default="nasbench201", help="the space of the architectures")
    for role in ROLES:
        parser.add_argument(f"--{role}", metavar="COLUMN", default="", help=f"the column {WORDS[role]}")
    parser.add_argument("--overwrite", action="store_true", help="replace the table if there is one")
    parser.set_defaults(command=_import)


def _import(options: argparse.Namespace) -> int:
    if options.out.is_dir():
        raise RunError(f"{options.out} is a folder; name a file in it")
    if options.out.exists() and not options.overwrite:
        raise RunError(
            f"{options.out} exists already; choose another name, or allow it to be overwritten (--overwrite)"
        )
    table = import_npz(options.source, SPACES[options.space](), {role: getattr(options, role) for role in ROLES})
    if "score" not in table.roles:
        known = ", ".join(table.columns)
        raise SessionError(
            f"{options.source}: no column is known to be the score; name one with --score out of {known}"
        )
    write_table(options.out, table)
    roles = ", ".join(f"{role} {name}" for role, name in table.roles.items())
    print(f"{len(table.ranks):,} of {table.space.size():,} architectures of {options.space}: {roles}")
    return 0
