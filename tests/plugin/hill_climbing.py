"""A plug-in with a method, its preset and its panel: hill climbing with restarts."""

import math
import random
from pathlib import Path
from typing import Annotated, Any, ClassVar

from app import panels
from engine.plan import METHODS, Budget, Family, MethodSettings, add_presets
from engine.search import SEARCHES, Proposal, SamplingMethod
from engine.search.base import Scalar, worth
from engine.space.decisions import Decisions
from engine.space.setting import setting
from engine.space.spaces import Space


@METHODS.register()
class HillClimbingSettings(MethodSettings, frozen=True, kw_only=True, tag="hill-climbing"):
    """The best so far is mutated until nothing better comes."""

    title: ClassVar[str] = "Hill climbing"
    about: ClassVar[str] = "Mutates the best of this climb, and begins another where nothing better has come for long."
    source: ClassVar[str] = "a plug-in of the tests"
    family: ClassVar[Family] = "Evolution"
    panels: ClassVar[tuple[str, ...]] = ("climb",)
    budget: ClassVar[Budget] = Budget(evaluations=40)

    patience: Annotated[
        int,
        setting("Mutants in a row that are no better before it starts anew.", label="Patience", low=1, high=10_000),
    ] = 50


@SEARCHES.carries_out(HillClimbingSettings)
class HillClimbing(SamplingMethod[Decisions]):
    """Proposes a mutant of the best of the present climb; a random architecture begins one."""

    def __init__(self, settings: HillClimbingSettings, space: Space, rng: random.Random) -> None:
        super().__init__(settings, space, rng)
        self._top: Decisions | None = None
        self._number, self._score, self._worse, self._told = -1, -math.inf, 0, 0

    def ask(self, candidate: int) -> Proposal:
        if self._top is None:
            proposal = Proposal(self._space.sample(self._rng))
        else:
            mutant = self._space.mutate(self._top, self._rng)
            proposal = Proposal(mutant, self._number, "mutated", self._space.describe_change(self._top, mutant))
        self._under_way[candidate] = proposal.decisions
        return proposal

    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        decisions = self._under_way.pop(candidate)
        self._told += 1
        if worth(score) > self._score:
            self._top, self._number, self._score, self._worse = decisions, candidate, worth(score), 0
            self.note(Scalar("height", self._score, self._told))
        else:
            self._worse += 1
        if self._worse >= self._settings.patience:
            self._top, self._number, self._score, self._worse = None, -1, -math.inf, 0
        return ()

    def state(self) -> dict[str, Any]:
        return super().state() | {
            "top": self._top and list(self._top),
            "number": self._number,
            "score": None if self._score == -math.inf else self._score,
            "worse": self._worse,
            "told": self._told,
        }

    def load(self, state: dict[str, Any]) -> None:
        super().load(state)
        self._top = state["top"] and tuple(state["top"])
        self._number, self._worse, self._told = state["number"], state["worse"], state["told"]
        self._score = -math.inf if state["score"] is None else state["score"]

    def _handed_in(self, decisions: Decisions) -> Decisions:
        return decisions


panels.add(Path(__file__).with_name("climb_panel.py"))
add_presets(Path(__file__).with_name("plans"))
