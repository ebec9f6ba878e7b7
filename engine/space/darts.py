"""The cell space of DARTS (Liu et al. 2019, section 2.1): two cells of nodes that add up two earlier states."""

from typing import Annotated, ClassVar

from engine.space.cell_space import PairSpace
from engine.space.cells import OutputRule
from engine.space.edit_operations import node_count, operation_list, output_rule
from engine.space.node_choices import Pairing
from engine.space.operations import DARTS_OPERATIONS
from engine.space.spaces import SPACES


@SPACES.register(10)
class DartsSpace(PairSpace, frozen=True, kw_only=True, tag="darts"):
    """Normal and reduction cell; a node adds up two distinct earlier states, each through one operation.

    The cell's output concatenates all its nodes. `none` is a candidate of the supernet, and never decided. Decisions:
    normal cell, then reduction cell; node by node; the earlier input first, each with its operation.

    Size: node b of 0 .. 3 has C(2 + b, 2) pairs of inputs and 7² of operations, (180 · 7⁸)² = 1.1e18 in all.
    """

    title: ClassVar[str] = "DARTS cells"
    about: ClassVar[str] = (
        "Two small cells, stacked over and over into a network: the normal cell keeps the image's size, the reduction "
        "cell halves it. In a cell every node adds up two earlier states, each through one operation."
    )
    source: ClassVar[str] = "Liu, Simonyan, Yang: DARTS, ICLR 2019, section 2.1"
    pairing: ClassVar[Pairing] = "distinct"

    nodes: Annotated[int, node_count("DARTS, section 3.1: 4")] = 4
    operations: Annotated[
        tuple[str, ...],
        operation_list(
            "DARTS, section 3.1: these 8",
            "The operations an edge may carry. 'none' lets a one-shot search fade an edge out.",
        ),
    ] = DARTS_OPERATIONS
    output: Annotated[OutputRule, output_rule("DARTS, section 2.1: all nodes")] = "nodes"
