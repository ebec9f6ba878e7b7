"""How quick the window is, and what it costs a search.

    python tests/benchmarks/window.py [--rounds 3] [--seconds 20] [--preset darts-digits] [--json]

Each round opens the program in a process of its own, presses Start and watches a search with every panel visible, then
runs the same search for as long in a process without a window. It reports the time from the start of the process until
the window is painted and until every panel is there, from Start to the first point on a curve and to the first derived
cell, the delay of the event loop while the search runs, and the search's steps per second with the window against
without.
Needs a display; on a machine without one: xvfb-run -a python tests/benchmarks/window.py
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # run as a file, from anywhere

BEAT = 0.005  # seconds between two looks at the event loop


def endless(preset: str):
    """The preset with a budget that no round reaches."""
    from engine.plan import override
    from engine.plan import preset as plan

    settings = {"darts-digits": "budget.epochs=100000"}.get(preset, "budget.evaluations=1000000")
    return override(plan(preset), [settings, "budget.seconds=none"])


def rate(source, since: float) -> float:
    """Steps of a one-shot search, or evaluations of a sampling one, per second after `since`."""
    view = source.view()
    rows = view.rows("scores") if len(view.rows("scores")) else _steps(view)
    times = rows["time"][rows["time"] > since]
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 2 else float("nan")


def _steps(view):
    rows = view.rows("scalars")
    return rows[(rows["series"] == 0) & (rows["candidate"] < 0)]


def with_window(preset: str, seconds: float, began: float) -> dict[str, float | list[float]]:
    """One round in this process: open, start, watch. `began` is when the process was started, in seconds since 1970."""
    sys.setswitchinterval(0.001)  # as app.startup does
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    from app.settings import Settings
    from app.window.main_window import MainWindow

    found: dict[str, float | list[float]] = {}
    application = QApplication(sys.argv[:1])
    window = MainWindow(Settings())

    class Painted(QObject):
        def eventFilter(self, watched, event):  # noqa: N802 - Qt's name
            if event.type() == QEvent.Type.Paint and "painted" not in found:
                QTimer.singleShot(0, lambda: found.setdefault("painted", time.time() - began))
                found["torch loaded before"] = float("torch" in sys.modules)
            return False

    filter_ = Painted()
    window.start.page.installEventFilter(filter_)
    window.show()
    state = {"started": 0.0, "warm": 0.0, "last": time.perf_counter()}
    delays: list[float] = []

    def begin() -> None:
        found["complete"] = time.time() - began
        for name in ("population", "candidates"):  # side by side instead of in tabs, so that every panel draws
            window.docks[name].setFloating(True)
            window.docks[name].show()
        window.controller.show_plan(endless(preset))
        state["started"] = time.perf_counter()
        window.menu_actions.start.trigger()

    def beat() -> None:
        now = time.perf_counter()
        late, state["last"] = max(0.0, now - state["last"] - BEAT), now
        source = window.playback.source
        if not state["started"] or source is None:
            return
        since = now - state["started"]
        if "first point" not in found and window.panel("curves").data()[1]:
            found["first point"] = since
        if "first cell" not in found and window.parts.cell.data()[1]:
            found["first cell"] = since
        if not state["warm"] and ("first cell" in found or len(source.view().rows("scores"))):
            state["warm"] = now + 2
            state["from"] = source.end + 2
        if state["warm"] and now > state["warm"]:
            delays.append(late)
        if state["warm"] and now > state["warm"] + seconds:
            timer.stop()
            found["rate"] = rate(source, state["from"])
            window.close()

    timer = QTimer()
    timer.setTimerType(timer.timerType().PreciseTimer)
    timer.timeout.connect(beat)
    timer.start(round(1000 * BEAT))
    window.completed.connect(begin)
    window.closed.connect(application.quit)
    application.exec()
    found["delays"] = delays
    return found


def without_window(preset: str, seconds: float) -> dict[str, float]:
    """The same search for as long, with nothing else in the process."""
    from engine.run import launch

    host = launch(endless(preset), Path(tempfile.mkdtemp()) / "session.h5")
    while not host.started:
        time.sleep(0.05)
    while not len(_steps(host.source.view())) and not len(host.source.view().rows("scores")):
        time.sleep(0.05)
    since = host.source.end + 2
    time.sleep(seconds + 2)
    found = rate(host.source, since)
    host.stop()
    host.join()
    return {"rate": found}


def child(role: str, options: argparse.Namespace) -> dict:
    """One round of `role` in a fresh process with settings and sessions of its own."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}
        command = [sys.executable, __file__, "--role", role, "--preset", options.preset]
        command += ["--seconds", str(options.seconds), "--began", str(time.time())]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each search is watched")
    parser.add_argument("--preset", default="darts-digits")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--role", help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role:
        run = (
            with_window(options.preset, options.seconds, options.began)
            if options.role == "window"
            else without_window(options.preset, options.seconds)
        )
        print(json.dumps(run))
        return

    windows, bare = [], []
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds} ...", file=sys.stderr)
        windows.append(child("window", options))
        bare.append(child("bare", options))
    delays = sorted(delay for run in windows for delay in run["delays"])

    def median(name: str) -> float:
        return statistics.median(run[name] for run in windows)

    result = {
        "preset": options.preset,
        "rounds": options.rounds,
        "painted_s": median("painted"),
        "complete_s": median("complete"),
        "torch_loaded_before_painting": any(run["torch loaded before"] for run in windows),
        "start_to_first_point_s": median("first point"),
        "start_to_first_cell_s": median("first cell"),
        "event_loop_delay_ms": {
            "p50": 1000 * delays[len(delays) // 2],
            "p99": 1000 * delays[int(0.99 * len(delays))],
            "max": 1000 * delays[-1],
            "beats": len(delays),
        },
        "steps_per_second": {
            "window": median("rate"),
            "bare": statistics.median(run["rate"] for run in bare),
            "ratio": statistics.median(a["rate"] / b["rate"] for a, b in zip(windows, bare, strict=True)),
        },
    }
    if options.json:
        print(json.dumps(result, indent=1))
        return
    loop, steps = result["event_loop_delay_ms"], result["steps_per_second"]
    print(f"window painted            {result['painted_s']:.2f} s after the start of the process")
    print(f"every panel there         {result['complete_s']:.2f} s")
    print(f"torch loaded before       {'yes' if result['torch_loaded_before_painting'] else 'no'}")
    print(f"Start to first point      {result['start_to_first_point_s']:.1f} s")
    print(f"Start to first cell       {result['start_to_first_cell_s']:.1f} s")
    print(f"event loop delay          p50 {loop['p50']:.1f}, p99 {loop['p99']:.1f}, max {loop['max']:.0f} ms")
    print(f"steps/s window : without  {steps['window']:.2f} : {steps['bare']:.2f}, ratio {steps['ratio']:.2f}")


if __name__ == "__main__":
    main()
