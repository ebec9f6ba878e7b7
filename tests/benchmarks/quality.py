"""Do the gradient methods find good cells? Each of them, and random search, on Fashion-MNIST with one small budget.

    python tests/benchmarks/quality.py [--methods darts snas ...] [--seeds 0 1 2 3 4] [--images 1600] [--epochs 6]
                                       [--training 8] [--processes 2] [--out quality.json] [--json]

A search learns from `--images` training images, half of them held back for the architecture (SNAS learns both from
nearly all), in a supernet of 8 channels and 5 cells (P-DARTS: 3, 5, 7), for `--epochs` passes. Second order does half
as many, since a step of it costs more than twice as much, and PC-DARTS three times as many: its architecture rests for
the first three tenths, as in the paper, and what it learns from a supernet that cannot yet tell images apart is that
pools, which need no training, are good. Rates are those of the papers, but for the architecture's,
which are for far more steps, and SNAS goes without drop path, through which so few steps do not learn.
"random" derives a cell drawn at random and costs nothing. Then every cell is trained alike, from scratch, in a network
of 8 channels and 5 cells, on the same images, all of them, and scored once on the 10,000 test images.

The table has each method's mean over the seeds, its standard error, and the spread of single seeds (their standard
deviation).

Seconds of search are of the processor. A row is finished by one process with one thread; `--processes` work at once.
Rows are kept in `--out` as they come, so that a broken run goes on where it was: only what is missing there, with the
same budget, is done.
"""

import argparse
import json
import math
import random
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a file, from anywhere

from engine.plan import METHODS as SETTINGS
from engine.plan.datasets import FashionMnist
from engine.plan.evaluators.trained import TrainedSettings
from engine.space.architecture import Architecture
from engine.space.darts import DartsSpace
from engine.space.genotype import format as genotype

METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "darts": ("darts", {}),
    "darts2": ("darts", {"order": "second"}),
    "snas": ("snas", {"drop_path": 0.0}),
    "pdarts": ("pdarts", {"layers": (3, 5, 7)}),
    "pcdarts": ("pcdarts", {}),
    "random": ("random", {}),
}
CHANNELS, LAYERS, BATCH = 8, 5, 32
ALPHA_LR = 0.02
SPACE = DartsSpace()

Row = dict[str, Any]
Budget = dict[str, int]


def epochs_of(method: str, epochs: int) -> int:
    """How many passes a method's search makes where the others make `epochs`."""
    if method == "random":
        return 0
    return {"darts2": max(3, epochs // 2), "pcdarts": 3 * epochs}.get(method, epochs)


def found_by(method: str, seed: int, budget: Budget) -> tuple[Architecture, int]:
    """The cell that a search derives after its last step, and how many steps it took."""
    kind, changes = METHODS[method]
    if kind == "random":
        return SPACE.decode(SPACE.sample(random.Random(seed))), 0
    from engine.data import load
    from engine.search import one_shot as build

    sizes = {"layers": LAYERS, "channels": CHANNELS, "batch": BATCH, "alpha_lr": ALPHA_LR}
    settings = SETTINGS[kind](**{**sizes, **changes})
    held = 0.05 if kind == "snas" else 0.5
    data = load(FashionMnist(limit=budget["images"], validation_share=held), "cpu")
    search = build(settings, SPACE, data, epochs_of(method, budget["epochs"]), seed, "cpu")
    for _ in range(search.steps):
        search.step()
    return search.derive(), search.steps


def row_of(method: str, seed: int, budget: Budget) -> Row:
    """Search, train what was found, and score it."""
    import torch

    from engine.data import load
    from engine.evaluate.trained import final_accuracy

    torch.set_num_threads(1)
    begun = time.perf_counter(), time.process_time()
    architecture, steps = found_by(method, seed, budget)
    wall, processor = time.perf_counter() - begun[0], time.process_time() - begun[1]
    settings = TrainedSettings(epochs=budget["training"], channels=CHANNELS, layers=LAYERS, batch=BATCH, lr=0.1)
    score = final_accuracy(architecture, settings, load(FashionMnist(limit=budget["images"]), "cpu"), "cpu", seed)
    skips = sum(edge.operation == "skip_connect" for node in architecture.normal.nodes for edge in node.inputs)
    return {
        "method": method,
        "seed": seed,
        "budget": budget,
        "test accuracy": score,
        "epochs": epochs_of(method, budget["epochs"]),
        "steps": steps,
        "search seconds": wall,
        "search processor seconds": processor,
        "training processor seconds": time.process_time() - begun[1] - processor,
        "normal skips": skips,
        "genotype": genotype(architecture),
    }


def kept(path: Path) -> list[Row]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def of_budget(rows: list[Row], budget: Budget) -> list[Row]:
    """The rows that were made with this budget, in as many passes as it means today."""
    return [
        row
        for row in rows
        if row["budget"] == budget and row.get("epochs") == epochs_of(row["method"], budget["epochs"])
    ]


def missing(rows: list[Row], methods: list[str], seeds: list[int], budget: Budget) -> list[tuple[str, int]]:
    done = {(row["method"], row["seed"]) for row in of_budget(rows, budget)}
    # The dearest first, so that no process is left alone with one at the end.
    order = ["darts2", "pcdarts", "snas", "darts", "pdarts", "random"]
    return [(name, seed) for name in sorted(methods, key=order.index) for seed in seeds if (name, seed) not in done]


def table(rows: list[Row], methods: list[str]) -> list[Row]:
    found = []
    for method in methods:
        ours = [row for row in rows if row["method"] == method]
        if not ours:
            continue
        scores = [row["test accuracy"] for row in ours]
        spread = statistics.stdev(scores) if len(scores) > 1 else None
        found.append(
            {
                "method": method,
                "seeds": len(ours),
                "mean": statistics.mean(scores),
                "standard error": None if spread is None else spread / math.sqrt(len(scores)),
                "spread": spread,
                "worst": min(scores),
                "best": max(scores),
                "search seconds": statistics.mean(row["search seconds"] for row in ours),
                "search processor seconds": statistics.mean(row["search processor seconds"] for row in ours),
                "normal skips": statistics.mean(row["normal skips"] for row in ours),
            }
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--images", type=int, default=1600, help="training images that a search and a training see")
    parser.add_argument(
        "--epochs", type=int, default=6, help="passes of a search; see above for whose are fewer or more"
    )
    parser.add_argument("--training", type=int, default=8, help="passes of a training")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("quality.json"), help="where finished rows are kept")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    budget = {"images": options.images, "epochs": options.epochs, "training": options.training}
    rows = kept(options.out)
    wanted = missing(rows, options.methods, options.seeds, budget)
    begun = time.monotonic()
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        running = [pool.submit(row_of, *each, budget) for each in wanted]
        for number, future in enumerate(as_completed(running), 1):
            row = future.result()
            rows.append(row)
            options.out.write_text(json.dumps(rows, indent=1), encoding="utf-8")
            about = f"{row['method']} seed {row['seed']}: {row['test accuracy']:.2f} % after {row['steps']} steps"
            spent = f"{row['search processor seconds']:.0f} s of search"
            print(f"[{time.monotonic() - begun:5.0f} s] {number} of {len(wanted)}: {about}, {spent}", file=sys.stderr)
    ours = [row for row in of_budget(rows, budget) if row["seed"] in options.seeds]
    summary = table(ours, options.methods)
    if options.json:
        print(json.dumps({"budget": budget, "methods": summary, "rows": ours}, indent=1))
        return
    heads = f"{'worst':>7} {'best':>7} {'search s':>9} {'skips':>6}"
    print(f"{'method':8} {'mean, %':>8} {'± s.e.':>7} {'spread':>7} {'of':>3} {heads}")
    for row in summary:
        error, spread = (math.nan if row[name] is None else row[name] for name in ("standard error", "spread"))
        print(
            f"{row['method']:8} {row['mean']:8.2f} {error:7.2f} {spread:7.2f} {row['seeds']:3} {row['worst']:7.2f}"
            f" {row['best']:7.2f} {row['search processor seconds']:9.0f} {row['normal skips']:6.1f}"
        )


if __name__ == "__main__":
    main()
