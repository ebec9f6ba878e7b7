"""What goes back and forth between Space mode and everything around it: the plan, the editor of architectures."""

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject

from app.canvas.centre import Centre
from app.canvas.space.page import SpacePage
from app.window.conduct import Conduct

if TYPE_CHECKING:
    from app.window.editing import Editing
    from engine.space import Space

LOCKED = {
    "running": "The space cannot be edited while a search runs in it.",
    "opened": "This is the space of the opened session; edit a copy of its plan first.",
}


class Shaping(QObject):
    """Keeps the space on the canvas and that of the plan the same, whichever was edited."""

    def __init__(self, page: SpacePage, centre: Centre, conduct: Conduct, editing: "Editing") -> None:
        super().__init__(page)
        self.page, self.centre, self.conduct = page, centre, conduct
        page.edited.connect(self._edited)
        page.opened.connect(lambda architecture: editing.edit(architecture, f"from {page.document.title}"))
        conduct.changed.connect(self.follow)
        conduct.files.space_opened.connect(self.open)
        self.follow()

    def follow(self) -> None:
        """Show the space of the plan as it stands."""
        panel = self.conduct.plan
        self.page.show_plan(panel.plan, LOCKED.get(panel.locked, ""))

    def open(self, space: "Space", path: Path) -> None:
        """Show the space of a file, and put it into the plan."""
        self.centre.show_mode("Space")
        self.page.take(space, path.stem)

    def _edited(self, space: "Space") -> None:
        """The plan takes over exactly the space that was edited."""
        self.conduct.show_plan(replace(self.conduct.plan.plan, space=space))
