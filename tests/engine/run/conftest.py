"""Plans that run in a second or two, and searches in memory."""

from collections.abc import Callable
from concurrent.futures import Executor
from functools import cache

import numpy as np
import pytest

from engine import plan as plans
from engine.plan import Plan
from engine.run import Controls
from engine.run.preflight import header_of
from engine.session import Recorder

SPACE = ("space.nodes=2", "space.operations=none,skip_connect,max_pool_3x3,sep_conv_3x3")
DATA = ("data.test_share=0.9", "threads=1")  # leaves 90 images to train on and 90 to validate on


@cache
def _one_shot_plan() -> Plan:
    changes = ("method.channels=2", "method.layers=3", "method.batch=30", "budget.epochs=4", "method.alpha_lr=0.05")
    return plans.override(plans.preset("darts-digits"), (*SPACE, *DATA, *changes, "budget.seconds=none"))


@cache
def _sampling_plan() -> Plan:
    network = ("evaluator.channels=2", "evaluator.layers=3", "evaluator.batch=30", "evaluator.epochs=2")
    method = ("method.population=3", "method.sample=2", "budget.evaluations=6", "budget.seconds=none")
    return plans.override(plans.preset("evolution-digits"), (*SPACE, *DATA, *network, *method))


@pytest.fixture
def one_shot_plan() -> Plan:
    """DARTS with 3 steps an epoch, 4 epochs."""
    return _one_shot_plan()


@pytest.fixture
def sampling_plan() -> Plan:
    """Evolution with a population of 3 and 6 evaluations of 2 epochs each."""
    return _sampling_plan()


@pytest.fixture(scope="session")
def one_shot_session():
    """What `one_shot_plan` comes to: the view and the ending. Shared, since tests only look at it."""
    return run_in_memory(_one_shot_plan())


@pytest.fixture(scope="session")
def sampling_session():
    """What `sampling_plan` comes to: the view and the ending."""
    return run_in_memory(_sampling_plan())


def run_in_memory(
    plan: Plan,
    controls: Controls | None = None,
    started: Callable[[], None] = lambda: None,
    executor: Executor | None = None,
):
    """Run a plan to its end in this thread; the view of all its rows, and how it ended."""
    from engine.run import loop  # loads torch, which some tests here do without

    recorder = Recorder(header_of(plan), None)
    ending = loop.run(plan, recorder, controls or Controls(), started, executor)
    recorder.close()
    return recorder.view(), ending


@pytest.fixture
def search():
    """`run_in_memory`, for plans of a test's own."""
    return run_in_memory


@pytest.fixture
def content():
    """All that a view shows, table by table, with text spelt out and without what a clock measured."""

    def content_of(view) -> dict[str, list]:
        found = {}
        for table in ("scalars", "series", "candidates", "scores", "deaths", "derived", "weights", "log", "status"):
            rows = view.rows(table)
            names = [name for name in rows.dtype.names if name not in ("time", "seconds")]
            text = [name for name in names if rows.dtype[name].names is not None]
            found[table] = [
                tuple(view.bytes(row[name]) if name in text else np.asarray(row[name]).tolist() for name in names)
                for row in rows
            ]
        return found

    return content_of
