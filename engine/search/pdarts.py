"""P-DARTS: three stages, each with a deeper supernet and fewer operations on its edges (Chen et al. 2019)."""

import copy
import math
from itertools import groupby
from typing import Any

import numpy as np

from engine.nets import Supernet
from engine.plan.methods.pdarts import PdartsSettings
from engine.search.base import SEARCHES
from engine.search.derivation import in_edge_order
from engine.search.gradient import GradientSearch, resting
from engine.session.schema import STAGE
from engine.space.cells import Cell
from engine.space.operations import label

STAGES = 3

DECAY = 0.2
"""By how much an epoch weakens the dropout behind skips, once the architecture moves (the authors' code)."""

Palettes = list[list[list[str]]]
"""For each kind of cell and each of its edges, the operations that it carries."""


@SEARCHES.carries_out(PdartsSettings)
class Pdarts(GradientSearch):
    """First-order DARTS in three stages of equally many epochs, each in a new and deeper supernet (section 3.2).

    Before the second and the third, every edge drops the operations with the smallest weights, "none" being one like
    the others; the last that is not "none" always stays. In the first epochs of a stage the architecture rests. What
    passes a skip connection is dropped out, less and less within a stage, and the derived normal cell keeps no more
    than so many skips (section 3.3).

    Attributes:
        stage: 0, 1 or 2.
    """

    _settings: PdartsSettings
    stage = 0
    _palettes: Palettes | None = None

    def _begin(self, seed: int) -> None:
        super()._begin(seed + (self.stage << 32))

    @property
    def _rest(self) -> float:
        return self._settings.alpha_rest

    @property
    def _alpha_clip(self) -> float:
        return self._settings.alpha_clip

    def _supernet(self) -> Supernet:
        return self._made(self._settings.layers[self.stage], palettes=self._palettes)

    def _derived(self, weights: np.ndarray, place: int) -> Cell:
        skips = None if place else self._settings.skips
        return in_edge_order(weights, self._space, self._space.cells[place], skips)

    def state(self) -> dict[str, Any]:
        return {**super().state(), "stage": self.stage, "palettes": copy.deepcopy(self._palettes)}

    def load(self, state: dict[str, Any]) -> None:
        self.stage, self._palettes, self._seed = state["stage"], copy.deepcopy(state["palettes"]), state["seed"]
        self._begin(self._seed)
        super().load(state)

    def _prepare(self) -> None:
        if self._step // self.steps_per_epoch == self._start(self.stage + 1) < self._epochs:
            self._advance()
        epoch, epochs = self._phase()
        rest, rate = resting(self._settings.alpha_rest, epochs), self._settings.skip_dropout[self.stage]
        weaker = (epochs - epoch - 1) / epochs if epoch < rest else math.exp(-DECAY * (epoch - rest))
        self.net.skip_rate = rate * weaker

    def _told(self) -> dict[str, float]:
        return {STAGE: self.stage + 1.0, "skip dropout": self.net.skip_rate}

    def _phase(self) -> tuple[int, int]:
        """Within the stage."""
        start = self._start(self.stage)
        return self._step // self.steps_per_epoch - start, self._start(self.stage + 1) - start

    def _start(self, stage: int) -> int:
        """The epoch in which a stage begins."""
        return round(stage * self._epochs / STAGES)

    def _advance(self) -> None:
        """Drop operations and begin the next stage."""
        weights, before = self.weights(), self._carried()
        most = self._settings.kept[self.stage]
        self._palettes = [[self._strongest(row, most) for row in rows] for rows in weights]
        self.stage += 1
        self._begin(self._seed)
        self._news += self._dropped(before, self._palettes)

    def _strongest(self, row: np.ndarray, most: int) -> list[str]:
        """The `most` strongest operations of an edge, in the space's order, one that is not "none" among them."""
        names = self._space.operations
        order = sorted(np.flatnonzero(~np.isnan(row)), key=lambda place: -row[place])
        first = next((place for place in order if names[place] != "none"), None)
        kept = sorted(order, key=lambda place: place != first)[:most]
        return [names[place] for place in sorted(kept)]

    def _carried(self) -> Palettes:
        names = np.array(self._space.operations)
        return [[names[row].tolist() for row in carried.cpu().numpy()] for carried in self.net.carried]

    def _headlines(self) -> list[str]:
        most = max(len(palette) for rows in self._carried() for palette in rows)
        layers = self._settings.layers[self.stage]
        title = f"stage {self.stage + 1} of {STAGES}: {layers} cells, up to {most} operations on an edge"
        return [title, *super()._headlines()]

    def _dropped(self, before: Palettes, after: Palettes) -> list[str]:
        """A line for each kind of cell and each operation that edges have lost."""
        lost = [
            (cell, place, edge)
            for cell, old, new in zip(self._space.cells, before, after, strict=True)
            for place, name in enumerate(self._space.operations)
            for edge, had, has in zip(self._space.edge_names(), old, new, strict=True)
            if name in had and name not in has
        ]
        lines = []
        for (cell, place), group in groupby(lost, key=lambda each: each[:2]):
            edges = [edge for _, _, edge in group]
            listed = f"{'edge' if len(edges) == 1 else 'edges'} {', '.join(edges)}"
            where = "every edge" if len(edges) == len(self._space.edges()) else listed
            kind = f"{cell} cell" if len(self._space.cells) > 1 else cell
            lines.append(f"{kind}: {label(self._space.operations[place])} dropped on {where}")
        return lines
