"""All notations behind one door: which one is this text, and how is this architecture written?"""

import re
from collections.abc import Callable
from typing import NamedTuple

from engine.space import arch_string, genotype, recurrent_notations
from engine.space import integer_lists as sequences
from engine.space.architecture import Architecture
from engine.space.bounded_parsing import NotationError, bounded
from engine.space.integer_lists import format_macro, parse_macro


class Notation(NamedTuple):
    """One way to write architectures. `begins` matches the beginning of every text in it, and little else."""

    name: str
    title: str
    begins: re.Pattern[str]
    read: Callable[[str], Architecture]
    write: Callable[[Architecture], str]


LINE = 200
"""Characters of reasons that a message gives in full."""

LIST = re.compile(r"[\s\[(]*[0-9]")
GENOTYPE = r"\s*(\w+\s*=\s*)?Genotype\b"
RECURRENT = r"\s*\(\s*(recurrent|concat)\b"

NOTATIONS: dict[str, Notation] = {
    notation.name: notation
    for notation in (
        Notation(
            "darts", "a DARTS genotype", re.compile(f"{GENOTYPE}(?!{RECURRENT})"), genotype.parse, genotype.format
        ),
        Notation("nb201", "a NAS-Bench-201 string", re.compile(r"\s*\|"), arch_string.parse, arch_string.format),
        Notation("enas-micro", "an ENAS micro arc", LIST, sequences.parse_enas, sequences.format_enas),
        Notation("nao", "a NAO sequence", LIST, sequences.parse_nao, sequences.format_nao),
        Notation("enas-macro", "an ENAS macro list", LIST, parse_macro, format_macro),
        Notation(
            "rnn",
            "the genotype of a recurrent cell",
            re.compile(GENOTYPE + RECURRENT),
            recurrent_notations.parse,
            recurrent_notations.format_genotype,
        ),
        Notation(
            "enas-rnn",
            "an ENAS list of a recurrent cell",
            LIST,
            recurrent_notations.parse_list,
            recurrent_notations.format_list,
        ),
    )
}
"""The notations by name, the usual one for a kind of architecture before others."""


def begins_like_one(text: str) -> bool:
    """Whether the text begins as those in any notation do."""
    return any(notation.begins.match(text) for notation in NOTATIONS.values())


def read(text: str, as_: str | None = None) -> Architecture:
    """The architecture that the text describes, in the notation `as_` or in whichever it is.

    Raises:
        NotationError: what is wrong with the text, and where, in one line; also where it could mean two things.
    """
    if as_ is not None:
        return _named(as_).read(text)
    start = bounded(text, "a notation")[:20]
    likely = [notation for notation in NOTATIONS.values() if notation.begins.match(text)]
    if not likely:
        raise NotationError(f"not a notation: {start!r} begins neither Genotype(...) nor |operation~state| nor a list")
    found: dict[Architecture, Notation] = {}
    faults: dict[str, Notation] = {}
    for notation in likely:
        try:
            found.setdefault(notation.read(text), notation)
        except NotationError as error:
            faults.setdefault(str(error), notation)
    if len(found) > 1:
        raise NotationError(f"this could be {' or '.join(notation.title for notation in found.values())}; say which")
    if found:
        return next(iter(found))
    if len(faults) == 1:
        raise NotationError(next(iter(faults)))
    raise NotationError(_all_of(faults))


def write(architecture: Architecture, as_: str | None = None) -> str:
    """The architecture in the notation `as_`, or in its usual one; `read` gives the same architecture back.

    Raises:
        NotationError: why the notation cannot express it; without `as_`, why the usual one cannot, if no other can.
    """
    if as_ is not None:
        return _named(as_).write(architecture)
    fault = None
    for notation in NOTATIONS.values():
        try:
            return notation.write(architecture)
        except NotationError as error:
            fault = fault or error
    raise fault or NotationError("there is no notation")


def _all_of(faults: dict[str, Notation]) -> str:
    """Why the text is in none of several notations, in one line: the reasons that fit, then what else it is not."""
    reasons: list[str] = []
    others: list[str] = []
    for fault, notation in faults.items():
        reason = f"as {notation.title}, {fault}"
        if not reasons or len("; ".join((*reasons, reason))) <= LINE:
            reasons.append(reason)
        else:
            others.append(notation.title)
    return "; ".join(reasons) + (f"; nor is it {' or '.join(others)}" if others else "")


def _named(name: str) -> Notation:
    if name not in NOTATIONS:
        raise NotationError(f"there is no notation '{name[:40]}'; there are {', '.join(NOTATIONS)}")
    return NOTATIONS[name]
