"""ENAS's lists of macro networks: read, written, and refused with place and reason."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.space.bounded_parsing import NotationError
from engine.space.enas_macro import EnasMacroSpace
from engine.space.integer_lists import format_macro, parse_macro
from engine.space.layers import Layer, LayerArchitecture
from engine.space.notations import read, write


def test_a_list_as_the_authors_code_prints_it():
    network = parse_macro("[1]\n[5 0]\n[0 0 1]\n[3 1 0 1]")
    assert network.join == "after"
    assert [(layer.operation, layer.inputs) for layer in network.layers] == [
        ("sep_conv_3x3", (0,)),
        ("max_pool_3x3", (1,)),
        ("conv_3x3", (1, 2)),
        ("sep_conv_5x5", (0, 2, 3)),
    ]
    assert format_macro(network) == write(network) == "1 5 0 0 0 1 3 1 0 1"
    assert read("1 5 0 0 0 1 3 1 0 1", "enas-macro") == network


def test_all_that_is_written_is_read_back():
    space, rng = EnasMacroSpace(), random.Random(0)
    for _ in range(50):
        network = space.decode(space.sample(rng))
        assert parse_macro(format_macro(network)) == read(write(network), "enas-macro") == network


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0 layers"),
        ("6", "layer 1: 6 is no operation; codes go from 0 to 5"),
        ("0 1", "layer 2: 0 bits after its operation, and it has 1"),
        ("0 1 2", "layer 2, skip from 0: 2 is no bit"),
        ("0 1 x", "entry 3: 'x' is not a whole number"),
        ("0 " * 8000, "layer 126: 124 bits after its operation, and it has 125"),
        ("0 " * 8192 + "0 " * 100, "the text has"),
    ],
)
def test_faulty_text_is_refused_with_place_and_reason(text, reason):
    with pytest.raises(NotationError) as caught:
        parse_macro(text)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (LayerArchitecture((Layer("conv_3x3", (0,), 8),)), "inputs meet after the operation"),
        (LayerArchitecture((Layer("conv_7x7", (0,)),), "after"), "layer 1: ENAS has no code for 'conv_7x7'"),
    ],
)
def test_what_a_list_cannot_express_is_refused(network, reason):
    with pytest.raises(NotationError, match=reason):
        format_macro(network)


@given(st.lists(st.integers(0, 6), max_size=40) | st.text())
@settings(deadline=None, derandomize=True)
def test_any_text_gives_a_network_or_the_one_error(given_text):
    text = given_text if isinstance(given_text, str) else " ".join(map(str, given_text))
    try:
        network = parse_macro(text)
    except NotationError:
        return
    assert parse_macro(format_macro(network)) == network
