import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.space.architecture import LONGEST, ArchitectureError, from_bytes, to_bytes
from engine.space.darts import DartsSpace

SPACE = DartsSpace()
ARCHITECTURE = SPACE.decode(SPACE.sample(random.Random(3)))


def test_bytes_and_back():
    rng = random.Random(0)
    for _ in range(50):
        architecture = SPACE.decode(SPACE.sample(rng))
        assert from_bytes(to_bytes(architecture)) == architecture
    assert to_bytes(from_bytes(to_bytes(ARCHITECTURE))) == to_bytes(ARCHITECTURE)


def test_the_bytes_are_plain_json_that_names_what_it_is():
    plain = json.loads(to_bytes(ARCHITECTURE))
    assert plain["kind"] == "cells"
    assert plain["normal"]["concat"] == [2, 3, 4, 5]


def test_architectures_are_values():
    again = from_bytes(to_bytes(ARCHITECTURE))
    assert len({ARCHITECTURE, again}) == 1
    with pytest.raises(AttributeError):
        again.normal = again.reduction  # type: ignore[misc]


def spoilt(**changes) -> bytes:
    plain = json.loads(to_bytes(ARCHITECTURE))
    plain["normal"] |= changes
    return json.dumps(plain).encode()


def tree(nodes: int = 3, writes: int = 0, reads: int = 0) -> bytes:
    node = {"join": "add", "activation": "tanh"}
    return json.dumps(
        {"kind": "tree", "nodes": [node] * nodes, "inject": node, "writes": writes, "reads": reads}
    ).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not an architecture"),
        (b"\xff\xfe", "not an architecture"),
        (b"[" * 100_000, "not an architecture"),
        (b'{"kind": "shrub"}', "shrub"),
        (
            b'{"kind": "recurrent", "nodes": [{"activation": "tanh", "source": 1}], "concat": [0]}',
            "node 1: there is no",
        ),
        (b'{"kind": "recurrent", "nodes": [], "concat": [1]}', "the output names state 1"),
        (b'{"kind": "recurrent", "nodes": [], "concat": []}', "the mean of no state"),
        (b'{"kind": "recurrent", "nodes": [], "concat": [0, 0]}', "more than once"),
        (b'{"kind": "recurrent", "nodes": [{"activation": "sine", "source": 0}], "concat": [1]}', "sine"),
        (tree(nodes=2), "a tree has 2n - 1 nodes, an odd number from 3 to 63, not 2"),
        (tree(nodes=65), "not 65"),
        (tree(writes=3), "the memory is written by node 3, and there are only 0 to 2"),
        (tree(reads=-1), "the memory is read by node -1"),
        (b" " * (LONGEST + 1), "at most 262,144 are read"),
        (spoilt(concat=[]), "normal cell: the output concatenates no state"),
        (spoilt(concat=[2, 9]), "normal cell: the output names state 9"),
        (spoilt(concat=[10**600]), "normal cell: the output names state 1000"),
        (spoilt(nodes=[{"inputs": [{"source": 5, "operation": "none"}]}]), "normal cell: node 0, input 1"),
        (spoilt(nodes=[{"inputs": [], "combine": "multiply"}]), "multiply"),
        (spoilt(colour="red"), "colour"),
        (spoilt(inputs=10**12), "not 1000000000000"),
        (spoilt(**{"a\nb": 1}), "a b"),
    ],
)
def test_anything_else_is_refused_in_one_line(data: bytes, reason: str):
    with pytest.raises(ArchitectureError) as caught:
        from_bytes(data)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@given(st.data())
@settings(deadline=None, derandomize=True)
def test_damaged_bytes_give_an_architecture_or_the_one_error(data: st.DataObject):
    damaged = bytearray(to_bytes(ARCHITECTURE))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        architecture = from_bytes(bytes(damaged))
    except ArchitectureError:
        return
    assert from_bytes(to_bytes(architecture)) == architecture
