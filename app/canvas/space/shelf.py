"""Where spaces come from and go to: those of the field by name, files, and pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QMenu

from engine.space import files
from engine.space.presets import presets
from engine.space.text import SpaceError

if TYPE_CHECKING:
    from .page import SpacePage

KINDS = "Search spaces (*.toml)"
PICTURES = "PNG picture (*.png);;SVG drawing (*.svg)"


class Shelf:
    """Takes spaces for a page, and puts them away. What goes wrong is said on the page, and changes nothing."""

    def __init__(self, page: "SpacePage") -> None:
        self._page = page

    def fill(self, menu: QMenu) -> None:
        """Offer everything to begin with."""
        menu.clear()
        for name, space in presets().items():
            action = menu.addAction(name)
            action.setToolTip(f"{space.title}: {space.about}")
            action.setCheckable(True)
            action.setChecked(space == self._page.document.space)
            action.triggered.connect(lambda checked=False, name=name: self._page.take(presets()[name], name))
        menu.addSeparator()
        menu.addActions([self._page.deeds.open, self._page.deeds.save])

    def open(self, path: Path) -> None:
        """Begin with the space in a file."""
        try:
            self._page.take(files.load_space(path), path.name)
        except (SpaceError, OSError) as error:
            self._page.complain(f"{path.name} was not opened: {getattr(error, 'strerror', '') or error}")

    def save(self, path: Path) -> None:
        """Write the space to a file."""
        path = path if path.suffix else path.with_suffix(".toml")
        try:
            files.save_space(self._page.document.space, path)
        except OSError as error:
            self._page.complain(f"{path.name} was not saved: {error.strerror or error}")

    def ask_open(self) -> None:
        """Open the space that a person points at."""
        name, _ = QFileDialog.getOpenFileName(self._page, "Open space", "", f"{KINDS};;All files (*)")
        if name:
            self.open(Path(name))

    def ask_save(self) -> None:
        """Save the space where a person says."""
        name, _ = QFileDialog.getSaveFileName(self._page, "Save space as", "space.toml", KINDS)
        if name:
            self.save(Path(name))

    def ask_picture(self) -> None:
        """Save the picture where a person says."""
        name, kind = QFileDialog.getSaveFileName(self._page, "Save picture", "space.png", PICTURES)
        if name:
            path = Path(name)
            path = path if path.suffix else path.with_suffix(".svg" if "svg" in kind else ".png")
            try:
                self._page.view.save_picture(path)
            except OSError as error:
                self._page.complain(f"{path.name} was not saved: {error.strerror or error}")
