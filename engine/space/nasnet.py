"""The cell space of NASNet (Zoph et al. 2018, section 3): blocks of two states, two operations, a way to combine."""

from typing import Annotated, ClassVar

from engine.space.cell_space import PairSpace
from engine.space.cells import Combine, OutputRule
from engine.space.edit_operations import node_count, operation_list, output_rule
from engine.space.node_choices import Pairing
from engine.space.spaces import SPACES

NASNET_OPERATIONS = (
    "skip_nasnet",
    "bottleneck_conv_3x1_1x3",
    "bottleneck_conv_7x1_1x7",
    "bottleneck_dil_conv_3x3",
    "avg_pool_3x3",
    "max_pool_3x3",
    "max_pool_5x5",
    "max_pool_7x7",
    "conv_1x1",
    "bottleneck_conv_3x3",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "sep_conv_7x7",
)
"""The 13 operations, in the order in which the paper lists them.

Its authors' code (slim) holds those of NASNet-A alone: separable convolutions, pools and the skip, which a 1×1
convolution halves. That of AmoebaNet, which searched this space, holds the full convolutions, too, and they are
bottlenecked there: 3×3, its dilated form and 1×7 7×1 to a quarter of the channels, 1×3 3×1 to three eighths.
"""


@SPACES.register(20)
class NasnetSpace(PairSpace, frozen=True, kw_only=True, tag="nasnet"):
    """Normal and reduction cell; each node takes two earlier states, the same one twice too, and adds or concatenates.

    Decisions as the paper's controller makes them: both states, both operations, how to combine; 2 · 5B = 50 in all.

    Size: node b of 0 .. 4 has (2 + b)² pairs of states, 13² of operations and 2 ways to combine; a cell can be decided
    in (6!)² · 13¹⁰ · 2⁵ = 2.3e18 ways, and both in 5.2e36. Either order of a node's inputs counts, so most graphs count
    more than once.

    The output concatenates "the unused hidden states generated in the cell". The authors' code also takes in unused
    inputs ("loose states") and, by a flag, a used one, so that the published NASNet-A is outside its own space.
    """

    title: ClassVar[str] = "NASNet cells"
    about: ClassVar[str] = (
        "Two cells of five blocks. A block takes two earlier states, puts each through one of 13 operations and adds "
        "or concatenates the results; what no other block reads becomes the cell's output."
    )
    source: ClassVar[str] = "Zoph, Vasudevan, Shlens, Le: Learning transferable architectures, CVPR 2018, section 3"
    pairing: ClassVar[Pairing] = "ordered"
    combines: ClassVar[tuple[Combine, ...]] = ("add", "concat")
    inputs_first: ClassVar[bool] = True

    nodes: Annotated[int, node_count("NASNet, section 3: 5 blocks")] = 5
    operations: Annotated[tuple[str, ...], operation_list("NASNet, section 3: these 13")] = NASNET_OPERATIONS
    output: Annotated[OutputRule, output_rule("NASNet, section 3: unused hidden states")] = "loose nodes"
