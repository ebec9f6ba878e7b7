"""Parameters and multiply-accumulates (MACs) of any architecture, exactly and in closed form: no network is built.

`count` agrees with the networks of `engine.nets`, weight by weight. `Skeleton` says what stands around a cell.
"""

from engine.space.counts.architecture_counts import Frame, count, frame_of, published_frame, require_buildable
from engine.space.counts.frames import PUBLISHED, STEM_FACTOR, Skeleton, Unbuildable, reductions, stages
from engine.space.counts.layer_counts import read_later, reduced_after
from engine.space.counts.operation_counts import Count
from engine.space.counts.recurrent_counts import LanguageModel

__all__ = [
    "PUBLISHED",
    "STEM_FACTOR",
    "Count",
    "Frame",
    "LanguageModel",
    "Skeleton",
    "Unbuildable",
    "count",
    "frame_of",
    "published_frame",
    "read_later",
    "reduced_after",
    "reductions",
    "require_buildable",
    "stages",
]
