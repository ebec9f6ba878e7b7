"""Where parts are in the picture, and what is at a point of it."""

from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QPainterPathStroker

from ..board_view import BoardView
from ..items import BoardItem, BoxItem
from ..kinds import ArcRef, Part, SpotRef
from ..routes import Point

NEAR = 10.0  # how far from a wire the pointer still means it
PORT = 8.0  # how far from a port the pointer still means it


class FindingView(BoardView):
    """A view of boards that knows parts by their references."""

    def item(self, board: str) -> BoardItem:
        """The drawn board of a name."""
        return next(item for item in self._boards if item.board.name == board)

    def box(self, spot: SpotRef) -> BoxItem:
        """The drawn box of a spot."""
        return self.item(spot.board).boxes[spot.number]

    def middle(self, part: Part) -> QPointF:
        """The middle of a box, or of an arc's label, in the scene."""
        if isinstance(part, SpotRef):
            return self.box(part).scenePos()
        item = self.item(part.board)
        plate = item.labels[part.index]
        wire = item.wires[part.index]
        return plate.scenePos() if plate else wire.mapToScene(wire.path.pointAtPercent(0.5))

    def port_of(self, spot: SpotRef) -> QPointF:
        """Where an arc from a spot begins, in the scene."""
        box = self.box(spot)
        return box.scenePos() + QPointF(box.shape_.right(), 0)

    def on_view(self, part: Part) -> QPoint:
        """The middle of a part in the viewport."""
        return self.mapFromScene(self.middle(part))

    def within(self, board: str, at: QPointF) -> Point:
        """A point of the scene in the numbers of a board's layout."""
        point = self.item(board).picture.mapFromScene(at)
        return point.x(), point.y()

    def board_at(self, at: QPointF) -> str:
        """The board that a point of the scene belongs to: the nearest."""

        def distance(item: BoardItem) -> float:
            rect = item.sceneBoundingRect()
            x = max(rect.left() - at.x(), 0.0, at.x() - rect.right())
            y = max(rect.top() - at.y(), 0.0, at.y() - rect.bottom())
            return x * x + y * y

        return min(self._boards, key=distance).board.name

    def spot_at(self, at: QPointF) -> SpotRef | None:
        """The box at a point of the scene."""
        for item in self._boards:
            for number, box in item.boxes.items():
                if box.shape_.contains(box.mapFromScene(at)):
                    return SpotRef(item.board.name, number)
        return None

    def port_at(self, at: QPointF) -> SpotRef | None:
        """The spot whose port is at a point of the scene; outputs have none."""
        for item in self._boards:
            for spot in item.board.spots:
                if spot.role == "output":
                    continue
                ref = SpotRef(item.board.name, spot.number)
                gap = at - self.port_of(ref)
                if QPointF.dotProduct(gap, gap) <= PORT * PORT and gap.x() >= -PORT / 2:
                    return ref
        return None

    def arc_at(self, at: QPointF) -> ArcRef | None:
        """The arc at a point of the scene, by its label or its line."""
        for item in self._boards:
            for plate in item.labels:
                if plate is not None and plate.contains(plate.mapFromScene(at)):
                    return ArcRef(item.board.name, plate.index)
        stroker = QPainterPathStroker()
        stroker.setWidth(NEAR)
        for item in self._boards:
            for wire in reversed(item.wires):
                point = wire.mapFromScene(at)
                if wire.boundingRect().contains(point) and stroker.createStroke(wire.path).contains(point):
                    return ArcRef(item.board.name, wire.index)
        return None

    def part_at(self, at: QPointF) -> Part | None:
        """What is at a point of the scene."""
        return self.spot_at(at) or self.arc_at(at)

    def parts_in(self, rect: QRectF) -> set[Part]:
        """The boxes and labels that a rectangle of the scene touches."""
        found: set[Part] = set()
        for item in self._boards:
            name = item.board.name
            found |= {
                SpotRef(name, number)
                for number, box in item.boxes.items()
                if rect.intersects(box.mapRectToScene(box.shape_))
            }
            found |= {
                ArcRef(name, plate.index)
                for plate in item.labels
                if plate is not None and rect.intersects(plate.sceneBoundingRect())
            }
        return found
