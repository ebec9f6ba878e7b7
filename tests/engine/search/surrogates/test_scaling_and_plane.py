"""Scales and the plane, against numpy written out otherwise."""

import numpy as np
import pytest

from engine.search.surrogates.autoencoder import plane
from engine.search.surrogates.score_scaling import scale


def test_a_scale_goes_there_and_back_and_clips_the_worst():
    scores = np.arange(11.0)
    whole, upper = scale(scores, 0.0), scale(scores, 0.3)
    np.testing.assert_allclose(whole.up(whole.down(scores)), scores)
    np.testing.assert_allclose(whole.down([0, 5, 10]), [0.1, 0.5, 0.9])
    np.testing.assert_allclose(upper.up(upper.down(scores)), np.maximum(scores, 3.0))
    assert scale([4.0, 4.0], 0.0).down([4.0]).tolist() == pytest.approx([0.1])


def test_the_plane_is_where_points_spread_most_whatever_their_order():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(50, 6)) * [1, 9, 0.1, 4, 0.2, 0.3]
    found = plane(points)
    values, vectors = np.linalg.eigh(np.cov(points.T))
    np.testing.assert_allclose(np.abs(found.axes @ vectors[:, ::-1][:, :2]), np.eye(2), atol=1e-6)
    np.testing.assert_allclose(found.project(points).var(0, ddof=1), values[::-1][:2])
    assert (found.axes[np.arange(2), np.abs(found.axes).argmax(1)] > 0).all()
    np.testing.assert_allclose(plane(points[::-1]).axes, found.axes, atol=1e-9)
