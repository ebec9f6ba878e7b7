"""All notations behind one door: which architectures are in this text, and how is this one written?"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple, NoReturn

from engine.space import arch_string, genotype, recurrent_notations
from engine.space import integer_lists as sequences
from engine.space.architecture import Architecture, ArchitectureError, from_bytes, to_bytes
from engine.space.bounded_parsing import LONGEST, NotationError, either, integers
from engine.space.finder import Piece, pieces


def _not_written(architecture: Architecture) -> NoReturn:
    raise NotationError("this notation is read, and not written")


class Notation(NamedTuple):
    """One way to write architectures.

    Attributes:
        forms: the forms of pieces (see `engine.space.finder`) that may be in it; of numbers "flat", "rows" or "pairs".
    """

    name: str
    title: str
    forms: tuple[str, ...]
    read: Callable[[str], Architecture]
    write: Callable[[Architecture], str] = _not_written


MOST_UNSAID = 50
"""Numbers that can be a recurrent cell where nothing says so; published ones have up to 23, macro networks more."""

LINE = 200
"""Characters of reasons that a message gives in full."""

TRIED = (
    "Genotype(...), |operation~state| strings, dictionaries and lists of them, NAS-Bench-101 matrices, rows of numbers"
)
"""What is looked for in a text."""

_LISTS = ("flat", "rows")

NOTATIONS: dict[str, Notation] = {
    notation.name: notation
    for notation in (
        Notation("darts", "a DARTS genotype", ("genotype",), genotype.parse, genotype.format),
        Notation("nb201", "a NAS-Bench-201 string", ("nb201",), arch_string.parse, arch_string.format),
        Notation("enas-micro", "an ENAS micro arc", _LISTS, sequences.parse_enas, sequences.format_enas),
        Notation("nao", "a NAO sequence", _LISTS, sequences.parse_nao, sequences.format_nao),
        Notation("enas-macro", "an ENAS macro list", _LISTS, sequences.parse_macro, sequences.format_macro),
        Notation(
            "rnn",
            "the genotype of a recurrent cell",
            ("recurrent",),
            recurrent_notations.parse,
            recurrent_notations.format_genotype,
        ),
        Notation(
            "enas-rnn",
            "an ENAS list of a recurrent cell",
            ("flat",),
            recurrent_notations.parse_list,
            recurrent_notations.format_list,
        ),
        Notation("enas-cell", "one ENAS cell, as normal and reduction cell", ("flat",), sequences.parse_cell),
        Notation("nb301", "a NAS-Bench-301 tuple", ("pairs",), sequences.parse_compact),
        Notation("nb301-config", "a NAS-Bench-301 configuration", ("config",), genotype.parse_config),
        Notation("naslib-nb201", "NASLib's codes of NAS-Bench-201", ("flat",), sequences.parse_naslib),
        Notation("nb201-codes", "NAS-Bench-201's own codes", ("flat",), sequences.parse_codes),
        Notation("nb201-nodes", "the nodes of a NAS-Bench-201 cell", ("nested",), arch_string.parse_nested),
        Notation(
            "nb101", "the graph of a NAS-Bench-101 module, all of one width", ("nb101",), arch_string.parse_module
        ),
        Notation(
            "json",
            "an architecture in JSON",
            ("json",),
            lambda text: from_bytes(text.encode(errors="replace")),
            lambda architecture: to_bytes(architecture).decode(),
        ),
    )
}
"""The notations by name, the usual one for a kind of architecture before others."""


class Found(NamedTuple):
    """What was found at one place of a text.

    Attributes:
        title: the name that it has in the text, or else "line 3".
        line: where it begins, counted from 1.
        text: as it stands there.
        readings: the architecture by the name of the notation that it can be read in; several where only a person can
            tell, none where it cannot be read.
        fault: why it cannot be read.
        asks: whether a person has to confirm the reading.
    """

    title: str
    line: int
    text: str
    readings: dict[str, Architecture]
    fault: str = ""
    asks: bool = False

    @property
    def architecture(self) -> Architecture:
        """Raises NotationError where there is none, or where there could be several."""
        if self.fault:
            raise NotationError(self.fault)
        if self.asks:
            could = either([f"{NOTATIONS[name].title} (--as {name})" for name in self.readings])
            raise NotationError(f"these numbers could be {could}; say which")
        return next(iter(self.readings.values()))

    @property
    def how(self) -> str:
        """How it was read, or can be."""
        return either([NOTATIONS[name].title if name in NOTATIONS else f"a {name} file" for name in self.readings])


def holds_one(text: str) -> bool:
    """Whether there is anything in the text that looks like an architecture."""
    return bool(pieces(text))


def find(text: str, as_: str | None = None) -> list[Found]:
    """Everything in a text that looks like an architecture, in its order, those with faults too; read in the notation
    `as_`, or in whichever they are.

    Raises:
        NotationError: there is nothing that can be read; why, in one line.
    """
    text = text.lstrip("\ufeff")
    if as_ is not None:
        _named(as_)
    whole = [Piece("numbers", text, "", 1, True)] if as_ is not None else []
    found = [_read(piece, as_) for piece in pieces(text) or whole]
    if not found:
        raise NotationError(f"not a notation: there is none of {TRIED} in {text.strip()[:20]!r}")
    times = Counter(one.title for one in found)
    found = [one._replace(title=_apart(one, place)) if times[one.title] > 1 else one for place, one in enumerate(found)]
    good = [one for one in found if one.readings]
    if not good:
        raise NotationError(found[0].fault if len(found) == 1 else f"{found[0].title}: {found[0].fault}")
    return found if any(piece.form != "numbers" for piece in pieces(text)) else good


def _apart(one: Found, place: int) -> str:
    """A title that no other has."""
    return f"{one.title}, line {one.line}" if not one.title.startswith("line ") else f"{one.title}, number {place + 1}"


def read(text: str, as_: str | None = None) -> Architecture:
    """The architecture in a text that holds one, whatever stands around it.

    Raises:
        NotationError: what is wrong with the text, and where, in one line; also where it could mean two things.
    """
    good = [one for one in find(text, as_) if one.readings]
    if len(good) > 1 and len({one.architecture for one in good}) > 1:
        raise NotationError(f"there are {len(good):,} architectures: {listed(good)}; choose one")
    return good[0].architecture


def listed(found: list[Found], most: int = 8) -> str:
    """Their titles in a row, no more than so many."""
    more = f", ... ({len(found) - most:,} more)" if len(found) > most else ""
    return ", ".join(one.title for one in found[:most]) + more


def write(architecture: Architecture, as_: str | None = None) -> str:
    """The architecture in the notation `as_`, or in its usual one; `read` gives the same architecture back.

    Raises:
        NotationError: why the notation cannot express it; without `as_`, why the usual one cannot, if no other can.
    """
    if as_ is not None:
        return _named(as_).write(architecture)
    fault = None
    for notation in NOTATIONS.values():
        if notation.name == "json":
            continue
        try:
            return notation.write(architecture)
        except NotationError as error:
            fault = fault or error
    raise fault or NotationError("there is no notation")


def _read(piece: Piece, as_: str | None) -> Found:
    title = piece.name or f"line {piece.line}"
    if len(piece.text) > LONGEST:
        reason = f"the text has {len(piece.text):,} characters; a notation of up to {LONGEST:,} is read"
        return Found(title, piece.line, piece.text, {}, reason)
    form = _shape(piece.text) if piece.form == "numbers" else piece.form
    if form == "genotype" and re.search(r"\brecurrent\s*=", piece.text):
        form = "recurrent"
    notations = [_named(as_)] if as_ else _likely(form, piece.text)
    readings: dict[Architecture, str] = {}
    faults: dict[str, Notation] = {}
    for notation in notations:
        try:
            if form == "rows" and as_ is None:
                _require_rows(notation.name, piece.text)
            readings.setdefault(notation.read(piece.text), notation.name)
        except (NotationError, ArchitectureError) as error:
            faults.setdefault(str(error), notation)
    fault = "" if readings else next(iter(faults)) if len(faults) == 1 else _all_of(faults)
    named = {name: architecture for architecture, name in readings.items()}
    asks = as_ is None and (len(named) > 1 or _doubtful(piece.text, named))
    return Found(title, piece.line, piece.text, named, fault, asks)


def _likely(form: str, text: str) -> list[Notation]:
    """The notations that a piece of this form can be in, numbers by how many they are."""
    count = len(re.findall(r"\d+", text)) if form == "flat" else 0
    off = {"enas-cell"} if count % 8 != 4 else set()
    off |= {"enas-rnn"} if count > MOST_UNSAID else set()
    off |= {"naslib-nb201", "nb201-codes"} if count != 6 else set()
    return [notation for notation in NOTATIONS.values() if form in notation.forms and notation.name not in off]


def _doubtful(text: str, readings: Iterable[str]) -> bool:
    """Whether the numbers could be half of something else, or anything: one cell of two, pairs, a single number."""
    only = next(iter(readings), "")
    if only not in ("enas-cell", "enas-rnn", "enas-macro"):
        return False
    count = len(integers(text))
    return only == "enas-cell" or (only == "enas-rnn" and count % 2 == 0) or count == 1


def _shape(text: str) -> str:
    """How numbers stand together: "flat", in "rows", or as lists of two cells' "pairs"."""
    depth = deepest = 0
    for bracket in re.findall(r"[()\[\]]", text):
        depth += 1 if bracket in "([" else -1
        deepest = max(deepest, depth)
    if deepest >= 3:
        return "pairs"
    return "rows" if len(re.findall(r"[\[(][^\[\]()]*[\])]", text)) > 1 else "flat"


def _require_rows(name: str, text: str) -> None:
    """Raises NotationError for rows that a notation does not have."""
    lengths = [len(integers(row)) for row in re.findall(r"[\[(]([^\[\]()]*)[\])]", text)]
    if name == "enas-macro" and lengths != list(range(1, len(lengths) + 1)):
        raise NotationError(
            f"rows of {', '.join(map(str, lengths[:8]))} numbers; layer 1 has 1 number, layer 2 has 2, ..."
        )
    if name != "enas-macro" and (len(lengths) != 2 or len(set(lengths)) > 1):
        raise NotationError(f"{len(lengths):,} rows of numbers; a normal and a reduction cell make two of one length")


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
