"""PC-DARTS: a part of the channels through the operations, and weights of whole edges beside (Xu et al. 2020)."""

import numpy as np
import torch

from engine.nets import Supernet
from engine.plan.methods.pc_darts import PcDartsSettings
from engine.search.base import SEARCHES
from engine.search.derivation import strongest
from engine.search.gradient import GradientSearch
from engine.space.cells import Cell


@SEARCHES.carries_out(PcDartsSettings)
class PcDarts(GradientSearch):
    """First-order DARTS with partial channel connections and edge normalisation (sections 3.2 and 3.3).

    In the first epochs the architecture rests, so that operations without weights, which are useful from the start, get
    no lead. Edges' weights are moved by the same optimizer as the operations'.
    """

    _settings: PcDartsSettings

    @property
    def _rest(self) -> float:
        return self._settings.alpha_rest

    def _supernet(self) -> Supernet:
        return self._made(self._settings.layers, partial=self._settings.partial, edge_norm=True)

    def _derived(self, weights: np.ndarray, place: int) -> Cell:
        """By the product of both softmaxes; DARTS's rule otherwise."""
        with torch.no_grad():
            edges = self.net.edge_weights()[place].float().cpu().numpy()
        return strongest(weights, self._space, self._space.cells[place], edges)
