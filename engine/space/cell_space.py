"""What all cell spaces share. A family is one short file that says how its nodes pair up states, and with what.

Counts are exact however the space was edited: nodes are decided independently of each other, and `NodeChoices` counts
what one node can be.
"""

import random
from bisect import bisect
from collections.abc import Hashable
from functools import lru_cache
from itertools import accumulate, chain
from operator import mul
from typing import Annotated, ClassVar, TypeAlias

from engine.space.architecture import Architecture, CellArchitecture
from engine.space.canonical import canonical_architecture
from engine.space.cells import Cell, Combine, Node, changes, described, output
from engine.space.decisions import Decision, Decisions, OutsideSpace
from engine.space.edit_operations import EditableCells
from engine.space.limits import require_countable
from engine.space.node_choices import REMEMBERED, NodeChoices
from engine.space.setting import setting

Parts: TypeAlias = tuple[tuple[NodeChoices, Decisions], ...]


class CellChoices:
    """A sequence of decisions that falls into parts, one for each node of each cell.

    Attributes:
        nodes: the choices of each node.
        starts: for each node, the number of the first decision about it.
        after: for each node, in how many ways those after it can be decided.
        length: how many decisions there are.
    """

    def __init__(self, nodes: tuple[NodeChoices, ...]) -> None:
        self.nodes = nodes
        self.starts = [0, *accumulate(len(node.kinds) for node in nodes)]
        self.length = self.starts.pop()
        ways: list[int] = [1, *accumulate((node.total for node in reversed(nodes)), mul)]
        self.after = ways[-2::-1]
        self.parts = lru_cache(REMEMBERED)(self._parts)  # for searches ask about one architecture several times

    def owner(self, place: int) -> int:
        """The index of the node that decision number `place` is about."""
        return bisect(self.starts, place) - 1

    def _parts(self, decisions: Decisions) -> Parts | None:
        """Each node's choices with its own decisions; None for decisions that do not make every node."""
        if len(decisions) != self.length:
            return None
        parts = tuple(
            (node, decisions[start : start + len(node.kinds)])
            for start, node in zip(self.starts, self.nodes, strict=True)
        )
        return parts if all(node.sound(part) for node, part in parts) else None


KINDS = ("input", "operation", "combine")
"""Kinds of decisions in cell spaces."""


class CellSpace(EditableCells, frozen=True, kw_only=True):
    """A space of cells, decided cell by cell and node by node (see `NodeChoices` for the decisions of a node).

    `decode` and `encode` are inverse to each other: a node's inputs have the order of the decisions, except where
    inputs are "distinct" and their order means nothing; `encode` then takes them in any order.

    `none` is decided only where a node reads every earlier state, so that an edge can be left out. Elsewhere it is a
    candidate of the supernet alone.
    """

    combines: ClassVar[tuple[Combine, ...]] = ("add",)
    inputs_first: ClassVar[bool] = False

    def __post_init__(self) -> None:
        EditableCells.__post_init__(self)
        for node in choices_of(self).nodes:
            if not node.total:
                raise ValueError(f"restrictions: {node.place} cannot be decided any more, too few states are left")
        if self.limits:
            require_countable(self.limits, self.example())

    @property
    def reads(self) -> int:
        """How many states a node reads, where it does not read all."""
        return 0

    @property
    def unshareable(self) -> str:
        return ""

    @property
    def unpaired(self) -> str:
        return "" if self.cell_inputs == 2 else super().unpaired

    @property
    def unmixable(self) -> tuple[str, str]:
        """A search network has one weight for each edge and operation, so no edge may be there twice, and it stacks
        pairs of cells with two inputs or a single cell with one (see `engine.nets.Supernet`)."""
        frames = {("distinct", 2, 2): ("nodes", "last node"), ("every", 1, 1): ("last node",)}
        outputs = frames.get((self.pairing, self.cell_inputs, len(self.cells)))
        if outputs is None or self.combines != ("add",):
            return super().unmixable
        return ("", "") if self.output in outputs else ("output", f"must be {' or '.join(outputs)}")

    def next(self, prefix: Decisions) -> Decision | None:
        choices = choices_of(self)
        if len(prefix) >= choices.length:
            return None
        index = choices.owner(len(prefix))
        return choices.nodes[index].question(prefix[choices.starts[index] :])

    def completions(self, prefix: Decisions) -> int:
        choices = choices_of(self)
        if len(prefix) >= choices.length:
            return 1
        index = choices.owner(len(prefix))
        return choices.nodes[index].ways(prefix[choices.starts[index] :]) * choices.after[index]

    def at(self, rank: int) -> Decisions:
        if not 0 <= rank < self.size():
            raise OutsideSpace(f"the space has no architecture number {rank}, only 0 to {self.size() - 1}")
        choices = choices_of(self)
        decisions: Decisions = ()
        for node, after in zip(choices.nodes, choices.after, strict=True):
            way, rank = divmod(rank, after)
            decisions += node.at(way)
        return decisions

    def decode(self, decisions: Decisions) -> Architecture:
        nodes = tuple(node.node(part) for node, part in self._sound_parts(decisions))
        starts = range(0, len(nodes), self.nodes)
        return self.joined([self._cell(nodes[start : start + self.nodes]) for start in starts])

    def encode(self, architecture: Architecture) -> Decisions:
        decisions: Decisions = ()
        for place, cell in enumerate(self._parted(architecture)):
            decisions += self._encode_cell(place, cell)
        if reason := self.objection(architecture):
            raise OutsideSpace(reason)
        return decisions

    def canonical(self, architecture: Architecture) -> Hashable:
        return canonical_architecture(architecture)

    def neighbour(self, decisions: Decisions, rng: random.Random, kind: str | None = None) -> Decisions:
        """A mutation of regularized evolution (Real et al. 2019); with no kind, any that is possible, equally likely.

        "input" is the hidden-state mutation: one input of one node comes from another earlier state instead, with the
        operation it had where the new edge allows it. "operation" puts another operation on one edge, "combine" joins
        the inputs of one node the other way. Unchanged where nothing else is possible.
        """
        parts = self._sound_parts(decisions)
        for what in [kind] if kind else rng.sample(KINDS, len(KINDS)):
            places = [
                (index, mutants)
                for index, (choices, part) in enumerate(parts)
                for mutants in choices.mutants(part, what)
            ]
            if places:
                place, mutants = rng.choice(places)
                chosen = rng.choice(mutants)
                return tuple(chain(*(chosen if index == place else part for index, (_, part) in enumerate(parts))))
        return decisions

    def describe_change(self, a: Decisions, b: Decisions) -> str:
        phrases = []
        for place, (before, after) in enumerate(zip(self._sound_parts(a), self._sound_parts(b), strict=True)):
            if before[1] != after[1]:
                cell, index = divmod(place, self.nodes)
                name = f"{self.cells[cell]} " if len(self.cells) > 1 else ""
                old, new = (choices.node(part) for choices, part in (before, after))
                phrases += [f"{name}node {index}: {phrase}" for phrase in changes(old, new, self.cell_inputs)]
        return "; ".join(phrases) or "no change"

    def _sound_parts(self, decisions: Decisions) -> Parts:
        """Each node's choices with its own decisions. Raises OutsideSpace unless they make one whole architecture."""
        parts = choices_of(self).parts(decisions)
        if parts is None:
            self.questions(decisions)
            raise AssertionError("questions() raises for decisions that do not make every node")
        return parts

    def joined(self, cells: list[Cell]) -> Architecture:
        """The architecture of the decided cells, one for each of `self.cells`."""
        normal, reduction = cells
        return CellArchitecture(normal=normal, reduction=reduction)

    def _parted(self, architecture: Architecture) -> tuple[Cell, ...]:
        """The cells of an architecture, inverse to `joined`. Raises OutsideSpace for another kind of architecture."""
        if not isinstance(architecture, CellArchitecture):
            raise OutsideSpace("the space holds pairs of cells, a normal and a reduction cell")
        return architecture.normal, architecture.reduction

    def _cell(self, nodes: tuple[Node, ...]) -> Cell:
        return Cell(nodes, output(self.output, nodes, self.cell_inputs), self.cell_inputs)

    def _encode_cell(self, place: int, cell: Cell) -> Decisions:
        name = f"{self.cells[place]} cell" if len(self.cells) > 1 else "cell"
        if cell.inputs != self.cell_inputs:
            raise OutsideSpace(f"{name}: it has {cell.inputs} inputs, and the space's cells have {self.cell_inputs}")
        if len(cell.nodes) != self.nodes:
            has = "1 node" if len(cell.nodes) == 1 else f"{len(cell.nodes)} nodes"
            raise OutsideSpace(f"{name}: it has {has}, and the space's cells have {self.nodes}")
        choices = choices_of(self).nodes[place * self.nodes : (place + 1) * self.nodes]
        decisions = tuple(chain(*(chosen.decisions(node) for chosen, node in zip(choices, cell.nodes, strict=True))))
        expected = output(self.output, cell.nodes, cell.inputs)
        if cell.concat != expected:
            what = described(self.output, expected)
            raise OutsideSpace(f"{name}: its output concatenates {list(cell.concat)}, not {what}")
        return decisions

    def _node_choices(self, cell: str, node: int) -> NodeChoices:
        edges = [(node, source) for source in range(self.cell_inputs + node)]
        palettes = [tuple(name for name in self.palette(cell, edge) if name in self.decided) for edge in edges]
        fixed = [any(edit.fixed and edit.holds(cell, edge) for edit in self.restrictions) for edge in edges]
        if self.pairing == "every":
            # An edge that may carry nothing carries `none`, and one that is fixed anything else.
            palettes = [
                tuple(name for name in palette if name != "none") if always else palette or ("none",)
                for palette, always in zip(palettes, fixed, strict=True)
            ]
        return NodeChoices(
            place=f"{cell} node {node}" if len(self.cells) > 1 else f"node {node}",
            inputs=self.cell_inputs,
            palettes=tuple(palettes),
            pairing=self.pairing,
            reads=self.reads,
            fixed=frozenset(state for state, always in enumerate(fixed) if always),
            combines=self.combines,
            inputs_first=self.inputs_first,
        )


class PairSpace(CellSpace, frozen=True, kw_only=True):
    """A cell space whose nodes read a certain number of states: two of them in every published family."""

    inputs: Annotated[
        int,
        setting("How many earlier states a node reads.", label="Inputs per node", low=1, high=6, source="2 everywhere"),
    ] = 2

    @property
    def reads(self) -> int:
        return self.inputs


@lru_cache(maxsize=256)
def choices_of(space: CellSpace) -> CellChoices:
    """The choices of every node of every cell of the space."""
    return CellChoices(tuple(space._node_choices(cell, node) for cell in space.cells for node in range(space.nodes)))
