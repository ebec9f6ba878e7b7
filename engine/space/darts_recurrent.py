"""The recurrent space of DARTS (Liu et al. 2019, section 3.1.2): a chain of states, each made from an earlier one."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from engine.space.architecture import Architecture
from engine.space.decisions import OutsideSpace
from engine.space.factorized_space import Answer
from engine.space.recurrent import RecurrentCell
from engine.space.recurrent_space import MeanOf, RecurrentSpace, activation_list, mean_rule, node_count
from engine.space.spaces import SPACES

DARTS_ACTIVATIONS = ("none", "tanh", "relu", "sigmoid", "identity")
"""The candidates, in the order of the authors' code."""


@SPACES.register(120)
class DartsRecurrentSpace(RecurrentSpace, frozen=True, kw_only=True, tag="darts-rnn"):
    """Eight nodes after a first state whose activation is tanh; the output is their mean.

    Decisions: state, activation of node 1, 2, ... `none` is a candidate of the supernet, and never decided.

    Size: node i reads one of i states through one of 4 activations: 8! · 4⁸ = 2,642,411,520.
    """

    title: ClassVar[str] = "DARTS recurrent cells"
    about: ClassVar[str] = (
        "A recurrent cell for text. Every node takes one earlier state through an activation and lets a gate decide "
        "how much of it to keep; the output is the mean of all nodes."
    )
    source: ClassVar[str] = "Liu, Simonyan, Yang: DARTS, ICLR 2019, section 3.1.2"

    nodes: Annotated[int, node_count("Nodes after the first state.", "DARTS, section 3.1.2: 8")] = 8
    activations: Annotated[
        tuple[str, ...],
        activation_list(
            "DARTS, section 3.1.2: these 5",
            "What a node may do to each number. 'none' lets a one-shot search fade an edge out.",
        ),
    ] = DARTS_ACTIVATIONS
    output: Annotated[MeanOf, mean_rule("DARTS, section 3.1.2: the mean of all nodes")] = "nodes"

    def answered(self, architecture: Architecture) -> Sequence[Answer]:
        answers = super().answered(architecture)
        if isinstance(architecture, RecurrentCell) and architecture.first != "tanh":
            raise OutsideSpace(f"state 0 is made by {architecture.first}, and in the space's cells by tanh")
        return answers
