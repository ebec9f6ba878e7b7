"""Does the search on digits find something? Its derived network against random cells, trained from scratch alike.

    python tests/benchmarks/digits_quality.py [SESSION.h5] [--cells 8] [--epochs 20] [--json]

SESSION is a finished run of the preset darts-digits; without one the search is run first. Every network is trained on
the training and validation images together and scored once, on the test images that no search has seen. The derived
network is trained from as many seeds as there are random cells, so that both means have a spread beside them.
"""

import argparse
import json
import random
import statistics
import sys
from collections.abc import Sequence
from math import inf
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a file, from anywhere

from engine.data import load
from engine.evaluate.trained import final_accuracy
from engine.plan import loads, preset
from engine.plan.evaluators.trained import TrainedSettings
from engine.run import launch
from engine.session import SessionSource, read, summary
from engine.space.architecture import Architecture
from engine.space.genotype import format as genotype


def searched(path: str | None) -> SessionSource:
    """The session at `path`, or that of a search run now."""
    if path:
        return read(Path(path))
    print("searching with the preset darts-digits ...", file=sys.stderr)
    host = launch(preset("darts-digits"), None)
    host.join()
    return host.source


def trained(architectures: Sequence[Architecture], settings: TrainedSettings, source: SessionSource) -> list[float]:
    """Test accuracies in percent, one per architecture, each from a seed of its own."""
    dataset = load(loads(source.header.plan).data, "cpu")
    scores = []
    for seed, architecture in enumerate(architectures):
        scores.append(final_accuracy(architecture, settings, dataset, "cpu", seed))
        print(f"  {len(scores)} of {len(architectures)}: {scores[-1]:.2f} %", file=sys.stderr)
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("session", nargs="?", help="a finished session of darts-digits")
    parser.add_argument("--cells", type=int, default=8, help="random cells, and seeds of the derived one")
    parser.add_argument("--epochs", type=int, default=20, help="epochs of each training")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()

    source = searched(options.session)
    plan = loads(source.header.plan)
    found = summary(source.view(inf)).architecture
    assert found is not None, "the session has derived nothing yet"
    rng = random.Random(0)
    others = [plan.space.decode(plan.space.sample(rng)) for _ in range(options.cells)]
    method = plan.method  # networks of the supernet's size; a short training wants a larger rate
    settings = TrainedSettings(
        epochs=options.epochs, channels=method.channels, layers=method.layers, batch=method.batch, lr=0.1
    )
    scores = {
        "derived": trained([found] * options.cells, settings, source),
        "random": trained(others, settings, source),
    }
    if options.json:
        result = {"architecture": genotype(found), "epochs": options.epochs, "test accuracy": scores}
        print(json.dumps(result, indent=1))
        return
    print(genotype(found))
    for name, values in scores.items():
        mean, spread = statistics.mean(values), statistics.stdev(values)
        print(f"{name:8}  {mean:.2f} ± {spread:.2f} %  ({min(values):.2f} to {max(values):.2f}, n = {len(values)})")


if __name__ == "__main__":
    main()
