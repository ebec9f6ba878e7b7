"""The cell space of NAO (Luo et al. 2018), with its large and its small set of operations."""

from typing import Annotated, ClassVar

from engine.space.cell_space import PairSpace
from engine.space.cells import OutputRule
from engine.space.edit_operations import node_count, operation_list, output_rule
from engine.space.enas_micro import ENAS_OPERATIONS
from engine.space.node_choices import Pairing
from engine.space.spaces import SPACES

NAO_SMALL = ENAS_OPERATIONS
"""The 5 operations of NAO with weight sharing, in the order of their codes 0 to 4: those of ENAS."""
NAO_LARGE = (
    "skip_enas",
    "conv_1x1",
    "conv_3x3",
    "normed_conv_3x1_1x3",
    "normed_conv_7x1_1x7",
    "max_pool_2x2",
    "max_pool_3x3",
    "max_pool_5x5",
    "avg_pool_2x2",
    "avg_pool_3x3",
    "avg_pool_5x5",
)
"""The 11 operations of NAO without weight sharing, in the order of their codes 5 to 15.

As in the authors' code (NAO_pytorch, operations.py): its 1×3 3×1 and 1×7 7×1 have batch norm and ReLU in between, and
its skip is halved without ReLU.
"""


@SPACES.register(60)
class NaoSpace(PairSpace, frozen=True, kw_only=True, tag="nao"):
    """Normal and reduction cell; each node adds up two earlier states, the same one twice too.

    Decisions as in the authors' sequences: state, operation, state, operation for each node of either cell.

    Size: node b of 0 .. 4 has (2 + b)² pairs of states and 11² (small: 5²) of operations; a cell can be decided in
    (6!)² · 11¹⁰ = 1.3e16 ways, and both in 1.8e32 (small: 5.1e12 and 2.6e25). Either order of a node's inputs counts,
    so most graphs count more than once; the method trains on both orders.

    The output concatenates all loose ends, a cell input that no node reads among them.
    """

    title: ClassVar[str] = "NAO cells"
    about: ClassVar[str] = (
        "Two cells of five nodes. A node adds up two earlier states, each through one of eleven operations (of five in "
        "the version with shared weights); whatever is not read, inputs of the cell included, becomes its output."
    )
    source: ClassVar[str] = "Luo, Tian, Qin, Chen, Liu: Neural architecture optimization, NeurIPS 2018"
    pairing: ClassVar[Pairing] = "ordered"

    nodes: Annotated[int, node_count("NAO, authors' code: 5")] = 5
    operations: Annotated[tuple[str, ...], operation_list("NAO, authors' code: the large set")] = NAO_LARGE
    output: Annotated[OutputRule, output_rule("NAO, authors' code: all loose ends")] = "loose states"
