"""The space of NAS-Bench-201 (Dong and Yang 2020): a small complete graph with an operation on every edge."""

from typing import Annotated, ClassVar

from engine.space.architecture import Architecture, StackedCell
from engine.space.cell_space import CellSpace
from engine.space.cells import Cell, OutputRule
from engine.space.decisions import OutsideSpace
from engine.space.edit_operations import node_count, operation_list, output_rule
from engine.space.node_choices import Pairing
from engine.space.spaces import SPACES

NASBENCH201_OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
"""The 5 operations, in the order in which the benchmark numbers them."""


@SPACES.register(70)
class NasBench201Space(CellSpace, frozen=True, kw_only=True, tag="nasbench201"):
    """One cell with one input; each node adds up all earlier states, each through an operation; `none` cuts an edge.

    Decisions: the operations of the edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3 (the benchmark's numbers, 0 being the input).
    The output is the last node.

    Size: 5⁶ = 15,625. `distinct()` counts 11,155 graphs, by what reaches the output (see `canonical_architecture`). The
    paper counts 6,466, by strings that also see through skips and, partly, through zeros.
    """

    title: ClassVar[str] = "NAS-Bench-201 cells"
    about: ClassVar[str] = (
        "One cell of three nodes, each of which adds up all earlier states, each through one of five operations or "
        "none. All 15,625 cells were trained and tabulated by the authors."
    )
    source: ClassVar[str] = "Dong, Yang: NAS-Bench-201, ICLR 2020, section 2"
    cells: ClassVar[tuple[str, ...]] = ("cell",)
    cell_inputs: ClassVar[int] = 1
    pairing: ClassVar[Pairing] = "every"

    nodes: Annotated[int, node_count("NAS-Bench-201, section 2: 3 beside the input")] = 3
    operations: Annotated[tuple[str, ...], operation_list("NAS-Bench-201, section 2: these 5")] = NASBENCH201_OPERATIONS
    output: Annotated[OutputRule, output_rule("NAS-Bench-201, section 2: the last node")] = "last node"

    def joined(self, cells: list[Cell]) -> Architecture:
        return StackedCell(cells[0])

    def _parted(self, architecture: Architecture) -> tuple[Cell, ...]:
        if not isinstance(architecture, StackedCell):
            raise OutsideSpace("the space holds single cells, stacked throughout the network")
        return (architecture.cell,)
