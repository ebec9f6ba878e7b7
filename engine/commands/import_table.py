"""`import-table`: a benchmark that others publish, written as a table that searches look scores up in."""

import argparse
from pathlib import Path
from typing import Any

from engine.run import RunError
from engine.session import ROLES, SessionError, Wishes, falls, import_table, write_table
from engine.space.files import load_space
from engine.space.spaces import SPACES, Space
from engine.space.text import SpaceError, presets

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
        description="Reads .csv, .json or .npz (nothing pickled) with a row for each architecture: its notation as a "
        "string, the names of its operations, or ops or decisions, whole numbers that are indices into the choices of "
        "the space; and any columns, one number for each. The columns of NAS-Bench-201 are known by their names: "
        "val_acc_12ep is the score, val_acc_200ep what is reported, 12 × train_seconds_per_epoch + val_seconds the "
        "cost, params and flops the size.",
        epilog="A table may hold a part of its space: sampling methods then search among what it holds. Where it has "
        "parameters or MACs, these are compared with the program's own counts, which tells whether the indices have "
        "the order that the program takes them to have.",
    )
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a .csv, .json or .npz file")
    parser.add_argument("--out", type=Path, required=True, metavar="TABLE.h5", help="the table to write")
    parser.add_argument(
        "--space",
        default="nasbench201",
        metavar="SPACE",
        help="the space of the architectures: its kind, a preset's name, or a .toml file (nasbench201)",
    )
    parser.add_argument(
        "--architecture",
        type=_listed,
        default=(),
        metavar="COLUMN[,COLUMN...]",
        help="the column with the architectures, or several, one for each decision",
    )
    for role in ROLES:
        parser.add_argument(f"--{role}", metavar="COLUMN", default="", help=f"the column {WORDS[role]}")
    direction = parser.add_mutually_exclusive_group()
    direction.add_argument(
        "--minimise",
        "--minimize",
        action="store_true",
        default=None,
        help="a lower score is better: a loss, an error, a latency",
    )
    direction.add_argument(
        "--maximise", "--maximize", dest="minimise", action="store_false", help="a higher score is better"
    )
    parser.add_argument(
        "--operations",
        type=_listed,
        default=(),
        metavar="NAME[,NAME...]",
        help="what the indices 0, 1, ... mean, where that is not the space's own order",
    )
    parser.add_argument(
        "--edges",
        type=_listed,
        default=(),
        metavar="0-1[,0-2...]",
        help="the order of the edges, where that is not the space's own; 0 is the cell's input",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the table if there is one")
    parser.set_defaults(command=_import)


def _import(options: argparse.Namespace) -> int:
    if options.out.is_dir():
        raise RunError(f"{options.out} is a folder; name a file in it")
    if options.out.exists() and not options.overwrite:
        raise RunError(
            f"{options.out} exists already; choose another name, or allow it to be overwritten (--overwrite)"
        )
    wishes = Wishes(
        {role: getattr(options, role) for role in ROLES},
        options.architecture,
        options.operations,
        options.edges,
        options.minimise,
    )
    table = import_table(options.source, _space(options.space), wishes)
    if "score" not in table.roles:
        known = ", ".join(table.columns) or "none: the file has no column of numbers"
        raise SessionError(
            f"{options.source}: no column is known to be the score; name one with --score out of {known}"
        )
    score = table.roles["score"]
    if table.minimise is None and falls(score):
        raise SessionError(f"{options.source}: of {score}, less seems to be better; say --minimise or --maximise")
    write_table(options.out, table)
    roles = ", ".join(f"{role} {name}" for role, name in table.roles.items())
    lower = ", lower is better" if table.minimise else ""
    print(f"{len(table.ranks):,} of {table.space.size():,} architectures of {options.space}: {roles}{lower}")
    for note in table.notes:
        print(note)
    return 0


def _space(name: str) -> Space:
    """The space of a kind or a preset's name, or in a file."""
    if name in SPACES:
        return SPACES[name]()
    if name in presets():
        return presets()[name]
    if not name.endswith(".toml"):
        raise SessionError(f"--space {name[:40]}: there are {', '.join(presets())}; or name a .toml file")
    try:
        return load_space(Path(name))
    except (SpaceError, OSError) as fault:
        raise SessionError(f"--space {name}: {fault}") from None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
