"""How many evaluations a second the engine itself can do: sampling searches in a benchmark table, recorded in a file.

    python tests/benchmarks/engine_rate.py [--methods evolution random] [--evaluations 100000] [--table FILE] [--json]

Everything counts from the first row to the closed and packed file: asking, mutating, decoding, looking up, recording
candidate, score, measures and death, telling, and the thread that writes. Without `--table`, scores are made up for
all 15,625 cells of NAS-Bench-201. By processor time, all threads together, as machines are busy with other work; wall
time is there beside it. The rate over the last tenth against that over the first tells whether it slows down.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # run as a file, from anywhere

from engine import plan as plans  # noqa: E402
from engine.plan.evaluators.table import TableSettings  # noqa: E402
from engine.run import Controls  # noqa: E402
from engine.run.loop import run  # noqa: E402
from engine.run.preflight import header_of  # noqa: E402
from engine.session import BenchmarkTable, Recorder, write_table  # noqa: E402
from engine.space.nasbench201 import NasBench201Space  # noqa: E402

METHODS = ("evolution", "random")


def made_up(path: Path) -> Path:
    """A table of every cell, with a smooth score and a random cost."""
    space = NasBench201Space()
    draw = np.random.default_rng(0)
    digits = np.array([space.at(rank) for rank in range(space.size())])
    score = digits @ np.arange(1.0, 7.0) + draw.normal(size=len(digits))
    columns = {
        "score": score,
        "reported": score + draw.normal(size=len(score)),
        "cost": draw.uniform(50, 150, len(score)),
    }
    roles = {name: name for name in columns}
    write_table(path, BenchmarkTable(space, np.arange(len(score), dtype=np.uint64), columns, roles, {"score": "%"}))
    return path


def measure(method: str, evaluations: int, table: Path, folder: Path) -> dict[str, Any]:
    plan = plans.Plan(
        space=NasBench201Space(),
        method=plans.METHODS[method](),  # type: ignore[call-arg]
        evaluator=TableSettings(file=str(table)),
        budget=plans.Budget(evaluations=evaluations),
        threads=1,
    )
    begun, processor = time.perf_counter(), time.process_time()
    path = folder / f"{method}-{evaluations}.h5"
    recorder = Recorder(header_of(plan), path)
    ending = run(plan, recorder, Controls())
    recorder.close()
    seconds, processor = time.perf_counter() - begun, time.process_time() - processor
    assert ending.state == "finished", ending
    times = recorder.view().rows("scores")["time"]
    tenth = len(times) // 10
    return {
        "method": method,
        "evaluations": evaluations,
        "per processor second": evaluations / processor,
        "per second": evaluations / seconds,
        "microseconds": 1e6 * processor / evaluations,
        "last tenth against first": float((times[tenth] - times[0]) / (times[-1] - times[-tenth - 1])),
        "MB": path.stat().st_size / 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=tuple(plans.METHODS))
    parser.add_argument("--evaluations", type=int, default=100_000)
    parser.add_argument("--table", type=Path, help="a table of NAS-Bench-201 to use")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = options.table or made_up(folder / "table.h5")
        measure(options.methods[0], 1000, table, folder)  # imports, the table, the first look at every part
        rows = [measure(method, options.evaluations, table, folder) for method in options.methods]
    if options.json:
        print(json.dumps({"rows": rows}, indent=1))
        return
    for row in rows:
        print(
            f"{row['method']:<12} {row['per processor second']:>9,.0f} evaluations per processor second "
            f"({row['microseconds']:.1f} µs each; {row['per second']:,.0f} per second of the wall clock); "
            f"last tenth against first {row['last tenth against first']:.2f}; {row['MB']:.1f} MB"
        )


if __name__ == "__main__":
    main()
