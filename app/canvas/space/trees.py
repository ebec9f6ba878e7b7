"""NAS-RL's space of recurrent trees: a tree of a given shape, with what every node of it may do, and its memory."""

from collections.abc import Sequence
from typing import ClassVar

from engine.space.cells import MOST_NODES
from engine.space.independent import IndependentSpace
from engine.space.nas_rl_recurrent import NasRlRecurrentSpace
from engine.space.recurrent import branches

from ..board import OUTPUT, Arc, Board, Spot
from ..kinds import SpotRef
from .questions import Questions
from .slots import Drawn, Look, Part, Slot

TREE = "tree"
WORD, HIDDEN, MEMORY = -2, -3, -4  # x_t, h_{t-1}, and c


class Trees(Questions):
    """Every node is a box that joins two vectors and applies an activation; so is the memory, which passes beside."""

    noun: ClassVar[str] = "choices"
    places: ClassVar[str] = "places"

    def board(self, label: str) -> str:
        return TREE

    def parts_of(self, space: IndependentSpace, label: str) -> Sequence[Part]:
        what, _, rest = label.partition(" ")
        return [SpotRef(TREE, int(rest.split()[0]) if what == "node" else MEMORY)]

    def drawn(self, space: IndependentSpace) -> tuple[Drawn, ...]:
        assert isinstance(space, NasRlRecurrentSpace)
        slots = self.slots(space)
        places = {number: f"node {number} " for number in range(2 * space.base - 1)} | {MEMORY: "memory "}
        looks = {
            number: _box([slot for key, slot in slots.items() if str(key).startswith(place)])
            for number, place in places.items()
        }
        spots = [Spot(HIDDEN, "input", "h", "h", "t−1"), Spot(WORD, "input", "x", "x", "t")]
        spots += [
            Spot(number, "node", "c" if number == MEMORY else str(number), _name(number), label=one.text)
            for number, one in looks.items()
        ]
        spots.append(Spot(OUTPUT, "output", "h'", "h", "t"))
        arcs = [Arc(source, leaf) for leaf in range(space.base) for source in (HIDDEN, WORD)]
        arcs += [Arc(source, space.base + at) for at, pair in enumerate(branches(space.base)) for source in pair]
        arcs.append(Arc(2 * space.base - 2, OUTPUT))
        board = Board(TREE, tuple(spots), tuple(arcs), tallest=MOST_NODES)
        return (Drawn(board, (Look(),) * len(arcs), tuple(looks.items()), rails=False),)


def _name(number: int) -> str:
    return "c" if number == MEMORY else str(number)


def _box(slots: list[Slot]) -> Look:
    """Joins by sign, activations by number or name; of the memory, whether it may be anywhere."""
    words = []
    for slot in slots:
        names = [choice.label for choice in slot.offered]
        if slot.sort == "join":
            words.append("/".join({"add": "+", "elem_mult": "×"}[name] for name in names))
        elif slot.sort == "activation":
            words.append(names[0] if len(names) == 1 else f"{len(names)} act.")
        elif slot.edited:
            words.append(f"{'from' if 'written' in slot.title else 'to'} {', '.join(names)}")
    return Look(" ".join(words), state="narrowed" if any(slot.edited for slot in slots) else "open")
