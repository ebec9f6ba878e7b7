"""Runs a plan from its first row to its last: prepares, hands over to the kind of search it is, and words how it ended.

Torch, data, methods and evaluators are loaded in here, lazily, in the thread that calls `run`.
"""

import traceback
from collections.abc import Callable

from engine.plan import Plan
from engine.run.controls import Controls, Stopped
from engine.run.endings import Ending, Failed
from engine.run.start import RunError, threads_of
from engine.session import Recorder


def run(plan: Plan, recorder: Recorder, controls: Controls, started: Callable[[], None] = lambda: None) -> Ending:
    """Run `plan`, record everything, and never raise: whatever happens becomes the last status row.

    `started` is called once, when the preparations are done and the first step is about to be taken.
    """
    controls.changed = recorder.status
    recorder.status("running", "starting")
    ending = _ending(plan, recorder, controls, started)
    recorder.status(ending.state, ending.message)
    return ending


def _ending(plan: Plan, recorder: Recorder, controls: Controls, started: Callable[[], None]) -> Ending:
    try:
        return Ending("finished", _search(plan, recorder, controls, started))
    except Stopped:
        return Ending("stopped")
    except (RunError, Failed) as fault:
        recorder.log(str(fault), "error")
        return Ending("failed", str(fault))
    except Exception as fault:
        # The thread's last word: nobody above could tell the reader what happened.
        from engine.run.device import out_of_memory

        recorder.log("".join(traceback.format_exception(fault)), "error")
        if out_of_memory(fault):
            return Ending("failed", "out of memory: choose a smaller batch or fewer channels")
        return Ending("failed", f"{type(fault).__name__}: {_first_line(fault)} (details are in the log)")


def _first_line(fault: Exception) -> str:
    return (str(fault).strip().splitlines() or ["no message"])[0]


def _search(plan: Plan, recorder: Recorder, controls: Controls, started: Callable[[], None]) -> str:
    """Prepare and run. Returns the reason for the end, when it is not that the whole plan was carried out."""
    from engine.data import DataError, load
    from engine.run.device import ready, usage
    from engine.run.one_shot import OneShot
    from engine.run.sampling import Sampling

    controls.checkpoint()
    device = ready(plan.device, threads_of(plan), plan.seed)
    controls.checkpoint()
    try:
        dataset = load(plan.data, device)
    except DataError as fault:
        raise RunError(str(fault)) from fault
    controls.checkpoint()
    kind = OneShot if plan.method.one_shot else Sampling
    search = kind(plan, recorder, controls, dataset, device, usage(device))
    started()
    recorder.status("running")
    return search.run()
