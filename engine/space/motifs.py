"""Hierarchical architectures as values: small graphs whose edges are smaller graphs, down to primitive operations."""

from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct

from engine.space.cells import MOST_NODES, unknown_operation
from engine.space.operations import KERNELS, OPERATIONS

PRIMITIVES = (
    "depth_conv_3x3",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "sep_conv_7x7",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    *KERNELS,
)
"""The operations that a network can have at the bottom of a hierarchy."""

MOST_LEVELS = 4
"""Levels of motifs that make sense; the paper has two above the primitives."""

MotifEdge: TypeAlias = tuple[int, int, int]
"""Source node, target node, and the operation's number in the level below, from 1."""


class Motif(Struct, frozen=True, forbid_unknown_fields=True):
    """A graph from its first to its last node.

    Attributes:
        nodes: how many there are.
        edges: for every pair of nodes, row by row (0→1, 0→2, ..., 1→2, ...), the number of the operation on the edge in
            the level below, from 1; 0 is no edge.
    """

    nodes: int
    edges: tuple[int, ...]


class MotifArchitecture(Struct, frozen=True, tag="motifs", tag_field="kind", forbid_unknown_fields=True):
    """The cell of a hierarchical network (Liu et al. 2018, Hierarchical representations).

    Attributes:
        levels: the motifs whose edges are primitives, those whose edges are motifs of these, and so on; the last level
            is one motif, the cell.
        primitives: names of operations, in the order in which edges number them.
    """

    levels: tuple[tuple[Motif, ...], ...]
    primitives: tuple[str, ...]


def pairs(nodes: int) -> tuple[tuple[int, int], ...]:
    """Every pair of nodes, (source, target), row by row."""
    return tuple((source, target) for source in range(nodes) for target in range(source + 1, nodes))


@lru_cache(maxsize=1024)
def live_edges(architecture: MotifArchitecture) -> tuple[tuple[tuple[MotifEdge, ...], ...], ...]:
    """For each level and motif, the edges on a way from its first to its last node, ordered by target and source.

    A motif without such a way has none, and counts as no edge where it is used.
    """
    levels: list[tuple[tuple[MotifEdge, ...], ...]] = []
    for level in architecture.levels:
        below = levels[-1] if levels else None
        levels.append(
            tuple(
                _live(
                    motif,
                    [
                        (source, target, operation)
                        for (source, target), operation in zip(pairs(motif.nodes), motif.edges, strict=True)
                        if operation and (below is None or below[operation - 1])
                    ],
                )
                for motif in level
            )
        )
    return tuple(levels)


def _live(motif: Motif, edges: list[MotifEdge]) -> tuple[MotifEdge, ...]:
    reached, needed = {0}, {motif.nodes - 1}
    for source, target, _ in sorted(edges):
        if source in reached:
            reached.add(target)
    for source, target, _ in sorted(edges, reverse=True):
        if target in needed:
            needed.add(source)
    live = reached & needed
    kept = (edge for edge in edges if edge[0] in live and edge[1] in live)
    return tuple(sorted(kept, key=lambda edge: (edge[1], edge[0])))


def motif_faults(architecture: MotifArchitecture) -> list[str]:
    """What makes the architecture meaningless, each as place and reason; empty for a sound one."""
    if not 1 <= len(architecture.primitives) <= len(OPERATIONS):
        return [f"{len(architecture.primitives):,} primitives; 1 to {len(OPERATIONS)} are understood"]
    if not 1 <= len(architecture.levels) <= MOST_LEVELS:
        return [f"{len(architecture.levels):,} levels; 1 to {MOST_LEVELS} are understood"]
    found = [
        f"primitive {place}: {unknown_operation(name)}"
        for place, name in enumerate(architecture.primitives, 1)
        if name not in OPERATIONS
    ]
    below = len(architecture.primitives)
    for number, level in enumerate(architecture.levels, 2):
        if not 1 <= len(level) <= MOST_NODES:
            return [*found, f"level {number}: {len(level):,} motifs; 1 to {MOST_NODES} are understood"]
        for place, motif in enumerate(level, 1):
            found += [f"level {number}, motif {place}: {reason}" for reason in _about(motif, below)]
        below = len(level)
    if below != 1:
        found.append(f"the last level is one motif, the cell, and here there are {below}")
    return found


def _about(motif: Motif, below: int) -> list[str]:
    if not 2 <= motif.nodes <= MOST_NODES:
        return [f"{motif.nodes:,} nodes; motifs of 2 to {MOST_NODES} are understood"]
    expected = len(pairs(motif.nodes))
    if len(motif.edges) != expected:
        return [f"{len(motif.edges):,} edges are given; between {motif.nodes} nodes there are {expected}"]
    return [
        f"edge {source}→{target}: there is no operation {operation} in the level below, only 1 to {below}, and 0"
        for (source, target), operation in zip(pairs(motif.nodes), motif.edges, strict=True)
        if not 0 <= operation <= below
    ]
