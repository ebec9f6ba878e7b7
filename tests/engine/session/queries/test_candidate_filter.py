"""What a filter of candidates keeps, reckoned by hand; and what is said of texts that are none."""

import re

import numpy as np
import pytest

from engine.session import Header, Recorder
from engine.session.queries.candidate_filter import parse


@pytest.fixture
def recorder() -> Recorder:
    """Six candidates: 0 sampled, 1 and 2 its children, 3 failed, 4 not scored yet, 5 handed in; 0 has died."""
    recorder = Recorder(Header(method="evolution"), None)
    told = (
        (-1, "sampled", ""),
        (0, "mutated", "normal node 1: sep 3×3 → skip"),
        (0, "mutated", "reduction node 2: skip → max 3×3"),
        (1, "mutated", "normal node 0: max 3×3 → none"),
        (2, "mutated", "normal node 1: skip → none"),
        (-1, "handed in", ""),
    )
    for parent, origin, change in told:
        recorder.candidate(b"{}", parent=parent, origin=origin, change=change)
    for number, score, seconds, size in ((0, 88.0, 1.0, 400_000), (1, 91.634, 2.5, 512_000), (2, 91.4, 2.0, 1_250_000)):
        recorder.score(number, score, seconds=seconds, parameters=size, unit="%")
    recorder.score(3, None, seconds=9.0, parameters=0, outcome="out of memory")
    recorder.score(5, 95.0, seconds=90.0, parameters=2_000_000, unit="%")
    recorder.measure(1, macs=90_000_000)
    recorder.death(0)
    return recorder


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("score > 91", [1, 2, 5]),
        ("score>91%", [1, 2, 5]),
        ("score >= 95 %", [5]),
        ("score < 88", []),
        ("score ≤ 88", [0]),
        ("score = 91.6", [1]),
        ("score = 91.63", [1]),
        ("score = 91", [2]),
        ("score = none", [3, 4]),
        ("score != none", [0, 1, 2, 5]),
        ("91.63 is nowhere in words", []),
        ("parameters < 500k", [0]),
        ("parameters < 500 k", [0]),
        ("Parameters = 1.25M", [2]),
        ("param > 512,000", [2, 5]),
        ("macs > 1M", [1]),
        ("seconds >= 2 s", [1, 2, 3, 5]),
        ("seconds > 1:00", [5]),
        ("parent = 0", [1, 2]),
        ("parent = none", [0, 5]),
        ("parent != 0", [0, 3, 4, 5]),
        ("died != none", [0]),
        ("number > 1, number < 4", [2, 3]),
        ("score > 91,parent=0", [1, 2]),
        ("score > 91 and parent = 0 skip", [1, 2]),
        ("skip", [1, 2, 4]),
        ("SEP 3x3", [1]),
        ("node 1 none", [4]),
        ("node 3", []),
        ("3", []),
        ("3x3", [1, 2, 3]),
        ("memory", [3]),
        ("hand", [5]),
        ("origin = mutated", [1, 2, 3, 4]),
        ("origin != mutated", [0, 5]),
        ("change = max", [2, 3]),
    ],
)
def test_keeps_what_it_says(recorder, text, kept) -> None:
    wanted = parse(text)
    assert np.flatnonzero(wanted.kept(recorder.view())).tolist() == kept


def test_an_empty_text_is_no_filter() -> None:
    assert parse("") is None
    assert parse(" , ") is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("score >", "score is compared with nothing: write score > 90"),
        ("score > high", "'high' is no number: write score > 90"),
        ("score > 3,5", "'3,5' is no number: write score > 90"),
        ("score > 1.2.3", "'1.2.3' is no number: write score > 90"),
        ("score > 1e999", "'1e999' is no number: write score > 90"),
        ("score > 0e999", "'0e999' is no number: write score > 90"),
        ("score > 90x", "'90x' is no number: write score > 90"),
        ("score > -", "'-' is no number: write score > 90"),
        ("score > none", "'none' is no number: write score > 90"),
        ("score >> 90", "score is compared with nothing: write score > 90"),
        ("> 90", "nothing stands before >: write score > 90"),
        ("parent", "parent is compared with nothing: write parent = 12"),
        ("origin > sampled", "origin is a text and has no order: write origin = mutated"),
        ("skip or none", "all conditions must hold: leave out 'or'"),
        (
            "size < 3",
            "there is no column 'size': number, score, parameters, macs, seconds, parent, born, died, origin, change",
        ),
        (
            "s < 3",
            "there is no column 's': number, score, parameters, macs, seconds, parent, born, died, origin, change",
        ),
    ],
)
def test_what_is_no_filter_is_said_in_one_line(text, fault) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(fault)}$"):
        parse(text)


def test_any_text_is_a_filter_or_refused_in_one_short_line() -> None:
    rng = np.random.default_rng(3)
    pieces = [
        "score",
        "parent",
        "or",
        ">",
        "<=",
        "=",
        "!",
        "90",
        "-",
        ".",
        ",",
        "k",
        "%",
        "e",
        "1e9",
        ":",
        " ",
        "×",
        "\n",
    ]
    for _ in range(2000):
        text = "".join(rng.choice(pieces, rng.integers(1, 9)))
        said = ""
        try:
            parse(text)
        except ValueError as fault:
            said = str(fault)
        assert "\n" not in said
        assert len(said) < 160


def test_it_is_a_function_of_the_view(recorder) -> None:
    early, wanted = recorder.view(), parse("skip, parent = 0")
    before = wanted.kept(early).tolist()
    for _ in range(3):
        recorder.candidate(b"{}", parent=0, origin="mutated", change="normal node 3: skip → none")
    assert np.flatnonzero(wanted.kept(recorder.view())).tolist() == [1, 2, 6, 7, 8]
    assert wanted.kept(early).tolist() == before
    other = Recorder(Header(method="evolution"), None)
    for parent in (-1, 0):
        other.candidate(b"{}", parent=parent, change="skip")
    assert wanted.kept(other.view()).tolist() == [False, True]
