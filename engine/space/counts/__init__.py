"""Parameters and multiply-accumulates (MACs) of any architecture, exactly and in closed form: no network is built.

`count` agrees with the networks of `engine.nets`, weight by weight. `Skeleton` says what stands around a cell.
"""

from engine.space.counts.count import count, frame_of, require_buildable
from engine.space.counts.skeleton import PUBLISHED, STEM_FACTOR, Skeleton, Unbuildable, reductions, stages
from engine.space.counts.tally import Count

__all__ = [
    "PUBLISHED",
    "STEM_FACTOR",
    "Count",
    "Skeleton",
    "Unbuildable",
    "count",
    "frame_of",
    "reductions",
    "require_buildable",
    "stages",
]
