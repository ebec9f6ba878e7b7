"""Language models around a recurrent cell."""

from typing import Annotated

from msgspec import Struct

from engine.space.counts.operation_counts import Count
from engine.space.recurrent import RecurrentCell, TreeCell
from engine.space.setting import setting


class LanguageModel(Struct, frozen=True, kw_only=True, tag="language", tag_field="kind", forbid_unknown_fields=True):
    """The frame around a recurrent cell: a vector per word, the cell, and a linear layer to a number per word.

    Source: DARTS (Liu et al. 2019) and its published code, on Penn Treebank.
    """

    hidden: Annotated[
        int,
        setting(
            "Length of every vector: of a word, and of a state.",
            label="Hidden units",
            low=1,
            high=65_536,
            source="DARTS, section 3.3: 850",
        ),
    ] = 850
    words: Annotated[
        int, setting("Words of the vocabulary.", label="Words", low=1, high=10_000_000, source="Penn Treebank: 10,000")
    ] = 10_000
    tied: Annotated[
        bool,
        setting(
            "Whether the last layer's matrix is that of the words' vectors.",
            label="Tied",
            source="DARTS's published code: on",
        ),
    ] = True


def language_model(cell: RecurrentCell | TreeCell, frame: LanguageModel) -> Count:
    """The model's weights, and its MACs for one word. Looking a vector up multiplies nothing."""
    square = frame.hidden**2
    # W_0 takes two vectors to two, every other node one vector to two; a leaf of a tree has two square matrices.
    matrices = 2 * cell.base * square if isinstance(cell, TreeCell) else (4 + 2 * len(cell.nodes)) * square
    vectors = frame.hidden * frame.words
    return Count(matrices + vectors * (1 if frame.tied else 2) + frame.words, matrices + vectors)
