"""NAO: architectures as points of a learnt space, moved uphill and read back (Luo et al. 2018, algorithm 1)."""

import math
import random
from collections.abc import Hashable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import numpy as np
import torch
from torch import Tensor

from engine.plan.methods.nao import NaoSettings
from engine.search.base import SEARCHES, Line, Point, Proposal, Scalar, failed
from engine.search.surrogates.autoencoder import Autoencoder, Plane, Sizes, plane
from engine.search.surrogates.encoding import Vocabulary
from engine.search.surrogates.score_scaling import Scale, scale
from engine.search.surrogates.surrogate_search import TRIES, Pick, SurrogateSearch
from engine.space.architecture import Architecture, named_cells
from engine.space.cells import Cell, Edge, Node
from engine.space.decisions import Decisions, DecisionSpace, OutsideSpace
from engine.space.spaces import Space


def twin(space: DecisionSpace, decisions: Decisions, rng: random.Random) -> Decisions | None:
    """Other decisions for the same graph, or None where none were found.

    In one cell, the two inputs of a node are swapped (as in NAO), or two neighbouring nodes that do not read each
    other. A swap counts only if the space can decide it, and if the canonical form stays the same.
    """
    architecture = space.decode(decisions)
    swapped = list(_swaps(architecture))
    rng.shuffle(swapped)
    form = space.canonical(architecture)
    for other in swapped:
        try:
            found = space.encode(other)
        except OutsideSpace:
            continue
        if found != decisions and space.canonical(space.decode(found)) == form:
            return found
    return None


def _swaps(architecture: Architecture) -> Iterator[Architecture]:
    fields: dict[str, tuple[str, ...]] = {"cell": ("cell",), "normal": ("normal",), "reduction": ("reduction",)}
    cells = named_cells(architecture)
    if len({cell for _, cell in cells}) < len(cells):  # one cell for both strides stays one
        fields["normal"] = ("normal", "reduction")
    for name, cell in cells:
        for other in (*_inputs_swapped(cell), *_nodes_swapped(cell)):
            yield msgspec.structs.replace(architecture, **dict.fromkeys(fields[name], other))


def _inputs_swapped(cell: Cell) -> Iterator[Cell]:
    for index, node in enumerate(cell.nodes):
        if len(node.inputs) > 1 and node.inputs[0] != node.inputs[1]:
            first, second, *others = node.inputs
            yield _with(cell, {index: msgspec.structs.replace(node, inputs=(second, first, *others))})


def _nodes_swapped(cell: Cell) -> Iterator[Cell]:
    """Nodes next to each other trade places; whoever reads them reads them where they are now.

    Where a node reads every earlier state, the edge between the two carries `none` and is turned round.
    """
    for index, (one, other) in enumerate(pairwise(cell.nodes)):
        here = cell.inputs + index
        between = [edge for edge in other.inputs if edge.source == here]
        if any(edge.operation != "none" for edge in between):
            continue
        moved = {here: here + 1, here + 1: here}
        apart = tuple(edge for edge in other.inputs if edge.source != here)
        changed = {
            index: msgspec.structs.replace(other, inputs=apart),
            index + 1: msgspec.structs.replace(one, inputs=(*one.inputs, *between)),
        }
        for later in range(index + 2, len(cell.nodes)):
            node = cell.nodes[later]
            inputs = tuple(Edge(moved.get(edge.source, edge.source), edge.operation) for edge in node.inputs)
            if between:  # in the order of the states, where all are read
                inputs = tuple(sorted(inputs, key=lambda edge: edge.source))
            changed[later] = msgspec.structs.replace(node, inputs=inputs)
        yield _with(cell, changed)


def _with(cell: Cell, nodes: dict[int, Node]) -> Cell:
    return msgspec.structs.replace(cell, nodes=tuple(nodes.get(index, node) for index, node in enumerate(cell.nodes)))


class Member(NamedTuple):
    """One of the pool."""

    candidate: int
    decisions: Decisions
    score: float


@SEARCHES.carries_out(NaoSettings)
class Nao(SurrogateSearch):
    """Asks for `initial` random architectures, then, round by round, for those that steps from the best ones lead to.

    No graph is asked for twice, except where no other is found. A round begins when those of the last one are asked
    for, with the scores told by then. What one round costs is bounded by the pool, however many were tried before.
    """

    def __init__(self, settings: NaoSettings, space: Space, rng: random.Random) -> None:
        super().__init__(settings, space, rng)
        sizes = Sizes(
            settings.embed,
            settings.decoder_embed,
            settings.hidden,
            settings.predictor,
            settings.predictor_layers,
            settings.dropout,
        )
        self._net = Autoencoder(space, Vocabulary(space, settings.tokens == "shared"), sizes, self._generator)
        self._asked = self._rounds = 0
        self._pool: list[Member] = []  # the best first
        self._judged: list[tuple[float, float]] = []  # expected and true scores of this round's
        self._told = 0
        self._seen: dict[Hashable, Decisions] = {}
        self._plane: Plane | None = None

    @property
    def pool(self) -> tuple[Member, ...]:
        """Those that are learnt from, the best first."""
        return tuple(self._pool)

    def ask(self, candidate: int) -> Proposal:
        if not self._queue and self._asked >= self._settings.initial and len(self._pool) > 1:
            self._queue.extend(self._round())
        if not self._queue:
            self._queue.append(self._random())
        pick = self._next(candidate)
        self._asked += 1
        if pick.parent < 0:
            return Proposal(pick.decisions)
        parent = next((one.decisions for one in self._pool if one.candidate == pick.parent), None)
        change = self._space.describe_change(parent, pick.decisions) if parent else ""
        return Proposal(pick.decisions, pick.parent, "mutated", change)

    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        pick = self._under_way.pop(candidate)
        self._told += 1
        if score is None or failed(score):
            return ()
        if not math.isnan(pick.value):
            self._judged.append((pick.value, score))
        self._pool.append(Member(candidate, pick.decisions, float(score)))
        self._pool.sort(key=lambda member: (-member.score, member.candidate))
        return (self._pool.pop().candidate,) if len(self._pool) > self._settings.pool else ()

    def draw(self) -> Decisions:
        """An architecture to train shared weights with: one of the pool, or of the space while there is none."""
        return self._rng.choice(self._pool).decisions if self._pool else self._space.sample(self._rng)

    def state(self) -> dict[str, Any]:
        return super().state() | {
            "net": self._net.state(),
            "asked": self._asked,
            "rounds": self._rounds,
            "told": self._told,
            "pool": [[who, list(what), score] for who, what, score in self._pool],
            "judged": [list(pair) for pair in self._judged],
            "seen": [list(decisions) for decisions in self._seen.values()],
            "plane": self._plane and [part.tolist() for part in self._plane],
        }

    def load(self, state: dict[str, Any]) -> None:
        super().load(state)
        self._net.restore(state["net"])
        self._asked, self._rounds, self._told = state["asked"], state["rounds"], state["told"]
        self._pool = [Member(who, tuple(what), score) for who, what, score in state["pool"]]
        self._judged = [(expected, score) for expected, score in state["judged"]]
        seen = (tuple(decisions) for decisions in state["seen"])
        self._seen = {self._graph(decisions): decisions for decisions in seen}
        self._plane = state["plane"] and Plane(*(np.array(part) for part in state["plane"]))

    def _handed_in(self, decisions: Decisions) -> Pick:
        """Scored, it joins the pool."""
        self._seen.setdefault(self._graph(decisions), decisions)
        return Pick(decisions)

    def _random(self) -> Pick:
        """A random one that was not tried, if one is found."""
        decisions = self._space.sample(self._rng)
        for _ in range(TRIES):
            if self._take(decisions):
                break
            decisions = self._space.sample(self._rng)
        return Pick(decisions)

    def _take(self, decisions: Decisions) -> bool:
        """Whether a graph is new and within the limits; it is taken for tried from now on."""
        graph = self._graph(decisions)
        if graph in self._seen or not self._space.admits(decisions):
            return False
        self._seen[graph] = decisions
        return True

    def _graph(self, decisions: Decisions) -> Hashable:
        return self._space.canonical(self._space.decode(decisions))

    def _round(self) -> list[Pick]:
        """Learn from the pool, step from the best, and choose what is tried next; nothing where no step leads on."""
        self._judge(self._judged, self._told)
        self._judged = []
        measure = self._learn()
        self._rounds += 1
        with torch.no_grad():
            outputs = self._net.encode(self._net.tokens([member.decisions for member in self._pool]))
        self._show([member.decisions for member in self._pool], outputs, measure, 0)
        found = self._climb(outputs[: self._settings.seeds], measure)
        found.sort(key=lambda pick: -pick.value)
        chosen = found[: self._settings.new]
        for pick in found[self._settings.new :]:
            del self._seen[self._graph(pick.decisions)]
        words = f"round {self._rounds}: {len(chosen)} of {len(found)} new architectures that steps led to are tried"
        self.note(Line(words))
        return chosen

    def _learn(self) -> Scale:
        """Train the net on the pool, in its own and in other words; returns the scale of its predictions."""
        settings = self._settings
        members = [member.decisions for member in self._pool]
        scores = [member.score for member in self._pool]
        if settings.augment:
            twins = [(twin(self._space, member.decisions, self._rng), member.score) for member in self._pool]
            members += [other for other, _ in twins if other]
            scores += [score for other, score in twins if other]
        measure = scale(scores, settings.floor)
        targets = [*measure.down(scores), *([math.nan] * settings.unscored)]
        members += [self._space.at(self._rng.randrange(self._space.size())) for _ in range(settings.unscored)]
        losses = self._net.fit(
            members,
            np.array(targets),
            settings.trade,
            settings.epochs if self._rounds else settings.epochs_first,
            settings.lr,
            settings.weight_decay,
            settings.batch,
        )
        self.note(Scalar("prediction loss", losses.prediction, self._told))
        self.note(Scalar("reconstruction loss", losses.reconstruction, self._told, "nats"))
        return measure

    def _climb(self, outputs: Tensor, measure: Scale) -> list[Pick]:
        """What steps of growing length from the seeds lead to, until there is enough that is new."""
        wanted = self._settings.new * self._settings.surplus
        found: list[Pick] = []
        for length in range(1, self._settings.reach + 1):
            moved = self._net.climb(outputs, self._settings.eta * length)
            decoded = self._net.decode(moved)
            self._show(decoded, moved, measure, length)
            new = [
                (decisions, seed.candidate)
                for decisions, seed in zip(decoded, self._pool, strict=False)
                if self._take(decisions)
            ]
            if new:
                values = self._expected([decisions for decisions, _ in new], measure)
                found += [Pick(one, value, parent=seed) for (one, seed), value in zip(new, values, strict=True)]
            if len(found) >= wanted:
                break
        return found

    @torch.no_grad()
    def _expected(self, members: list[Decisions], measure: Scale) -> list[float]:
        """The scores expected of architectures."""
        outputs = self._net.encode(self._net.tokens(members))
        values: list[float] = measure.up(self._net.predict(self._net.embed(outputs)).double().numpy()).tolist()
        return values

    @torch.no_grad()
    def _show(self, members: list[Decisions], outputs: Tensor, measure: Scale, step: int) -> None:
        """Note where the pool lies in the plane or, at a step, where the seeds have come and as what they are read."""
        embedding = self._net.embed(outputs)
        values = measure.up(self._net.predict(embedding).double().numpy()).tolist()
        points = embedding.double().numpy()
        self._plane = self._plane or plane(points)
        for one, decisions, value, (x, y) in zip(
            self._pool, members, values, self._plane.project(points).tolist(), strict=False
        ):
            whose = (-1, one.candidate) if step else (one.candidate, -1)
            self.note(Point(*whose, step, x, y, value, self._space.decode(decisions)))
