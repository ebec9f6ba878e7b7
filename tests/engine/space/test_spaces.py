"""What every space promises, asked of each of them alike: those of the papers, and small members seen whole."""

import random
from collections import Counter
from math import prod

import msgspec
import pytest

from engine.plan import dumps, loads, preset
from engine.space import SPACES, Space
from engine.space.architecture import all_faults, from_bytes, to_bytes
from engine.space.counts import PUBLISHED, Skeleton, count
from engine.space.darts import DartsSpace
from engine.space.darts_recurrent import DartsRecurrentSpace
from engine.space.decisions import Decisions, OutsideSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.enas_recurrent import EnasRecurrentSpace
from engine.space.hierarchical import FlatSpace, HierarchicalSpace
from engine.space.limits import Limit
from engine.space.nas_rl import NasRlSpace
from engine.space.nas_rl_recurrent import NasRlRecurrentSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.pnas import PnasSpace

TWO = ("skip_connect", "conv_3x3")
SMALL = [
    DartsSpace(nodes=1, operations=TWO),
    PnasSpace(nodes=1, operations=TWO),
    NasBench201Space(nodes=2, operations=("none", *TWO)),
    NasRlSpace(layers=2, heights=(1, 3), widths=(5,), filters=(24,), strides=(1, 2)),
    NasRlSpace(layers=3, heights=(1,), widths=(1, 7), filters=(4, 2), anchors=False),
    EnasMacroSpace(layers=3, operations=("conv_3x3", "max_pool_3x3")),
    HierarchicalSpace(motifs=2, motif_nodes=2, cell_nodes=3, primitives=("conv_1x1", "skip_connect")),
    FlatSpace(cell_nodes=3, primitives=("depth_conv_3x3", "avg_pool_3x3", "conv_1x1")),
    DartsRecurrentSpace(nodes=3, activations=("tanh", "relu")),
    EnasRecurrentSpace(nodes=4, activations=("tanh", "relu", "identity")),
    NasRlRecurrentSpace(base=2).restrict("node 0 activation", ("tanh",)).restrict("memory read by", ("1", "2")),
]

every = pytest.mark.parametrize("kind", SPACES)
small = pytest.mark.parametrize("space", SMALL, ids=lambda space: f"{type(space).__name__}-{space.size()}")


def test_every_kind_of_space_has_a_small_member_or_is_tested_as_a_cell_family():
    kinds = {space.__struct_config__.tag for space in SMALL}
    assert kinds | {"nasnet", "amoebanet", "enas-micro", "nao"} == set(SPACES)


def number(space: Space, decisions: Decisions) -> int:
    """The rank of an architecture: how many come before it, counted decision by decision."""
    return sum(
        space.completions((*decisions[:place], earlier))
        for place, choice in enumerate(decisions)
        for earlier in range(choice)
    )


@every
def test_decoding_and_encoding_are_inverse(kind):
    space, rng = SPACES[kind](), random.Random(kind)
    for _ in range(100):
        decisions = space.sample(rng)
        architecture = space.decode(decisions)
        assert space.encode(architecture) == decisions
        assert not all_faults(architecture)
        assert from_bytes(to_bytes(architecture)) == architecture
        hash(space.canonical(architecture))


@every
def test_completions_add_up_and_ranks_count_them(kind):
    space, rng = SPACES[kind](), random.Random(kind)
    for _ in range(5):
        decisions = space.sample(rng)
        for place, decision in enumerate(space.questions(decisions)):
            prefix = decisions[:place]
            ways = [space.completions((*prefix, choice)) for choice in range(len(decision.choices))]
            assert sum(ways) == space.completions(prefix)
            assert len(decision.choices) == len(decision.refs) == len(set(decision.choices))
        assert space.completions(decisions) == 1
        assert space.at(number(space, decisions)) == decisions
    for rank in (0, space.size() - 1):
        assert number(space, space.at(rank)) == rank
    for rank in (-1, space.size()):
        with pytest.raises(OutsideSpace):
            space.at(rank)


@every
def test_samples_follow_the_number_of_completions_and_the_seed(kind):
    space = SPACES[kind]()
    rng = random.Random(0)
    samples = [space.sample(rng) for _ in range(1000)]
    again = random.Random(0)
    assert samples[:3] == [space.sample(again) for _ in range(3)]
    first = space.next(())
    for choice in range(len(first.choices)):
        share = space.completions((choice,)) / space.size()
        seen = sum(decisions[0] == choice for decisions in samples) / 1000
        assert abs(seen - share) < 5 * (share * (1 - share) / 1000) ** 0.5 + 1e-12


@every
def test_mutants_are_members_and_are_told_in_words(kind):
    space, rng = SPACES[kind](), random.Random(kind)
    decisions, changed = space.sample(rng), 0
    for _ in range(60):
        mutant = space.mutate(decisions, rng)
        space.questions(mutant)
        words = space.describe_change(decisions, mutant)
        assert (words == "no change") == (space.decode(mutant) == space.decode(decisions))
        changed += mutant != decisions
        decisions = mutant
    assert changed > 40
    assert space.describe_change(decisions, decisions) == "no change"


@every
def test_what_is_not_of_the_space_is_refused_in_one_line(kind):
    space, rng = SPACES[kind](), random.Random(kind)
    decisions = space.sample(rng)
    for wrong in (decisions[:-1], (*decisions, 0), (-1, *decisions[1:]), (10**6, *decisions[1:]), ()):
        with pytest.raises(OutsideSpace):
            space.decode(wrong)
    for other in SPACES.values():
        architecture = other().decode(other().sample(rng))
        try:
            again = space.decode(space.encode(architecture))
        except OutsideSpace as refused:  # some members of other spaces are members of this one, too
            again, reasons = None, str(refused).splitlines()
            assert len(reasons) == 1
        assert again in (architecture, None)
        assert again or other is not type(space)


@every
def test_a_plan_keeps_the_space(kind):
    plan = msgspec.structs.replace(preset("random-digits"), space=SPACES[kind]())
    assert loads(dumps(plan)).space == SPACES[kind]()
    assert all(getattr(SPACES[kind], text) for text in ("title", "about", "source"))


@small
def test_a_small_space_holds_so_many_different_architectures(space):
    members = [space.decode(space.at(rank)) for rank in range(space.size())]
    assert len(set(members)) == space.size()
    assert [space.encode(member) for member in members] == [space.at(rank) for rank in range(space.size())]
    assert 1 <= space.distinct() <= space.size()


@small
def test_samples_of_a_small_space_are_uniform(space):
    rng, size = random.Random(0), space.size()
    counts = Counter(space.sample(rng) for _ in range(20 * size))
    # Chi-square has mean size - 1 and variance 2 (size - 1).
    surprise = sum((counts[space.at(rank)] - 20) ** 2 / 20 for rank in range(size))
    assert abs(surprise - (size - 1)) < 5 * (2 * (size - 1)) ** 0.5


@small
def test_an_edit_is_kept_in_a_plan(space):
    plan = msgspec.structs.replace(preset("random-digits"), space=space)
    assert loads(dumps(plan)).space == space


class TestEditsOfIndependentDecisions:
    SPACE = DartsRecurrentSpace(nodes=3)

    def test_fewer_choices_at_one_place_leave_exactly_those_members(self):
        edited = self.SPACE.restrict("node 2 activation", ("relu", "tanh")).restrict("node 3 input", ("0",))
        whole = [self.SPACE.decode(self.SPACE.at(rank)) for rank in range(self.SPACE.size())]
        kept = [cell for cell in whole if cell.nodes[1].activation in ("tanh", "relu") and cell.nodes[2].source == 0]
        assert [edited.decode(edited.at(rank)) for rank in range(edited.size())] == kept
        outside = next(cell for cell in whole if cell.nodes[2].source == 1)
        with pytest.raises(OutsideSpace, match="node 3 input: '1' is not one of 0"):
            edited.encode(outside)
        assert edited.free("node 2 activation").free("node 3 input") == self.SPACE

    def test_an_edit_made_anew_replaces_the_old_one(self):
        edited = self.SPACE.restrict("node 3 input", ("0",)).restrict("node 3 input", ("1", "2"))
        assert edited.size() == self.SPACE.size() * 2 // 3

    def test_another_size_keeps_the_edits_that_are_still_there(self):
        edited = self.SPACE.restrict("node 1 activation", ("relu",)).restrict("node 3 input", ("0",))
        assert edited.sized(2) == DartsRecurrentSpace(nodes=2).restrict("node 1 activation", ("relu",))
        tree = NasRlRecurrentSpace(base=3).restrict("memory written by", ("4",)).restrict("memory read by", ("1", "4"))
        assert tree.sized(2) == NasRlRecurrentSpace(base=2).restrict("memory read by", ("1",))

    @pytest.mark.parametrize("space", [EnasMacroSpace(layers=3), HierarchicalSpace(), FlatSpace(cell_nodes=4)])
    def test_limits_are_kept(self, space):
        rng, skeleton = random.Random(0), Skeleton(channels=8)
        costs = sorted(count(space.decode(space.sample(rng)), skeleton).params for _ in range(50))
        limited = msgspec.structs.replace(
            space, limits=(Limit(counts="params", skeleton=skeleton, least=costs[10], most=costs[40]),)
        )
        decisions = limited.sample(rng)
        for _ in range(20):
            decisions = limited.mutate(decisions, rng)
            assert costs[10] <= count(limited.decode(decisions), skeleton).params <= costs[40]
            assert limited.encode(limited.decode(decisions)) == decisions
        outside = next(
            member
            for member in map(space.decode, iter(lambda: space.sample(rng), None))
            if not costs[10] <= count(member, skeleton).params <= costs[40]
        )
        with pytest.raises(OutsideSpace, match="parameters are"):
            limited.encode(outside)
        with pytest.raises(ValueError, match=r"limits: .* does not fit into the skeleton of imagenet"):
            msgspec.structs.replace(space, limits=(Limit(counts="macs", skeleton=PUBLISHED["imagenet"], most=1),))

    @pytest.mark.parametrize(
        ("place", "choices", "reason"),
        [
            ("node 9 input", ("0",), "nothing is decided at 'node 9 input'"),
            ("node 3 input", ("3",), "at node 3 input there is no '3'"),
            ("node 3 input", (), "node 3 input is left without any choice"),
        ],
    )
    def test_an_edit_that_makes_no_sense_is_refused(self, place, choices, reason):
        with pytest.raises(ValueError, match=reason):
            self.SPACE.restrict(place, choices)


def test_sizes_are_products_of_what_can_be_chosen():
    for kind in ("darts-rnn", "enas-rnn", "nas-rl-rnn", "nas-rl", "enas-macro", "hierarchical", "hierarchical-flat"):
        space = SPACES[kind]()
        questions = space.questions(space.at(0))
        assert space.size() == prod(len(question.choices) for question in questions)
