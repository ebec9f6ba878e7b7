"""Numbers for the nodes of a graph in which each reads earlier ones only."""

from collections.abc import Mapping
from heapq import heapify, heappop, heappush

from .kind import SpotRef


def ordered(sources: Mapping[int, set[int]]) -> list[int]:
    """The nodes, each after those it reads, otherwise in the order of their numbers.

    `sources`: for each node the nodes it reads; what is not a key of it is no node, and does not count. There must be
    no loop.
    """
    waiting = {node: {source for source in reads if source in sources} for node, reads in sources.items()}
    ready = [node for node, reads in waiting.items() if not reads]
    heapify(ready)
    order = []
    while ready:
        node = heappop(ready)
        order.append(node)
        for reader, reads in waiting.items():
            if node in reads:
                reads.discard(node)
                if not reads:
                    heappush(ready, reader)
    return order


def readers(sources: Mapping[int, set[int]], node: int) -> set[int]:
    """The nodes that depend on a node, directly or not."""
    found: set[int] = set()
    while True:
        more = {reader for reader, reads in sources.items() if reader not in found and reads & (found | {node})}
        if not more:
            return found
        found |= more


def moves(board: str, number: Mapping[int, int | None]) -> dict[SpotRef, SpotRef | None]:
    """What has become of the spots that have another number now, or none."""
    return {
        SpotRef(board, old): None if new is None else SpotRef(board, new) for old, new in number.items() if old != new
    }
