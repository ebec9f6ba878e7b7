"""Two boards beside each other: which parts correspond, which differ, and one layout that serves both. Without Qt."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from engine.space.distance import Distance, Graph, distance

from .board import Arc, Board, Spot
from .boxes import Box, Layout
from .layout import lay_out

STEPS = 15_000
"""Of the search for the best correspondence: enough for cells of seven nodes, and no longer than a person waits."""

State = Literal["same", "changed", "gone", "new"]
"""In both; in both, but with something else on it; only on the left; only on the right."""


@dataclass(frozen=True)
class Side:
    """One of the two boards, with the state of each of its spots and arcs."""

    board: Board
    spots: dict[int, State]
    arcs: tuple[State, ...]

    @cached_property
    def painted(self) -> Board:
        """The board with states in place of the colours of operations."""
        spots = tuple(replace(spot, tint=self.spots[spot.number]) for spot in self.board.spots)
        arcs = tuple(replace(arc, tint=state) for arc, state in zip(self.board.arcs, self.arcs, strict=True))
        return replace(self.board, spots=spots, arcs=arcs)


@dataclass(frozen=True)
class _Lane:
    """What the two boards have in one place: an arc of either, or of both."""

    left: int | None
    right: int | None


class Difference:
    """Compares the boards `one` (left) and `other` (right)."""

    def __init__(self, one: Board, other: Board) -> None:
        self.distance: Distance = distance(_graph(one), _graph(other), STEPS)
        there = dict(self.distance.pairs)
        fresh = max(spot.number for spot in (*one.spots, *other.spots)) + 1
        # Right-hand numbers in those of the left; spots that are only on the right get numbers of their own.
        self._home = {spot.number: fresh + spot.number for spot in other.spots} | {b: a for a, b in there.items()}
        self._lanes = _lanes(one, other, self._home)
        left: list[State] = ["gone"] * len(one.arcs)
        right: list[State] = ["new"] * len(other.arcs)
        for lane in self._lanes:
            if lane.left is not None and lane.right is not None:
                same = one.arcs[lane.left].operation == other.arcs[lane.right].operation
                left[lane.left] = right[lane.right] = "same" if same else "changed"
        spots: dict[int, State] = {}
        spots_there: dict[int, State] = {}
        for spot in one.spots:
            spots[spot.number] = "gone"
            if spot.number in there:
                twin = other.by_number[there[spot.number]]
                spots[spot.number] = "same" if twin.operation == spot.operation else "changed"
                spots_there[twin.number] = spots[spot.number]
        spots_there = {spot.number: spots_there.get(spot.number, "new") for spot in other.spots}
        self.left = Side(one, spots, tuple(left))
        self.right = Side(other, spots_there, tuple(right))

    def layouts(self, measure: Callable[[str], float]) -> tuple[Layout, Layout]:
        """Where everything stands on either side: what corresponds in the same place.

        Where that is impossible, since a path of the one and a path of the other lead in opposite directions, each side
        has its own layout.
        """
        one, other = self.left.board, self.right.board
        both = self._both(measure)
        if both is None:
            return lay_out(one, measure), lay_out(other, measure)
        whole = lay_out(both, measure)
        carrying = iter(whole.labels)
        plates = [next(carrying) if arc.operation is not None else None for arc in both.arcs]
        left, right = dict[int, int](), dict[int, int]()
        for index, lane in enumerate(self._ordered):
            if lane.left is not None:
                left[lane.left] = index
            if lane.right is not None:
                right[lane.right] = index
        home = {spot.number: spot.number for spot in one.spots}
        return (
            _part(one, whole, plates, left, home, measure),
            _part(other, whole, plates, right, self._home, measure),
        )

    def sentences(self) -> list[str]:
        """Every difference in words."""
        one, other = self.left.board, self.right.board
        said = []
        for lane in self._lanes:
            if lane.right is None and lane.left is not None:
                said.append(f"only left: {_said(one, one.arcs[lane.left])}")
            elif lane.left is None and lane.right is not None:
                said.append(f"only right: {_said(other, other.arcs[lane.right])}")
            elif lane.left is not None and lane.right is not None and self.left.arcs[lane.left] == "changed":
                arc, twin = one.arcs[lane.left], other.arcs[lane.right]
                said.append(f"{one.title(arc.source)} → {one.title(arc.target)}: {arc.label} → {twin.label}")
        for number, state in self.left.spots.items():
            if state == "gone":
                said.append(f"only left: node {one.title(number)}")
            elif state == "changed":
                twin_number = dict(self.distance.pairs)[number]
                labels = one.by_number[number].operation, other.by_number[twin_number].operation
                said.append(f"node {one.title(number)}: {' → '.join(labels)}")
        said += [f"only right: node {other.title(n)}" for n, state in self.right.spots.items() if state == "new"]
        return said

    @cached_property
    def _ordered(self) -> list[_Lane]:
        """The lanes, those that carry something first, as boards want it."""
        return sorted(self._lanes, key=lambda lane: self._arc(lane).operation is None)

    def _arc(self, lane: _Lane) -> Arc:
        """The arc of a lane in the numbers of the left."""
        if lane.left is not None:
            return self.left.board.arcs[lane.left]
        assert lane.right is not None
        arc = self.right.board.arcs[lane.right]
        return replace(arc, source=self._home[arc.source], target=self._home[arc.target])

    def _both(self, measure: Callable[[str], float]) -> Board | None:
        """Everything of either side as one board, with the wider label of each lane; None where it has a loop."""
        one, other = self.left.board, self.right.board
        spots = {spot.number: spot for spot in one.spots}
        for spot in other.spots:
            spots.setdefault(self._home[spot.number], replace(spot, number=self._home[spot.number]))
        arcs = []
        for lane in self._ordered:
            arc = self._arc(lane)
            if lane.left is not None and lane.right is not None:
                labels = arc.label, other.arcs[lane.right].label
                arc = replace(arc, label=max(labels, key=measure))
            arcs.append(arc)
        order = _sorted(list(spots.values()), arcs)
        return replace(one, spots=tuple(order), arcs=tuple(arcs)) if order is not None else None


def _graph(board: Board) -> Graph:
    nodes = {spot.number: spot.operation for spot in board.spots if spot.role == "node"}
    fixed = [spot.number for spot in board.spots if spot.role != "node"]
    return Graph(fixed, nodes, [(arc.source, arc.target, arc.operation or "") for arc in board.arcs])


def _lanes(one: Board, other: Board, home: dict[int, int]) -> list[_Lane]:
    """Arcs of either board between the same spots, paired: equal ones first, then others, then those left alone."""
    right: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, arc in enumerate(other.arcs):
        right[home[arc.source], home[arc.target]].append(index)
    alone, lanes = [], []
    for index, arc in enumerate(one.arcs):
        twins = right[arc.source, arc.target]
        equal = next((twin for twin in twins if other.arcs[twin].operation == arc.operation), None)
        if equal is None:
            alone.append(index)
        else:
            twins.remove(equal)
            lanes.append(_Lane(index, equal))
    for index in alone:
        arc = one.arcs[index]
        twins = right[arc.source, arc.target]
        lanes.append(_Lane(index, twins.pop(0) if twins else None))
    lanes += [_Lane(None, index) for twins in right.values() for index in twins]
    return lanes


def _sorted(spots: list[Spot], arcs: list[Arc]) -> list[Spot] | None:
    """The spots in an order in which arcs lead forward; None where there is no such order."""
    order: list[Spot] = []
    done: set[int] = set()
    while len(order) < len(spots):
        ready = [
            spot
            for spot in spots
            if spot.number not in done and all(arc.source in done for arc in arcs if arc.target == spot.number)
        ]
        if not ready:
            return None
        order += ready
        done |= {spot.number for spot in ready}
    return order


def _part(
    board: Board,
    whole: Layout,
    plates: list[Box | None],
    lanes: dict[int, int],
    home: dict[int, int],
    measure: Callable[[str], float],
) -> Layout:
    """What one side shows of the layout of both."""
    labels = []
    for index, arc in enumerate(board.arcs):
        plate = plates[lanes[index]]
        if arc.operation is not None and plate is not None:
            labels.append(replace(plate, width=measure(arc.label)))
    return Layout(
        {spot.number: whole.boxes[home[spot.number]] for spot in board.spots},
        tuple(whole.routes[lanes[index]] for index in range(len(board.arcs))),
        tuple(labels),
        whole.width,
        whole.height,
    )


def _said(board: Board, arc: Arc) -> str:
    label = f" {arc.label}" if arc.label else ""
    return f"{board.title(arc.source)} → {board.title(arc.target)}{label}"
