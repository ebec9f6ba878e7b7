"""A plug-in with a space: two small cells whose nodes add up two earlier states, each by one of two operations."""

from typing import Annotated, ClassVar

from engine.space.cell_space import PairSpace
from engine.space.cells import OutputRule
from engine.space.edit_operations import node_count, operation_list, output_rule
from engine.space.node_choices import Pairing
from engine.space.spaces import SPACES


@SPACES.register()
class LadderSpace(PairSpace, frozen=True, kw_only=True, tag="ladder"):
    """Two nodes per cell: (1 · 2² · 3 · 2²)² = 2,304 architectures, `none` being no decision."""

    title: ClassVar[str] = "Ladder cells"
    about: ClassVar[str] = "Two cells of two nodes, each of which adds up two earlier states."
    source: ClassVar[str] = "a plug-in of the tests"
    pairing: ClassVar[Pairing] = "distinct"

    nodes: Annotated[int, node_count("ours")] = 2
    operations: Annotated[tuple[str, ...], operation_list("ours")] = ("none", "skip_connect", "sep_conv_3x3")
    output: Annotated[OutputRule, output_rule("ours")] = "nodes"
