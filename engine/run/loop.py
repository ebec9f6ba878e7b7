"""Runs a plan from its first row to its last: prepares, hands over to the kind of search it is, and words how it ended.

From here on torch is loaded; `engine.run.host` imports this module in the engine's thread.

Here the device is found, warmed up and watched, too.
"""

import math
from collections.abc import Callable
from concurrent.futures import Executor

import psutil
import torch

from engine.data import DataError, load
from engine.evaluate.trained import out_of_memory
from engine.plan import Plan
from engine.run.controls import Controls, Stopped
from engine.run.learning import missing
from engine.run.one_shot import OneShot
from engine.run.preflight import Ending, Failed, RunError, crashed, threads_of
from engine.run.progress import Usage
from engine.run.sampling import Sampling
from engine.search.base import Diverged
from engine.session import Recorder, SessionError
from engine.session.queries.data_record import DataRecord
from engine.space.limits import NothingFits


def ready(name: str, threads: int, seed: int, trains: bool = True) -> torch.device:
    """Find the device, warm it up (for training where this process `trains`) and seed torch. Raises `RunError` when
    this machine has no such device."""
    torch.set_num_threads(threads)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    device = torch.device(name)
    if device.type == "cuda":
        found = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if not found:
            raise RunError(f"device {name}: no CUDA device was found; choose device cpu")
        if (device.index or 0) >= found:
            raise RunError(f"device {name}: this machine has cuda:0 to cuda:{found - 1}")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise RunError(f"device {name}: this machine has no Metal device; choose device cpu")
    _warm_up(device, trains)
    torch.manual_seed(seed)
    return device


def require_bfloat16(device: torch.device) -> None:
    """Raises `RunError` for a device that does not compute bfloat16 by itself. A CPU always does, if slowly."""
    computes = device.type == "cpu"
    if device.type == "cuda":
        with torch.cuda.device(device):
            computes = torch.cuda.is_bf16_supported(including_emulation=False)
    if not computes:
        raise RunError(f"device {device}: does not compute bfloat16; choose method.precision float32")


def idle(threads: int, seed: int) -> torch.device:
    """The device of a search that builds no network: nothing is found or warmed up, so that it begins at once."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    return torch.device("cpu")


def _warm_up(device: torch.device, trains: bool) -> None:
    """Compute something on zeros. The first convolution pays for kernels, thread pools and a context on the device, and
    the first optimizer for a second of imports (torch's compiler, which nobody calls); so the search's own first step
    is like those that follow."""
    layers = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU()).to(device)
    layers(torch.zeros(2, 3, 8, 8, device=device)).sum().backward()
    if trains:
        torch.optim.SGD(layers.parameters(), lr=0.0).step()


def usage(device: torch.device) -> Usage:
    """What measures the search's use of the machine.

    On CUDA: the memory this program holds on the card, and how busy the card is. Elsewhere: the memory of this
    process, and its share of all cores.
    """
    if device.type == "cuda":
        tells_load = _tells_load(device)

        def of_card() -> tuple[int, float]:
            load = torch.cuda.utilization(device) / 100 if tells_load else math.nan
            return torch.cuda.memory_reserved(device), load

        return of_card
    process, cores = psutil.Process(), psutil.cpu_count() or 1
    process.cpu_percent()  # the first call begins the measurement

    def of_process() -> tuple[int, float]:
        return process.memory_info().rss, process.cpu_percent() / 100 / cores

    return of_process


def _tells_load(device: torch.device) -> bool:
    """Whether the card says how busy it is: that needs NVIDIA's management library, and a card not shared out."""
    try:
        torch.cuda.utilization(device)
    except Exception:  # the library's absence, or one of its own kinds of error
        return False
    return True


def run(
    plan: Plan,
    recorder: Recorder,
    controls: Controls,
    started: Callable[[], None] = lambda: None,
    executor: Executor | None = None,
) -> Ending:
    """Run `plan`, record everything, and never raise: whatever happens becomes the last status row.

    `started` is called once, when the preparations are done and the first step is about to be taken. `executor` takes
    the evaluations of a sampling method, instead of this process or its own workers (see `engine.run.executors`).
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
        graphs = ", or leave CUDA graphs off" if plan.method.cuda_graphs else ""
        memory = f"out of memory: choose a smaller batch or fewer channels{graphs}"
        ending = crashed(recorder, fault, memory if out_of_memory(fault) else "")
    recorder.status(ending.state, ending.message)
    return ending


def note_data(recorder: Recorder, record: DataRecord) -> None:
    """Record what was taken of the data, as rows and in words."""
    for found in record.classes:
        recorder.data("class", found.name, splits=found.splits)
    for row in record.left_out:
        recorder.data("left out", row.reason, files=row.files, example=row.example)
    for line in record.notes:
        recorder.data("note", line)
    recorder.data("values", values=(record.low, record.high))
    recorder.log(f"data: {record.summary}")
    for line in record.warnings:
        recorder.log(f"data: {line}", "warning")


def _search(
    plan: Plan, recorder: Recorder, controls: Controls, started: Callable[[], None], executor: Executor | None
) -> str:
    """Prepare and run. Returns why the search ended before its plan was carried out, or nothing."""
    controls.checkpoint()
    threads, scoring = threads_of(plan), plan.evaluator
    elsewhere = executor is not None or (scoring is not None and scoring.workers > 1)
    looks = scoring is None or scoring.needs_data  # at data, with networks
    trains = plan.method.one_shot or (scoring is not None and scoring.trains and not elsewhere)
    device = ready(plan.device, threads, plan.seed, trains) if looks else idle(threads, plan.seed)
    if plan.method.precision == "bfloat16":
        require_bfloat16(device)
    controls.checkpoint()
    dataset = load(plan.data, device) if looks else None
    if dataset is not None and dataset.record is not None:
        note_data(recorder, dataset.record)
    elif dataset is not None:
        for name, split in (("training", dataset.train), ("validation", dataset.validation), ("test", dataset.test)):
            images = split.labels.bincount(minlength=len(dataset.classes)).tolist()
            for line in missing(dataset.classes, images, name):
                recorder.log(*line)
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
