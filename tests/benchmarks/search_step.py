"""What one search step costs, against the plain search network that stands beside the project.

    python tests/benchmarks/search_step.py [--methods darts darts2 pcdarts] [--batches 16 64] [--steps 5] [--threads 2]
                                           [--json]

Methods: DARTS of first and of second order, PC-DARTS. 16 channels, 8 cells, random images of 3×32×32, on the CPU. The
two take turns in one process; medians. Ours is a step of the program's own method, with its batches and their
augmentation; the baseline's are made beforehand. Processor time is there for machines that are busy with other work.
The peak of memory is that of a process of its own for each, in its first step. Rows are printed as they come; without
`--steps`, the dearer cases are measured less often (all of them take about ten minutes on two cores, nearly all of it
the baseline's: half of it DARTS of second order at batch 64).
"""

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import torch

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # run as a file, from anywhere
PLAIN = ROOT.parent / "shared" / "bench" / "plain_supernet.py"

METHODS: dict[str, tuple[str, dict[str, object]]] = {
    "darts": ("darts", {}),
    "darts2": ("darts", {"order": "second"}),
    "pcdarts": ("pcdarts", {"alpha_rest": 0.0}),
}
"""The baseline's names; the program's, and settings: with PC-DARTS, the architecture learns from the first epoch on."""

CHANNELS, LAYERS, SIDE = 16, 8, 32


def plain_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plain_supernet", PLAIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def our_step(method: str, batch: int) -> Callable[[], object]:
    from engine.data import Dataset, Split
    from engine.plan import METHODS as SETTINGS
    from engine.search import one_shot as build
    from engine.space.darts import DartsSpace

    def split() -> Split:
        images = torch.randint(0, 256, (4 * batch, 3, SIDE, SIDE), dtype=torch.uint8)
        return Split(images, torch.randint(0, 10, (4 * batch,)))

    classes = tuple(str(digit) for digit in range(10))
    data = Dataset(split(), split(), split(), classes, mean=(0.5,) * 3, std=(0.25,) * 3)
    kind, more = METHODS[method]
    settings = SETTINGS[kind](channels=CHANNELS, layers=LAYERS, batch=batch, **more)
    return build(settings, DartsSpace(), data, 50, 0, "cpu").step


def step_of(whose: str, method: str, batch: int) -> Callable[[], object]:
    torch.manual_seed(0)
    if whose == "ours":
        return our_step(method, batch)
    return plain_module().make_step(method, batch, CHANNELS, LAYERS, SIDE)


def usual_steps(method: str, batch: int) -> int:
    return 5 if batch <= 16 and method != "darts2" else 2


def compare(method: str, batch: int, steps: int) -> dict[str, float | str]:
    """Times and peaks; asked of a process of its own for each case, so that nothing of it stays behind."""
    both = {whose: step_of(whose, method, batch) for whose in ("plain", "ours")}
    wall: dict[str, list[float]] = {whose: [] for whose in both}
    processor: dict[str, list[float]] = {whose: [] for whose in both}
    for turn in range(steps + 1):
        for whose, step in both.items():
            begun = time.perf_counter(), time.process_time()
            step()
            if turn:  # the first step also prepares the kernels
                wall[whose].append(time.perf_counter() - begun[0])
                processor[whose].append(time.process_time() - begun[1])
    row: dict[str, float | str] = {"method": method, "batch": batch}
    for whose in both:
        row[f"{whose} s"] = statistics.median(wall[whose])
        row[f"{whose} processor s"] = statistics.median(processor[whose])
    return row


def measured(method: str, batch: int, options: argparse.Namespace) -> dict[str, float | str]:
    """A row of the table."""
    row: dict[str, float | str] = json.loads(
        own_process("--case", method, batch, options.threads, "--steps", options.steps or usual_steps(method, batch))
    )
    for whose in ("plain", "ours"):
        row[f"{whose} MiB"] = float(own_process("--peak", method, batch, options.threads, "--whose", whose))
    for unit in ("s", "processor s", "MiB"):
        row[f"{unit} ratio"] = float(row[f"plain {unit}"]) / float(row[f"ours {unit}"])
    return row


def own_process(task: str, method: str, batch: int, threads: int, *more: object) -> str:
    """What this file prints as a process that does one thing."""
    given = ["--methods", method, "--batches", str(batch), "--threads", str(threads), *map(str, more)]
    done = subprocess.run([sys.executable, __file__, task, *given], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()[-1]


def show(row: dict[str, float | str]) -> None:
    print(f"{row['method']:10} {row['batch']:5}", end="")
    for unit, digits in (("s", 2), ("processor s", 2), ("MiB", 0)):
        plain, ours = row[f"plain {unit}"], row[f"ours {unit}"]
        print(f"   {plain:7.{digits}f} {ours:7.{digits}f} {row[f'{unit} ratio']:6.2f}×", end="")
    print(flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--batches", nargs="+", type=int, default=(16, 64))
    parser.add_argument("--steps", type=int, help="measured steps of each, after a first one (5, or 2 of dear ones)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--case", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--peak", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--whose", choices=("plain", "ours"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if not PLAIN.is_file():
        print(f"skipped: there is no plain search network at {PLAIN.relative_to(ROOT.parent)} beside the project")
        return
    if options.case:
        print(json.dumps(compare(options.methods[0], options.batches[0], options.steps)))
        return
    if options.peak:
        step_of(options.whose, options.methods[0], options.batches[0])()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    if not options.json:
        print(f"{'method':10} {'batch':>5}   {'seconds a step':^23}   {'processor seconds':^23}   {'peak MiB':^23}")
        print(f"{'':16}   " + "   ".join(f"{'plain':>7} {'ours':>7} {'ratio':>7}" for _ in range(3)), flush=True)
    rows = []
    for method in options.methods:
        for batch in options.batches:
            rows.append(measured(method, batch, options))
            if not options.json:
                show(rows[-1])
    if options.json:
        print(json.dumps({"torch": torch.__version__, "threads": options.threads, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
