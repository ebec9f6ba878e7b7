"""Part of an architecture as it is copied and pasted: some nodes and the edges among them, whatever the kind."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct

from app.graph.kinds.kind import Change, Illegal, Kind, NodeRef, Part
from engine.space.architecture import Architecture
from engine.space.cells import MOST_NODES

A = TypeVar("A", bound=Architecture)

LONGEST = 1 << 16
"""Bytes of a fragment that are still read."""


class Link(Struct, frozen=True, forbid_unknown_fields=True):
    """An edge to copied node `target`: from copied node `source`, or from outside, from the node that has this number.

    `role`: "copied", "input" (of the diagram) or "outside" (a node that was not copied).
    """

    source: int
    target: int
    operation: str | None
    role: str


class Fragment(Struct, frozen=True, forbid_unknown_fields=True):
    """Copied nodes: what each does and whether it joins the output; and what leads to them."""

    kind: str
    nodes: tuple[str, ...]
    joined: tuple[bool, ...]
    links: tuple[Link, ...]


def copied(kind: Kind[A], architecture: A, nodes: Iterable[NodeRef]) -> Fragment | None:
    """These nodes as a fragment; None where there are none among them, or where they stand on several diagrams."""
    chosen = set(nodes)
    for diagram in kind.diagrams(architecture):
        here = [node for node in diagram.nodes if node.role == "node" and NodeRef(diagram.name, node.number) in chosen]
        if not here:
            continue
        place = {node.number: index for index, node in enumerate(here)}
        links = []
        for edge in diagram.edges:
            if edge.target not in place:
                continue
            role = "copied" if edge.source in place else diagram.by_number[edge.source].role
            source = place.get(edge.source, edge.source)
            links.append(Link(source, place[edge.target], edge.operation, "outside" if role == "node" else role))
        joined = tuple(kind.joined(architecture, NodeRef(diagram.name, number)) is not None for number in place)
        return Fragment(kind.name, tuple(node.operation for node in here), joined, tuple(links))
    return None


def pasted(kind: Kind[A], architecture: A, diagram: str, fragment: Fragment, outside: bool = False) -> Change[A]:
    """The architecture with the fragment's nodes as new ones, selected. Raises Illegal where they do not fit.

    They read the same inputs as the originals did; nodes that were not copied only with `outside`, which makes sense
    where the originals still are.
    """
    if fragment.kind != kind.name:
        raise Illegal("what was copied belongs to another kind of architecture")
    if not 0 < len(fragment.nodes) == len(fragment.joined) <= MOST_NODES:
        raise Illegal("what was copied is not part of an architecture")
    numbers = []
    for does, join in zip(fragment.nodes, fragment.joined, strict=True):
        added = kind.add(architecture, diagram)
        (new,) = added.select
        assert isinstance(new, NodeRef)
        architecture = added.architecture
        if does and kind.choices(architecture, new):
            architecture = kind.choose(architecture, [new], does).architecture
        if kind.joins and (kind.joined(architecture, new) is not None) != join:
            architecture = kind.toggle(architecture, [new]).architecture
        numbers.append(new.number)
    roles = {node.number: node.role for node in kind.diagram(architecture, diagram).nodes}
    for link in fragment.links:
        source = _source(link, numbers, roles, outside)
        if source is None or not 0 <= link.target < len(numbers):
            continue
        architecture = kind.connect(architecture, diagram, source, numbers[link.target], link.operation).architecture
    parts: frozenset[Part] = frozenset(NodeRef(diagram, number) for number in numbers)
    return Change(architecture, parts)


def _source(link: Link, numbers: list[int], roles: Mapping[int, str], outside: bool) -> int | None:
    """Where a copied edge comes from on the diagram it is pasted into, if there is anything of that sort."""
    if link.role == "copied":
        return numbers[link.source] if 0 <= link.source < len(numbers) else None
    wanted = {"input": "input", "outside": "node" if outside else ""}.get(link.role)
    return link.source if wanted and roles.get(link.source) == wanted else None


def encoded(fragment: Fragment) -> bytes:
    """The fragment as bytes for a clipboard."""
    return msgspec.json.encode(fragment)


def decoded(data: bytes) -> Fragment:
    """The fragment in bytes from anywhere. Raises Illegal."""
    if len(data) > LONGEST:
        raise Illegal("what was copied is too large")
    try:
        return msgspec.json.decode(data, type=Fragment)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Illegal(f"what was copied cannot be pasted: {' '.join(str(error).split())[:120]}") from None
