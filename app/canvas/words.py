"""The drawn cells as text, for screen readers and for the table beside the picture."""

from engine.space.architecture import Architecture
from engine.space.cells import Cell, state_name
from engine.space.operations import label


def described(architecture: Architecture) -> str:
    """Both cells, node by node, with every edge."""
    return f"Normal cell: {_cell(architecture.normal)}. Reduction cell: {_cell(architecture.reduction)}."


def _cell(cell: Cell) -> str:
    phrases = []
    for index, node in enumerate(cell.nodes):
        edges = " and ".join(f"{label(e.operation)} from {state_name(e.source, cell.inputs)}" for e in node.inputs)
        phrases.append(f"node {index} reads {edges or 'nothing'}")
    phrases.append(f"output joins {', '.join(state_name(state, cell.inputs) for state in cell.concat)}")
    return "; ".join(phrases)
