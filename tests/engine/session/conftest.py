"""Sessions full of all kinds of rows, and their comparison."""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.session import LEVELS, ORIGINS, OUTCOMES, Header, Recorder, SessionSource

ROOT = Path(__file__).parents[3]

BENCHMARK = [("searched", "f8"), ("reported", "f8"), ("cost", "f8"), ("parameters", "i8")]


@pytest.fixture
def header() -> Header:
    return Header(
        program="0.1.0",
        plan='name = "sepärable"\n',
        method="darts",
        space="darts",
        seed=7,
        cells=("normal", "reduction"),
        edges=("k−2→0", "k−1→0"),
        operations=("none", "skip", "sep 3×3"),
    )


@pytest.fixture
def record(header: Header) -> Iterator[Callable[..., Recorder]]:
    """Makes recorders, and closes those that the test leaves open."""
    with ExitStack() as stack:

        def make(path: Path | None = None, **options: Any) -> Recorder:
            recorder = Recorder(header, path, **options)
            stack.callback(recorder.close)
            return recorder

        yield make


@pytest.fixture
def fill() -> Callable[..., None]:
    """Records `count` random things of every kind."""

    def fill(recorder: Recorder, count: int, seed: int = 0) -> None:
        rng = random.Random(seed)
        actions = [
            lambda: recorder.scalar(rng.choice("abc"), rng.random(), step=rng.randrange(99), unit="%"),
            lambda: recorder.candidate(rng.randbytes(rng.randrange(60)), origin=rng.choice(ORIGINS), change="→ né"),
            lambda: recorder.derived(rng.choice([b"one", b"two"]), step=rng.randrange(99)),
            lambda: recorder.weights(np.full((2, 2, 3), rng.random()), step=rng.randrange(99)),
            lambda: recorder.log(f"line {rng.random()}", rng.choice(LEVELS)),
            lambda: recorder.status(rng.choice(["running", "paused"]), "why"),
            lambda: recorder.progress(rng.randrange(99), 99, remaining=rng.random(), memory=1 << 40, load=0.5),
            lambda: recorder.mark(rng.random(), "look here"),
            lambda: recorder.policy(rng.randrange(99), rng.randrange(9), "node 2", rng.random(), "skip", rng.random()),
            lambda: recorder.alarm(rng.randrange(99), -1, float("nan"), "skips everywhere"),
            lambda: recorder.benchmark(np.array([(1.0, 2.0, 3.0, 4)], BENCHMARK)),
        ]
        later = [
            lambda born: recorder.scalar("own", rng.random(), step=1, candidate=born),
            lambda born: recorder.candidate(b"child", parent=born, origin="mutated"),
            lambda born: recorder.score(born, rng.random(), seconds=1.5, parameters=9, outcome=rng.choice(OUTCOMES)),
            lambda born: recorder.death(born),
            lambda born: recorder.measure(born, macs=rng.randrange(99), cost=rng.random(), reported=rng.random()),
            lambda born: recorder.prediction(born, rng.random(), rng.random()),
            lambda born: recorder.point(b"there", rng.random(), rng.random(), candidate=born, start=born, step=1),
        ]
        for _ in range(count):
            born = len(recorder.tables["candidates"])
            if born and rng.random() < 0.5:
                rng.choice(later)(rng.randrange(born))
            else:
                rng.choice(actions)()

    return fill


@pytest.fixture
def same() -> Callable[[SessionSource, SessionSource], None]:
    """Asserts that two sources hold the same rows, byte for byte, and the same text."""

    def same(first: SessionSource, second: SessionSource) -> None:
        assert first.header == second.header
        assert first.end == second.end
        for name in first.tables:
            one, other = first.view().rows(name), second.view().rows(name)
            assert one.tobytes() == other.tobytes(), name
        assert first.stream.slice(0, len(first.stream)) == second.stream.slice(0, len(second.stream))

    return same


@pytest.fixture
def spawn() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a Python program in another process; none outlives the test."""
    with ExitStack() as stack:

        def start(code: str, *arguments: object) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", code, *map(str, arguments)],
                stdout=subprocess.PIPE,
                stdin=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            )
            stack.callback(process.__exit__, None, None, None)
            stack.callback(process.kill)
            return process

        yield start
