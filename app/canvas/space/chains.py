"""Spaces drawn as a chain with every arc that may skip part of it: macro networks, and recurrent cells."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

from engine.space.enas_recurrent import EnasRecurrentSpace
from engine.space.independent import IndependentSpace
from engine.space.recurrent_space import RecurrentSpace

from ..board import OUTPUT, Arc, Board, Spot
from ..kinds import ArcRef, SpotRef
from .questions import Questions
from .slots import Drawn, Key, Look, Part, Slot, look

NETWORK, CELL = "network", "cell"
INPUTS = -2
"""The number of the box that stands for x_t and h_{t-1}."""
GIVEN = Look(state="narrowed")
"""An arc that is there in any case, and cannot be edited."""
NUMBER = re.compile(r"(?:layer|node) (\d+)")
SKIP = re.compile(r"layer (\d+) skip from (\d+)")


class Networks(Questions):
    """Macro networks: layers with their operations or their sizes, and the skips between them."""

    places: ClassVar[str] = "places"

    def board(self, label: str) -> str:
        return NETWORK

    def parts_of(self, space: IndependentSpace, label: str) -> Sequence[Part]:
        if found := SKIP.fullmatch(label):
            number, source = map(int, found.groups())
            return [ArcRef(NETWORK, _arcs(space).index((source, number)))]
        return [SpotRef(NETWORK, _number(label))]

    def drawn(self, space: IndependentSpace) -> tuple[Drawn, ...]:
        slots = self.slots(space)
        layers = max(_number(str(key)) for key in slots)
        looks = {number: _box(_of(slots, f"layer {number}")) for number in range(1, layers + 1)}
        spots = [Spot(0, "input", "0", "stem" if "operations" in space.__struct_fields__ else "image")]
        spots += [Spot(number, "node", str(number), str(number), label=one.text) for number, one in looks.items()]
        spots.append(Spot(OUTPUT, "output", "output", "output"))
        arcs = [Arc(source, number, plain=True) for source, number in _arcs(space)]
        asked = (slots.get(f"layer {number} skip from {source}") for source, number in _arcs(space))
        states = [_arc(slot) for slot in asked]
        board = Board(NETWORK, tuple(spots), (*arcs, Arc(layers, OUTPUT)), flow="chain")
        return (Drawn(board, (*states, Look()), tuple(looks.items()), rails=False),)


class RecurrentCells(Questions):
    """Recurrent cells of DARTS and ENAS: states with their activations, and the earlier states they may read."""

    noun: ClassVar[str] = "activations"
    places: ClassVar[str] = "places"

    def board(self, label: str) -> str:
        return CELL

    def parts_of(self, space: IndependentSpace, label: str) -> Sequence[Part]:
        state = _number(label)
        if label.endswith("input"):
            return [ArcRef(CELL, _reads().index((source, state))) for source in reversed(range(state))]
        return [SpotRef(CELL, state)]

    def choice(self, space: IndependentSpace, part: Part) -> str:
        return str(_reads()[part.index][0]) if isinstance(part, ArcRef) else ""

    def drawn(self, space: IndependentSpace) -> tuple[Drawn, ...]:
        assert isinstance(space, RecurrentSpace)
        slots, last = self.slots(space), space.last
        looks = {
            state: look(slots[f"node {state} activation"], "activations")
            for state in range(0 if isinstance(space, EnasRecurrentSpace) else 1, last + 1)
        }
        spots = [Spot(INPUTS, "input", "x, h", "x, h")]
        spots += [
            Spot(state, "node", str(state), str(state), label=looks[state].text if state in looks else "tanh")
            for state in range(last + 1)
        ]
        spots.append(Spot(OUTPUT, "output", "h'", "h", "t"))
        reads = [(source, state) for source, state in _reads() if state <= last]
        arcs = [Arc(source, state, plain=True) for source, state in reads]
        states = [_read(slots[f"node {state} input"], str(source)) for source, state in reads]
        arcs += [Arc(INPUTS, 0), Arc(last, OUTPUT)]
        board = Board(CELL, tuple(spots), tuple(arcs), flow="chain")
        return (Drawn(board, (*states, Look(), Look()), tuple(looks.items()), rails=False),)


def _number(label: str) -> int:
    found = NUMBER.match(label)
    return int(found[1]) if found else 0


def _of(slots: dict[Key, Slot], place: str) -> list[Slot]:
    """What is asked about one layer, skips aside."""
    return [slot for key, slot in slots.items() if str(key).startswith(f"{place} ") and not slot.optional]


def _box(slots: list[Slot]) -> Look:
    """The look of a layer: of its operation, or of its sizes in words."""
    if len(slots) == 1:
        return look(slots[0], "ops")
    words = " · ".join(_size(slot) for slot in slots)
    return Look(words, state="narrowed" if any(slot.edited for slot in slots) else "open")


def _size(slot: Slot) -> str:
    if len(slot.offered) == 1:
        return f"{slot.sort} {slot.offered[0].label}"
    return f"{len(slot.offered)} {slot.sort.removesuffix('s')}s"


def _arc(slot: Slot | None) -> Look:
    if slot is None:
        return GIVEN
    return Look(state="forbidden" if slot.forbidden else "always" if slot.always else "open")


def _read(slot: Slot, choice: str) -> Look:
    if choice not in slot.allowed:
        return Look(state="forbidden")
    return Look(state="always" if len(slot.allowed) == 1 < len(slot.choices) else "narrowed" if slot.edited else "open")


@lru_cache(maxsize=64)
def _arcs(space: IndependentSpace) -> list[tuple[int, int]]:
    """Every arc of a network that may be, or is in any case, as (source, layer), by layer."""
    asked = [SKIP.fullmatch(question.decision.label) for question in space.asked()]
    skips = {(int(found[2]), int(found[1])) for found in asked if found}
    layers = max(_number(question.decision.label) for question in space.asked())
    chain = {(number - 1, number) for number in range(1, layers + 1)}
    return sorted(skips | chain, key=lambda arc: arc[::-1])


@lru_cache(maxsize=1)
def _reads() -> list[tuple[int, int]]:
    """Every state with those that it may read, for cells of any number of nodes: smaller ones have the first few."""
    return [(source, state) for state in range(1, 65) for source in range(state)]
