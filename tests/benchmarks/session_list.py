"""How long the start page takes to list a folder of sessions.

    python tests/benchmarks/session_list.py [--sessions 1000] [--json]

Makes that many small sessions, copies of a few of several spaces, and opens the start page on them three times: cold
(nothing is known of them), warm (the index of the time before is there), and after one file has changed. For each it
reports the time from the look into the folder until all sessions are listed, until those in sight are drawn with their
cells, and until every file has been read; and the longest time in between that the window did not answer.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a file, from anywhere
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SPACES = ("darts", "nasbench201", "hierarchical", "nas-rl", "darts-rnn", "enas-macro")


def make_session(path: Path, kind: str, seed: int = 0, evaluations: int = 20, state: str = "finished") -> None:
    """A closed session of a random search in a space, with made-up scores."""
    from engine.plan import dumps, preset
    from engine.session import Header, Recorder
    from engine.space import SPACES as KINDS
    from engine.space.architecture import to_bytes

    rng, space = random.Random(seed), KINDS[kind]()
    plan = dumps(preset("random-digits"))
    recorder = Recorder(Header(plan=plan, method="random", space=kind, seed=seed), path)
    recorder.status("running")
    for number in range(evaluations):
        candidate = recorder.candidate(to_bytes(space.decode(space.sample(rng))))
        recorder.score(candidate, 50 + 40 * rng.random(), seconds=0.1, parameters=1000)
        recorder.progress(number + 1, evaluations)
    recorder.status(state)
    recorder.close()


def make_folder(folder: Path, sessions: int) -> None:
    """So many sessions: copies of one of each space."""
    folder.mkdir(parents=True)
    firsts = []
    for kind in SPACES[:sessions]:
        make_session(folder / f"{kind}-0000.h5", kind)
        firsts.append(folder / f"{kind}-0000.h5")
    for number in range(len(firsts), sessions):
        first = firsts[number % len(firsts)]
        shutil.copyfile(first, folder / f"{first.stem[:-5]}-{number:04}.h5")


def opened(settings: Path) -> dict[str, float]:
    """The times of one start page, in seconds."""
    from PySide6.QtWidgets import QApplication

    from app.settings import Settings
    from app.window.main_window import MainWindow

    application = QApplication.instance() or QApplication([])
    window = MainWindow(Settings(settings))
    window.start.begins = False
    window.resize(1440, 900)
    window.show()
    while not window.complete:
        application.processEvents()
    start, page, found = window.start, window.start.page, {}
    begin = before = perf_counter()
    longest = 0.0
    start.show()
    while "read" not in found:
        application.processEvents()
        now = perf_counter()
        longest, before = max(longest, now - before), now
        entries = page.model.entries.values()
        if entries and "listed" not in found:
            found["listed"] = now - begin
        seen = [page.model.rows[n] for n in range(min(len(page.model.rows), 12))]
        whole = bool(seen) and all(entry.known for entry in seen) and page.cards.pictures and not page.cards.wanted
        if whole and "drawn" not in found:
            found["drawn"] = now - begin
        if entries and all(entry.known for entry in entries) and "drawn" in found:
            found["read"] = now - begin
    window.close()
    return {**found, "longest pause": longest}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, file = Path(place) / "sessions", Path(place) / "settings.ini"
        make_folder(folder, options.sessions)
        from app.settings import Settings

        Settings(file).sessions_folder = folder
        result = {"cold": opened(file), "warm": opened(file)}
        (folder / "darts-0000.h5").unlink()
        make_session(folder / "darts-0000.h5", "darts", seed=1)
        result["one changed"] = opened(file)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{options.sessions} sessions, seconds until")
    names = list(result["cold"])
    print(f"{'':12}" + "".join(f"{name:>15}" for name in names))
    for row, times in result.items():
        print(f"{row:12}" + "".join(f"{times[name]:15.3f}" for name in names))


if __name__ == "__main__":
    main()
