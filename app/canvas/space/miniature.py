"""An architecture as a small picture: where its boxes and wires stand, as plain numbers without Qt."""

from dataclasses import dataclass
from functools import lru_cache

from engine.space.architecture import Architecture

from ..board import Board
from ..boxes import Layout
from ..kinds import KINDS, boards
from ..layout import lay_out

MOST = 60
"""The size of a board that is still laid out; a larger one could not be made out."""


@dataclass(frozen=True)
class Miniature:
    """The boards with their layouts; none where this kind of architecture has no picture, or a large one."""

    boards: tuple[tuple[Board, Layout], ...]


@lru_cache(maxsize=512)
def miniature(architecture: Architecture) -> Miniature:
    """The picture of an architecture without words."""
    if type(architecture) not in KINDS:
        return Miniature(())
    drawn = boards(architecture)
    if len(drawn) > 2 or (len(drawn) == 2 and drawn[0].arcs == drawn[1].arcs):
        drawn = drawn[:1]  # of a hierarchy the uppermost, and of a pair of equal cells one
    if any(board.size > MOST for board in drawn):
        return Miniature(())
    return Miniature(tuple((board, lay_out(board, lambda text: 0.0)) for board in drawn))
