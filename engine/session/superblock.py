"""A session file as HDF5 should see it: closed, whatever its writer is doing.

A file that is being written, or whose writer was killed, says so in its first 48 bytes. HDF5 opens it only as a SWMR
reader, and such a reader waits for damaged places to heal: for hours, with the window standing still. What a session's
writer has flushed is consistent at every moment, and a place caught in the middle of a write has a wrong checksum and
is read again soon (see reader). So the file is handed to HDF5 with first bytes that say: closed, and as long as it is.

This hangs on version 3 of the superblock ("HDF5 File Format Specification", II.A), which HDF5 writes from 1.10
to 2.0 with `libver="latest"`. If a new h5py fails `tests/engine/session/test_superblock.py`, look there first: at the
version, the order of the fields, and the checksum.
"""

import io
import os
import struct
from pathlib import Path
from typing import Any, Self

from engine.session.schema import SessionError, reason

_LAYOUT = struct.Struct(
    "<8sBBBBQQQQI"
)  # signature, version, 2 sizes, flags, base, extension, end of file, root, checksum
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_VERSION = 3  # the first that can be followed; older kinds have fewer checksums and crash more easily


class ClosedLook(io.RawIOBase):
    """A file for reading by HDF5, with `head` in place of its first bytes; closes `raw` with itself."""

    def __init__(self, raw: io.FileIO, head: bytes) -> None:
        self._raw = raw
        self._head = head

    @classmethod
    def at(cls, path: Path) -> Self:
        """Raises SessionError where the file is no session's."""
        try:
            raw = path.open("rb", buffering=0)
        except FileNotFoundError:
            raise SessionError(f"{path} does not exist") from None
        except OSError as error:
            raise SessionError(f"cannot read {path}: {reason(error)}") from None
        try:
            return cls(raw, _closed(raw.read(_LAYOUT.size) or b"", raw.seek(0, os.SEEK_END), path))
        except BaseException:
            raw.close()
            raise

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        return self._raw.seek(place, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readinto(self, buffer: Any) -> int:
        place = self._raw.tell()
        count = self._raw.readinto(buffer)
        if place < len(self._head):
            known = self._head[place : place + count]
            memoryview(buffer).cast("B")[: len(known)] = known
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def _closed(head: bytes, size: int, path: Path) -> bytes:
    """The first bytes of a file of `size` bytes, with the marks of its writer taken out."""
    if len(head) < _LAYOUT.size or not head.startswith(_SIGNATURE):
        raise SessionError(f"{path} is not a session")
    signature, version, offsets, lengths, flags, base, extension, end, root, checksum = _LAYOUT.unpack(head)
    if version != _VERSION:
        raise SessionError(f"{path} is an HDF5 file, but not a session")
    if checksum != lookup3(head[:-4]):
        raise SessionError(f"{path} is damaged: its first bytes do not fit their checksum")
    if end > size and not flags:
        raise SessionError(f"{path} is damaged: {end:,} bytes were written, {size:,} are left")
    closed = _LAYOUT.pack(signature, version, offsets, lengths, 0, base, extension, size, root, 0)[:-4]
    return closed + struct.pack("<I", lookup3(closed))


def lookup3(data: bytes) -> int:
    """The checksum that HDF5 uses for metadata: Bob Jenkins' hashlittle (lookup3.c, 2006) with initial value 0."""
    a = b = c = (0xDEADBEEF + len(data)) & _MASK
    padded = data + bytes(-len(data) % 12)
    words = struct.unpack(f"<{len(padded) // 4}I", padded)
    for place in range(0, len(words), 3):
        a, b, c = (a + words[place]) & _MASK, (b + words[place + 1]) & _MASK, (c + words[place + 2]) & _MASK
        if place + 3 < len(words):
            a, b, c = _mix(a, b, c)
    for turn in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - _rotated(b, turn)) & _MASK
        a, b, c = b, c, a
    return b


_MASK = 0xFFFFFFFF


def _rotated(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & _MASK


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for turn in (4, 6, 8, 16, 19, 4):
        a = ((a - c) & _MASK) ^ _rotated(c, turn)
        c = (c + b) & _MASK
        a, b, c = b, c, a
    return a, b, c
