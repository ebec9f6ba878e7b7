"""Recurrent cells as values: the chains of states of DARTS and ENAS, and the trees of NAS-RL.

Both read a word's vector x_t and what the cell said of the word before, h_{t-1}.
"""

from collections import Counter
from typing import Literal, TypeAlias

from msgspec import Struct

from engine.space.cells import MOST_NODES

Activation: TypeAlias = Literal["tanh", "relu", "sigmoid", "identity"]
"""What a node does to each number."""

Join: TypeAlias = Literal["add", "elem_mult"]
"""How a tree's node joins two vectors: by their sum, or number by number by their product."""

ACTIVATIONS: tuple[Activation, ...] = ("tanh", "relu", "sigmoid", "identity")
"""In the order in which ENAS numbers them."""

JOINS: tuple[Join, ...] = ("add", "elem_mult")


class RecurrentNode(Struct, frozen=True, forbid_unknown_fields=True):
    """A state made from the earlier state `source`: s_i = s_j + σ(c) ⊙ (f(h) − s_j), with (c, h) = W_i s_j."""

    activation: Activation
    source: int


class RecurrentCell(Struct, frozen=True, tag="recurrent", tag_field="kind", forbid_unknown_fields=True):
    """A cell of DARTS or ENAS. State 0 is made like all others, from h_{t-1} and by W_0 [x_t; h_{t-1}].

    Attributes:
        nodes: states 1, 2, ...; each reads an earlier one.
        concat: the states whose mean is h_t. Named as in genotypes, though nothing is concatenated.
        first: the activation of state 0. DARTS has tanh there, ENAS decides it.
    """

    nodes: tuple[RecurrentNode, ...]
    concat: tuple[int, ...]
    first: Activation = "tanh"


class TreeNode(Struct, frozen=True, forbid_unknown_fields=True):
    """A node of a tree: joins two vectors, then applies the activation."""

    join: Join
    activation: Activation


class TreeCell(Struct, frozen=True, tag="tree", tag_field="kind", forbid_unknown_fields=True):
    """A cell of NAS-RL (Zoph and Le 2017, section 3.4): a binary tree whose leaves read x_t and h_{t-1}.

    A leaf joins W x_t and W' h_{t-1}, each with matrices of its own; an inner node joins two nodes (see `branches`).
    The root's value is h_t. There is a memory c: h_t follows from x_t, h_{t-1} and c_{t-1}.

    Attributes:
        nodes: the leaves, then the inner nodes, the root last: 2n - 1 of them in a tree of base n.
        inject: how the value of the node `reads` and c_{t-1} become its new value.
        writes: the node whose value, as it is before the activation, becomes c_t.
        reads: the node that c_{t-1} is injected into.
    """

    nodes: tuple[TreeNode, ...]
    inject: TreeNode
    writes: int
    reads: int

    @property
    def base(self) -> int:
        """The number of leaves."""
        return (len(self.nodes) + 1) // 2


def branches(base: int) -> tuple[tuple[int, int], ...]:
    """For each inner node of a tree, the two nodes that it joins.

    Neighbours are joined in pairs, level by level; of a level of odd length, the last node is left for the next level.
    The paper has base 2 and base 8, where nothing is left over.
    """
    queue = list(range(base))
    pairs = []
    for inner in range(base, 2 * base - 1):
        pairs.append((queue.pop(0), queue.pop(0)))
        queue.append(inner)
    return tuple(pairs)


def recurrent_faults(cell: RecurrentCell) -> list[str]:
    """What makes the cell meaningless, each as place and reason; empty for a sound cell."""
    if len(cell.nodes) > MOST_NODES:
        return [f"{len(cell.nodes):,} nodes; cells of up to {MOST_NODES} are understood"]
    found = [
        f"node {state}: there is no state {node.source} before it, only 0 to {state - 1}"
        for state, node in enumerate(cell.nodes, 1)
        if not 0 <= node.source < state
    ]
    if not cell.concat:
        found.append("the output is the mean of no state")
    for state, times in sorted(Counter(cell.concat).items()):
        if not 0 <= state <= len(cell.nodes):
            found.append(f"the output names state {state}, and there are only 0 to {len(cell.nodes)}")
        elif times > 1:
            found.append(f"the output names state {state} more than once")
    return found


def tree_faults(cell: TreeCell) -> list[str]:
    """What makes the tree meaningless, each as place and reason; empty for a sound one."""
    count = len(cell.nodes)
    if not 3 <= count <= MOST_NODES or count % 2 == 0:
        return [f"a tree has 2n - 1 nodes, an odd number from 3 to {MOST_NODES - 1}, not {count:,}"]
    return [
        f"the memory {what} node {node}, and there are only 0 to {count - 1}"
        for what, node in (("is written by", cell.writes), ("is read by", cell.reads))
        if not 0 <= node < count
    ]
