"""Is what a sampling search found better than what a throw of dice finds? Both are trained from scratch alike.

    python tests/benchmarks/found.py SESSION.h5 [...] [--cells 5] [--epochs 12] [--images 6000] [--processes 2] [--json]

SESSION is a finished session on Fashion-MNIST, such as those of the presets evolution-fashion and enas-micro-fashion.
Its best architecture is trained from as many seeds as there are random ones of the same space, in the same network of
8 channels and 5 cells, on the same images, and scored once on the 10,000 test images, which no search has seen.
"""

import argparse
import json
import os
import random
import statistics
import sys
from concurrent.futures import ProcessPoolExecutor
from math import inf
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # every process computes on its own
sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a file, from anywhere

from engine.plan import loads
from engine.plan.datasets import FashionMnist
from engine.plan.evaluators.trained import TrainedSettings
from engine.session import read, summary
from engine.space.architecture import from_bytes, to_bytes

CHANNELS, LAYERS, BATCH, RATE = 8, 5, 32, 0.1


def trained(architecture: bytes, seed: int, epochs: int, images: int) -> float:
    """Accuracy (percent) on the test images."""
    import torch

    from engine.data import load
    from engine.evaluate.trained import final_accuracy

    torch.set_num_threads(1)
    settings = TrainedSettings(epochs=epochs, channels=CHANNELS, layers=LAYERS, batch=BATCH, lr=RATE)
    return final_accuracy(from_bytes(architecture), settings, load(FashionMnist(limit=images), "cpu"), "cpu", seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sessions", nargs="+", type=Path)
    parser.add_argument("--cells", type=int, default=5, help="random architectures, and seeds of the found one")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--images", type=int, default=6000, help="training images")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    jobs: dict[tuple[str, str], list[bytes]] = {}
    for path in options.sessions:
        source = read(path)
        found, space = summary(source.view(inf)).architecture, loads(source.header.plan).space
        assert found is not None, f"{path} has found nothing yet"
        rng = random.Random(0)
        others = [space.decode(space.sample(rng)) for _ in range(options.cells)]
        jobs[path.stem, "found"] = [to_bytes(found)] * options.cells
        jobs[path.stem, "random"] = [to_bytes(other) for other in others]
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
        running = {
            name: [pool.submit(trained, one, seed, options.epochs, options.images) for seed, one in enumerate(cells)]
            for name, cells in jobs.items()
        }
        scores = {name: [job.result() for job in group] for name, group in running.items()}
    if options.json:
        print(json.dumps({" ".join(name): values for name, values in scores.items()}, indent=1))
        return
    for (session, kind), values in scores.items():
        mean, spread = statistics.mean(values), statistics.stdev(values)
        print(f"{session:22} {kind:7} {mean:.2f} ± {spread:.2f} %  ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    main()
