"""All that only a GPU can show, in at most five minutes on a large one: the tests for it, the papers' settings, speed.

    python tests/benchmarks/gpu.py [--out FILE] [--minutes 5] [--device cuda]
    python tests/benchmarks/gpu.py --miniature      all of it on a CPU, tiny, in seconds: a rehearsal

Needs the program's dependencies but those of the window, pytest, and no network; images are random, of CIFAR-10's
shape, in files of its format, and come by the program's own reader, splits, augmentation and batches. The parts, the
most valuable first:

tests    those marked `gpu`.
presets  20 steps of every preset `*-cifar10` at its full settings, but for an architecture that moves from the first
         step on.
speed    steps per second and peak of memory of DARTS, of second order, and of PC-DARTS: the program's search network,
         with and without CUDA graphs, and the plain one of `tests.engine.nets.plain` in the same loop, in float32 and
         under bfloat16 autocast. Of second order, no more than the weights' half of a step is recorded.

A step is timed from one waited-for end to the next; medians, after as many steps as a recording needs. Memory is what
torch allocated and reserved at the most, from before the network was made. Every row has a limit of time, and what
fails says so in its row: out of memory, too slow, or an error. With `--out`, FILE is written anew with each row, so
that what is cut off leaves what it has; the table of the third part comes last on the screen.
"""

import argparse
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # run as a file, from anywhere

Row = dict[str, Any]

SHARES = {"tests": 0.35, "presets": 0.6}
"""By which share of all the time a part has to be over; the third may use what is left."""

ROW_SECONDS = 60.0
"""For one row, from the end of the last one; with the start of a process and the making of images, if need be."""

ENOUGH = 10.0
"""Seconds after which no more than three steps are measured."""

STOPPED = "stopped: it took too long"

TOLD = 3
"""How a process ends that has told its last row, a fault, and measures no more."""

MIB = 1 << 20


# ------------------------------------------------------------------------------------- one process, one row at a time


class Measured:
    """Measures cases one after the other, in a process that a driver may end at any time."""

    def __init__(self, device: str, folder: Path, miniature: bool) -> None:
        import torch

        from engine.run.loop import ready
        from engine.run.preflight import threads_of

        self._torch, self._miniature, self._folder = torch, miniature, folder
        self._device = ready(device, threads_of(self._preset("darts-cifar10")) if not miniature else 1, 0)
        self._data: dict[str, Any] = {}

    def __call__(self, case: Row) -> Row:
        torch, began = self._torch, time.perf_counter()
        self._forget()
        try:
            found = self._steps(**{key: value for key, value in case.items() if key != "part"})
        except (torch.OutOfMemoryError, MemoryError):
            found = {"fault": "out of memory", **self._memory()}
        return {**case, **found, "seconds": time.perf_counter() - began}

    def _steps(self, preset: str, **changes: Any) -> Row:
        """Take some steps, and tell how long each took."""
        network = changes.pop("network", "ours")
        graphs = network == "ours, graphs"
        if graphs and self._device.type != "cuda":
            return {"fault": "needs CUDA"}
        step = self._search(preset, network == "plain", {**changes, "cuda_graphs": graphs}).step
        warm, most = (0, 1) if self._miniature else (5, 15)
        values, times = {}, []
        began = time.perf_counter()
        for number in range(warm + most):
            self._wait()
            start = time.perf_counter()
            values = step()
            self._wait()
            times.append(time.perf_counter() - start)
            if number >= warm + 2 and time.perf_counter() - began > ENOUGH:
                break
        median = statistics.median(times[warm:])
        told = {"steps": len(times), "loss": values["train loss"], "first step s": times[0], "s": median}
        return {**told, "steps/s": 1 / median, **self._memory()}

    def _search(self, preset: str, plainly: bool, changes: Row) -> Any:
        import msgspec

        from engine.search import SEARCHES
        from tests.engine.nets.plain import searched_plainly

        plan = self._preset(preset)
        settings = plan.method
        if hasattr(settings, "alpha_rest"):
            changes["alpha_rest"] = 0.0
        if self._miniature:
            layers = (3, 3, 3) if isinstance(settings.layers, tuple) else 3
            changes |= {"batch": 2 + changes.get("batch", 0) // 64, "channels": 8, "layers": layers}
        settings = msgspec.structs.replace(settings, **changes)
        method: Any = SEARCHES.of(settings)
        if plainly:
            method = searched_plainly(method)
        arguments = plan.space, self._dataset(plan.data), plan.budget.epochs, plan.seed, self._device
        return method(settings, *arguments)

    def _preset(self, name: str) -> Any:
        from engine import plan as plans

        plan = plans.override(plans.preset(name), [f"data.folder={self._folder}"])
        tiny = ["space.nodes=2", "space.operations=none,skip_connect,sep_conv_3x3"]
        return plans.override(plan, tiny) if self._miniature else plan

    def _dataset(self, settings: Any) -> Any:
        from engine.data import load

        key = repr(settings)
        if key not in self._data:
            write_images(self._folder, 8 if self._miniature else 10_000)
            self._data = {key: load(settings, self._device)}
        return self._data[key]

    def _forget(self) -> None:
        import gc

        gc.collect()
        if self._device.type == "cuda":
            self._torch.cuda.empty_cache()
            self._torch.cuda.reset_peak_memory_stats(self._device)

    def _wait(self) -> None:
        if self._device.type == "cuda":
            self._torch.cuda.synchronize(self._device)

    def _memory(self) -> Row:
        """Peaks in MiB; on a CPU, of the process so far."""
        if self._device.type != "cuda":
            return {"MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
        cuda = self._torch.cuda
        return {
            "MiB": cuda.max_memory_allocated(self._device) / MIB,
            "reserved MiB": cuda.max_memory_reserved(self._device) / MIB,
        }


def write_images(folder: Path, count: int) -> None:
    """Random images in CIFAR-10's python version, in six files of `count`."""
    import pickle

    import numpy as np

    place = folder / "cifar-10-batches-py"
    if place.exists():
        return
    place.mkdir()
    random = np.random.default_rng(0)
    for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"):
        data = random.integers(0, 256, (count, 3 * 32 * 32), dtype=np.uint8)
        content = {"data": data, "labels": random.integers(0, 10, count).tolist()}
        (place / name).write_bytes(pickle.dumps(content, 4))
    (place / "batches.meta").write_bytes(pickle.dumps({"label_names": [f"class {number}" for number in range(10)]}, 4))


def measure(given: Row) -> None:
    """A process of its own: a line of JSON for each case; what is no shortage of memory ends it."""
    measured = Measured(given["device"], Path(given["folder"]), given["tiny"])
    for case in given["cases"]:
        try:
            row, broken = measured(case), False
        except Exception as fault:  # whatever it is, the other rows are wanted
            row, broken = {**case, "fault": f"{type(fault).__name__}: {str(fault).splitlines()[0][:200]}"}, True
        print(json.dumps(row), flush=True)
        if broken:
            sys.exit(TOLD)  # an error of the device can make all later calls fail


# ---------------------------------------------------------------------------------------------------------- the driver


class Driver:
    """Has the parts done, each within its time, and keeps the rows."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options, self._folder = options, folder
        self._began = time.monotonic()
        self.rows: list[Row] = []

    def run(self) -> None:
        self._tests()
        self._cases("presets", presets())
        self._cases("speed", speeds((64,) if self._options.miniature else (64, 256)))

    def _left(self, part: str) -> float:
        """Seconds until a part has to be over."""
        return self._began + 60 * self._options.minutes * SHARES.get(part, 1.0) - time.monotonic()

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        print(line(row), flush=True)
        if self._options.out:
            written = self._options.out.with_name(self._options.out.name + ".part")
            written.write_text(json.dumps({"device": self._options.device, "rows": self.rows}, indent=1) + "\n")
            os.replace(written, self._options.out)

    def _tests(self) -> None:
        """In a process, by a configuration of their own: the project's asks for the window's plug-ins."""
        config = self._folder / "pytest.ini"
        settings = f"pythonpath = {ROOT}", "addopts = --import-mode=importlib", "markers =", "  gpu:", "  slow:"
        config.write_text("\n".join(["[pytest]", *settings]))
        marked = [str(path) for path in (ROOT / "tests").rglob("test_*.py") if "mark.gpu" in path.read_text("utf-8")]
        command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-rfE", "-p", "no:cacheprovider"]
        where = ["-c", str(config), "--rootdir", str(ROOT), *marked]
        try:
            done = subprocess.run(
                [*command, *where],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=max(1.0, self._left("tests")),
            )
            said = [each for each in done.stdout.splitlines() if each.strip()]
            failed = [each for each in said if each.startswith(("FAILED", "ERROR"))]
            row = {"said": said[-1] if said else f"pytest ended with {done.returncode}", "failed": failed}
        except subprocess.TimeoutExpired:
            row = {"fault": STOPPED}
        self._add({"part": "tests", **row})

    def _cases(self, part: str, cases: list[Row]) -> None:
        """In a process, which is begun anew for what is left when a case has ended it."""
        waiting = [{"part": part, **case} for case in cases]
        while waiting and self._left(part) > 0:
            code, complaint = self._process(part, waiting)
            if waiting and code not in (0, TOLD):
                self._add({**waiting.pop(0), "fault": complaint})
        for case in waiting:
            self._add({**case, "fault": "left out: no time was left"})

    def _process(self, part: str, waiting: list[Row]) -> tuple[int, str]:
        """Take from `waiting` what a new process measures; how it ended, and what it said last of errors."""
        options = self._options
        given = {"cases": waiting, "folder": str(self._folder), "device": options.device, "tiny": options.miniature}
        command = [sys.executable, __file__, "--cases", json.dumps(given)]
        with (self._folder / "errors").open("w+") as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
            assert process.stdout is not None
            clock = self._clock(part, process)
            try:
                for text in process.stdout:
                    clock.cancel()
                    waiting.pop(0)
                    self._add(json.loads(text))
                    clock = self._clock(part, process)
            finally:
                clock.cancel()
                process.stdout.close()
                if sys.exc_info()[0] is not None:
                    process.kill()
                code = process.wait()
            errors.seek(0)
            said = errors.read().splitlines() or [f"the process ended with {code}"]
        return code, STOPPED if code == -signal.SIGKILL else said[-1][:200]

    def _clock(self, part: str, process: subprocess.Popen[str]) -> threading.Timer:
        """Ends the process when a row takes too long."""
        limit = self._left(part) if self._options.miniature else min(ROW_SECONDS, self._left(part))
        clock = threading.Timer(max(1.0, limit), process.kill)
        clock.start()
        return clock


def presets() -> list[Row]:
    folder = ROOT / "resources" / "presets"
    return [{"preset": path.stem} for path in sorted(folder.glob("*-cifar10.toml"))]


def speeds(batches: Sequence[int]) -> list[Row]:
    return [
        {"preset": f"{name}-cifar10", "batch": batch, "precision": precision, "network": network}
        for batch in batches
        for precision in ("float32", "bfloat16")
        for name in ("darts", "darts2", "pcdarts")
        for network in ("ours", "ours, graphs", "plain")
    ]


# ------------------------------------------------------------------------------------------------------ what is printed


def line(row: Row) -> str:
    """A row as it comes."""
    if row["part"] == "tests":
        return "\n".join([f"tests: {row.get('fault') or row['said']}", *row.get("failed", [])])
    what = " ".join(str(row[key]) for key in ("preset", "batch", "precision", "network") if key in row)
    if "fault" in row:
        return f"{row['part']}: {what}: {row['fault']}"
    return f"{row['part']}: {what}: {row['steps']} steps, {row['s']:.3f} s each, {row['MiB']:.0f} MiB"


def table(rows: list[Row]) -> str:
    """Of the third part. Ratios are those of steps per second to the plain network's, of the same precision."""
    rows = [row for row in rows if row["part"] == "speed"]
    kind = ("preset", "batch", "precision")
    plain = {tuple(row[key] for key in kind): row for row in rows if row["network"] == "plain"}
    head = f"{'method':10} {'batch':>5} {'precision':9} {'network':13}"
    lines = [f"{head} {'steps/s':>8} {'ratio':>7} {'MiB':>8} {'reserved':>8}"]
    for row in rows:
        start = f"{row['preset'].removesuffix('-cifar10'):10} {row['batch']:5} {row['precision']:9} {row['network']:13}"
        if "fault" in row:
            lines.append(f"{start} {row['fault']}")
            continue
        other = plain.get(tuple(row[key] for key in kind), {}).get("steps/s")
        ratio = f"{row['steps/s'] / other:6.2f}×" if other else f"{'-':>7}"
        reserved = f"{row['reserved MiB']:8.0f}" if "reserved MiB" in row else f"{'-':>8}"
        lines.append(f"{start} {row['steps/s']:8.2f} {ratio} {row['MiB']:8.0f} {reserved}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="write all rows to this file, too, as JSON")
    parser.add_argument("--minutes", type=float, default=5.0, help="for all of it")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--miniature", action="store_true", help="tiny, on a CPU: to rehearse this script")
    parser.add_argument("--cases", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.cases:
        measure(json.loads(options.cases))
        return
    if options.miniature:
        options.device = "cpu"
    elif not sees_cuda():
        print("there is no CUDA device here; --miniature runs all of this on a CPU, tiny", file=sys.stderr)
        sys.exit(2)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what is there is to be shown
    with tempfile.TemporaryDirectory() as folder:
        driver = Driver(options, Path(folder))
        try:
            driver.run()
        finally:
            print(table(driver.rows), flush=True)


def sees_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


if __name__ == "__main__":
    main()
