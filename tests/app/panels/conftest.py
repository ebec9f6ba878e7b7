"""Sessions in memory that grow as told: a one-shot search, an evolution with a population of five, and a search in a
benchmark."""

import numpy as np
import pytest

from engine.session import Header, Recorder

EDGES = ("k−2→0", "k−1→0", "k−2→1", "k−1→1", "0→1")
OPERATIONS = ("none", "skip_connect", "sep_conv_3x3")
POPULATION = 5


class OneShot:
    """A search with architecture weights. `step()` adds one step, every tenth of which ends an epoch."""

    def __init__(self) -> None:
        header = Header(method="darts", cells=("normal", "reduction"), edges=EDGES, operations=OPERATIONS)
        self.recorder = Recorder(header, None)
        self.rng = np.random.default_rng(7)
        self.steps = 0

    def step(self, times: int = 1) -> None:
        for step in range(self.steps, self.steps + times):
            say = self.recorder.scalar
            say("train loss", 2.3 / (1 + step) + 0.1, step=step)
            say("train accuracy", 100 * (1 - 1 / (1 + step)), step=step, unit="%")
            say("validation accuracy", 90 * (1 - 1 / (1 + step)), step=step, unit="%")
            say("w learning rate", 0.025 / (1 + step), step=step)
            weights = self.rng.dirichlet(np.ones(len(OPERATIONS)), size=(2, len(EDGES)))
            weights[1, 2, 0] = np.nan
            self.recorder.weights(weights, step=step)
            if step % 10 == 9:
                say("validation accuracy (epoch)", 50 + 30 * self.rng.random(), step=step, unit="%")
                self.recorder.log(f"epoch {step // 10 + 1} has ended", "good")
        self.steps += times


class Evolution:
    """A search with candidates. `candidate()` adds one: born, trained for three epochs, scored; the oldest dies."""

    def __init__(self) -> None:
        self.recorder = Recorder(Header(method="evolution"), None)
        self.rng = np.random.default_rng(7)
        self.scores: list[float] = []

    def candidate(self, times: int = 1) -> None:
        for _ in range(times):
            born = len(self.scores)
            parent = born - 1 if born >= POPULATION else -1
            number = self.recorder.candidate(
                b"{}",
                parent=parent,
                origin="mutated" if parent >= 0 else "sampled",
                change=f"normal node {born % 4}: sep 3×3 → skip" if parent >= 0 else "",
            )
            score = float("nan") if born % 7 == 3 else float(60 + 30 * self.rng.random())
            for epoch in range(3):
                self.recorder.scalar("train loss", 2.0 / (epoch + 1), step=epoch, candidate=number)
                self.recorder.scalar("validation accuracy", 50.0 + epoch, step=epoch, candidate=number, unit="%")
            failed = np.isnan(score)
            self.recorder.score(
                number,
                score,
                seconds=1.5,
                parameters=480_000 + number,
                outcome="out of memory" if failed else "ok",
                message="2.1 GB wanted" if failed else "",
            )
            self.recorder.measure(number, macs=90_000_000 + 1000 * number)
            self.scores.append(score)
            if born >= POPULATION:
                self.recorder.death(born - POPULATION)
            if failed:
                self.recorder.log(f"#{number} could not be scored", "warning")
            best = np.fmax.accumulate(self.scores)[-1]
            self.recorder.scalar("best score", float(best), step=number, unit="%")


class Lookup:
    """A search that looks its scores up in a benchmark of forty entries. `candidate()` adds one, scored at once."""

    def __init__(self, name: str = "lookup", seed: int = 7) -> None:
        self.rng = np.random.default_rng(seed)
        plan = f'name = "{name}"\n[evaluator]\nkind = "table"\n'
        self.recorder = Recorder(Header(plan=plan, method="random", seed=seed), None)
        self.entries = np.zeros(40, [("searched", "f8"), ("reported", "f8"), ("cost", "f8"), ("parameters", "i8")])
        self.entries["searched"] = self.rng.permutation(np.linspace(60, 88, 40))
        self.entries["reported"] = self.entries["searched"] + self.rng.uniform(0, 5, 40)
        self.entries["cost"] = self.rng.uniform(100, 300, 40)
        self.recorder.benchmark(self.entries)
        self.looked_up: list[int] = []

    def candidate(self, times: int = 1) -> None:
        for _ in range(times):
            entry = int(self.rng.integers(len(self.entries)))
            self.looked_up.append(entry)
            searched, reported, cost, _ = self.entries[entry].tolist()
            number = self.recorder.candidate(b"{}")
            self.recorder.score(number, searched, seconds=0.001, parameters=100_000 + entry)
            self.recorder.measure(number, cost=cost, reported=reported)


class Learner:
    """A search that predicts scores, lays its candidates out in a plane, and has a controller. `candidate()` adds one,
    scored at once; every fifth ends a round and an update."""

    def __init__(self) -> None:
        self.recorder = Recorder(Header(method="nao"), None)
        self.rng = np.random.default_rng(7)
        self.count = 0

    def candidate(self, times: int = 1) -> None:
        for _ in range(times):
            number = self.recorder.candidate(b"{}")
            score = float(60 + 30 * self.rng.random())
            if number >= 5:
                self.recorder.prediction(number, score + float(self.rng.normal()), 0.5)
            failed = number % 9 == 4
            outcome = "failed" if failed else "ok"
            self.recorder.score(number, None if failed else score, seconds=1, parameters=1000, outcome=outcome)
            self.count += 1
            if self.count % 5 == 0:
                self._learn()

    def _learn(self) -> None:
        say = self.recorder
        say.scalar("reward", float(self.rng.random()), step=self.count)
        say.scalar("baseline", float(self.rng.random()), step=self.count)
        for decision in range(4):
            share = float(self.rng.uniform(0.3, 1.0))
            say.policy(self.count, decision, f"decision {decision}", -np.log(share), "skip", share)
        for number in range(self.count):
            x, y = self.rng.normal(size=2).tolist()
            say.point(b"{}", x, y, candidate=number, predicted=80.0)
        for start in range(3):
            x, y = self.rng.normal(size=2).tolist()
            say.point(b"{}", x, y, start=start, step=1, predicted=85.0)


@pytest.fixture
def learner() -> Learner:
    return Learner()


@pytest.fixture
def one_shot() -> OneShot:
    return OneShot()


@pytest.fixture
def lookup() -> Lookup:
    return Lookup()


@pytest.fixture
def make_lookup() -> type[Lookup]:
    return Lookup


@pytest.fixture
def evolution() -> Evolution:
    return Evolution()
