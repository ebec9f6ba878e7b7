"""Part of an architecture as it is copied and pasted: some spots and the arcs among them, whatever the kind."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct

from engine.space.architecture import Architecture
from engine.space.cells import MOST_NODES

from .kind import Change, Illegal, Kind, Part, SpotRef

A = TypeVar("A", bound=Architecture)

LONGEST = 1 << 16
"""Bytes of a fragment that are still read."""


class Link(Struct, frozen=True, forbid_unknown_fields=True):
    """An arc to copied spot `target`: from copied spot `source`, or from outside, from the spot that has this number.

    `role`: "copied", "input" (of the board) or "outside" (a node that was not copied).
    """

    source: int
    target: int
    operation: str | None
    role: str


class Fragment(Struct, frozen=True, forbid_unknown_fields=True):
    """Copied spots: what each does and whether it joins the output; and what leads to them."""

    kind: str
    spots: tuple[str, ...]
    joined: tuple[bool, ...]
    links: tuple[Link, ...]


def copied(kind: Kind[A], architecture: A, spots: Iterable[SpotRef]) -> Fragment | None:
    """These nodes as a fragment; None where there are none among them, or where they stand on several boards."""
    chosen = set(spots)
    for board in kind.boards(architecture):
        here = [spot for spot in board.spots if spot.role == "node" and SpotRef(board.name, spot.number) in chosen]
        if not here:
            continue
        place = {spot.number: index for index, spot in enumerate(here)}
        links = []
        for arc in board.arcs:
            if arc.target not in place:
                continue
            role = "copied" if arc.source in place else board.by_number[arc.source].role
            source = place.get(arc.source, arc.source)
            links.append(Link(source, place[arc.target], arc.operation, "outside" if role == "node" else role))
        joined = tuple(kind.joined(architecture, SpotRef(board.name, number)) is not None for number in place)
        return Fragment(kind.name, tuple(spot.operation for spot in here), joined, tuple(links))
    return None


def pasted(kind: Kind[A], architecture: A, board: str, fragment: Fragment, outside: bool = False) -> Change[A]:
    """The architecture with the fragment's spots as new ones, selected. Raises Illegal where they do not fit.

    They read the same inputs as the originals did; nodes that were not copied only with `outside`, which makes sense
    where the originals still are.
    """
    if fragment.kind != kind.name:
        raise Illegal("what was copied belongs to another kind of architecture")
    if not 0 < len(fragment.spots) == len(fragment.joined) <= MOST_NODES:
        raise Illegal("what was copied is not part of an architecture")
    numbers = []
    for does, join in zip(fragment.spots, fragment.joined, strict=True):
        added = kind.add(architecture, board)
        (new,) = added.select
        assert isinstance(new, SpotRef)
        architecture = added.architecture
        if does and kind.choices(architecture, new):
            architecture = kind.choose(architecture, [new], does).architecture
        if kind.joins and (kind.joined(architecture, new) is not None) != join:
            architecture = kind.toggle(architecture, [new]).architecture
        numbers.append(new.number)
    roles = {spot.number: spot.role for spot in kind.board(architecture, board).spots}
    for link in fragment.links:
        source = _source(link, numbers, roles, outside)
        if source is None or not 0 <= link.target < len(numbers):
            continue
        architecture = kind.connect(architecture, board, source, numbers[link.target], link.operation).architecture
    parts: frozenset[Part] = frozenset(SpotRef(board, number) for number in numbers)
    return Change(architecture, parts)


def _source(link: Link, numbers: list[int], roles: Mapping[int, str], outside: bool) -> int | None:
    """Where a copied arc comes from on the board it is pasted into, if there is anything of that sort."""
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
