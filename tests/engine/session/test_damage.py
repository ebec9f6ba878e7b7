"""Bits that flip anywhere in a file never pass for data."""

import sys

import pytest

# In a process of its own: should HDF5 crash on a damaged file, the test fails and the others still run.
FLIPS = """
import random, sys
from pathlib import Path
from engine.session import SessionError, read, rescue
path, count = Path(sys.argv[1]), int(sys.argv[2])
content = path.read_bytes()
def state(reader):
    rows = {name: reader.view().rows(name).tobytes() for name in reader.tables}
    return reader.header, rows, reader.stream.slice(0, len(reader.stream))
right = state(read(path))
mutant = path.with_name("mutant.h5")
rng = random.Random(int(sys.argv[3]))
used = len(content.rstrip(bytes(1)))  # a file being written ends in zeros
refused = 0
for number in range(count):
    data = bytearray(content)
    if number % 10 == 9:
        del data[rng.randrange(used):]
    else:
        for _ in range(rng.choice([1, 1, 1, 4, 64])):
            place = rng.randrange(used) if number % 3 else rng.randrange(4096)
            data[place] ^= 1 << rng.randrange(8)
    mutant.write_bytes(data)
    try:
        assert state(read(mutant)) == right, f"mutant {number} is wrong and was not noticed"
    except SessionError as error:
        assert str(error).count(chr(10)) == 0, error
        refused += 1
print(refused)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["packed", "being written"])
def test_flipped_bits_give_an_error_or_the_right_data(spawn, record, fill, tmp_path, kind):
    recorder = record(tmp_path / "s.h5")
    for seed in range(6):
        fill(recorder, 60, seed)
        recorder.flush()
    copy = tmp_path / "copy.h5"
    if kind == "packed":
        recorder.close()
    copy.write_bytes((tmp_path / "s.h5").read_bytes())
    process = spawn(FLIPS, copy, 80, 1)
    answer = process.communicate(timeout=600)[0]
    assert process.returncode == 0, sys.stderr
    assert int(answer) > 25  # the flips do hit something
