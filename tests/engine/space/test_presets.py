import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.space import SPACES
from engine.space.architecture import ArchitectureError
from engine.space.darts import DartsSpace
from engine.space.nao import NAO_SMALL, NaoSpace
from engine.space.nas_rl import NasRlSpace
from engine.space.text import SpaceError, presets, read_architecture, read_space, write_architecture, write_space


def test_every_family_ships_with_its_papers_parameters():
    found = presets()
    assert {type(space) for space in found.values()} == set(SPACES.values())
    variants = {"nao-small": NaoSpace(operations=NAO_SMALL), "nas-rl-strides": NasRlSpace(strides=(1, 2, 3))}
    for name, space in found.items():
        assert space == variants.get(name, type(space)()), name


def test_spaces_and_their_architectures_are_written_and_read_back():
    rng = random.Random(0)
    edited = DartsSpace().restrict(("skip_connect",), "normal", (1, 0)).fix((2, 3))
    for space in (*presets().values(), edited):
        assert read_space(write_space(space)) == space
        architecture = space.decode(space.sample(rng))
        assert read_architecture(write_architecture(architecture)) == architecture


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a space"),
        ("kind = 3", "not a space"),
        ('kind = "hyperspace"', "hyperspace"),
        ('kind = "darts"\nnodes = 99', "not a space"),
        (
            'kind = "darts"\noperations = ["sep"]',
            "unknown operation 'sep'; did you mean sep_conv_3x3, sep_conv_5x5 or sep_conv_7x7?",
        ),
        ('kind = "darts"\ncolour = "red"', "colour"),
        ('kind = "darts"\n[[restrictions]]\nedge = [7, 0]', "restrictions: there is no node 7 in cells of 4"),
        ("kind = ", "not a space"),
        ("#" * 300_000, "the text has 300,000 characters; a space of up to 262,144 is read"),
    ],
)
def test_text_that_is_no_space_is_refused_in_one_line(text: str, reason: str):
    with pytest.raises(SpaceError) as caught:
        read_space(text)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_text_that_is_no_architecture_is_refused_in_one_line():
    space = DartsSpace()
    text = write_architecture(space.decode(space.at(0)))
    wrong = (
        "",
        "#" * 300_000,
        write_space(space),
        text.replace("max_pool", "max_poll"),
        text.replace("source = 1", "source = 9"),
    )
    for broken in wrong:
        with pytest.raises(ArchitectureError) as caught:
            read_architecture(broken)
        assert "\n" not in str(caught.value)


@given(st.text())
@settings(deadline=None, derandomize=True)
def test_any_text_gives_the_one_error(text: str):
    with pytest.raises(SpaceError):
        read_space(text)
    with pytest.raises(ArchitectureError):
        read_architecture(text)
