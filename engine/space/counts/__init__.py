"""Parameters and multiply-accumulates (MACs) of any architecture, exactly and in closed form: no network is built.

`count` agrees with the networks of `engine.nets`, weight by weight. `Skeleton` says what stands around a cell.
"""

from engine.space.counts.count import Frame, count, frame_of, published_frame, require_buildable
from engine.space.counts.layers import read_later, reduced_after
from engine.space.counts.recurrent import LanguageModel
from engine.space.counts.skeleton import PUBLISHED, STEM_FACTOR, Skeleton, Unbuildable, reductions, stages
from engine.space.counts.tally import Count

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
