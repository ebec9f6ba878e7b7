"""Recurrent cells of DARTS and ENAS: a tree of states, each made from one earlier state by an activation."""

from collections.abc import Iterable, Mapping
from typing import get_args

from msgspec.structs import replace

from engine.space.cells import MOST_NODES
from engine.space.recurrent import ACTIVATIONS, Activation, RecurrentCell, RecurrentNode

from ..board import OUTPUT, Arc, Board, Spot
from .kind import ArcRef, Change, Choice, Illegal, Kind, Part, SpotRef
from .ordering import moves, ordered, readers

BOARD = "cell"
WORD, HIDDEN = -2, -3  # the numbers of x_t and h_{t-1}
TINTS = {"tanh": "separable", "relu": "convolution", "sigmoid": "dilated", "identity": "skip"}
CHOICES = tuple(Choice(name, name, TINTS[name]) for name in ACTIVATIONS)
ONE_EACH = "a node reads exactly one state; lead its edge elsewhere, or remove the node"


class Recurrent(Kind[RecurrentCell]):
    """Spots have the numbers of states."""

    name = "recurrent"

    def boards(self, architecture: RecurrentCell) -> tuple[Board, ...]:
        first = architecture.first
        spots = [
            Spot(WORD, "input", "x", "x", "t"),
            Spot(HIDDEN, "input", "h", "h", "t−1"),
            Spot(0, "node", "0", "0", operation=first, label=first, tint=TINTS[first]),
            *(Spot(state, "node", str(state), str(state)) for state in range(1, len(architecture.nodes) + 1)),
            Spot(OUTPUT, "output", "h'", "h", "t"),
        ]
        arcs = [
            Arc(node.source, state, node.activation, node.activation, TINTS[node.activation])
            for state, node in enumerate(architecture.nodes, 1)
        ]
        arcs += [Arc(WORD, 0), Arc(HIDDEN, 0)]
        arcs += [Arc(state, OUTPUT) for state in sorted(set(architecture.concat))]
        return (Board(BOARD, tuple(spots), tuple(arcs)),)

    def choices(self, architecture: RecurrentCell, part: Part) -> tuple[Choice, ...]:
        if isinstance(part, SpotRef):
            return CHOICES if part.number == 0 else ()
        return CHOICES if part.index < len(architecture.nodes) else ()

    def offers(self, architecture: RecurrentCell, board: str, source: int, target: int) -> tuple[Choice, ...]:
        return () if target == OUTPUT else CHOICES

    def objection(self, architecture: RecurrentCell, board: str, source: int, target: int) -> str:
        if source == OUTPUT:
            return "the output is read at the next word, not by this cell"
        if target == OUTPUT:
            if source < 0:
                return "only states join the output"
            return f"{source} joins the output already" if source in architecture.concat else ""
        if target <= 0:
            return "nothing else leads there; state 0 is made from x and h" if target == 0 else "it is an input"
        if source < 0:
            return "only state 0 reads x and h"
        if source == target:
            return "a node cannot read itself"
        if source in readers(_sources(architecture), target):
            return f"that would be a loop: {source} reads {target} already"
        if architecture.nodes[target - 1].source == source:
            return f"{target} reads {source} already"
        return ""

    def add(self, architecture: RecurrentCell, board: str, after: int | None = None) -> Change[RecurrentCell]:
        """The new node reads the last state, or `after`."""
        if len(architecture.nodes) >= MOST_NODES:
            raise Illegal(f"a cell has at most {MOST_NODES} nodes")
        state = len(architecture.nodes) + 1
        source = after if after is not None and 0 <= after < state else state - 1
        longer = replace(
            architecture,
            nodes=(*architecture.nodes, RecurrentNode("tanh", source)),
            concat=(*architecture.concat, state),
        )
        return Change(longer, frozenset([SpotRef(BOARD, state)]))

    def connect(
        self, architecture: RecurrentCell, board: str, source: int, target: int, name: str | None
    ) -> Change[RecurrentCell]:
        """The target reads this state from now on, and no other."""
        if reason := self.objection(architecture, board, source, target):
            raise Illegal(reason)
        if target == OUTPUT:
            joined = replace(architecture, concat=tuple(sorted((*architecture.concat, source))))
            board_ = self.boards(joined)[0]
            return Change(joined, frozenset([ArcRef(BOARD, board_.arcs.index(Arc(source, OUTPUT)))]))
        wired = _set(architecture, target, RecurrentNode(_known(name), source))
        number, result = _sorted(wired)
        return Change(result, frozenset([ArcRef(BOARD, number[target] - 1)]), moves(BOARD, number))

    def choose(self, architecture: RecurrentCell, parts: Iterable[Part], name: str) -> Change[RecurrentCell]:
        parts = frozenset(parts)
        activation = _known(name)
        for part in parts:
            if not self.choices(architecture, part):
                raise Illegal("there is no activation here")
            if isinstance(part, SpotRef):
                architecture = replace(architecture, first=activation)
            else:
                node = architecture.nodes[part.index]
                architecture = _set(architecture, part.index + 1, replace(node, activation=activation))
        return Change(architecture, parts)

    def rewire(self, architecture: RecurrentCell, arc: ArcRef, source: int, target: int) -> Change[RecurrentCell]:
        if arc.index >= len(architecture.nodes):
            return super().rewire(architecture, arc, source, target)
        node = architecture.nodes[arc.index]
        if target != arc.index + 1:
            raise Illegal(ONE_EACH)
        if source == node.source:
            return Change(architecture, frozenset([arc]))
        return self.connect(architecture, BOARD, source, target, node.activation)

    def remove(self, architecture: RecurrentCell, parts: Iterable[Part]) -> Change[RecurrentCell]:
        """What read a removed node reads what that read."""
        parts = list(parts)
        arcs = {part.index for part in parts if isinstance(part, ArcRef)}
        doomed = {part.number for part in parts if isinstance(part, SpotRef) and part.number > 0}
        quiet = {index for index in arcs if index >= len(architecture.nodes)}
        if arcs - quiet - {state - 1 for state in doomed}:
            raise Illegal(ONE_EACH)
        board = self.boards(architecture)[0]
        parted = {board.arcs[index].source for index in quiet if board.arcs[index].target == OUTPUT}
        if not doomed and not parted:
            raise Illegal("inputs, state 0 and the output stay")
        if any(board.arcs[index].target == 0 for index in quiet):
            raise Illegal("state 0 is made from x and h")

        def kept(state: int) -> int:
            while state in doomed:
                state = architecture.nodes[state - 1].source
            return state

        order = [state for state in range(len(architecture.nodes) + 1) if state not in doomed]
        number: dict[int, int | None] = {**dict.fromkeys(doomed), **{old: new for new, old in enumerate(order)}}
        nodes = tuple(
            replace(node, source=_of(number, kept(node.source)))
            for state, node in enumerate(architecture.nodes, 1)
            if state not in doomed
        )
        concat = tuple(_of(number, state) for state in architecture.concat if state not in doomed | parted)
        if not concat:
            raise Illegal("the output would be made of nothing; let another state join it first")
        return Change(replace(architecture, nodes=nodes, concat=concat), frozenset(), moves(BOARD, number))


def _known(name: str | None) -> Activation:
    for activation in get_args(Activation):
        if activation == name:
            return activation
    raise Illegal(f"there is no activation '{(name or '')[:40]}'; there are {', '.join(ACTIVATIONS)}")


def _of(number: Mapping[int, int | None], state: int) -> int:
    new = number[state]
    assert new is not None
    return new


def _set(cell: RecurrentCell, state: int, node: RecurrentNode) -> RecurrentCell:
    return replace(cell, nodes=(*cell.nodes[: state - 1], node, *cell.nodes[state:]))


def _sources(cell: RecurrentCell) -> dict[int, set[int]]:
    return {state: {node.source} for state, node in enumerate(cell.nodes, 1)}


def _sorted(cell: RecurrentCell) -> tuple[dict[int, int], RecurrentCell]:
    """New numbers for the states, in which each reads earlier ones only, and the cell with them."""
    order = [0, *ordered(_sources(cell))]
    number = {state: place for place, state in enumerate(order)}
    nodes = tuple(
        replace(cell.nodes[state - 1], source=number[cell.nodes[state - 1].source]) for state in order if state
    )
    concat = tuple(sorted(number[state] for state in cell.concat))
    return number, replace(cell, nodes=nodes, concat=concat)
