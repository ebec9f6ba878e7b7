"""NAS-RL's space of recurrent trees: a tree of a given shape, with what every node of it may do, and its memory."""

from collections.abc import Sequence
from typing import ClassVar

from app.editors.space.kinds.choices import Drawn, Part, Slot, SlotStyle
from app.editors.space.kinds.independent_spaces import Questions
from app.graph.kinds import NodeRef
from app.graph.model import OUTPUT, Diagram, DiagramEdge, DiagramNode
from engine.space.cells import MOST_NODES
from engine.space.factorized_space import IndependentSpace
from engine.space.nas_rl_recurrent import NasRlRecurrentSpace
from engine.space.recurrent import branches

TREE = "tree"
WORD, HIDDEN, MEMORY = -2, -3, -4  # x_t, h_{t-1}, and c


class Trees(Questions):
    """Every node is a box that joins two vectors and applies an activation; so is the memory, which passes beside."""

    noun: ClassVar[str] = "choices"
    places: ClassVar[str] = "places"

    def diagram(self, label: str) -> str:
        return TREE

    def parts_of(self, space: IndependentSpace, label: str) -> Sequence[Part]:
        what, _, rest = label.partition(" ")
        return [NodeRef(TREE, int(rest.split()[0]) if what == "node" else MEMORY)]

    def drawn(self, space: IndependentSpace) -> tuple[Drawn, ...]:
        assert isinstance(space, NasRlRecurrentSpace)
        slots = self.slots(space)
        places = {number: f"node {number} " for number in range(2 * space.base - 1)} | {MEMORY: "memory "}
        styles = {
            number: _box([slot for key, slot in slots.items() if str(key).startswith(place)])
            for number, place in places.items()
        }
        nodes = [DiagramNode(HIDDEN, "input", "h", "h", "t−1"), DiagramNode(WORD, "input", "x", "x", "t")]
        nodes += [
            DiagramNode(number, "node", "c" if number == MEMORY else str(number), _name(number), label=one.text)
            for number, one in styles.items()
        ]
        nodes.append(DiagramNode(OUTPUT, "output", "h'", "h", "t"))
        edges = [DiagramEdge(source, leaf) for leaf in range(space.base) for source in (HIDDEN, WORD)]
        edges += [
            DiagramEdge(source, space.base + at) for at, pair in enumerate(branches(space.base)) for source in pair
        ]
        edges.append(DiagramEdge(2 * space.base - 2, OUTPUT))
        diagram = Diagram(TREE, tuple(nodes), tuple(edges), tallest=MOST_NODES)
        return (Drawn(diagram, (SlotStyle(),) * len(edges), tuple(styles.items()), rails=False),)


def _name(number: int) -> str:
    return "c" if number == MEMORY else str(number)


def _box(slots: list[Slot]) -> SlotStyle:
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
    return SlotStyle(" ".join(words), state="narrowed" if any(slot.edited for slot in slots) else "open")
