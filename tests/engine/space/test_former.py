"""What was recorded before spaces took the operations of their authors' code still means what it meant."""

import msgspec
import pytest

from engine import plan as plans
from engine.space import SPACES
from engine.space.architecture import CellArchitecture
from engine.space.cells import Cell, Edge, Node
from engine.space.counts import Skeleton, count
from engine.space.former import FORMER, recorded, recorded_plan
from engine.space.operations import OPERATIONS, label

OLD = 'name = "old"\n[space]\nkind = "{}"\n[method]\nkind = "evolution"\n[evaluator]\nkind = "proxy"\n'


@pytest.mark.parametrize("kind", FORMER)
def test_a_recorded_plan_that_names_no_operations_means_those_of_its_time(kind: str):
    plan = plans.loads_recorded(OLD.format(kind))
    assert plan.space == SPACES[kind](operations=FORMER[kind])
    assert plan.space.size() == SPACES[kind]().size()
    assert plans.loads(plans.dumps(plan)) == plan  # started again, it searches the same networks
    assert plans.loads(OLD.format(kind)).space == SPACES[kind]()  # what is written today means today's


@pytest.mark.parametrize("kind", SPACES)
def test_what_the_program_records_names_its_operations_and_is_left_alone(kind: str):
    plan = plans.loads(OLD.format(kind).replace('kind = "proxy"', 'kind = "trained"'))
    text = plans.dumps(plan)
    assert recorded_plan(text) == text
    assert "operations" in text or kind not in FORMER
    plain = msgspec.to_builtins(SPACES[kind]())
    assert recorded(plain) == plain


@pytest.mark.parametrize(
    "text",
    ["", "not TOML [", 'space = "nasnet"', '[space]\nkind = "unheard of"', "[space]\nkind = 7", "x = " + "[" * 100_000],
)
def test_any_other_text_stays_as_it_is(text: str):
    assert recorded_plan(text) == text


def test_edits_of_an_old_plan_keep_their_meaning():
    text = OLD.format("pnas").replace(
        "[method]", '[[space.restrictions]]\noperations = ["conv_7x1_1x7", "skip_connect"]\nfixed = false\n[method]'
    )
    space = plans.loads_recorded(text).space
    assert space.palette("cell", (0, 0)) == ("conv_7x1_1x7", "skip_connect")
    with pytest.raises(plans.PlanError, match="restrictions"):
        plans.loads(text)


def test_old_operations_are_told_apart_from_new_ones():
    """By name, by label, and by what they count: 14 C² and a norm for the old 1×7 7×1, in a cell of 16 channels."""
    pairs = [
        (old, new) for kind, names in FORMER.items() for old, new in zip(names, SPACES[kind]().operations, strict=True)
    ]
    changed = {(old, new) for old, new in pairs if old != new}
    assert {old for old, _ in changed} == {"skip_connect", "conv_3x1_1x3", "conv_7x1_1x7", "conv_3x3", "dil_conv_3x3"}
    for old, new in changed:
        assert label(old) != label(new)
        assert OPERATIONS[old].kind == OPERATIONS[new].kind
    assert label("conv_7x1_1x7") == "conv 1×7 7×1"
    frame = Skeleton(channels=8, layers=1)  # one cell, which reduces

    def params(name: str) -> int:
        cell = Cell((Node((Edge(0, name),)),), (2,))
        return count(CellArchitecture(normal=cell, reduction=cell), frame).params

    assert params("conv_7x1_1x7") - params("none") == 14 * 16 * 16 + 2 * 16
