"""Which candidates a person wants to see: `score > 90, parameters < 500k, origin = mutated, skip`."""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from engine.session.queries.series import Floats, PopulationState, population
from engine.session.schema import ORIGINS, OUTCOMES
from engine.session.view import SessionSource, View
from engine.words import searchable

Mask = npt.NDArray[np.bool_]

_ORDERS: dict[str, Callable[[Floats, float], Mask]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_ALIKE = {"≤": "<=", "≥": ">=", "==": "=", "≠": "!="}
_SCALES = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}
_EXAMPLES = {"parameters": "parameters < 500k", "macs": "macs < 90M", "parent": "parent = 12", "born": "born < 1:30"}

_COMPARISON = re.compile(r"([^\s,<>=!≤≥≠]*)\s*(<=|>=|!=|==|[<>=≤≥≠])\s*")
_NUMBER = re.compile(
    r"([-+]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)?(?:\.\d*)?(?:e[-+]?\d+)?)\s?([kmgt]|%|s)?(?=\s|,(?!\d)|$)", re.IGNORECASE
)
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d\d)(?=\s|,|$)")
_WORD = re.compile(r"[^\s,<>=!≤≥≠]+")


def _seconds(view: View, state: PopulationState) -> Floats:
    """How long each evaluation took, in seconds."""
    scores, seconds = view.rows("scores"), np.full(len(state), np.nan)
    seconds[scores["candidate"]] = scores["seconds"]
    return seconds


def _known(sizes: npt.NDArray[np.int64], least: int) -> Floats:
    """Whole numbers as others, NaN where they are below the least that says anything."""
    return np.where(sizes >= least, sizes.astype(float), np.nan)


_NUMBERS: dict[str, Callable[[View, PopulationState], Floats]] = {
    "number": lambda view, state: state.candidate.astype(float),
    "score": lambda view, state: state.score,
    "parameters": lambda view, state: _known(state.parameters, 1),
    "macs": lambda view, state: _known(state.macs, 1),
    "seconds": _seconds,
    "parent": lambda view, state: _known(state.parent, 0),
    "born": lambda view, state: state.birth,
    "died": lambda view, state: state.death_time,
}
_TEXTS = ("origin", "change")


@dataclass(frozen=True)
class _Comparison:
    """A column, how it is compared, and with what: a number, or a piece of text. `half`: what the number was rounded
    by at most when it was written down, so that 91.6 equals 91.63."""

    column: str
    sign: str
    value: float = math.nan
    half: float = 0.0
    text: str = ""

    def holds(self, view: View, state: PopulationState) -> Mask:
        """Of which candidates it is true. One without a value is only ever unequal to a number, and equal to none."""
        if self.column in _TEXTS:
            found = _contain(view, state, self.text, self.column)
        else:
            values = _NUMBERS[self.column](view, state)
            if self.sign in _ORDERS:
                return _ORDERS[self.sign](values, self.value)
            found = np.isnan(values) if math.isnan(self.value) else np.abs(values - self.value) <= self.half
        return found if self.sign == "=" else ~found


@dataclass(frozen=True)
class CandidateFilter:
    """All of the comparisons hold, and each word is in the origin, in the change or in what went wrong."""

    text: str
    comparisons: tuple[_Comparison, ...] = field(compare=False)
    words: tuple[str, ...] = field(compare=False)
    _last: dict[tuple[int, ...], Mask] = field(default_factory=dict, compare=False, repr=False)

    def kept(self, view: View) -> Mask:
        """Which candidates of the view it keeps, by number; the same array for the same rows. For one thread."""
        stamp = view.stamp("candidates", "scores", "deaths", "measures")
        if stamp not in self._last:
            state = population(view)
            kept = np.ones(len(state), np.bool_)
            for comparison in self.comparisons:
                kept &= comparison.holds(view, state)
            for word in self.words:
                kept &= _contain(view, state, word)
            self._last.clear()
            self._last[stamp] = kept
        return self._last[stamp]


def parse(text: str) -> CandidateFilter | None:
    """The filter that a text describes; None for an empty one. Raises ValueError, in one line, for what is none."""
    said, comparisons, words, place = searchable(text), [], [], 0
    while found := _COMPARISON.search(said, place):
        words += _WORD.findall(said[place : found.start()])
        sign = _ALIKE.get(found[2], found[2])
        comparison, place = _comparison(_column(found[1], found[2]), sign, said, found.end())
        comparisons.append(comparison)
    words += _WORD.findall(said[place:])
    words = [word for word in words if word != "and"]
    if "or" in words:
        raise ValueError("all conditions must hold: leave out 'or'")
    for word in words:
        if word in (*_NUMBERS, *_TEXTS):
            raise ValueError(f"{word} is compared with nothing: {_example(word)}")
    return CandidateFilter(text.strip(), tuple(comparisons), tuple(words)) if comparisons or words else None


def _column(name: str, sign: str) -> str:
    """The column that is named, or that alone begins so."""
    columns = (*_NUMBERS, *_TEXTS)
    meant = [column for column in columns if name and column.startswith(name)]
    if name in columns or len(meant) == 1:
        return meant[0]
    if not name:
        raise ValueError(f"nothing stands before {sign}: {_example('score')}")
    raise ValueError(f"there is no column '{name[:30]}': {', '.join(columns)}")


def _comparison(column: str, sign: str, said: str, place: int) -> tuple[_Comparison, int]:
    """What a column is compared with, and where that ends."""
    word = _WORD.match(said, place)
    if word is None:
        raise ValueError(f"{column} is compared with nothing: {_example(column)}")
    if column in _TEXTS:
        if sign in _ORDERS:
            raise ValueError(f"{column} is a text and has no order: {_example(column)}")
        return _Comparison(column, sign, text=word[0]), word.end()
    if word[0] == "none" and sign not in _ORDERS:
        return _Comparison(column, sign), word.end()
    if clock := _CLOCK.match(said, place):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return _Comparison(column, sign, 3600.0 * hours + 60 * minutes + seconds, 0.5), clock.end()
    number = _NUMBER.match(said, place)
    try:
        digits, unit = (number[1].replace(",", ""), number[2] or "") if number is not None else ("", "")
        scale = _SCALES.get(unit, 1.0)
        mantissa, _, power = digits.partition("e")
        value = float(digits) * scale
        half = scale * 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2])) / 2
    except (ValueError, OverflowError):
        value = half = math.nan
    if number is None or not math.isfinite(value):
        raise ValueError(f"'{said[place:].split()[0][:30]}' is no number: {_example(column)}")
    return _Comparison(column, sign, value, half), number.end()


def _example(column: str) -> str:
    texts = {"origin": f"origin = {ORIGINS[1]}", "change": "change = skip"}
    return f"write {texts.get(column) or _EXAMPLES.get(column) or f'{column} > 90'}"


_CHANGES: WeakKeyDictionary[SessionSource, list[str]] = WeakKeyDictionary()


def _changes(view: View, count: int) -> list[str]:
    """The changes of the first candidates as they are searched; decoded once per session, as rows never change."""
    known = _CHANGES.setdefault(view.source, [])
    texts, stream = view.rows("candidates")["change"][len(known) : count], view.source.stream
    for place, length in zip(texts["offset"].tolist(), texts["length"].tolist(), strict=True):
        known.append(searchable(stream.slice(place, place + length).decode(errors="replace")))
    return known[:count]


def _contain(view: View, state: PopulationState, piece: str, column: str = "") -> Mask:
    """In whose origin, change or failure (or in only one of the first two) a piece of text is; a number on its own."""
    found = np.zeros(len(state), np.bool_)
    if column != "origin":
        changes = _changes(view, len(state))
        if piece.isdecimal():  # node 3 has no part in sep 3x3
            alone = re.compile(rf"(?<!\w){piece}(?!\w)").search
            found |= np.fromiter((alone(change) is not None for change in changes), np.bool_, len(changes))
        else:
            found |= np.fromiter((piece in change for change in changes), np.bool_, len(changes))
    if column != "change":
        found |= np.array([piece in origin for origin in ORIGINS])[state.origin]
    if not column:
        found |= state.failed & np.array([piece in outcome for outcome in (*OUTCOMES, "")])[state.outcome]
    return found
