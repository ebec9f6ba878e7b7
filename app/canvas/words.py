"""The cells of an architecture with their names, and as text for screen readers."""

from engine.space.architecture import Architecture
from engine.space.cells import Cell, state_name
from engine.space.operations import label


def cells(architecture: Architecture | None) -> dict[str, Cell]:
    """The cells to draw, by name, in the order in which they are drawn."""
    names = architecture.__struct_fields__ if architecture is not None else ()
    return {name: getattr(architecture, name) for name in names}


def titled(name: str) -> str:
    """What a cell is called; where an architecture has only one, it is just the cell."""
    return name if name == "cell" else f"{name} cell"


def described(architecture: Architecture) -> str:
    """All cells, node by node, with every edge."""
    return " ".join(f"{titled(name).capitalize()}: {_cell(cell)}." for name, cell in cells(architecture).items())


def _cell(cell: Cell) -> str:
    phrases = []
    for index, node in enumerate(cell.nodes):
        edges = " and ".join(f"{label(e.operation)} from {state_name(e.source, cell.inputs)}" for e in node.inputs)
        phrases.append(f"node {index} reads {edges or 'nothing'}")
    phrases.append(f"output joins {', '.join(state_name(state, cell.inputs) for state in cell.concat)}")
    return "; ".join(phrases)
