"""The first bytes of a file, as the HDF5 that is installed writes them: what reading a live session hangs on."""

import struct
from pathlib import Path

import h5py
import pytest

from engine.session import SessionError
from engine.session.superblock import ClosedLook, lookup3

FIELDS = struct.Struct("<8sBBBBQQQQI")


@pytest.fixture
def written(tmp_path: Path):
    """A file that is being written in SWMR mode, with 5 rows that are flushed."""
    path = tmp_path / "live.h5"
    with h5py.File(path, "w", libver="latest") as file:
        rows = file.create_dataset("rows", shape=(0,), maxshape=(None,), chunks=(4,), dtype="i8")
        file.swmr_mode = True
        rows.resize((5,))
        rows[:] = range(5)
        rows.flush()
        yield path


def test_it_is_the_version_that_is_known_and_its_checksum_is_lookup3(written):
    head = written.read_bytes()[: FIELDS.size]
    signature, version, offsets, lengths, flags, base, _, end, root, checksum = FIELDS.unpack(head)
    assert signature == b"\x89HDF\r\n\x1a\n"
    assert (version, offsets, lengths, base) == (3, 8, 8, 0), f"HDF5 {h5py.version.hdf5_version}"
    assert flags & 0b101 == 0b101  # being written, in SWMR mode
    assert 0 < root < end
    assert checksum == lookup3(head[:-4])


def test_a_file_that_is_being_written_reads_as_if_it_were_closed(written):
    with ClosedLook.at(written) as look, h5py.File(look, "r") as file:
        assert list(file["rows"]) == [0, 1, 2, 3, 4]
    head = FIELDS.unpack(written.read_bytes()[: FIELDS.size])
    assert head[4] & 0b1  # the file itself still says that it is being written


@pytest.mark.parametrize(
    ("place", "reason"), [(0, "is not a session"), (8, "is an HDF5 file, but not a session"), (36, "do not fit")]
)
def test_first_bytes_that_are_others_are_told_in_one_line(written, tmp_path, place: int, reason: str):
    data = bytearray(written.read_bytes())
    data[place] ^= 0x01
    changed = tmp_path / "changed.h5"
    changed.write_bytes(data)
    with pytest.raises(SessionError, match=reason):
        ClosedLook.at(changed)
