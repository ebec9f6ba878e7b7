"""Limits on parameters and MACs: nothing outside them is sampled, mutated to or encoded, in any space that has them."""

import random

import msgspec
import pytest

from engine.plan import PlanError, check, dumps, loads, override, preset
from engine.plan.methods.evolution import EvolutionSettings
from engine.plan.methods.random_search import RandomSettings
from engine.search.evolution import Evolution
from engine.search.random_search import RandomSearch
from engine.space.counts import PUBLISHED, Skeleton, count
from engine.space.darts import DartsSpace
from engine.space.decisions import DecisionSpace, OutsideSpace
from engine.space.limits import Limit, NothingFits
from engine.space.nasbench201 import NasBench201Space
from engine.space.nasnet import NasnetSpace
from engine.space.spaces import SPACES

SMALL = Skeleton(channels=4, layers=5, image=8)
STACKED = Skeleton(kind="nasbench201", channels=4, layers=5, image=8)


def skeleton_of(space: DecisionSpace) -> Skeleton:
    return STACKED if isinstance(space, NasBench201Space) else SMALL


def narrowed(space, share: float = 0.3):
    """The space with limits on both quantities that about the share of it keeps, and a test of them."""
    rng, skeleton = random.Random(0), skeleton_of(space)
    counts = [count(space.decode(space.sample(rng)), skeleton) for _ in range(200)]
    params, macs = sorted(one.params for one in counts), sorted(one.macs for one in counts)
    least, most = params[int(100 * (1 - share))], macs[int(100 + 90 * share)]
    limits = (
        Limit(counts="params", least=least, skeleton=skeleton),
        Limit(counts="macs", most=most, skeleton=skeleton),
    )

    def fits(architecture) -> bool:
        counted = count(architecture, skeleton)
        return counted.params >= least and counted.macs <= most

    return msgspec.structs.replace(space, limits=limits), fits


LIMITED = [kind for kind in SPACES.values() if "limits" in kind.__struct_fields__]


@pytest.mark.parametrize("kind", LIMITED)
def test_sampling_and_mutation_keep_to_the_limits(kind):
    space, fits = narrowed(kind())
    rng = random.Random(1)
    free = kind()
    assert not all(fits(free.decode(free.sample(rng))) for _ in range(40))  # the limits do cut something off
    for _ in range(40):
        decisions = space.sample(rng)
        assert fits(space.decode(decisions))
        assert fits(space.decode(space.mutate(decisions, rng)))
        assert space.encode(space.decode(decisions)) == decisions


def test_every_method_keeps_to_the_limits():
    space, fits = narrowed(DartsSpace())
    space = space.restrict(("skip_connect", "sep_conv_3x3", "dil_conv_5x5"), "normal")
    evolution = Evolution(EvolutionSettings(population=20, sample=5), space, random.Random(2))
    for searching in (evolution, RandomSearch(RandomSettings(), space, random.Random(3))):
        for number in range(120):
            architecture = space.decode(searching.ask(number).decisions)
            assert fits(architecture)
            used = {edge.operation for node in architecture.normal.nodes for edge in node.inputs}
            assert used <= {"skip_connect", "sep_conv_3x3", "dil_conv_5x5"}
            searching.tell(number, float(count(architecture, SMALL).macs))  # pulls towards the limit


def test_within_the_limits_all_are_equally_likely():
    free = NasBench201Space(nodes=2, operations=("none", "skip_connect", "nor_conv_3x3"))
    sizes = {rank: count(free.decode(free.at(rank)), STACKED).params for rank in range(free.size())}
    most = sorted(sizes.values())[12]
    kept = [rank for rank, params in sizes.items() if params <= most]
    space = msgspec.structs.replace(free, limits=(Limit(counts="params", most=most, skeleton=STACKED),))
    rng = random.Random(4)
    draws = [space.sample(rng) for _ in range(200 * len(kept))]
    times = [draws.count(free.at(rank)) for rank in kept]
    assert 0 < len(kept) < free.size()
    assert sum(times) == len(draws)
    assert all(140 < number < 260 for number in times)  # 200 expected, 14 their standard deviation


def test_a_space_in_which_nothing_fits_says_so_in_one_line():
    space = msgspec.structs.replace(DartsSpace(), limits=(Limit(counts="params", most=1000, skeleton=SMALL),))
    with pytest.raises(NothingFits) as caught:
        space.sample(random.Random(0))
    assert str(caught.value) == (
        "none of 10,000 architectures drawn has up to 1,000 parameters in a cifar skeleton of 5 layers and 4 channels; "
        "widen the limits of the space"
    )


def test_mutation_stays_where_no_neighbour_fits():
    free = NasBench201Space(nodes=1, operations=("skip_connect", "nor_conv_3x3"))
    heavy = max((free.at(rank) for rank in range(2)), key=lambda d: count(free.decode(d), STACKED).params)
    (light,) = {free.at(0), free.at(1)} - {heavy}
    most = count(free.decode(light), STACKED).params
    space = msgspec.structs.replace(free, limits=(Limit(counts="params", most=most, skeleton=STACKED),))
    assert space.mutate(light, random.Random(0)) == light
    assert space.mutate(heavy, random.Random(0)) == light  # one that was handed in from outside comes back inside


def test_encode_refuses_what_is_outside_and_says_why():
    free = NasnetSpace()
    decisions = free.sample(random.Random(0))
    value = count(free.decode(decisions), SMALL).params
    for limit, reason in (
        (Limit(counts="params", most=value - 1, skeleton=SMALL), f"{value:,} parameters are more than {value - 1:,}"),
        (Limit(counts="params", least=value + 1, skeleton=SMALL), f"{value:,} parameters are fewer than {value + 1:,}"),
    ):
        space = msgspec.structs.replace(free, limits=(limit,))
        with pytest.raises(OutsideSpace, match=reason):
            space.encode(free.decode(decisions))
    exactly = Limit(counts="params", least=value, most=value, skeleton=SMALL)
    assert msgspec.structs.replace(free, limits=(exactly,)).encode(free.decode(decisions)) == decisions


def test_only_what_fits_counts_as_distinct():
    free = NasBench201Space(nodes=1)
    most = sorted(count(free.decode(free.at(rank)), STACKED).params for rank in range(5))[3]
    space = msgspec.structs.replace(free, limits=(Limit(counts="params", most=most, skeleton=STACKED),))
    assert (free.distinct(), space.distinct()) == (5, 4)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: Limit(counts="params", skeleton=SMALL), "one on parameters says neither least nor most"),
        (lambda: Limit(counts="macs", least=2, most=1, skeleton=SMALL), r"least MACs \(2\) exceed the most \(1\)"),
        (lambda: DartsSpace(limits=(Limit(counts="macs", most=1, skeleton=STACKED),)), "do not fit into the skeleton"),
        (lambda: NasBench201Space(limits=(Limit(counts="macs", most=1, skeleton=SMALL),)), "does not fit into"),
    ],
)
def test_meaningless_limits_are_refused_with_the_reason(make, reason: str):
    with pytest.raises(ValueError, match=reason):
        make()


def test_a_plan_records_the_limits_with_their_skeleton():
    limits = (
        Limit(counts="params", most=3_500_000, skeleton=PUBLISHED["cifar"]),
        Limit(counts="macs", least=1, most=600_000_000, skeleton=PUBLISHED["imagenet"]),
    )
    plan = msgspec.structs.replace(preset("evolution-digits"), space=DartsSpace(limits=limits))
    assert "[[space.limits]]" in dumps(plan)
    assert loads(dumps(plan)) == plan
    check(plan)


def test_bad_limits_in_a_plan_are_told_in_one_line():
    text = dumps(preset("evolution-digits"))
    for lines, reason in (
        ('[[space.limits]]\ncounts = "params"\nskeleton = {}', "neither least nor most"),
        ('[[space.limits]]\ncounts = "weight"\nmost = 1\nskeleton = {}', "weight"),
        ('[[space.limits]]\ncounts = "params"\nmost = -1\nskeleton = {}', "limits"),
        ('[[space.limits]]\ncounts = "params"\nmost = 1\nskeleton = {kind = "nasbench201"}', "do not fit"),
        ('[[space.limits]]\ncounts = "params"\nmost = 1', "skeleton"),
    ):
        with pytest.raises(PlanError, match=reason) as caught:
            loads(text.replace("limits = []\n", "") + f"\n{lines}\n")
        assert "\n" not in str(caught.value)


def test_a_supernet_refuses_a_space_with_limits():
    space = DartsSpace(limits=(Limit(counts="params", most=10**6, skeleton=SMALL),))
    with pytest.raises(PlanError) as caught:
        check(msgspec.structs.replace(preset("darts-digits"), space=space))
    assert caught.value.key == "space.limits"
    check(override(preset("darts-digits"), ["space.nodes=3"]))


class TestKnownInPart:
    RANKS = sorted(random.Random(4).sample(range(15_625), 60))
    WHOLE = NasBench201Space()
    PART = WHOLE.among(RANKS)
    MEMBERS = frozenset(map(WHOLE.at, RANKS))

    def test_all_that_is_known_is_sampled_and_nothing_else(self):
        rng = random.Random(0)
        assert {self.PART.sample(rng) for _ in range(600)} == self.MEMBERS

    def test_a_mutation_leads_to_another_member_that_differs_little(self):
        rng, apart = random.Random(0), []
        for _ in range(200):
            before = self.PART.sample(rng)
            after = self.PART.mutate(before, rng)
            assert after in self.MEMBERS - {before}
            apart.append(sum(old != new for old, new in zip(before, after, strict=True)))
        chance = sum(
            sum(old != new for old, new in zip(a, b, strict=True)) for a in self.MEMBERS for b in self.MEMBERS
        ) / (60 * 59)
        assert sum(apart) / len(apart) < chance - 0.8

    def test_mutations_wander_through_all_of_it(self):
        rng, seen = random.Random(0), set()
        here = self.PART.sample(rng)
        for _ in range(900):
            here = self.PART.mutate(here, rng)
            seen.add(here)
        assert len(seen) > 50

    def test_what_is_diversified_or_drawn_from_elsewhere_is_known(self):
        rng = random.Random(0)
        assert all(self.PART.diversified(rng, 5) in self.MEMBERS for _ in range(20))
        assert all(self.PART.mutate(self.WHOLE.sample(rng), rng) in self.MEMBERS for _ in range(20))

    def test_beginnings_that_lead_to_members_are_told_from_others(self):
        known = self.PART.known
        beginnings = {member[:length] for member in self.MEMBERS for length in range(7)}
        for rank in range(0, 15_625, 41):
            for length in range(7):
                prefix = self.WHOLE.at(rank)[:length]
                assert known.reaches(prefix) == (prefix in beginnings)

    def test_others_are_outside(self):
        stranger = next(rank for rank in range(15_625) if rank not in self.RANKS)
        with pytest.raises(OutsideSpace, match="the table has no such architecture"):
            self.PART.encode(self.WHOLE.decode(self.WHOLE.at(stranger)))
        inside = self.WHOLE.at(self.RANKS[0])
        assert self.PART.encode(self.WHOLE.decode(inside)) == inside

    def test_one_member_alone_is_all_there_is(self):
        part, rng = self.WHOLE.among([7]), random.Random(0)
        assert part.mutate(part.sample(rng), rng) == part.sample(rng) == self.WHOLE.at(7)

    def test_limits_hold_beside_it(self):
        narrow, fits = narrowed(self.WHOLE, 0.6)
        part, rng = narrow.among(self.RANKS), random.Random(0)
        found = {part.sample(rng) for _ in range(300)}
        assert found == {member for member in self.MEMBERS if fits(self.WHOLE.decode(member))}
        assert 0 < len(found) < 60
        assert all(part.mutate(member, rng) in found for member in found)

    def test_a_space_without_limits_has_no_part(self):
        assert {kind().among([1]) for kind in SPACES.values() if kind not in LIMITED} == {None}
