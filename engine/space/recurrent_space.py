"""What the recurrent spaces of DARTS and ENAS share: each node picks an earlier state and an activation."""

from collections.abc import Sequence
from typing import ClassVar, Literal, Self, TypeAlias

from msgspec import Meta

from engine.space.architecture import Architecture
from engine.space.cells import MOST_NODES
from engine.space.decisions import OutsideSpace
from engine.space.factorized_space import Answer, IndependentSpace, Question, plain_question, state_question
from engine.space.recurrent import ACTIVATIONS, RecurrentCell, RecurrentNode, recurrent_faults
from engine.space.setting import setting, shared

MeanOf: TypeAlias = Literal["nodes", "loose states"]
"""Which states the output is the mean of: all but state 0, or those that no node reads."""


class RecurrentSpace(IndependentSpace, frozen=True, kw_only=True):
    """Decisions of states 1, 2, ...: the state it reads, then its activation."""

    reads_text: ClassVar[bool] = True

    nodes: int
    activations: tuple[str, ...]
    output: MeanOf

    def __post_init__(self) -> None:
        if not 1 <= self.nodes <= MOST_NODES:
            raise ValueError(f"nodes: a cell has 1 to {MOST_NODES} nodes, not {self.nodes}")
        for name in self.activations:
            if name not in (*ACTIVATIONS, "none"):
                raise ValueError(f"activations: there is no '{name[:40]}', only {', '.join(ACTIVATIONS)}")
        if len(set(self.activations)) < len(self.activations):
            raise ValueError("activations: one is named twice")
        if not self.decided:
            raise ValueError("activations: at least one other than none is needed")
        super().__post_init__()

    @property
    def decided(self) -> tuple[str, ...]:
        """The activations a decision chooses from."""
        return tuple(name for name in self.activations if name != "none")

    @property
    def last(self) -> int:
        """The number of the last state."""
        return self.nodes

    def asked(self) -> Sequence[Question]:
        return [
            question
            for state in range(1, self.last + 1)
            for question in (
                state_question("input", range(state), f"node {state} input", state),
                plain_question("operation", self.decided, f"node {state} activation", state),
            )
        ]

    def made(self, answers: Sequence[Answer]) -> Architecture:
        pairs = zip(answers[::2], answers[1::2], strict=True)
        nodes = tuple(RecurrentNode(activation, source) for source, activation in pairs)
        return RecurrentCell(nodes, mean_of(self.output, nodes))

    def answered(self, architecture: Architecture) -> Sequence[Answer]:
        if not isinstance(architecture, RecurrentCell):
            raise OutsideSpace("the space holds recurrent cells")
        for fault in recurrent_faults(architecture):
            raise OutsideSpace(fault)
        nodes = architecture.nodes
        if len(nodes) != self.last:
            raise OutsideSpace(f"the cell has states up to {len(nodes)}, and the space's cells up to {self.last}")
        expected = mean_of(self.output, nodes)
        if architecture.concat != expected:
            what = "all nodes in order" if self.output == "nodes" else "the states that none reads, in order"
            raise OutsideSpace(f"its output is the mean of {list(architecture.concat)}, not of {what}")
        return [answer for node in nodes for answer in (node.source, node.activation)]

    def sized(self, nodes: int) -> Self:
        """The same space with another number of nodes."""
        return self.changed(nodes=nodes)


def mean_of(rule: MeanOf, nodes: Sequence[RecurrentNode]) -> tuple[int, ...]:
    """The states that the output is the mean of."""
    if rule == "nodes" and nodes:
        return tuple(range(1, len(nodes) + 1))
    read = {node.source for node in nodes}
    return tuple(state for state in range(len(nodes) + 1) if state not in read)


def node_count(text: str, source: str) -> Meta:
    """The setting `nodes`."""
    return setting(text, label="Nodes", low=1, high=MOST_NODES, source=source)


activation_list = shared("What a node may do to each number.", label="Activations", choices=("none", *ACTIVATIONS))
mean_rule = shared("The states that the cell's output is the mean of.", label="Output")
