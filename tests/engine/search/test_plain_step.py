"""Searches whose steps are computed as the papers write them."""

import msgspec
import numpy as np
import pytest

from engine.nets.plain_cell import PlainCell
from engine.nets.search_cell import SearchCell
from engine.search import one_shot
from engine.search.gradient import GradientSearch
from tests.engine.search.test_gradient import DATA, METHODS, PLAIN


def search(name: str, step: str) -> GradientSearch:
    still = {"skip_dropout": (0.0, 0.0, 0.0)} if name == "pdarts" else {}  # its draws come in another order
    settings = msgspec.structs.replace(METHODS[name], step=step, **still)
    found: GradientSearch = one_shot(settings, PLAIN, DATA, 3, 0, "cpu")
    return found


@pytest.mark.parametrize("name", METHODS)
def test_a_search_takes_the_same_steps_either_way(name):
    """But for rounding in float32, which Adam's first steps, of the sign of the gradient, enlarge."""
    fast, plain = search(name, "fast"), search(name, "plain")
    assert any(isinstance(module, SearchCell) for module in fast.net.modules())
    assert not any(isinstance(module, SearchCell) for module in plain.net.modules())
    assert any(isinstance(module, PlainCell) for module in plain.net.modules())
    for _ in range(2):
        one, other = fast.step(), plain.step()
        assert one["train loss"] == pytest.approx(other["train loss"], rel=1e-3)
    np.testing.assert_allclose(fast.weights(), plain.weights(), rtol=2e-3, equal_nan=True)
