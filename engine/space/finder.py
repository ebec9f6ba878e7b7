"""Where in a text architectures are written: log lines, source files, JSON, shell scripts, printed arrays.

Nothing is evaluated, and one pass over the text finds every bracket. What a piece means, `engine.space.notations` says.
"""

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from engine.space.bounded_parsing import NotationError

MOST = 1 << 23
"""Characters of a text that is looked through; a log of a whole search has less than a million."""

MOST_PIECES = 10_000

FEWEST = 6
"""Numbers in a row that can be an architecture, where a text holds more than them."""


class Piece(NamedTuple):
    """A part of a text that looks like an architecture.

    Attributes:
        form: "genotype", "nb201", "nested" (lists of NAS-Bench-201), "nb101", "config" (of NAS-Bench-301), "json" or
            "numbers".
        text: the part itself; of "nb101" the matrix, a semicolon, and the operations.
        name: what it is assigned to, or the key that it stands at; "" where nothing says.
        line: counted from 1.
        alone: whether there is little else in the text.
    """

    form: str
    text: str
    name: str
    line: int
    alone: bool = False


_CALL = re.compile(r"\bGenotype\s*\(")
_DICT = re.compile(r"\{(?=[^{}]*['\"]normal['\"]\s*:)(?=[^{}]*['\"]reduce['\"]\s*:)")
_CONFIG = re.compile(r"\{(?=[^{}]*\bedge_normal_\d)(?=[^{}]*\bedge_reduce_\d)")
_OWN = re.compile(r"\{\s*\"kind\"\s*:")
_NESTED = re.compile(r"[\[(]\s*[\[(]\s*[\[(]\s*['\"]\w+['\"]\s*,\s*\d")
_STRING = re.compile(r"\|(?=\w+~)[\w|~+]*(?:\s*\+\s*\|[\w|~+]*)*")
_FORMS = (
    ("genotype", _CALL),
    ("genotype", _DICT),
    ("config", _CONFIG),
    ("json", _OWN),
    ("nested", _NESTED),
    ("nb201", _STRING),
)
_MATRIX = re.compile(r"(?:adjacency|matrix)\w*['\"]?\s*[=:]\s*(?:[\w.]{1,20}\(\s*)?(?=[\[(])")
_OPERATIONS = re.compile(r"\b(?:module_)?op(?:eration)?s['\"]?\s*[=:]\s*(?=[\[(])")
_NUMBERS = re.compile(r"(?<![\w.:/~$-])[\[(]{0,8}\d{1,9}+(?:[\s,|\[\]()]++\d{1,9}+)*[\])]{0,8}(?![\w.:/~-])", re.ASCII)
_BEFORE = re.compile(r"\A\s*(?:[\w.-]+\s*=|['\"]\w+['\"]\s*:)?[\s'\"]*")
_NAME = re.compile(
    r"(?:['\"](?P<key>[^'\"\n]{1,60})['\"]\s*:|(?P<name>(?<!\w)(?!root:)[A-Za-z_][\w.-]{0,60})\s*[=:])\s*['\"\[(]*\s*(?:[\w.]+\s*\(\s*)?\Z"
)
_CALLED = re.compile(r"(?:\w+\.)?(?:\w*Structure|ModelSpec)\([^()]*\Z|\w+\.\Z")
_OPEN, _CLOSE = "([{", ")]}"


def pieces(text: str) -> list[Piece]:
    """What looks like an architecture, in the order of the text; rows of numbers only where nothing else does.

    Raises NotationError for a text that is too long.
    """
    if len(text) > MOST:
        raise NotationError(f"the text has {len(text):,} characters; up to {MOST:,} are looked through")
    text = _joined(text)
    lines = [match.start() for match in re.finditer("\n", text)]
    found: list[Piece] = []
    for form, start, end, what in sorted(_written(text), key=lambda one: one[1]):
        if len(found) < MOST_PIECES:
            found.append(Piece(form, what or text[start:end], _name(text, start), 1 + bisect_left(lines, start)))
    return found or list(_rows(text, lines))


def _joined(text: str) -> str:
    """The text with a shell's strings in one piece: lines that go on, and `arc="$arc 1 2"`. Places stay the same."""
    text = text.replace("\\\n", " \n").replace("\\\r\n", "  \n") if "\\" in text else text
    return re.sub(r"\"(\s*)(\w+=\"\$\{?\w+\}?)", lambda match: f" {match[1]}{' ' * len(match[2])}", text)


def _written(text: str) -> Iterator[tuple[str, int, int, str]]:
    """Form, first and last place, and text where that is another, of all pieces but plain numbers; none in another."""
    ends = _brackets(text)
    last = 0
    found = ((match.start(), form, match) for form, pattern in _FORMS for match in pattern.finditer(text))
    for start, form, match in sorted(found, key=lambda one: one[0]):
        if start < last:
            continue
        line = text.find("\n", start)
        opening = match.end() - 1 if match.re is _CALL else start
        last = match.end() if form == "nb201" else ends.get(opening, line if line > 0 else len(text))
        yield form, start, last, ""
    rows = deque(_OPERATIONS.finditer(text))
    for matrix in _MATRIX.finditer(text):
        while rows and rows[0].start() < matrix.end():
            rows.popleft()
        if rows and matrix.end() in ends and rows[0].end() in ends:
            row = rows.popleft()
            parts = (text[match.end() : ends[match.end()]] for match in (matrix, row))
            yield "nb101", matrix.start(), ends[row.end()], re.sub(r"#[^\n]*", "", ";".join(parts))
    if not last and text.lstrip().startswith("|"):
        yield "nb201", text.index("|"), len(text.rstrip()), ""


def _brackets(text: str) -> dict[int, int]:
    """For each bracket that is closed, the place behind the one that closes it. Strays are passed over, and comments
    whose brackets do not match."""
    ends: dict[int, int] = {}
    waiting: list[int] = []
    text = re.sub(r"#[^\n]*", _matched, text) if "#" in text else text
    for match in re.finditer(r"[()\[\]{}]", text):
        if match[0] in _OPEN:
            waiting.append(match.start())
            continue
        wanted = _OPEN[_CLOSE.index(match[0])]
        for back in range(1, min(len(waiting), 8) + 1):
            if text[waiting[-back]] == wanted:
                ends[waiting[-back]] = match.end()
                del waiting[-back:]
                break
    return ends


def _matched(comment: re.Match[str]) -> str:
    """A comment, or as many blanks where its brackets do not match."""
    matches = all(comment[0].count(one) == comment[0].count(other) for one, other in zip(_OPEN, _CLOSE, strict=True))
    return comment[0] if matches else " " * len(comment[0])


def _rows(text: str, lines: list[int]) -> Iterator[Piece]:
    """Numbers in a row: all of the text, or those in it that are enough for an architecture."""
    bare = re.sub(r"#[^\n]*", "", text).rstrip(" \t\r\n'\",;")
    bare = _BEFORE.sub("", bare, 1)
    words = [word for word in re.split(r"[\s,|\[\]()]+", bare) if word]
    whole = Piece("numbers", bare, _name(text, text.find(bare)), 1 + bisect_left(lines, text.find(bare)), True)
    numbers = sum(map(str.isdecimal, words))
    if words and numbers == len(words):
        yield whole
        return
    found = 0
    for match in _NUMBERS.finditer(text):
        enough = len(match[0].split()) + match[0].count(",") >= FEWEST
        if enough and found < MOST_PIECES and (match[0][0] in "[(" or _stands_alone(text, *match.span())):
            found += 1
            yield Piece("numbers", match[0], _name(text, match.start()), 1 + bisect_left(lines, match.start()))
    if not found and 2 * numbers > len(words) and words[0].isdecimal():
        yield whole


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether numbers without brackets are all that their line, or a string, has."""
    before, after = text[max(0, start - 40) : start].rstrip(" \t"), text[end : end + 40].lstrip(" \t")
    begins = not before or bool(re.search(r"[\n\"'=:]\Z|[A-Za-z_]{3,}\Z", before))
    return begins and (not after or after[0] in "\r\n\"',;#")


def _name(text: str, start: int) -> str:
    """What stands before a place: a variable or a key."""
    match = _NAME.search(_CALLED.sub("", text[max(0, start - 160) : start]))
    return "" if match is None else match["key"] or match["name"]
