"""What every space inherits, on a made-up space that has nothing to do with cells."""

import random
from collections import Counter
from collections.abc import Hashable

import pytest

from engine.space.decisions import Decision, Decisions, DecisionSpace, OutsideSpace


class Words(DecisionSpace):
    """Words of a given length: how many letters, then each letter, a vowel first; "a" may not follow "a".

    Choosing step by step would favour short words, later choices depend on earlier ones, and one choice leads nowhere.
    """

    def next(self, prefix: Decisions) -> Decision | None:
        if not prefix:
            return Decision("length", ("none", "one", "two", "three"), (None,) * 4, "length")
        if len(prefix) > prefix[0]:
            return None
        letters = self._letters(prefix)
        return Decision("letter", letters, (None,) * len(letters), f"letter {len(prefix)}")

    def _letters(self, prefix: Decisions) -> tuple[str, ...]:
        if len(prefix) == 1:
            return ("a", "e")
        before = self._letters(prefix[:-1])[prefix[-1]]
        return ("b", "c", "e") if before == "a" else ("a", "b", "c", "e")

    def completions(self, prefix: Decisions) -> int:
        if prefix == (0,):
            return 0  # no empty word
        decision = self.next(prefix)
        return sum(self.completions((*prefix, i)) for i in range(len(decision.choices))) if decision else 1

    def decode(self, decisions: Decisions) -> str:  # type: ignore[override]
        self.questions(decisions)
        return "".join(self._letters(decisions[:at])[decisions[at]] for at in range(1, len(decisions)))

    def encode(self, architecture: str) -> Decisions:  # type: ignore[override]
        decisions: Decisions = (len(architecture),)
        for letter in architecture:
            decisions = (*decisions, self._letters(decisions).index(letter))
        return decisions

    def canonical(self, architecture: str) -> Hashable:  # type: ignore[override]
        return architecture


SPACE = Words()
WORDS = ["a", "e", "ab", "ac", "ae", "ea", "eb", "ec", "ee"]  # and those of three letters
WORDS += [
    first + second + third
    for first in "ae"
    for second in "abce"
    for third in "abce"
    if "aa" not in (first + second, second + third)
]


def test_size_counts_the_architectures():
    assert SPACE.size() == len(WORDS) == 2 + 7 + 27


def test_ranks_run_through_the_space_once():
    assert sorted(SPACE.decode(SPACE.at(rank)) for rank in range(SPACE.size())) == sorted(WORDS)
    with pytest.raises(OutsideSpace):
        SPACE.at(SPACE.size())


def test_samples_are_uniform_over_architectures_and_not_over_choices():
    rng = random.Random(0)
    counts = Counter(SPACE.decode(SPACE.sample(rng)) for _ in range(7_200))
    assert set(counts) == set(WORDS)
    # Chi-square with 35 degrees of freedom: its 99.99 % quantile is 75. Step by step it would be thousands.
    assert sum((count - 200) ** 2 / 200 for count in counts.values()) < 75


def test_the_same_seed_gives_the_same_samples():
    assert [SPACE.sample(random.Random(7)) for _ in range(3)] == [SPACE.sample(random.Random(7)) for _ in range(3)]


def test_a_mutant_is_another_valid_architecture():
    rng = random.Random(0)
    for word in WORDS:
        decisions = SPACE.encode(word)
        for kind in (None, "length", "letter"):
            for _ in range(20):
                mutant = SPACE.mutate(decisions, rng, kind)
                assert SPACE.decode(mutant) in WORDS
                assert mutant != decisions
                assert (mutant[0] != decisions[0]) or kind != "length"
                assert (mutant[0] == decisions[0]) or kind != "letter"


def test_a_mutant_keeps_later_answers_that_are_still_open():
    rng = random.Random(0)
    # Only the first letter of "eac" can become "a"; the second letter may then not be "a" and is drawn anew.
    mutants = {SPACE.decode(SPACE.mutate(SPACE.encode("eac"), rng, "letter")) for _ in range(500)}
    assert mutants == {"abc", "acc", "aec", "ebc", "ecc", "eec", "eab", "eae"}
    longer = {SPACE.decode(SPACE.mutate(SPACE.encode("eb"), rng, "length")) for _ in range(200)}
    assert longer == {"e", "eba", "ebb", "ebc", "ebe"}


def test_a_kind_that_nothing_has_changes_nothing():
    decisions = SPACE.encode("abc")
    assert SPACE.mutate(decisions, random.Random(0), "colour") == decisions


def test_changes_in_words():
    assert SPACE.describe_change(SPACE.encode("abc"), SPACE.encode("abe")) == "letter 3: c → e"
    # The same letter has another number after "a" than after "e"; only the first letter has changed.
    assert SPACE.describe_change(SPACE.encode("abc"), SPACE.encode("ebc")) == "letter 1: a → e"
    assert SPACE.describe_change(SPACE.encode("ab"), SPACE.encode("ab")) == "no change"
    assert SPACE.describe_change(SPACE.encode("ab"), SPACE.encode("a")) == "length: two → one; 3 decisions → 2"


@pytest.mark.parametrize(
    ("decisions", "reason"),
    [
        ((), "0 decisions are too few: length is still open"),
        ((2, 0), "2 decisions are too few: letter 2 is still open"),
        ((1, 0, 0), "3 decisions are too many: the space asks for 2"),
        ((1, 2), r"decision 1 \(letter 1\): 2 is none of 2 choices"),
        ((-1,), r"decision 0 \(length\): -1 is none of 4 choices"),
    ],
)
def test_decisions_that_the_space_does_not_have(decisions: Decisions, reason: str):
    with pytest.raises(OutsideSpace, match=reason):
        SPACE.questions(decisions)
