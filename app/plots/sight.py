"""What items of a plot have in common that draw only what is in sight."""

import pyqtgraph as pg
from PySide6.QtCore import QRectF


class InSight(pg.GraphicsObject):
    """Reaches over all that is in sight: the plot sets its range itself, and not by its items. So marks and texts near
    the edge, which have no size in the plot's units, are not cut."""

    def boundingRect(self) -> QRectF:
        return self.viewRect()

    def viewTransformChanged(self) -> None:
        super().viewTransformChanged()
        self.prepareGeometryChange()
