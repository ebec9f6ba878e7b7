"""The recurrent space of ENAS (Pham et al. 2018, section 2.1): a chain of nodes, the first of which decides too."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import msgspec

from engine.space.architecture import Architecture
from engine.space.factorized_space import Answer, Question, plain_question
from engine.space.recurrent import ACTIVATIONS, RecurrentCell
from engine.space.recurrent_space import MeanOf, RecurrentSpace, activation_list, mean_rule, node_count
from engine.space.spaces import SPACES


@SPACES.register(130)
class EnasRecurrentSpace(RecurrentSpace, frozen=True, kw_only=True, tag="enas-rnn"):
    """Twelve nodes; the output is the mean of those that no other reads.

    Decisions: activation of the first node, which is state 0 here and node 1 in the paper; then state and activation
    of each further node.

    Size: node i of 1 .. 11 after the first reads one of i states, and all twelve have one of 4 activations:
    11! · 4¹² = 6.7e14, the paper's "approximately 10¹⁵".

    The authors' later code (enas_lm) averages all nodes but the first; that is `output` "nodes".
    """

    title: ClassVar[str] = "ENAS recurrent cells"
    about: ClassVar[str] = (
        "A recurrent cell for text of twelve nodes. Every node takes one earlier node through an activation, with a "
        "gate; the output is the mean of the nodes that no other reads."
    )
    source: ClassVar[str] = "Pham et al.: Efficient neural architecture search, ICML 2018, section 2.1"

    nodes: Annotated[int, node_count("Nodes, the first included.", "ENAS, section 3.1: 12")] = 12
    activations: Annotated[tuple[str, ...], activation_list("ENAS, section 2.1: these 4")] = ACTIVATIONS
    output: Annotated[MeanOf, mean_rule("ENAS, section 2.1: the mean of all loose ends")] = "loose states"

    @property
    def last(self) -> int:
        return self.nodes - 1

    def asked(self) -> Sequence[Question]:
        return [plain_question("operation", self.decided, "node 0 activation", 0), *super().asked()]

    def made(self, answers: Sequence[Answer]) -> Architecture:
        return msgspec.structs.replace(super().made(answers[1:]), first=answers[0])

    def answered(self, architecture: Architecture) -> Sequence[Answer]:
        rest = super().answered(architecture)
        assert isinstance(architecture, RecurrentCell)
        return [architecture.first, *rest]
