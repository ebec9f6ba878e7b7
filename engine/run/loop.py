"""Runs a plan from its first row to its last: prepares, hands over to the kind of search it is, and words how it ended.

From here on torch is loaded; `engine.run.host` imports this module in the engine's thread.
"""

from collections.abc import Callable
from concurrent.futures import Executor

from engine.data import DataError, load
from engine.evaluate.trained import out_of_memory
from engine.plan import Plan
from engine.run.controls import Controls, Stopped
from engine.run.device import idle, ready, require_bfloat16, usage
from engine.run.endings import Ending, Failed, crashed
from engine.run.one_shot import OneShot
from engine.run.sampling import Sampling
from engine.run.start import RunError, threads_of
from engine.search import Diverged
from engine.session import Recorder, SessionError
from engine.space.limits import NothingFits


def run(
    plan: Plan,
    recorder: Recorder,
    controls: Controls,
    started: Callable[[], None] = lambda: None,
    executor: Executor | None = None,
) -> Ending:
    """Run `plan`, record everything, and never raise: whatever happens becomes the last status row.

    `started` is called once, when the preparations are done and the first step is about to be taken. `executor` takes
    the evaluations of a sampling method, instead of this process or its own workers (see `engine.run.remote`).
    """
    controls.changed = recorder.status
    try:
        ending = Ending("finished", _search(plan, recorder, controls, started, executor))
    except Stopped:
        ending = Ending("stopped")
    except (
        RunError,
        DataError,
        SessionError,
    ) as fault:  # it has not begun, and its one line goes to whoever started it
        ending = Ending("failed", str(fault))
    except (Diverged, Failed, NothingFits) as fault:
        recorder.log(str(fault), "error")
        ending = Ending("failed", str(fault))
    except Exception as fault:
        graphs = ", or leave CUDA graphs off" if getattr(plan.method, "cuda_graphs", False) else ""
        memory = f"out of memory: choose a smaller batch or fewer channels{graphs}"
        ending = crashed(recorder, fault, memory if out_of_memory(fault) else "")
    recorder.status(ending.state, ending.message)
    return ending


def _search(
    plan: Plan, recorder: Recorder, controls: Controls, started: Callable[[], None], executor: Executor | None
) -> str:
    """Prepare and run. Returns why the search ended before its plan was carried out, or nothing."""
    controls.checkpoint()
    looks = plan.evaluator is None or plan.evaluator.needs_data  # at data, with networks
    device = ready(plan.device, threads_of(plan), plan.seed) if looks else idle(threads_of(plan), plan.seed)
    if getattr(plan.method, "precision", "float32") == "bfloat16":
        require_bfloat16(device)
    controls.checkpoint()
    dataset = load(plan.data, device) if looks else None
    controls.checkpoint()
    search: OneShot | Sampling
    if plan.method.one_shot:
        assert dataset is not None
        search = OneShot(plan, recorder, controls, dataset, device, usage(device))
    else:
        search = Sampling(plan, recorder, controls, dataset, device, usage(device), executor)
    controls.checkpoint()
    started()
    recorder.status("running")
    return search.run()
