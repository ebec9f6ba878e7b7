"""The cell space of PNAS (Liu et al. 2018, section 3.1): one cell for both strides, grown block by block."""

from typing import Annotated, ClassVar

from engine.space.architecture import Architecture, CellArchitecture
from engine.space.cell_space import PairSpace
from engine.space.cells import Cell, OutputRule
from engine.space.decisions import OutsideSpace
from engine.space.edit_operations import node_count, operation_list, output_rule
from engine.space.node_choices import Pairing
from engine.space.spaces import SPACES

PNAS_OPERATIONS = (
    "sep_conv_3x3",
    "sep_conv_5x5",
    "sep_conv_7x7",
    "bottleneck_conv_7x1_1x7",
    "skip_nasnet",
    "avg_pool_3x3",
    "max_pool_3x3",
    "bottleneck_dil_conv_3x3",
)
"""The 8 operations, in the order in which the paper lists them.

Its authors' code (slim) holds those of PNASNet-5 alone, with NASNet's skip. The two full convolutions, which no
published network has, are taken to be those of the same group's code for AmoebaNet: bottlenecked to a quarter of the
channels.
"""


@SPACES.register(40)
class PnasSpace(PairSpace, frozen=True, kw_only=True, tag="pnas"):
    """One cell, used with stride 1 and with stride 2; each block adds up two earlier states, the same one twice too.

    Decisions as the paper writes a block: both states, both operations. Their order counts, as in the paper's numbers.

    Size: block b of 1 .. 5 can be decided in |B_b| = (b + 1)² · 8² ways: 256, 576, 1024, 1600, 2304; in all
    (6!)² · 8¹⁰ = 5.6e14. Fewer are different: of the 256 cells of one block, 136 (`sized(1).distinct()`).

    The output concatenates all blocks, as that of the published PNASNet-5 does, one of whose blocks is consumed too.
    """

    title: ClassVar[str] = "PNAS cells"
    about: ClassVar[str] = (
        "One cell of up to five blocks, for both strides. A block adds up two earlier states, each through one of "
        "eight operations. The search begins with cells of one block and lets the good ones grow."
    )
    source: ClassVar[str] = "Liu et al.: Progressive neural architecture search, ECCV 2018, section 3.1"
    cells: ClassVar[tuple[str, ...]] = ("cell",)
    pairing: ClassVar[Pairing] = "ordered"
    inputs_first: ClassVar[bool] = True

    nodes: Annotated[int, node_count("PNAS, section 3.1: 5 blocks")] = 5
    operations: Annotated[tuple[str, ...], operation_list("PNAS, section 3.1: these 8")] = PNAS_OPERATIONS
    output: Annotated[OutputRule, output_rule("PNAS, as in the published PNASNet-5")] = "nodes"

    def joined(self, cells: list[Cell]) -> Architecture:
        return CellArchitecture(normal=cells[0], reduction=cells[0])

    def _parted(self, architecture: Architecture) -> tuple[Cell, ...]:
        if not isinstance(architecture, CellArchitecture):
            raise OutsideSpace("the space holds pairs of cells, a normal and a reduction cell")
        if architecture.normal != architecture.reduction:
            raise OutsideSpace("the space has one cell for both strides, and here normal and reduction cell differ")
        return (architecture.normal,)
