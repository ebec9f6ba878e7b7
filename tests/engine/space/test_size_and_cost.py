"""What is said of a whole space, against counting every member of it."""

from statistics import median_low

import msgspec
import pytest

from engine.space.amoebanet import AmoebaNetSpace
from engine.space.cost_distribution import joint
from engine.space.counts import LanguageModel, Skeleton, count
from engine.space.darts import DartsSpace
from engine.space.darts_recurrent import DartsRecurrentSpace
from engine.space.limits import Limit
from engine.space.nasbench201 import NasBench201Space
from engine.space.nasnet import NasnetSpace
from engine.space.pnas import PnasSpace
from engine.space.size_and_cost import DRAWS, CellCosts, Figures, Share, Statistics, statistics

SMALL = Skeleton(channels=6, layers=4, image=16)
STACKED = Skeleton(kind="nasbench201", channels=4, layers=5, image=8)
FEW = ("none", "skip_connect", "sep_conv_3x3", "conv_1x1")
DARTS = DartsSpace(nodes=2, operations=("none", "skip_connect", "sep_conv_3x3"))


def last(space, frame, **rest) -> Statistics:
    *_, final = statistics(space, frame, **rest)
    return final


def figures(values) -> Figures:
    return Figures(min(values), median_low(values), max(values), True, True)


@pytest.mark.parametrize(
    "space",
    [
        DARTS,
        DartsSpace(nodes=2, operations=("skip_connect", "conv_1x1"), inputs=3),
        DartsSpace(nodes=2, operations=FEW)
        .restrict(("conv_1x1", "skip_connect"), "reduction")
        .fix((1, 2))
        .restrict(("sep_conv_3x3",), edge=(1, 0))
        .restrict((), "normal", (1, 1)),
        PnasSpace(nodes=2, operations=FEW[1:]),
        PnasSpace(nodes=2, operations=FEW[1:]).fix((1, 2)).restrict((), edge=(0, 1)),
        NasnetSpace(nodes=1, operations=FEW[1:], output="nodes"),
        NasnetSpace(nodes=1, operations=FEW[1:], output="last node"),
        NasBench201Space(nodes=2, operations=("none", "skip_connect", "nor_conv_3x3")).fix((1, 0)),
    ],
)
def test_exact_spreads_are_those_of_all_members(space):
    """The whole spread by closed form, not by enumeration: larger spaces have nothing else."""
    frame = STACKED if isinstance(space, NasBench201Space) else SMALL
    for quantity in ("params", "macs"):
        expected: dict[int, int] = {}
        for rank in range(space.size()):
            value = getattr(count(space.decode(space.at(rank)), frame), quantity)
            expected[value] = expected.get(value, 0) + 1
        costs = CellCosts(space, frame, quantity)
        assert costs.spread() == expected
        assert costs.bounds() == (min(expected), max(expected))


def test_the_whole_darts_space_is_exact():
    found = last(DartsSpace(), Skeleton(channels=16, layers=8))
    assert (found.size, found.drawn, found.share) == (1_076_746_950_455_072_400, 0, None)
    assert found.params.bounds_exact
    assert found.params.median_exact
    costs = CellCosts(DartsSpace(), Skeleton(channels=16, layers=8), "params")
    spread = costs.spread()
    assert sum(spread.values()) == found.size
    below = sum(ways for value, ways in spread.items() if value < found.params.median)
    assert below < found.size / 2 <= below + spread[found.params.median]


def test_without_limits_bounds_come_first_and_are_final():
    first, *rest = (known.params for known in statistics(DartsSpace(), SMALL))
    assert first is None
    assert rest[0].median is None
    assert {(known.least, known.most) for known in rest} == {(rest[0].least, rest[0].most)}


def test_a_small_space_is_counted_member_by_member():
    """Loose ends make the output depend on what is read, so there is no closed form."""
    space = AmoebaNetSpace(nodes=2, operations=("skip_connect", "conv_1x1"), inputs=1)
    counts = [count(space.decode(space.at(rank)), SMALL) for rank in range(space.size())]
    assert len(counts) < DRAWS
    found = last(space, SMALL)
    assert found.params == figures([one.params for one in counts])
    assert found.macs == figures([one.macs for one in counts])
    assert found.drawn == space.size()


def test_the_limits_of_a_small_space_are_counted_exactly():
    most = sorted(count(DARTS.decode(DARTS.at(rank)), SMALL).params for rank in range(0, DARTS.size(), 50))[9]
    space = msgspec.structs.replace(DARTS, limits=(Limit(counts="params", most=most, skeleton=SMALL),))
    counts = [count(space.decode(space.at(rank)), SMALL) for rank in range(space.size())]
    kept = [one for one in counts if one.params <= most]
    found = last(space, SMALL)
    assert 0 < len(kept) < len(counts) == found.size
    assert (found.share.kept, found.share.drawn, found.share.whole) == (len(kept), len(counts), True)
    assert found.share.interval == (len(kept) / len(counts),) * 2
    assert found.params == figures([one.params for one in kept])
    assert found.macs == figures([one.macs for one in kept])


def test_large_spaces_are_estimated_from_members_and_say_so():
    found = last(AmoebaNetSpace(), SMALL)
    assert (found.drawn, found.share) == (DRAWS, None)
    assert not found.params.bounds_exact
    assert not found.params.median_exact
    assert found.params.least < found.params.median < found.params.most


def test_the_share_within_limits_has_an_error_that_holds_the_truth():
    """Of the DARTS space the spread is known exactly, so the estimate can be checked."""
    spread = CellCosts(DartsSpace(), SMALL, "params").spread()
    most = sorted(spread)[len(spread) // 3]
    truth = sum(ways for value, ways in spread.items() if value <= most) / sum(spread.values())
    space = DartsSpace(limits=(Limit(counts="params", most=most, skeleton=SMALL),))
    found = last(space, SMALL)
    low, high = found.share.interval
    assert low < truth < high < low + 0.05
    assert found.params.most <= most
    assert not found.params.bounds_exact


def test_an_interval_is_never_surer_than_the_draws_allow():
    assert Share(0, 0).interval == (0.0, 1.0)
    low, high = Share(0, 3000).interval
    assert (low, high) == pytest.approx((0.0, 0.00128), abs=1e-5)
    low, high = Share(3000, 3000).interval
    assert (low, high) == pytest.approx((0.99872, 1.0), abs=1e-5)
    assert Share(1500, 3000).interval == pytest.approx((0.48211, 0.51789), abs=2e-5)  # .5 ± 1.96 √(.25 / 3000)


def test_recurrent_cells_all_count_the_same():
    space, frame = DartsRecurrentSpace(), LanguageModel(hidden=10, words=100)
    found = last(space, frame)
    assert found.params == figures([count(space.decode(space.at(7)), frame).params])


def test_a_frame_that_does_not_fit_is_told():
    found = last(NasBench201Space(), SMALL)
    assert found.size == 15_625
    assert found.fault == "a single stacked cell does not fit into the skeleton of cifar"


def test_it_ends_when_nobody_wants_it_any_more():
    asked = []

    def twice() -> bool:
        asked.append(None)
        return len(asked) <= 150

    found = list(statistics(AmoebaNetSpace(), SMALL, going_on=twice))
    assert [known.drawn for known in found] == [0, 100]


def test_the_same_seed_gives_the_same_figures():
    space = AmoebaNetSpace()
    assert last(space, SMALL, seed=1) == last(space, SMALL, seed=1) != last(space, SMALL, seed=2)


def test_spreads_join_as_sums_of_dice_do():
    die = dict.fromkeys(range(1, 7), 1)
    both = joint(die, die)
    assert both == {total: 6 - abs(7 - total) for total in range(2, 13)}
