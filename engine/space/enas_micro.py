"""ENAS's micro space (Pham et al. 2018, section 2.4): two cells of nodes that add up two earlier states."""

from typing import Annotated, ClassVar

from engine.space.cell_space import PairSpace
from engine.space.cells import OutputRule
from engine.space.edit_operations import node_count, operation_list, output_rule
from engine.space.node_choices import Pairing
from engine.space.spaces import SPACES

ENAS_OPERATIONS = ("sep_conv_3x3", "sep_conv_5x5", "avg_pool_3x3", "max_pool_3x3", "skip_enas")
"""The 5 operations, in the order of their codes. The authors' code halves a skip without ReLU."""


@SPACES.register(50)
class EnasMicroSpace(PairSpace, frozen=True, kw_only=True, tag="enas-micro"):
    """Normal and reduction cell; each node adds up two earlier states, the same one twice too.

    Decisions as in the authors' lists of 40 integers: state, operation, state, operation for each node of either cell.

    Size: node b of 0 .. 4 has (2 + b)² pairs of states and 5² of operations; a cell can be decided in
    (6!)² · 5¹⁰ = 5.1e12 ways, and both in 2.6e25. Either order of a node's inputs counts, so most graphs count
    more than once.

    The output concatenates all loose ends, a cell input that no node reads among them.
    """

    title: ClassVar[str] = "ENAS cells (micro)"
    about: ClassVar[str] = (
        "Two cells of five nodes. A node adds up two earlier states, each through one of five operations; whatever is "
        "not read, inputs of the cell included, becomes its output."
    )
    source: ClassVar[str] = "Pham, Guan, Zoph, Le, Dean: Efficient neural architecture search, ICML 2018, section 2.4"
    pairing: ClassVar[Pairing] = "ordered"

    nodes: Annotated[int, node_count("ENAS, section 2.4: 7 with the two inputs")] = 5
    operations: Annotated[tuple[str, ...], operation_list("ENAS, section 2.4: these 5")] = ENAS_OPERATIONS
    output: Annotated[OutputRule, output_rule("ENAS, authors' code: all loose ends")] = "loose states"
