"""Points in a plane, coloured along a scale, and the paths that lead from them."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app.plots.dots import Shape
from app.plots.heatmap import ColourScale, colour_of
from app.plots.scatter import PointClass, ScatterPlot
from app.plots.segments import Segments
from app.theme import Theme

LEVELS = 16
"""Colours that the scale is made of."""


def colour_on(theme: Theme, share: float) -> QColor:
    """The colour for a position on the scale, from 0 to 1: uniform to the eye, and the higher the more it stands out
    from the theme's ground, so bright on a dark one and dark on a light one."""
    share = min(max(share, 0.0), 1.0)
    return colour_of(0.22 + 0.78 * share if theme.dark else 0.8 * (1 - share))


class GroundScale(ColourScale):
    """What the colours of points mean."""

    def colour(self, share: float) -> QColor:
        return colour_on(self.theme, share)


@dataclass(frozen=True)
class _Level(PointClass):
    """A class whose colour is a place on the scale, from 0 to 1."""

    place: float = 0.0


class PathsPlot(ScatterPlot):
    """Points of the classes handed in; discs by level, from 0 to LEVELS - 1, above `below` and under `above` them; and
    lines under all."""

    def __init__(
        self,
        below: tuple[PointClass, ...],
        above: tuple[PointClass, ...],
        shape: Shape = "disc",
        size: float = 8,
        parent: QWidget | None = None,
    ) -> None:
        self._paths, self._strong = Segments(), Segments(2)
        levels = tuple(_Level(f"level {n}", shape, size, "text", place=n / (LEVELS - 1)) for n in range(LEVELS))
        super().__init__((*below, *levels, *above), parent)
        for depth, item in ((-2, self._paths), (-1, self._strong)):
            item.setZValue(depth)
            self.addItem(item, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._paths.set_colour(theme.muted, 0.4)
        self._strong.set_colour(theme.accent)

    def place_levels(self, numbers: np.ndarray, x: np.ndarray, y: np.ndarray, share: np.ndarray) -> None:
        """Where the coloured points stand, what number each goes by, and its place on the scale."""
        level = np.clip(np.round(share * (LEVELS - 1)), 0, LEVELS - 1).astype(np.int64)
        for number in range(LEVELS):
            mine = level == number
            self.place(f"level {number}", numbers[mine], x[mine], y[mine])

    def draw_paths(self, ends: np.ndarray, strong: np.ndarray) -> None:
        """Lines (number, 4) from point to point; those of which `strong` is true stand out."""
        self._paths.place(ends[~strong])
        self._strong.place(ends[strong])

    @property
    def coloured(self) -> dict[int, int]:
        """The level of every coloured point, by its number."""
        return {who: level for level in range(LEVELS) for who in self.shown(f"level {level}")[0].tolist()}

    @property
    def paths(self) -> tuple[np.ndarray, np.ndarray]:
        """The lines on screen: the quiet ones, and those that stand out."""
        return self._paths.ends, self._strong.ends

    def _colour(self, kind: PointClass) -> None:
        if isinstance(kind, _Level):
            self._marks[kind.name].set_colour(colour_on(self.theme, kind.place).name())
        else:
            super()._colour(kind)
