"""What the driver measures and records of a one-shot search, and that it disturbs nothing."""

import math

import numpy as np
import pytest

from engine import plan as plans
from engine.run import loop
from engine.search.darts import Darts
from engine.session import LEVELS
from engine.space.architecture import CellArchitecture, from_bytes
from engine.space.cells import Cell, Edge, Node


def curve(view, name: str):
    names = [view.text(row["name"]) for row in view.rows("series")]
    rows = view.rows("scalars")
    return rows[rows["series"] == names.index(name)] if name in names else rows[:0]


def warnings(view) -> list[str]:
    return [view.text(row["text"]) for row in view.rows("log") if LEVELS[row["level"]] == "warning"]


def test_every_look_is_measured(one_shot_session):
    view, _ = one_shot_session
    weights = view.rows("weights")
    entropy, share = curve(view, "entropy (normal)"), curve(view, "share of most entropy (normal)")
    assert entropy["step"].tolist() == share["step"].tolist() == weights["step"].tolist()
    values = weights["values"][:, 0].astype(float)
    expected = -(values * np.log(values)).sum(-1).mean(-1)
    np.testing.assert_allclose(entropy["value"], expected, rtol=1e-6)
    np.testing.assert_allclose(share["value"], 100 * expected / math.log(4), rtol=1e-6)
    last = from_bytes(view.bytes(view.rows("derived")[-1]["architecture"]))
    operations = [edge.operation for node in last.normal.nodes for edge in node.inputs]
    assert curve(view, "share of skips (normal)")["value"][-1] == 100 * operations.count("skip_connect") / 4
    free = operations.count("skip_connect") + operations.count("max_pool_3x3")
    assert curve(view, "share of parameter-free (normal)")["value"][-1] == 100 * free / 4
    changed = curve(view, "changed edges")
    assert changed["step"].tolist() == weights["step"].tolist()[1:]
    assert 0 < np.count_nonzero(changed["value"]) < len(view.rows("derived"))  # an order may change, and no edge
    assert len(curve(view, "Hessian eigenvalue")) == 0


@pytest.mark.slow
def test_the_search_is_the_same_to_the_bit_with_and_without_the_eigenvalue(search, one_shot_plan, one_shot_session):
    watched, _ = search(plans.override(one_shot_plan, ["instruments.hessian_every=5", "instruments.hessian_batch=20"]))
    alone, _ = one_shot_session
    found = {int(row["step"]): row["values"] for row in watched.rows("weights")}
    for row in alone.rows("weights"):
        np.testing.assert_array_equal(row["values"], found[int(row["step"])])
    for name in ("train loss", "validation loss", "validation accuracy (epoch)"):
        np.testing.assert_array_equal(curve(watched, name)["value"], curve(alone, name)["value"])
    eigenvalues, seconds = curve(watched, "Hessian eigenvalue"), curve(watched, "Hessian seconds")
    assert eigenvalues["step"].tolist() == seconds["step"].tolist() == [4, 9]
    assert (eigenvalues["value"] != 0).all()
    assert (seconds["value"] > 0).all()
    assert set(eigenvalues["step"]) <= set(watched.rows("weights")["step"])


def cells(operation: str) -> CellArchitecture:
    node = Node((Edge(0, operation), Edge(1, operation)))
    cell = Cell((node, node), (2, 3))
    return CellArchitecture(normal=cell, reduction=cell)


@pytest.fixture
def collapsing(monkeypatch, one_shot_plan):
    """A plan, and a method whose cell is all skips after its sixth step; an epoch has 3 steps."""
    monkeypatch.setattr(Darts, "derive", lambda self: cells("sep_conv_3x3" if self._step <= 6 else "skip_connect"))
    return plans.override(one_shot_plan, ["method.alpha_lr=0.2"])


TEXT = "the normal cell is collapsing onto skip connections: 4 of 4 edges are skips; last healthy at step 6 (epoch 2)"


def test_a_collapse_is_told_once_with_the_moment_before(search, collapsing):
    view, ending = search(collapsing)
    assert ending == loop.Ending("finished")
    (alarm,) = view.rows("alarms")
    assert (int(alarm["step"]), int(alarm["healthy"])) == (11, 5)
    assert view.text(alarm["text"]) == TEXT
    assert [line for line in warnings(view) if "collapsing" in line] == [TEXT]
    then = view.source.view(float(alarm["at"]))
    assert from_bytes(then.bytes(then.rows("derived")[-1]["architecture"])) == cells("sep_conv_3x3")
    assert then.rows("weights")["step"][-1] == 5


def test_it_may_end_the_search_which_then_keeps_the_healthy_cell(search, collapsing):
    view, ending = search(plans.override(collapsing, ["instruments.stop=true", "budget.epochs=8"]))
    assert ending == loop.Ending("finished", f"the alarm: {TEXT}")
    assert curve(view, "train loss")["step"][-1] == 11
    last = view.rows("derived")[-1]
    assert int(last["step"]) == 5
    assert from_bytes(view.bytes(last["architecture"])) == cells("sep_conv_3x3")


def test_a_space_with_nothing_to_learn_raises_no_alarm(search, one_shot_plan):
    plan = plans.override(one_shot_plan, ["space.operations=skip_connect,max_pool_3x3", "method.alpha_lr=0.2"])
    view, ending = search(plan)
    assert ending.state == "finished"
    assert len(view.rows("alarms")) == 0


@pytest.mark.slow
def test_dropped_operations_have_no_weight_and_stages_are_told(search, one_shot_plan):
    changes = ["method=pdarts", "method.channels=2", "method.layers=[3, 3, 3]", "method.kept=[2, 2]", "method.batch=30"]
    view, ending = search(plans.override(one_shot_plan, [*changes, "budget.epochs=3"]))
    assert ending == loop.Ending("finished")
    weights = view.rows("weights")
    carried = np.isfinite(weights["values"]).sum(-1)
    assert (carried[weights["step"] < 3] == 4).all()
    assert (carried[weights["step"] >= 3] == 2).all()
    assert weights["step"].tolist().count(3) == 1, "a new stage is looked at after its first step"
    assert sorted(set(curve(view, "stage")["value"])) == [1, 2, 3]
    lines = [view.text(row["text"]) for row in view.rows("log")]
    assert [line.split(":")[0] for line in lines if line.startswith("stage")] == [f"stage {n} of 3" for n in (1, 2, 3)]
    assert len(view.rows("alarms")) == 0


@pytest.mark.slow
def test_a_network_of_a_single_kind_of_cell_is_watched_alike(search, one_shot_plan):
    plan = plans.override(one_shot_plan, ["space=nasbench201", "instruments.hessian_every=12", "budget.epochs=4"])
    view, ending = search(plan)
    assert ending == loop.Ending("finished")
    assert len(curve(view, "entropy (cell)")) == len(view.rows("weights"))
    assert np.isfinite(curve(view, "Hessian eigenvalue")["value"]).all()
