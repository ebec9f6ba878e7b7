"""What the program's loop adds to a step of a one-shot search: data, augmentation, recording, looking, progress.

    python tests/benchmarks/search_loop.py [--presets darts-digits pcdarts-digits] [--rounds 5] [--json]

Each round runs a first epoch of the preset with its session written to a file, and takes as many steps of the same
method on batches that were made beforehand and stay the same, with nothing recorded. They take turns in one process
and thread; medians over the rounds, by wall time and by processor time of all threads (that of the writer, too). The
pass over the validation split at the end of an epoch is not a step's, and is left out.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # run as a file, from anywhere

from engine import plan as plans  # noqa: E402
from engine.data import load  # noqa: E402
from engine.run import Controls  # noqa: E402
from engine.run.loop import run  # noqa: E402
from engine.run.preflight import header_of  # noqa: E402
from engine.search import one_shot as build  # noqa: E402
from engine.session import Recorder  # noqa: E402

Moment = tuple[float, float]
"""By the clock, and of the processor; seconds."""


def now() -> Moment:
    return time.perf_counter(), time.process_time()


class Stamping(Recorder):
    """A recorder that remembers when each step was told."""

    def __init__(self, plan: plans.Plan, path: Path) -> None:
        super().__init__(header_of(plan), path)
        self.moments: list[Moment] = []

    def scalar(self, name: str, value: float, **more: Any) -> None:
        super().scalar(name, value, **more)
        if name == "train loss":
            self.moments.append(now())


def looped(plan: plans.Plan, path: Path) -> list[Moment]:
    recorder = Stamping(plan, path)
    ending = run(plan, recorder, Controls())
    recorder.close()
    assert ending.state == "finished", ending
    return recorder.moments


def bare(plan: plans.Plan, steps: int) -> list[Moment]:
    data = load(plan.data, "cpu")
    search: Any = build(plan.method, plan.space, data, plan.budget.epochs, plan.seed, "cpu")
    training, validation = search._train.next(), search._validation.fresh()
    search._train.next, search._validation.fresh = lambda: training, lambda: validation
    moments = []
    for _ in range(steps):
        search.step()
        moments.append(now())
    return moments


def a_step(moments: list[Moment]) -> Moment:
    """Seconds between the first and the last, for each step; the first also prepares what all need."""
    wall, processor = ((last - first) / (len(moments) - 1) for first, last in zip(moments[0], moments[-1], strict=True))
    return wall, processor


def measure(preset: str, rounds: int) -> dict[str, Any]:
    changes = ("budget.epochs=1", "budget.seconds=none", "threads=1")
    plan = plans.override(plans.preset(preset), changes)
    torch.set_num_threads(1)
    found: dict[str, list[Moment]] = {"loop": [], "bare": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            moments = looped(plan, Path(folder) / f"{number}.h5")
            found["loop"].append(a_step(moments))
            found["bare"].append(a_step(bare(plan, len(moments))))
    row: dict[str, Any] = {"preset": preset, "steps": len(moments), "rounds": rounds}
    for place, unit in enumerate(("s", "processor s")):
        for whose, those in found.items():
            row[f"{whose} {unit}"] = statistics.median(each[place] for each in those)
        ratios = (loop[place] / alone[place] for loop, alone in zip(found["loop"], found["bare"], strict=True))
        row[f"added, by {unit}"] = statistics.median(ratios) - 1
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", nargs="+", default=["darts-digits", "pcdarts-digits"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    rows = [measure(preset, options.rounds) for preset in options.presets]
    if options.json:
        print(json.dumps({"torch": torch.__version__, "rows": rows}, indent=1))
        return
    print(f"{'preset':16} {'steps':>5}   {'seconds a step':^23}   {'processor seconds':^23}")
    print(f"{'':22}   " + "   ".join(f"{'bare':>7} {'loop':>7} {'added':>7}" for _ in range(2)))
    for row in rows:
        print(f"{row['preset']:16} {row['steps']:5}", end="")
        for unit in ("s", "processor s"):
            print(f"   {row[f'bare {unit}']:7.3f} {row[f'loop {unit}']:7.3f} {row[f'added, by {unit}']:7.1%}", end="")
        print()


if __name__ == "__main__":
    main()
