"""All sampling methods on NAS-Bench-201, looked up in its table: who finds what in how many simulated seconds?

    python tests/benchmarks/nb201.py [--methods random ...] [--seeds 500] [--first 0] [--plot FILE.png] [--json]

Every search is one run of the program's own loop with the preset `<method>-nb201`. Its reward is the validation
accuracy after 12 epochs; reported is the validation accuracy after 200 epochs of the candidate with the best reward so
far, which no method sees. Methods with a learned surrogate run on 50 seeds, the others on 500. The settings of the
presets were tuned on seeds from 1,000 on, and frozen before the final table was made.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # every process computes on its own
ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # run as a file, from anywhere

METHODS = {
    **dict.fromkeys(("random", "evolution", "nonaging", "tournament", "nas-rl", "nasnet"), 500),
    **{"pnas": 50, "nao": 50},
}
"""The methods, and how many seeds each is run on."""

BUDGETS = (12_000.0, 20_000.0)
GRID = range(500, 20_001, 250)
"""Simulated seconds at which the plot shows the searches."""


def search(method: str, seed: int) -> tuple[list[float], float]:
    """One search: what is reported at each moment of the grid, and the seconds of processor time it took."""
    import numpy as np

    from engine.plan import override, preset
    from engine.run.controls import Controls
    from engine.run.loop import run
    from engine.run.preflight import header_of
    from engine.session import Recorder

    begun = time.process_time()
    settings = [f"budget.simulated_seconds={BUDGETS[-1]}", f"seed={seed}"]
    plan = override(preset(f"{method}-nb201"), settings)
    recorder = Recorder(header_of(plan), None)
    ending = run(plan, recorder, Controls())
    if ending.state != "finished":
        raise SystemExit(f"{method}, seed {seed}: {ending.state}: {ending.message}")
    view = recorder.view()
    scores, measures = view.rows("scores"), view.rows("measures")
    assert (scores["candidate"] == measures["candidate"]).all()
    clock = np.cumsum(measures["cost"])
    best = np.maximum.accumulate(scores["score"])
    first = np.r_[True, best[1:] > best[:-1]]  # the earliest of equals leads
    leader = np.maximum.accumulate(np.where(first, np.arange(len(scores)), 0))
    done = np.searchsorted(clock, GRID, side="right") - 1
    reported = measures["reported"][leader][np.maximum(done, 0)]
    return np.where(done < 0, np.nan, reported).tolist(), time.process_time() - begun


def searches(method: str, seeds: Sequence[int]) -> list[tuple[list[float], float]]:
    return [search(method, seed) for seed in seeds]


def parts(seeds: range, size: int) -> list[range]:
    return [seeds[start : start + size] for start in range(0, len(seeds), size)]


def summary(method: str, found: list[tuple[list[float], float]]) -> dict[str, object]:
    row: dict[str, object] = {"method": method, "seeds": len(found)}
    for budget in BUDGETS:
        values = [curve[GRID.index(int(budget))] for curve, _ in found]
        row[f"{budget:.0f} s"] = {"mean": statistics.mean(values), "spread": statistics.stdev(values)}
    row["processor seconds"] = statistics.mean(seconds for _, seconds in found)
    row["curve"] = [statistics.mean(moment) for moment in zip(*(curve for curve, _ in found), strict=True)]
    return row


def draw(rows: list[dict[str, object]], path: Path) -> None:
    """The mean of every method over simulated time."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import pyqtgraph as pg
    from pyqtgraph.exporters import ImageExporter
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    pg.setConfigOptions(background="w", foreground="k", antialias=True)
    plot = pg.PlotWidget()
    plot.resize(900, 560)
    plot.addLegend(offset=(-20, -20))
    plot.setLabel("bottom", "simulated seconds")
    plot.setLabel("left", "validation accuracy after 200 epochs, % (mean over seeds)")
    for number, row in enumerate(rows):
        pen = pg.mkPen(pg.intColor(number, len(rows), maxValue=190), width=2)
        plot.plot(list(GRID), row["curve"], pen=pen, name=f"{row['method']} ({row['seeds']} seeds)")
    plot.setYRange(90, 91.65)
    plot.addLine(y=91.607, pen=pg.mkPen("gray", style=pg.QtCore.Qt.PenStyle.DashLine))
    application.processEvents()
    ImageExporter(plot.plotItem).export(str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--seeds", type=int, help="how many, instead of each method's own number")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--plot", type=Path, help="draw the means over time into this file")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    rows = []
    begun = time.monotonic()
    with ProcessPoolExecutor(options.processes) as pool:
        jobs = []
        for method in options.methods:
            seeds = range(options.first, options.first + (options.seeds or METHODS[method]))
            jobs.append((method, [pool.submit(searches, method, part) for part in parts(seeds, 10)]))
        for method, futures in jobs:
            rows.append(summary(method, [one for future in futures for one in future.result()]))
            print(f"{method}: done after {time.monotonic() - begun:.0f} s", file=sys.stderr)
    if options.plot:
        draw(rows, options.plot)
    if options.json:
        print(json.dumps({"seconds": time.monotonic() - begun, "rows": rows}, indent=1))
        return
    print(f"{'method':10} {'seeds':>5}   {'12,000 s':^14}   {'20,000 s':^14}   processor s a search")
    for row in rows:
        cells = "   ".join(
            f"{row[f'{budget:.0f} s']['mean']:6.2f} ± {row[f'{budget:.0f} s']['spread']:.2f}"  # type: ignore[index]
            for budget in BUDGETS
        )
        print(f"{row['method']:10} {row['seeds']:5}   {cells}   {row['processor seconds']:.3f}")


if __name__ == "__main__":
    main()
