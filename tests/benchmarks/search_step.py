"""What one search step costs, against a plain step as published code takes it.

    python tests/benchmarks/search_step.py [--methods darts darts2 pcdarts] [--batches 16 64] [--steps 5] [--threads 2]
                                           [--json]

Methods: DARTS of first and of second order, PC-DARTS. 16 channels, 8 cells, random images of 3×32×32, on the CPU. The
two take turns in one process; medians. Ours is a step of the program's own method, with its batches and their
augmentation. The plain one is of the network that `method.step` "plain" searches in, a module for each operation on
each edge; its images are made beforehand and, with the weights, in torch's usual order in memory (the program has the
channels last, whichever the network), and the gradients of weights and architecture are both found in either half of a
step. Processor time is there for machines that are busy with other work. The peak of memory is that of a process of
its own for each, in its first step. Rows are printed as they come; without `--steps`, the dearer cases are measured
less often (all of them take about ten minutes on two cores, nearly all of it the plain ones': half of it DARTS of
second order at batch 64).
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # run as a file, from anywhere

METHODS: dict[str, tuple[str, dict[str, object]]] = {
    "darts": ("darts", {}),
    "darts2": ("darts", {"order": "second"}),
    "pcdarts": ("pcdarts", {"alpha_rest": 0.0}),
}
"""The names here; the program's, and settings: with PC-DARTS, the architecture learns from the first epoch on."""

CHANNELS, LAYERS, SIDE = 16, 8, 32


def plain_step(method: str, batch: int) -> Callable[[], object]:
    from engine.nets import Supernet
    from engine.search.darts import unrolled_gradient
    from engine.space.darts import DartsSpace

    rate, decay, momentum = 0.025, 3e-4, 0.9
    particular: dict[str, Any] = {"partial": 4, "edge_norm": True} if method == "pcdarts" else {}
    net = Supernet(DartsSpace(), CHANNELS, LAYERS, 10, step="plain", **particular)
    weights = list(net.parameters())
    for_weights = torch.optim.SGD(weights, rate, momentum, weight_decay=decay)
    for_architecture = torch.optim.Adam(net.architecture, 3e-4, (0.5, 0.999), weight_decay=1e-3)
    training, validation = (
        (torch.randn(batch, 3, SIDE, SIDE), torch.randint(0, 10, (batch,))) for _ in ("training", "validation")
    )

    def loss(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(net(images), labels)

    def architecture_gradients() -> list[torch.Tensor]:
        return unrolled_gradient(
            lambda wanted: loss(*training),
            lambda: loss(*validation),
            weights,
            net.architecture,
            rate=rate,
            decay=decay,
            momentum=momentum,
            buffers=[for_weights.state[weight].get("momentum_buffer") for weight in weights],
        )

    def step() -> None:
        for_architecture.zero_grad()
        if method == "darts2":
            for part, gradient in zip(net.architecture, architecture_gradients(), strict=True):
                part.grad = gradient
        else:
            loss(*validation).backward()
        for_architecture.step()
        for_weights.zero_grad()
        loss(*training).backward()
        torch.nn.utils.clip_grad_norm_(weights, 5.0)
        for_weights.step()

    return step


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


STEPS = {"plain": plain_step, "ours": our_step}


def usual_steps(method: str, batch: int) -> int:
    return 5 if batch <= 16 and method != "darts2" else 2


def compare(method: str, batch: int, steps: int) -> dict[str, float | str]:
    """Times and peaks; asked of a process of its own for each case, so that nothing of it stays behind."""
    torch.manual_seed(0)
    both = {whose: made(method, batch) for whose, made in STEPS.items()}
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
    for whose in STEPS:
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
    parser.add_argument("--whose", choices=tuple(STEPS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.case:
        print(json.dumps(compare(options.methods[0], options.batches[0], options.steps)))
        return
    if options.peak:
        STEPS[options.whose](options.methods[0], options.batches[0])()
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
