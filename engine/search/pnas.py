"""PNAS: cells that grow block by block, chosen by a surrogate (Liu et al. 2018, algorithm 1)."""

import math
import random
from collections.abc import Hashable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from engine.plan.methods.pnas import PnasSettings
from engine.search.base import SEARCHES, Line, Proposal, Scalar, failed
from engine.search.surrogates.candidate_pool import Pool
from engine.search.surrogates.encoding import Tokens, Vocabulary
from engine.search.surrogates.ensemble import Ensemble
from engine.search.surrogates.score_scaling import Scale, scale
from engine.search.surrogates.surrogate_search import TRIES, Pick, SurrogateSearch
from engine.space.decisions import Decisions
from engine.space.progressive_levels import levels
from engine.space.spaces import Space


class Tried(NamedTuple):
    """What was tried; the score is None where it failed."""

    candidate: int
    pick: Pick
    score: float | None


@SEARCHES.carries_out(PnasSettings)
class Pnas(SurrogateSearch):
    """Asks for the architectures of the first level, then for the expansions of the good ones that promise most.

    No graph is asked for twice, except where no other is left. There is no barrier between levels: a level's parents
    are those of its architectures whose scores have been told when the next one begins. After the last level has had
    its K it goes on ranking what that level has left.

    Learning and ranking cost the same however many were tried before; what is kept grows by one entry per candidate.
    """

    def __init__(self, settings: PnasSettings, space: Space, rng: random.Random) -> None:
        super().__init__(settings, space, rng)
        self._levels = levels(space, settings.growth)
        self._vocabulary = Vocabulary(space, settings.tokens == "shared")
        self._net = Ensemble(
            settings.surrogate,
            self._vocabulary.size,
            self._blocks(),
            settings.embed,
            settings.hidden,
            settings.members,
            self._generator,
        )
        self._learnt = 0  # how often
        self._level, self._asked = 0, 0  # the level that is being tried, and how many of it were asked for
        self._parents: list[Decisions] = [()]
        self._tried: list[Tried] = []
        self._judged = 0  # how many of them there were when the surrogate was last compared with the scores
        self._seen: set[Hashable] = set()
        self._numbers: dict[tuple[int, Decisions], int] = {}
        self._pool: tuple[Pool, Tokens] | None = None

    def ask(self, candidate: int) -> Proposal:
        """The architecture to score as number `candidate`; `Proposal.space` says if it is a smaller one."""
        if not self._queue:
            self._fill()
        pick = self._next(candidate)
        self._asked += 1
        proposal = self._proposal(pick)
        self._numbers.setdefault((pick.level, pick.decisions), candidate)
        return proposal

    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        known = None if failed(score) else float(score or 0.0)
        self._tried.append(Tried(candidate, self._under_way.pop(candidate), known))
        return ()

    def state(self) -> dict[str, Any]:
        return super().state() | {
            "net": self._net.state(),
            "learnt": self._learnt,
            "level": self._level,
            "asked": self._asked,
            "judged": self._judged,
            "parents": [list(parent) for parent in self._parents],
            "tried": [[candidate, self._plain(pick), score] for candidate, pick, score in self._tried],
        }

    def load(self, state: dict[str, Any]) -> None:
        super().load(state)
        self._net.load(state["net"])
        self._learnt, self._judged = state["learnt"], state["judged"]
        self._level, self._asked = state["level"], state["asked"]
        self._parents = [tuple(parent) for parent in state["parents"]]
        self._tried = [Tried(candidate, self._read(*entry), score) for candidate, entry, score in state["tried"]]
        self._pool = None
        started = [*((one.candidate, one.pick) for one in self._tried), *self._under_way.items()]
        self._seen = {self._graph(pick.level, pick.decisions) for _, pick in started}
        self._seen |= {self._graph(pick.level, pick.decisions) for pick in self._queue}
        self._numbers = {}
        for candidate, pick in sorted(started, key=lambda one: one[0]):
            self._numbers.setdefault((pick.level, pick.decisions), candidate)

    def _handed_in(self, decisions: Decisions) -> Pick:
        """The surrogate learns from its score, too."""
        last = len(self._levels) - 1
        self._seen.add(self._graph(last, decisions))
        return Pick(decisions, level=last)

    def _fill(self) -> None:
        """Decide what is asked for next, and go on to the next level when this one has had its share."""
        while not self._queue:
            self._queue.extend(self._portion())
            if not self._queue:
                if self._at_last:  # everything was tried
                    self._queue.append(Pick(self._space.sample(self._rng), level=self._level))
                else:
                    self._climb()

    def _portion(self) -> list[Pick]:
        """The next few of this level, or none."""
        settings = self._settings
        if self._level == 0 and not self._asked:
            return self._random(settings.first)
        if not self._at_last:
            quota = settings.keep if self._level else 0
            return self._promising(min(settings.every, quota - self._asked))
        return (self._random(settings.random) if not self._asked else []) or self._promising(settings.every)

    def _random(self, count: int) -> list[Pick]:
        """Some of this level that were not tried, each as likely as any other."""
        level = self._levels[self._level]
        if level.ways * len(self._parents) <= self._settings.ranked:
            pool = self._current_pool()[0]
            order = list(range(len(pool)))
            self._rng.shuffle(order)
            drawn: Iterable[Decisions] = (pool[index] for index in order)
        else:
            tries = range(count + TRIES)
            drawn = (level.child(self._rng.choice(self._parents), self._rng) for _ in tries)
        return list(islice(self._new(Pick(decisions, level=self._level) for decisions in drawn), count))

    def _promising(self, count: int) -> list[Pick]:
        """Those of this level that promise most and were not tried."""
        if count <= 0 or not any(one.score is not None for one in self._tried):
            return self._random(max(count, 0))
        return list(islice(self._new(self._ranked()), count))

    def _ranked(self) -> Iterator[Pick]:
        """All of this level, the most promising first, by a surrogate that has learnt from all scores."""
        measure = self._learn()
        pool, rows = self._current_pool()
        predicted = self._net.predict(rows)
        mean, spread = measure.up(predicted.mean(0)), predicted.std(0) * measure.width
        for index in np.argsort(-mean, kind="stable").tolist():
            yield Pick(pool[index], float(mean[index]), float(spread[index]), self._level)

    def _new(self, picks: Iterable[Pick]) -> Iterator[Pick]:
        """Those within the limits whose graphs were not tried; they are taken for tried from now on."""
        for pick in picks:
            if (graph := self._graph(pick.level, pick.decisions)) in self._seen:
                continue
            if self._levels[pick.level].space.admits(pick.decisions):
                self._seen.add(graph)
                yield pick

    def _learn(self) -> Scale:
        """Train the surrogate on all scores; returns the scale on which it predicts them."""
        settings = self._settings
        known = [(one.pick, one.score) for one in self._tried if one.score is not None]
        measure = scale([score for _, score in known], settings.floor)
        self._judge(self._fresh(), len(self._tried))
        rows = np.concatenate([self._row(pick) for pick, _ in known])
        targets = measure.down([score for _, score in known])
        rate, steps = (settings.lr, settings.steps) if self._learnt else (settings.lr_first, settings.steps_first)
        loss = self._net.fit(rows, targets, rate, steps, settings.batch)
        self._learnt += 1
        self.note(Scalar("surrogate loss", loss, len(self._tried)))
        return measure

    def _fresh(self) -> list[tuple[float, float]]:
        """The expected and the true scores since this was asked last."""
        first, self._judged = self._judged, len(self._tried)
        return [
            (one.pick.value, one.score)
            for one in self._tried[first:]
            if one.score is not None and not math.isnan(one.pick.value)
        ]

    def _climb(self) -> None:
        """Go on to the next level: choose who grows."""
        # Those that were scored come before those that are only predicted to be good: the paper keeps the best of what
        # it trained. Prediction fills up what is missing, since failures must not make the beam narrower.
        told = [one for one in self._tried if one.pick.level == self._level and one.score is not None]
        told.sort(key=lambda one: (-(one.score or 0.0), one.candidate))
        parents = [one.pick.decisions for one in told[: self._settings.grow]]
        all_tried = self._level == 0 and self._levels[0].ways <= self._settings.first
        if told and not all_tried and (missing := self._settings.grow - len(parents)) > 0:
            seen = set(self._seen)  # growing is not trying
            parents += [pick.decisions for pick in islice(self._new(self._ranked()), missing)]
            self._seen = seen
        if not parents:  # none has been told, or all failed
            parents = [self._levels[self._level].child(self._parents[0], self._rng)]
        self._level, self._asked, self._parents, self._pool = self._level + 1, 0, parents, None
        words = f"level {self._level + 1} of {len(self._levels)}: {len(parents)} architectures grow"
        self.note(Line(words))

    def _current_pool(self) -> tuple[Pool, Tokens]:
        """What can be tried at this level; drawn again each time if it is only a part of what there is."""
        if self._pool is None or not self._pool[0].whole:
            pool = Pool(
                self._levels[self._level], self._parents, self._settings.ranked, self._rng, self._neighbourhood()
            )
            self._pool = pool, pool.rows(self._vocabulary)
        return self._pool

    def _neighbourhood(self) -> list[Decisions]:
        """Where nothing grows and not all can be ranked: half random ones, half mutants of the best."""
        most = self._settings.ranked
        if len(self._levels) > 1 or self._levels[0].ways <= most:
            return []
        best = sorted(self._tried, key=lambda one: (-(one.score or 0.0), one.candidate))
        best = [one for one in best if one.score is not None][: self._settings.grow]
        mutants = [self._space.mutate(self._rng.choice(best).pick.decisions, self._rng) for _ in range(most // 2)]
        return mutants + [self._space.at(self._rng.randrange(self._space.size())) for _ in range(most - most // 2)]

    @property
    def _at_last(self) -> bool:
        return self._level == len(self._levels) - 1

    def _graph(self, level: int, decisions: Decisions) -> Hashable:
        """What two architectures have in common if they are the same graph."""
        space = self._levels[level].space
        return space.canonical(space.decode(decisions))

    def _row(self, pick: Pick) -> Tokens:
        return self._vocabulary.rows(self._levels[pick.level], [pick.decisions])

    def _blocks(self) -> tuple[tuple[int, int], ...]:
        """For each place of a whole architecture, the level that decides it, and its number there."""
        blocks = {
            level.home[place]: (block, number)
            for block, level in enumerate(self._levels)
            for number, place in enumerate(level.new)
        }
        return tuple(blocks[place] for place in range(len(blocks)))

    def _proposal(self, pick: Pick) -> Proposal:
        """A pick with where it came from: the architecture that grew into it, if that was tried."""
        level = self._levels[pick.level]
        space = None if level.space == self._space else level.space
        if not level.kept:
            return Proposal(pick.decisions, space=space)
        parent = self._numbers.get((pick.level - 1, self._parent(pick)), -1)
        asked = level.space.questions(pick.decisions)
        grown = (f"{asked[place].label}: {asked[place].choices[pick.decisions[place]]}" for place in level.new)
        return Proposal(pick.decisions, parent, "mutated", "grown by " + ", ".join(grown), space)

    def _parent(self, pick: Pick) -> Decisions:
        level, before = self._levels[pick.level], self._levels[pick.level - 1]
        choices = {earlier: pick.decisions[place] for place, earlier in level.kept.items()} | before.fixed
        return tuple(choices[place] for place in range(len(choices)))
