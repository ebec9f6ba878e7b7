"""Two architectures that differ in two edges of the normal cell, and sessions that speak of them."""

import pytest

from engine.session import Header, Recorder
from engine.space import genotype
from engine.space.architecture import CellArchitecture, to_bytes

DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])"
)


@pytest.fixture
def darts() -> CellArchitecture:
    """DARTS_V2 as published (Liu et al. 2019)."""
    return genotype.parse(DARTS_V2)


@pytest.fixture
def earlier() -> CellArchitecture:
    """The same but for the second input of node 2 and the operation of the last edge of node 3, in the normal cell."""
    return genotype.parse(
        DARTS_V2.replace(
            "('sep_conv_3x3', 1), ('skip_connect', 0)", "('sep_conv_3x3', 1), ('skip_connect', 3)"
        ).replace("dil_conv_3x3", "dil_conv_5x5")
    )


@pytest.fixture
def derived_session(darts: CellArchitecture, earlier: CellArchitecture) -> Recorder:
    """A search that derived `earlier`, ended two epochs, and then derived `darts`."""
    recorder = Recorder(Header(method="darts"), None)
    recorder.derived(to_bytes(earlier), step=99)
    recorder.scalar("train loss", 2.0, step=99)
    recorder.scalar("validation accuracy (epoch)", 61.04, step=499)
    recorder.scalar("validation accuracy (epoch)", 87.36, step=999)
    recorder.derived(to_bytes(darts), step=1239)
    return recorder


@pytest.fixture
def scored_session(darts: CellArchitecture, earlier: CellArchitecture) -> Recorder:
    """Three candidates: a parent, its better child, and one that failed."""
    recorder = Recorder(Header(method="evolution"), None)
    parent = recorder.candidate(to_bytes(earlier))
    recorder.score(parent, 90.0, seconds=1, parameters=1000)
    child = recorder.candidate(to_bytes(darts), parent=parent, origin="mutated", change="normal node 2: skip → sep 3×3")
    recorder.score(child, 91.63, seconds=1, parameters=1000)
    failed = recorder.candidate(to_bytes(earlier))
    recorder.score(failed, None, seconds=1, parameters=0, outcome="out of memory", message="no room")
    recorder.candidate(to_bytes(earlier))
    return recorder
