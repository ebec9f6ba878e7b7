"""Sessions in a folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.plan import dumps, preset
from engine.session import Header, Recorder
from engine.space.architecture import CellArchitecture, to_bytes


@pytest.fixture
def recorded_in(darts: CellArchitecture) -> Callable[..., Path]:
    """Makes a closed session of one candidate, or as many as there are scores."""

    def make(path: Path, *scores: float, plan: str = "random-digits", state: str = "finished") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        found = preset(plan)
        recorder = Recorder(Header(plan=dumps(found), method="random", space="darts"), path)
        recorder.status("running")
        for score in scores or (50.0,):
            recorder.score(recorder.candidate(to_bytes(darts)), score, seconds=1, parameters=10)
        recorder.status(state)
        recorder.close()
        return path

    return make
