"""The recurrent space of NAS-RL (Zoph and Le 2017, section 3.4): trees that join the word with what went before."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Self

from engine.space.architecture import Architecture
from engine.space.decisions import OutsideSpace
from engine.space.factorized_space import Answer, IndependentSpace, Question, plain_question, state_question
from engine.space.recurrent import ACTIVATIONS, JOINS, TreeCell, TreeNode, tree_faults
from engine.space.setting import setting
from engine.space.spaces import SPACES

SMALLEST, LARGEST = 2, 8


@SPACES.register(140)
class NasRlRecurrentSpace(IndependentSpace, frozen=True, kw_only=True, tag="nas-rl-rnn"):
    """Trees of n leaves, with a memory that one node writes and one node reads.

    Decisions, as the paper's controller makes them: join and activation of each of the 2n - 1 nodes, leaves first; join
    and activation of the injection of the memory; the node that writes it, the node that reads it.

    Size: 2 joins and 4 activations at 2n places, and two of 2n - 1 nodes: 8²ⁿ · (2n - 1)². Base 8 has 6.3e16; the paper
    says "approximately 6 × 10¹⁶".
    """

    title: ClassVar[str] = "NAS-RL recurrent cells"
    about: ClassVar[str] = (
        "A recurrent cell for text as a binary tree. Its leaves join the word with what the cell said before, inner "
        "nodes join two others, and a memory passes from one word to the next beside the output."
    )
    source: ClassVar[str] = "Zoph, Le: Neural architecture search with reinforcement learning, ICLR 2017, section 3.4"
    reads_text: ClassVar[bool] = True

    base: Annotated[
        int,
        setting(
            "Leaves of the tree.",
            label="Base",
            low=SMALLEST,
            high=LARGEST,
            source="NAS-RL, section 4.2: 8; the example in its figure has 2",
        ),
    ] = 8

    def __post_init__(self) -> None:
        if not SMALLEST <= self.base <= LARGEST:
            raise ValueError(f"base: a tree has {SMALLEST} to {LARGEST} leaves, not {self.base}")
        super().__post_init__()

    def asked(self) -> Sequence[Question]:
        count = 2 * self.base - 1
        places = [*((node, f"node {node}") for node in range(count)), (None, "memory")]
        return [
            *(
                question
                for state, place in places
                for question in (
                    plain_question("combine", JOINS, f"{place} join", state),
                    plain_question("operation", ACTIVATIONS, f"{place} activation", state),
                )
            ),
            state_question("input", range(count), "memory written by", None),
            state_question("input", range(count), "memory read by", None),
        ]

    def made(self, answers: Sequence[Answer]) -> Architecture:
        *parts, writes, reads = answers
        *nodes, inject = (TreeNode(join, activation) for join, activation in zip(parts[::2], parts[1::2], strict=True))
        return TreeCell(tuple(nodes), inject, writes, reads)

    def answered(self, architecture: Architecture) -> Sequence[Answer]:
        if not isinstance(architecture, TreeCell):
            raise OutsideSpace("the space holds recurrent cells that are trees")
        for fault in tree_faults(architecture):
            raise OutsideSpace(fault)
        if architecture.base != self.base:
            raise OutsideSpace(f"the tree has {architecture.base} leaves, and the space's trees have {self.base}")
        places = (*architecture.nodes, architecture.inject)
        parts = [answer for node in places for answer in (node.join, node.activation)]
        return [*parts, architecture.writes, architecture.reads]

    def sized(self, base: int) -> Self:
        """The space of trees with another number of leaves."""
        return self.changed(base=base)
