"""Boxes of a picture, and a picture as plain numbers, without Qt."""

from collections.abc import Callable
from dataclasses import dataclass

from .board import Spot
from .routes import Route

NODE = 32.0  # least height and width of a box
TERMINAL = 52.0  # width of inputs and output
PLATE = 16.0  # height of the plate behind a label
PORT, FAN = 11.0, 4.0  # between wires entering a box, and between quiet ones and those leaving it


@dataclass(frozen=True)
class Box:
    """A rectangle by its centre and size."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: "Box") -> bool:
        """Whether the two overlap."""
        return (
            abs(self.x - other.x) < (self.width + other.width) / 2
            and abs(self.y - other.y) < (self.height + other.height) / 2
        )


@dataclass(frozen=True)
class Layout:
    """The picture of one board: `width` × `height` from (`left`, `top`) on."""

    boxes: dict[int, Box]  # by the number of the spot
    routes: tuple[Route, ...]  # one for each arc, in the same order
    labels: tuple[Box, ...]  # of the arcs that carry operations, in the same order
    width: float
    height: float
    left: float = 0.0
    top: float = 0.0


def box_size(spot: Spot, entering: int, leaving: int, measure: Callable[[str], float]) -> tuple[float, float]:
    """Width and height of a box, given how many wires meet it on either side."""
    if spot.role != "node":
        return TERMINAL, max(NODE, FAN * (max(entering, leaving) + 3))
    return max(NODE, measure(spot.label) + NODE if spot.label else 0.0), max(NODE, PORT * (entering + 1))
