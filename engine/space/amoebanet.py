"""The cell space of AmoebaNet (Real et al. 2019, section 3.1): NASNet's, with eight operations and addition alone."""

from typing import Annotated, ClassVar

from engine.space.cell_space import PairSpace
from engine.space.cells import OutputRule
from engine.space.edit_operations import node_count, operation_list, output_rule
from engine.space.node_choices import Pairing
from engine.space.spaces import SPACES

AMOEBANET_OPERATIONS = (
    "skip_nasnet",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "sep_conv_7x7",
    "avg_pool_3x3",
    "max_pool_3x3",
    "dil_sep_conv_3x3",
    "bottleneck_conv_7x1_1x7",
)


@SPACES.register(30)
class AmoebaNetSpace(PairSpace, frozen=True, kw_only=True, tag="amoebanet"):
    """Normal and reduction cell; each node adds up two earlier states, the same one twice too.

    Decisions: state, operation, state, operation for each of the five pairwise combinations of either cell.

    Size: node b of 0 .. 4 has (2 + b)² pairs of states and 8² of operations; a cell can be decided in
    (6!)² · 8¹⁰ = 5.6e14 ways, and both in 3.1e29. Either order of a node's inputs counts, so most graphs count
    more than once.

    Where a reduction cell halves a skip, and in the 1×7 7×1 convolution, networks are those of the authors' code
    (tensorflow/tpu, amoeba_net/network_utils.py): a 1×1 convolution of stride 2, and a bottleneck of a quarter of the
    channels. The paper says neither.

    The authors' published cells concatenate states that are consumed as well, by flags in their code; `encode` says so.
    """

    title: ClassVar[str] = "AmoebaNet cells"
    about: ClassVar[str] = (
        "Two cells of five blocks. A block adds up two earlier states, each through one of eight operations; what no "
        "other block reads becomes the cell's output."
    )
    source: ClassVar[str] = "Real, Aggarwal, Huang, Le: Regularized evolution, AAAI 2019, section 3.1"
    pairing: ClassVar[Pairing] = "ordered"

    nodes: Annotated[int, node_count("AmoebaNet, section 3.1: 5 pairwise combinations")] = 5
    operations: Annotated[tuple[str, ...], operation_list("AmoebaNet, section 3: these 8")] = AMOEBANET_OPERATIONS
    output: Annotated[OutputRule, output_rule("as NASNet, whose space it searches")] = "loose nodes"
