"""A search in a space that was edited by hand: what it evaluates obeys every edit."""

import msgspec
import pytest

from engine.evaluate import Outcome
from engine.evaluate.trained import Evaluator
from engine.plan import override
from engine.space.architecture import from_bytes
from engine.space.counts import Skeleton, count
from engine.space.darts import DartsSpace
from engine.space.edit_operations import Restriction
from engine.space.limits import Limit

SKELETON = Skeleton(channels=4, layers=3, image=8, in_channels=1)
MOST = 9_000


@pytest.fixture
def quick(monkeypatch):
    """Candidates are scored by their size instead of by training, so that evolution pulls towards the limit."""

    def evaluate(self, architecture, candidate, report, pulse):
        return Outcome(float(count(architecture, SKELETON).params), 0.0, 1, "ok", "")

    monkeypatch.setattr(Evaluator, "evaluate", evaluate)


@pytest.mark.parametrize("method", ["evolution", "random"])
def test_no_candidate_breaks_an_edit(search, sampling_plan, quick, method: str):
    space = DartsSpace(nodes=3).edited(
        [
            Restriction(cell="normal", operations=("skip_connect", "sep_conv_3x3")),
            Restriction(cell="normal", edge=(1, 0), operations=("sep_conv_3x3",), fixed=True),
            Restriction(cell="reduction", edge=(2, 2), operations=()),
        ]
    )
    space = msgspec.structs.replace(space, limits=(Limit(counts="params", most=MOST, skeleton=SKELETON),))
    changes = [f"method={method}", "budget.evaluations=150"]
    if method == "evolution":
        changes += ["method.population=20", "method.sample=10"]
    plan = msgspec.structs.replace(override(sampling_plan, changes), space=space)
    view, ending = search(plan)
    assert ending.state == "finished"
    rows = view.rows("candidates")
    assert len(rows) == 150
    best = 0
    for row in rows:
        architecture = from_bytes(view.bytes(row["architecture"]))
        best = max(best, count(architecture, SKELETON).params)
        normal = [(index, edge) for index, node in enumerate(architecture.normal.nodes) for edge in node.inputs]
        assert {edge.operation for _, edge in normal} <= {"skip_connect", "sep_conv_3x3"}
        assert [edge.operation for index, edge in normal if (index, edge.source) == (1, 0)] == ["sep_conv_3x3"]
        assert 2 not in [edge.source for edge in architecture.reduction.nodes[2].inputs]
    assert 0.8 * MOST < best <= MOST


def test_a_search_in_which_nothing_fits_fails_with_one_line(search, sampling_plan, quick):
    space = msgspec.structs.replace(sampling_plan.space, limits=(Limit(counts="params", most=9, skeleton=SKELETON),))
    _, ending = search(msgspec.structs.replace(sampling_plan, space=space))
    assert ending.state == "failed"
    assert ending.message.startswith("none of 10,000 architectures drawn has up to 9 parameters")
    assert "\n" not in ending.message
