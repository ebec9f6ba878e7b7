"""Which states a cell's output concatenates, by the rule of its family.

Architectures say it themselves (published cells follow no rule); a space needs a rule to complete what it decides.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from engine.space.cells import Node

OutputRule: TypeAlias = Literal["nodes", "loose nodes", "loose states", "last node"]
"""Every node; the nodes that no other reads; these and the cell's inputs that no node reads; the last node alone."""


def output(rule: OutputRule, nodes: Sequence[Node], inputs: int) -> tuple[int, ...]:
    """The states in the output of a cell of these nodes, in order. An edge that carries `none` reads nothing."""
    count = inputs + len(nodes)
    if rule == "last node":
        return (count - 1,)
    if rule == "nodes":
        return tuple(range(inputs, count))
    read = {edge.source for node in nodes for edge in node.inputs if edge.operation != "none"}
    first = inputs if rule == "loose nodes" else 0
    return tuple(state for state in range(first, count) if state not in read)


def described(rule: OutputRule, states: Sequence[int]) -> str:
    """The output that the rule asks for, in words."""
    if rule == "nodes":
        return "all nodes in order"
    return f"the last node, {list(states)}" if rule == "last node" else f"its {rule}, {list(states)}"
