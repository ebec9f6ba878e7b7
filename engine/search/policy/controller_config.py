"""How an autoregressive controller is built, and what its steps read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from engine.space.decisions import Decision

SET = "skip"
"""The kind of decisions of which several are answered in one step."""


@dataclass(frozen=True)
class Shape:
    """How a controller is built.

    Attributes:
        hidden: units of each LSTM layer, and length of the embeddings.
        layers: LSTM layers.
        spread: weights begin uniform in ± this.
        attention: the kinds of decisions whose choices, where they point at a state, are answered by attention to its
            anchor j: vᵀ tanh(W_prev h_j + W_curr h_i) is their logit (NAS-RL, section 3.3). Skips of one state are then
            answered in one step of the LSTM, each by itself.
        feed: what the next step reads of such a choice: its embedding, or its anchor (ENAS). Of several skips, the sum
            divided by 1 + their number.
        temperature: divides all logits.
        tanh: logits become tanh times this; 0 leaves them as they are.
        tanh_of: the same constant for some kinds of decisions.
        two_sided: the logit of not reading a state is the negative of that of reading it (ENAS), and not 0.
        bias: what the learnt bias of a choice begins with, by kind and name.
        prior: for a decision, what is added to the logits of its choices at the very end, or nothing.
    """

    hidden: int = 100
    layers: int = 1
    spread: float = 0.1
    attention: tuple[str, ...] = (SET,)
    feed: Literal["choices", "anchors"] = "choices"
    temperature: float = 1.0
    tanh: float = 0.0
    tanh_of: Mapping[str, float] = field(default_factory=dict)
    two_sided: bool = False
    bias: Mapping[tuple[str, str], float] = field(default_factory=dict)
    prior: Callable[[Decision], Sequence[float] | None] = lambda decision: None

    def attends(self, decision: Decision) -> bool:
        """Whether the decision is answered by attention."""
        return decision.kind in self.attention and any(ref is not None for ref in decision.refs)

    def joins(self, decision: Decision, before: Decision) -> bool:
        """Whether two decisions that follow each other are answered in one step: skips of the same state."""
        return decision.kind == before.kind == SET and SET in self.attention and decision.state == before.state


class Fed(NamedTuple):
    """One thing that a step reads: a row of the embeddings, or the anchor of a state; times a weight."""

    token: int
    anchor: int
    weight: float
