"""A cell: a small directed acyclic graph whose edges carry operations.

States are numbered as published notations do: 0 is the output of the cell before the previous one (c_{k-2}), 1 that of
the previous cell (c_{k-1}), and from 2 on come the cell's own nodes. Pictures call these k−2, k−1, 0, 1, 2, ...

Which states a cell's output concatenates, architectures say themselves (published cells follow no rule); a space needs
the rule of its family (`output`) to complete what it decides.
"""

from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Literal, TypeAlias

from msgspec import Struct

from engine.space.bounded_parsing import either
from engine.space.operations import OPERATIONS, label

Combine: TypeAlias = Literal["add", "concat"]
"""How a node joins its inputs: added up, or concatenated along the channels."""

MOST_NODES = 64
"""Nodes, and inputs, of a cell that makes sense; published cells have up to 12."""


class Edge(Struct, frozen=True, forbid_unknown_fields=True):
    """One input of a node: the state it comes from, and the name of the operation applied on the way."""

    source: int
    operation: str


class Node(Struct, frozen=True, forbid_unknown_fields=True):
    """An intermediate state. One without inputs is legal, and zero (SNAS derives such cells)."""

    inputs: tuple[Edge, ...]
    combine: Combine = "add"


class Cell(Struct, frozen=True, forbid_unknown_fields=True):
    """Nodes in an order in which each reads only earlier states, and the states whose concatenation is the output.

    `concat` is data, not derived from loose ends: published cells concatenate states that are also consumed.
    """

    nodes: tuple[Node, ...]
    concat: tuple[int, ...]
    inputs: int = 2


def state_name(state: int, inputs: int = 2) -> str:
    """What pictures and sentences call a state: k−2 and k−1 are the cell's inputs, then 0, 1, ... its nodes."""
    return f"k−{inputs - state}" if state < inputs else str(state - inputs)


def faults(cell: Cell) -> list[str]:
    """What makes the cell meaningless, each as place and reason; empty for a sound cell. States are given by number."""
    found: list[str] = []
    if not 1 <= cell.inputs <= MOST_NODES:
        return [f"a cell has 1 to {MOST_NODES} inputs, not {cell.inputs}"]
    if len(cell.nodes) > MOST_NODES:
        return [f"{len(cell.nodes):,} nodes; cells of up to {MOST_NODES} are understood"]
    if not cell.nodes:
        found.append("the cell has no nodes")
    for index, node in enumerate(cell.nodes):
        states = cell.inputs + index
        for place, edge in enumerate(node.inputs, 1):
            here = f"node {index}, input {place}"
            if edge.operation not in OPERATIONS:
                found.append(f"{here}: {unknown_operation(edge.operation)}")
            if not 0 <= edge.source < states:
                found.append(f"{here}: there is no state {edge.source} before it, only 0 to {states - 1}")
    last = cell.inputs + len(cell.nodes) - 1
    if not cell.concat:
        found.append("the output concatenates no state")
    for state, times in sorted(Counter(cell.concat).items()):
        if not 0 <= state <= last:
            found.append(f"the output names state {state}, and there are only 0 to {last}")
        elif times > 1:
            found.append(f"the output names state {state} more than once")
    return found


def unknown_operation(name: str) -> str:
    """One clear phrase about a name that is no operation, with the closest known names."""
    begun = [known for known in OPERATIONS if name and known.startswith(name)]
    close = begun or get_close_matches(name, OPERATIONS) or [known for known in OPERATIONS if name and name in known]
    known = "known are such as skip_connect, max_pool_3x3 and sep_conv_5x5"
    advice = f"did you mean {either(close[:3])}?" if close else known
    return f"unknown operation {name[:40]!r}; {advice}"


def changes(before: Node, after: Node, inputs: int) -> list[str]:
    """How two nodes of cells with so many inputs differ, in words: in how they combine, and in what they read."""
    phrases = []
    if before.combine != after.combine:
        phrases.append(f"{before.combine} → {after.combine}")
    gone, come = _difference(before.inputs, after.inputs), _difference(after.inputs, before.inputs)
    if len(gone) == len(come) == 1:
        phrases.append(_replaced(gone[0], come[0], inputs))
    elif gone or come:
        phrases.append(f"{_listed(gone, inputs)} → {_listed(come, inputs)}")
    return phrases


def _difference(edges: Sequence[Edge], others: Sequence[Edge]) -> list[Edge]:
    left = list(others)
    gone = []
    for edge in edges:
        if edge in left:
            left.remove(edge)
        else:
            gone.append(edge)
    return gone


def _replaced(old: Edge, new: Edge, inputs: int) -> str:
    if old.source == new.source:
        return f"{label(old.operation)} → {label(new.operation)}"
    if old.operation == new.operation:
        return f"input {state_name(old.source, inputs)} → {state_name(new.source, inputs)}"
    return f"{_listed([old], inputs)} → {_listed([new], inputs)}"


def _listed(edges: Sequence[Edge], inputs: int) -> str:
    return ", ".join(f"{label(edge.operation)} from {state_name(edge.source, inputs)}" for edge in edges) or "nothing"


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
