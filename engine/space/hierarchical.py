"""The hierarchical space of Hier-EA (Liu et al. 2018): motifs of motifs; and its flat variant, one large motif."""

from typing import Annotated, ClassVar

from engine.space.motif_space import MotifSpace
from engine.space.setting import setting
from engine.space.spaces import SPACES

MOST_MOTIFS, LARGEST = 32, 16


@SPACES.register(100)
class HierarchicalSpace(MotifSpace, frozen=True, kw_only=True, tag="hierarchical"):
    """Six motifs of four nodes over the primitives, and a cell of five nodes over these motifs.

    Decisions: see `MotifSpace`; the motifs' edges first, then the cell's.

    Size: each of the 6 · 6 edges of the motifs carries none or one of 6 primitives, each of the 10 edges of the cell
    none or one of 6 motifs: 7³⁶ · 7¹⁰ = 7⁴⁶ = 7.5e38. Many are alike: the order of motifs says nothing, and neither
    do those that the cell does not use.
    """

    title: ClassVar[str] = "Hier-EA motifs"
    about: ClassVar[str] = (
        "A cell in three levels. Primitive operations make six small motifs, and the motifs make the cell, as if they "
        "were operations themselves."
    )
    source: ClassVar[str] = "Liu et al.: Hierarchical representations, ICLR 2018, section 2"

    motifs: Annotated[
        int, setting("Motifs of the second level.", label="Motifs", low=1, high=MOST_MOTIFS, source="Hier-EA: 6")
    ] = 6
    motif_nodes: Annotated[
        int,
        setting("Nodes of a motif, both ends included.", label="Motif nodes", low=2, high=LARGEST, source="Hier-EA: 4"),
    ] = 4
    cell_nodes: Annotated[
        int,
        setting("Nodes of the cell, both ends included.", label="Cell nodes", low=2, high=LARGEST, source="Hier-EA: 5"),
    ] = 5

    def __post_init__(self) -> None:
        if not 1 <= self.motifs <= MOST_MOTIFS:
            raise ValueError(f"motifs: there are 1 to {MOST_MOTIFS} motifs, not {self.motifs}")
        for name, nodes in (("motif_nodes", self.motif_nodes), ("cell_nodes", self.cell_nodes)):
            if not 2 <= nodes <= LARGEST:
                raise ValueError(f"{name}: a motif has 2 to {LARGEST} nodes, not {nodes}")
        super().__post_init__()

    @property
    def shape(self) -> tuple[tuple[int, int], ...]:
        return (self.motifs, self.motif_nodes), (1, self.cell_nodes)


@SPACES.register(110)
class FlatSpace(MotifSpace, frozen=True, kw_only=True, tag="hierarchical-flat"):
    """One motif of eleven nodes over the primitives, which has about as many edges as the hierarchical space.

    Size: each of its 55 edges carries none or one of 6 primitives: 7⁵⁵ = 3.0e46.
    """

    title: ClassVar[str] = "Hier-EA flat"
    about: ClassVar[str] = (
        "A cell that is one graph of eleven nodes, with a primitive operation or none between any two: what the "
        "hierarchical space is compared with."
    )
    source: ClassVar[str] = "Liu et al.: Hierarchical representations, ICLR 2018, section 4"

    cell_nodes: Annotated[
        int,
        setting(
            "Nodes of the cell, both ends included.", label="Cell nodes", low=2, high=LARGEST, source="Hier-EA: 11"
        ),
    ] = 11

    def __post_init__(self) -> None:
        if not 2 <= self.cell_nodes <= LARGEST:
            raise ValueError(f"cell_nodes: a cell has 2 to {LARGEST} nodes, not {self.cell_nodes}")
        super().__post_init__()

    @property
    def shape(self) -> tuple[tuple[int, int], ...]:
        return ((1, self.cell_nodes),)
