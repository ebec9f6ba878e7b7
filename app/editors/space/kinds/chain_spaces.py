"""Spaces drawn as a chain with every edge that may skip part of it: macro networks, and recurrent cells."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

from app.editors.space.kinds.choices import Drawn, Key, Part, Slot, SlotStyle, style_of
from app.editors.space.kinds.independent_spaces import Questions
from app.graph.kinds import EdgeRef, NodeRef
from app.graph.model import OUTPUT, Diagram, DiagramEdge, DiagramNode
from engine.space.enas_recurrent import EnasRecurrentSpace
from engine.space.factorized_space import IndependentSpace
from engine.space.recurrent_space import RecurrentSpace

NETWORK, CELL = "network", "cell"
INPUTS = -2
"""The number of the box that stands for x_t and h_{t-1}."""
GIVEN = SlotStyle(state="narrowed")
"""An edge that is there in any case, and cannot be edited."""
NUMBER = re.compile(r"(?:layer|node) (\d+)")
SKIP = re.compile(r"layer (\d+) skip from (\d+)")


class Networks(Questions):
    """Macro networks: layers with their operations or their sizes, and the skips between them."""

    places: ClassVar[str] = "places"

    def diagram(self, label: str) -> str:
        return NETWORK

    def parts_of(self, space: IndependentSpace, label: str) -> Sequence[Part]:
        if found := SKIP.fullmatch(label):
            number, source = map(int, found.groups())
            return [EdgeRef(NETWORK, _edges(space).index((source, number)))]
        return [NodeRef(NETWORK, _number(label))]

    def drawn(self, space: IndependentSpace) -> tuple[Drawn, ...]:
        slots = self.slots(space)
        layers = max(_number(str(key)) for key in slots)
        styles = {number: _box(_of(slots, f"layer {number}")) for number in range(1, layers + 1)}
        nodes = [DiagramNode(0, "input", "0", "stem" if "operations" in space.__struct_fields__ else "image")]
        nodes += [
            DiagramNode(number, "node", str(number), str(number), label=one.text) for number, one in styles.items()
        ]
        nodes.append(DiagramNode(OUTPUT, "output", "output", "output"))
        edges = [DiagramEdge(source, number, plain=True) for source, number in _edges(space)]
        asked = (slots.get(f"layer {number} skip from {source}") for source, number in _edges(space))
        states = [_edge(slot) for slot in asked]
        diagram = Diagram(NETWORK, tuple(nodes), (*edges, DiagramEdge(layers, OUTPUT)), flow="chain")
        return (Drawn(diagram, (*states, SlotStyle()), tuple(styles.items()), rails=False),)


class RecurrentCells(Questions):
    """Recurrent cells of DARTS and ENAS: states with their activations, and the earlier states they may read."""

    noun: ClassVar[str] = "activations"
    places: ClassVar[str] = "places"

    def diagram(self, label: str) -> str:
        return CELL

    def parts_of(self, space: IndependentSpace, label: str) -> Sequence[Part]:
        state = _number(label)
        if label.endswith("input"):
            return [EdgeRef(CELL, _reads().index((source, state))) for source in reversed(range(state))]
        return [NodeRef(CELL, state)]

    def choice(self, space: IndependentSpace, part: Part) -> str:
        return str(_reads()[part.index][0]) if isinstance(part, EdgeRef) else ""

    def drawn(self, space: IndependentSpace) -> tuple[Drawn, ...]:
        assert isinstance(space, RecurrentSpace)
        slots, last = self.slots(space), space.last
        styles = {
            state: style_of(slots[f"node {state} activation"], "activations")
            for state in range(0 if isinstance(space, EnasRecurrentSpace) else 1, last + 1)
        }
        nodes = [DiagramNode(INPUTS, "input", "x, h", "x, h")]
        nodes += [
            DiagramNode(state, "node", str(state), str(state), label=styles[state].text if state in styles else "tanh")
            for state in range(last + 1)
        ]
        nodes.append(DiagramNode(OUTPUT, "output", "h'", "h", "t"))
        reads = [(source, state) for source, state in _reads() if state <= last]
        edges = [DiagramEdge(source, state, plain=True) for source, state in reads]
        states = [_read(slots[f"node {state} input"], str(source)) for source, state in reads]
        edges += [DiagramEdge(INPUTS, 0), DiagramEdge(last, OUTPUT)]
        diagram = Diagram(CELL, tuple(nodes), tuple(edges), flow="chain")
        return (Drawn(diagram, (*states, SlotStyle(), SlotStyle()), tuple(styles.items()), rails=False),)


def _number(label: str) -> int:
    found = NUMBER.match(label)
    return int(found[1]) if found else 0


def _of(slots: dict[Key, Slot], place: str) -> list[Slot]:
    """What is asked about one layer, skips aside."""
    return [slot for key, slot in slots.items() if str(key).startswith(f"{place} ") and not slot.optional]


def _box(slots: list[Slot]) -> SlotStyle:
    """The style of a layer: of its operation, or of its sizes in words."""
    if len(slots) == 1:
        return style_of(slots[0], "ops")
    words = " · ".join(_size(slot) for slot in slots)
    return SlotStyle(words, state="narrowed" if any(slot.edited for slot in slots) else "open")


def _size(slot: Slot) -> str:
    if len(slot.offered) == 1:
        return f"{slot.sort} {slot.offered[0].label}"
    return f"{len(slot.offered)} {slot.sort.removesuffix('s')}s"


def _edge(slot: Slot | None) -> SlotStyle:
    if slot is None:
        return GIVEN
    return SlotStyle(state="forbidden" if slot.forbidden else "always" if slot.always else "open")


def _read(slot: Slot, choice: str) -> SlotStyle:
    if choice not in slot.allowed:
        return SlotStyle(state="forbidden")
    return SlotStyle(
        state="always" if len(slot.allowed) == 1 < len(slot.choices) else "narrowed" if slot.edited else "open"
    )


@lru_cache(maxsize=64)
def _edges(space: IndependentSpace) -> list[tuple[int, int]]:
    """Every edge of a network that may be, or is in any case, as (source, layer), by layer."""
    asked = [SKIP.fullmatch(question.decision.label) for question in space.asked()]
    skips = {(int(found[2]), int(found[1])) for found in asked if found}
    layers = max(_number(question.decision.label) for question in space.asked())
    chain = {(number - 1, number) for number in range(1, layers + 1)}
    return sorted(skips | chain, key=lambda edge: edge[::-1])


@lru_cache(maxsize=1)
def _reads() -> list[tuple[int, int]]:
    """Every state with those that it may read, for cells of any number of nodes: smaller ones have the first few."""
    return [(source, state) for state in range(1, 65) for source in range(state)]
