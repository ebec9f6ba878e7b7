"""Notations of recurrent cells: DARTS's `Genotype(recurrent=[('relu', 0), ...], concat=range(1, 9))`, ENAS's lists.

An ENAS list is `act0 (prev act) (prev act) ...`, codes 0 tanh, 1 relu, 2 sigmoid, 3 identity. The authors' later code
(enas_lm) leaves act0 out, which is tanh there; so a list of an even length has none. Its output is the mean of the
loose ends, as in the paper (enas_lm takes the mean of all nodes but the first).
"""

from engine.space.architecture import Architecture
from engine.space.bounded_parsing import NotationError, integers
from engine.space.cells import MOST_NODES
from engine.space.genotype import arguments, entry, items, states
from engine.space.recurrent import ACTIVATIONS, Activation, RecurrentCell, RecurrentNode, recurrent_faults
from engine.space.recurrent_space import mean_of

PARTS = ("recurrent", "concat")


def parse(text: str) -> RecurrentCell:
    """The cell that the text describes in either notation. Raises NotationError."""
    return parse_list(text) if text.lstrip(" \t\r\n([")[:1].isdigit() else parse_genotype(text)


def parse_genotype(text: str) -> RecurrentCell:
    """The cell that a genotype describes. Raises NotationError."""
    given = arguments(text)
    for name in given:
        if name not in PARTS:
            raise NotationError(
                f"the genotype of a recurrent cell has no part '{name[:40]}', only {' and '.join(PARTS)}"
            )
    for name in PARTS:
        if name not in given:
            raise NotationError(f"the genotype of a recurrent cell lacks its part '{name}'")
    nodes = []
    for place, item in enumerate(items("recurrent", given["recurrent"]), 1):
        here = f"recurrent, entry {place}"
        name, source = entry(here, item, "an activation and a state, such as ('tanh', 0)")
        nodes.append(RecurrentNode(_activation(here, name), source))
    return _sound(RecurrentCell(tuple(nodes), states("concat", given["concat"])))


def format_genotype(architecture: Architecture) -> str:
    """The genotype of the cell; `parse_genotype` gives the same one back. Raises NotationError."""
    if not isinstance(architecture, RecurrentCell):
        raise NotationError("a genotype of this kind is of a recurrent cell, and this architecture is not")
    if architecture.first != "tanh":
        raise NotationError(f"in a genotype the first state's activation is tanh, and here it is {architecture.first}")
    entries = [(node.activation, node.source) for node in architecture.nodes]
    return f"Genotype(recurrent={entries}, concat={list(architecture.concat)})"


def parse_list(text: str) -> RecurrentCell:
    """The cell that an ENAS list describes, with or without act0. Raises NotationError."""
    numbers = integers(text)
    if len(numbers) < 2:
        raise NotationError(f"{len(numbers)} numbers; a recurrent cell has two per node, and one before them or none")
    if len(numbers) > 2 * MOST_NODES + 1:
        raise NotationError(f"{len(numbers) // 2:,} nodes; cells of up to {MOST_NODES} are understood")
    begins = len(numbers) % 2
    first = _coded("node 0", numbers[0]) if begins else "tanh"
    pairs = zip(numbers[begins::2], numbers[begins + 1 :: 2], strict=True)
    nodes = tuple(RecurrentNode(_coded(f"node {place}", code), source) for place, (source, code) in enumerate(pairs, 1))
    return _sound(RecurrentCell(nodes, mean_of("loose states", nodes), first))


def format_list(architecture: Architecture) -> str:
    """The ENAS list of the cell, with act0; `parse_list` gives the same one back. Raises NotationError."""
    if not isinstance(architecture, RecurrentCell) or not architecture.nodes:
        raise NotationError("an ENAS list of this kind is of a recurrent cell, and this architecture is not")
    loose = mean_of("loose states", architecture.nodes)
    if architecture.concat != loose:
        given = list(architecture.concat)
        raise NotationError(f"the output is the mean of {given}, and ENAS's lists mean the loose ends, {list(loose)}")
    pairs = (f"{node.source} {ACTIVATIONS.index(node.activation)}" for node in architecture.nodes)
    return " ".join([str(ACTIVATIONS.index(architecture.first)), *pairs])


def _activation(place: str, name: str) -> Activation:
    for known in ACTIVATIONS:
        if name == known:
            return known
    raise NotationError(f"{place}: there is no activation '{name[:40]}', only {', '.join(ACTIVATIONS)}")


def _coded(place: str, code: int) -> Activation:
    if code >= len(ACTIVATIONS):
        raise NotationError(f"{place}: {code} is no activation; codes go from 0 to {len(ACTIVATIONS) - 1}")
    return ACTIVATIONS[code]


def _sound(cell: RecurrentCell) -> RecurrentCell:
    for fault in recurrent_faults(cell):
        raise NotationError(fault)
    return cell
