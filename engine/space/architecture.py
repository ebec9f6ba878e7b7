"""An architecture: the plain immutable value that networks are built from and pictures are drawn from."""

from typing import TypeAlias

import msgspec
from msgspec import Struct

from engine.space.cells import Cell, faults
from engine.space.layers import LayerArchitecture, layer_faults
from engine.space.motifs import MotifArchitecture, motif_faults
from engine.space.recurrent import RecurrentCell, TreeCell, recurrent_faults, tree_faults

LONGEST = 1 << 18
"""Bytes of an encoded architecture that are still read; a real one has about a thousand."""


class ArchitectureError(ValueError):
    """Bytes that are no architecture, or one that makes no sense; one line."""


class CellArchitecture(Struct, frozen=True, tag="cells", tag_field="kind", forbid_unknown_fields=True):
    """Two cells stacked into a network: `normal` keeps the image's size, `reduction` halves it."""

    normal: Cell
    reduction: Cell


class StackedCell(Struct, frozen=True, tag="cell", tag_field="kind", forbid_unknown_fields=True):
    """One cell used throughout the network, as in NAS-Bench-201."""

    cell: Cell


Architecture: TypeAlias = (
    CellArchitecture | StackedCell | LayerArchitecture | MotifArchitecture | RecurrentCell | TreeCell
)
"""Any architecture."""


def named_cells(architecture: Architecture) -> tuple[tuple[str, Cell], ...]:
    """The cells of an architecture, each with the name it has in pictures and messages; none where it has none."""
    match architecture:
        case CellArchitecture():
            return ("normal", architecture.normal), ("reduction", architecture.reduction)
        case StackedCell():
            return (("cell", architecture.cell),)
    return ()


def all_faults(architecture: Architecture) -> list[str]:
    """What makes the architecture meaningless, each as place and reason; empty for a sound one."""
    match architecture:
        case LayerArchitecture():
            return layer_faults(architecture)
        case MotifArchitecture():
            return motif_faults(architecture)
        case RecurrentCell():
            return recurrent_faults(architecture)
        case TreeCell():
            return tree_faults(architecture)
    return [
        f"{name if name == 'cell' else f'{name} cell'}: {fault}"
        for name, cell in named_cells(architecture)
        for fault in faults(cell)
    ]


def to_bytes(architecture: Architecture) -> bytes:
    """The architecture as JSON. Equal architectures give equal bytes."""
    return msgspec.json.encode(architecture)


def from_bytes(data: bytes) -> Architecture:
    """The architecture in JSON bytes from anywhere.

    Raises:
        ArchitectureError: too long, not JSON, not an architecture, or one with a faulty cell.
    """
    if len(data) > LONGEST:
        raise ArchitectureError(f"an architecture of {len(data):,} bytes; at most {LONGEST:,} are read")
    try:
        architecture: Architecture = msgspec.json.decode(data, type=Architecture)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ArchitectureError(f"not an architecture: {' '.join(str(error).split())[:200]}") from None
    for fault in all_faults(architecture):
        raise ArchitectureError(fault[:200])
    return architecture
