"""What one node of a cell may be: the states it reads, the operation on each way, how it combines them.

Cell spaces differ in little else, so all are made of these. Within a node everything is counted exactly, whatever edges
are restricted or fixed; different nodes do not depend on each other.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal, TypeAlias

from msgspec import Struct

from engine.space.cells import Combine, Edge, Node, state_name
from engine.space.cost_distribution import Spread, joint
from engine.space.decisions import Decision, Decisions, OutsideSpace
from engine.space.operations import label

Pairing: TypeAlias = Literal["distinct", "ordered", "every"]
"""Which states a node reads: so many different ones; so many in order, the same one twice too; all that there are."""


REMEMBERED = 4096
"""Forms of a node whose decisions, edges and mutants are kept."""


class Branch(Struct, frozen=True):
    """A point at which a state is chosen: those that can still be, and in how many ways the node's inputs go on."""

    states: tuple[int, ...]
    ways: int


class NodeChoices:
    """The decisions of one node, as positions in a short sequence of its own.

    Inputs are decided one after the other, each followed by its operation (or all inputs, then all operations), then
    how they are combined if there is a choice. "distinct" inputs are decided in ascending order, so that every node is
    decided in exactly one way; "ordered" ones in the order of the node's inputs. Only choices that lead somewhere are
    offered.

    An example, the second node of a DARTS cell: it reads two different ones of the states 0, 1 and 2, each by one of
    seven operations. The first question offers the states 0 and 1, not 2, after which none would be left: a branch of
    98 + 49 = 147 ways, since from 0 the other input is 1 or 2, 7 (7 + 7) ways, and from 1 only 2, 7 times 7. Number 100
    is past the 98, hence state 1; of the 49 that are left it is number 2: operation 0, state 2 (the only choice, number
    0), operation 2. So `at(100)` is (1, 0, 0, 2).

    Args:
        place: the node in words, such as "normal node 2".
        inputs: of the cell; they are the first states.
        palettes: for each state that the node could read, the operations allowed on the way; none at all forbids it.
        reads: how many states it reads; "distinct" ones fewer where no more come before it. Nothing to "every".
        fixed: the states it reads in any case.
        combines: the ways to combine its inputs.
        inputs_first: whether all its inputs are decided before the operations.
    """

    def __init__(
        self,
        place: str,
        inputs: int,
        palettes: tuple[tuple[str, ...], ...],
        pairing: Pairing,
        reads: int,
        fixed: frozenset[int],
        combines: tuple[Combine, ...],
        inputs_first: bool,
    ) -> None:
        self.place, self.palettes, self.fixed, self.combines = place, palettes, fixed, combines
        self._inputs, self._pairing = inputs, pairing
        self._counts = [len(palette) for palette in palettes]
        usable = tuple(state for state, count in enumerate(self._counts) if count)
        self._given = usable if pairing == "every" else ()
        self.reads = (
            len(usable) if pairing == "every" else min(reads, len(palettes)) if pairing == "distinct" else reads
        )
        self.kinds = self._sequence(inputs_first)
        # For each number of decisions made: how many of them are about operations, and is "combine" still open.
        self._operated = [self.kinds[:made].count("operation") for made in range(len(self.kinds) + 1)]
        self._choosing = [place for place, kind in enumerate(self.kinds) if kind == "input"]
        self._branches: dict[tuple[int, int, frozenset[int]], Branch] = {}
        self._questions: dict[tuple[str, tuple[int, ...]], Decision] = {}
        self.total = self.ways(()) if usable else 0
        # A node has few forms, and searches come back to them all the time.
        self.at, self.node = lru_cache(REMEMBERED)(self._at), lru_cache(REMEMBERED)(self._node)
        self.sound, self.mutants = lru_cache(REMEMBERED)(self._sound), lru_cache(REMEMBERED)(self._mutants)

    def _sequence(self, inputs_first: bool) -> tuple[str, ...]:
        combine = ("combine",) if len(self.combines) > 1 else ()
        if self._pairing == "every":
            return ("operation",) * self.reads + combine
        if inputs_first:
            return ("input",) * self.reads + ("operation",) * self.reads + combine
        return ("input", "operation") * self.reads + combine

    def question(self, made: Decisions) -> Decision:
        """The decision that follows those made."""
        kind, chosen = self.kinds[len(made)], self._chosen(made)
        if kind == "input":
            about = self._branch(chosen).states
        else:
            about = (chosen[self._operated[len(made)]],) if kind == "operation" else ()
        if (kind, about) not in self._questions:
            self._questions[kind, about] = self._question(kind, about)
        return self._questions[kind, about]

    def ways(self, made: Decisions) -> int:
        """In how many ways the node can be completed."""
        chosen = self._chosen(made)
        ways = self._branch(chosen).ways
        for state in chosen[self._operated[len(made)] :]:
            ways *= self._counts[state]
        return ways * (1 if len(made) == len(self.kinds) else len(self.combines))

    def _sound(self, made: Decisions) -> bool:
        """Whether these decisions make the node: as many as there are questions, each one of the choices."""
        return len(made) == len(self.kinds) and all(
            0 <= choice < len(self.question(made[:place]).choices) for place, choice in enumerate(made)
        )

    def _at(self, rank: int) -> Decisions:
        """Number `rank` of the node's `total` decisions, in their order."""
        made: Decisions = ()
        for kind in self.kinds:
            choice = 0
            if kind == "input":
                while rank >= (ways := self.ways((*made, choice))):
                    rank -= ways
                    choice += 1
            else:
                choice, rank = divmod(rank, self.ways((*made, 0)))
            made = (*made, choice)
        return made

    def spread(self, price: Callable[[int, str], int]) -> Spread:
        """In how many of the node's ways its edges cost so much together, without regard to how they are combined.

        `price` is what an edge costs, by the state it comes from and its operation.
        """
        edges = [dict(Counter(price(state, name) for name in palette)) for state, palette in enumerate(self.palettes)]
        spread: Spread = {0: 1}
        if self._pairing == "every":
            for state in self._given:
                spread = joint(spread, edges[state])
            return spread
        return self._spread_at(edges, (), {})

    def _spread_at(self, edges: list[Spread], chosen: tuple[int, ...], known: dict[object, Spread]) -> Spread:
        """The same for the inputs that follow those chosen."""
        after = chosen[-1] if chosen and self._pairing == "distinct" else -1
        key = len(chosen), after, self.fixed.difference(chosen)
        if key not in known:
            if len(chosen) == self.reads:
                return {0: 1}
            spread: Counter[int] = Counter()
            for state in self._branch(chosen).states:
                spread.update(joint(edges[state], self._spread_at(edges, (*chosen, state), known)))
            known[key] = dict(spread)
        return known[key]

    def _node(self, made: Decisions) -> Node:
        """The node decided, its inputs in the order of the decisions, all of which must be valid."""
        chosen = self._chosen(made)
        choices = [choice for kind, choice in zip(self.kinds, made, strict=True) if kind == "operation"]
        edges = (Edge(state, self.palettes[state][choice]) for state, choice in zip(chosen, choices, strict=True))
        combine = made[-1] if len(self.combines) > 1 else 0
        return Node(tuple(edges), self.combines[combine])

    def decisions(self, node: Node) -> Decisions:
        """The decisions that make the node, inverse to `node`. Raises OutsideSpace with the reason."""
        if node.combine not in self.combines:
            ways = " or ".join(self.combines)
            raise OutsideSpace(f"{self.place}: it combines by {node.combine}, and the space's nodes {ways}")
        for edge in node.inputs:
            self._check_edge(edge)
        edges = node.inputs if self._pairing == "ordered" else sorted(node.inputs, key=lambda edge: edge.source)
        self._check_sources([edge.source for edge in edges])
        chosen = tuple(edge.source for edge in edges)
        states = iter(self._branch(chosen[:at]).states.index(state) for at, state in enumerate(chosen))
        operations = iter(self.palettes[edge.source].index(edge.operation) for edge in edges)
        answers = {"input": states, "operation": operations, "combine": iter([self.combines.index(node.combine)])}
        return tuple(next(answers[kind]) for kind in self.kinds)

    def _mutants(self, made: Decisions, kind: str) -> tuple[tuple[Decisions, ...], ...]:
        """For each place where the node decided can differ in one thing of this kind, the decisions of all nodes
        that do (see `changed`)."""
        node = self.node(made)
        return tuple(
            tuple(self.decisions(other) for other in self.changed(node, kind, place))
            for place in self.changeable(node, kind)
        )

    def changeable(self, node: Node, kind: str) -> list[int]:
        """The places at which the node can differ in one thing of this kind: numbers of inputs, or 0 for "combine"."""
        if kind == "combine":
            return [0] if len(self.combines) > 1 else []
        return [
            place
            for place, edge in enumerate(node.inputs)
            if (self._free(node, place) if kind == "input" else self._counts[edge.source] > 1)
        ]

    def changed(self, node: Node, kind: str, place: int) -> list[Node]:
        """The nodes that differ from this one in that thing.

        "input": an input comes from another state that the node may read, with the operation it has where that is
        allowed on the new way. "operation": an input has another operation. "combine": the other way to combine.
        """
        if kind == "combine":
            return [Node(node.inputs, combine) for combine in self.combines if combine != node.combine]
        old = node.inputs[place]
        if kind == "input":
            edges = [Edge(state, name) for state in self._free(node, place) for name in self._kept(old, state)]
        else:
            edges = [Edge(old.source, name) for name in self.palettes[old.source] if name != old.operation]
        return [Node((*node.inputs[:place], edge, *node.inputs[place + 1 :]), node.combine) for edge in edges]

    def _free(self, node: Node, place: int) -> list[int]:
        """The states that an input of the node could come from instead."""
        if self._pairing == "every":
            return []
        sources = [edge.source for edge in node.inputs]
        others = {*sources[:place], *sources[place + 1 :]}
        taken = {*sources} if self._pairing == "distinct" else {sources[place]}
        return [
            state
            for state, count in enumerate(self._counts)
            if count and state not in taken and self.fixed <= others | {state}
        ]

    def _kept(self, edge: Edge, state: int) -> tuple[str, ...]:
        """The operations that an edge may carry when it comes from `state` instead: its own, if that is allowed."""
        palette = self.palettes[state]
        return (edge.operation,) if edge.operation in palette else palette

    def _chosen(self, made: Decisions) -> tuple[int, ...]:
        """The states that the decisions made so far let the node read."""
        chosen = self._given
        for place in self._choosing:
            if place >= len(made):
                break
            chosen = (*chosen, self._branch(chosen).states[made[place]])
        return chosen

    def _branch(self, chosen: tuple[int, ...]) -> Branch:
        after = chosen[-1] if chosen and self._pairing == "distinct" else -1
        missing = self.fixed.difference(chosen) if self.fixed else self.fixed
        return self._branch_at(self.reads - len(chosen), after, missing)

    def _branch_at(self, left: int, after: int, missing: frozenset[int]) -> Branch:
        """With `left` inputs to choose, from the states above `after`, and those `missing` among them.

        How a node goes on depends on nothing else of what was chosen, so that the number of different branches grows
        with the states and not with their combinations.
        """
        key = left, after, missing
        if key not in self._branches:
            states, ways = [], int(not left and not missing)
            # With more of them missing than there are inputs left, nothing fits.
            for state in range(after + 1, len(self._counts)) if left and len(missing) <= left else ():
                below = self._branch_at(left - 1, state if self._pairing == "distinct" else -1, missing - {state}).ways
                if below and self._counts[state]:
                    states.append(state)
                    ways += self._counts[state] * below
            self._branches[key] = Branch(tuple(states), ways)
        return self._branches[key]

    def _question(self, kind: str, about: tuple[int, ...]) -> Decision:
        state = len(self.palettes)  # that of the node itself, which follows those it could read
        if kind == "input":
            return Decision(kind, tuple(state_name(ref, self._inputs) for ref in about), about, self.place, state)
        if kind == "combine":
            return Decision(kind, self.combines, (None,) * len(self.combines), self.place, state)
        names = tuple(map(label, self.palettes[about[0]]))
        where = f"{self.place}, from {state_name(about[0], self._inputs)}" if self._pairing == "every" else self.place
        return Decision(kind, names, (None,) * len(names), where, state)

    def _check_edge(self, edge: Edge) -> None:
        if not 0 <= edge.source < len(self.palettes):
            raise OutsideSpace(f"{self.place}: there is no state {edge.source} before it")
        palette, source = self.palettes[edge.source], state_name(edge.source, self._inputs)
        if not palette:
            raise OutsideSpace(f"{self.place}: it reads {source}, which the space does not allow here")
        if edge.operation not in palette:
            allowed = ", ".join(map(label, palette))
            raise OutsideSpace(
                f"{self.place}: operation '{edge.operation}' is not one the space decides on; from {source} it may be "
                f"{allowed}"
            )

    def _check_sources(self, sources: Sequence[int]) -> None:
        if len(sources) != self.reads:
            raise OutsideSpace(f"{self.place}: it has {len(sources)} inputs, and here the space has {self.reads}")
        if self._pairing != "ordered":
            for source, other in pairwise(sources):
                if source == other:
                    both, twice = "both" if len(sources) == 2 else "two", state_name(source, self._inputs)
                    raise OutsideSpace(f"{self.place}: {both} inputs come from {twice}, and they must differ")
        for state in self.fixed.difference(sources):
            raise OutsideSpace(
                f"{self.place}: it does not read {state_name(state, self._inputs)}, and that edge is fixed"
            )
