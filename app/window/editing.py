"""What goes back and forth between the editor and everything around it: candidates, files, plans, running searches."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from app.canvas.centre import Centre
from app.canvas.edit.page import EditPage
from app.window.conduct import Conduct
from app.window.words import short

if TYPE_CHECKING:
    from engine.space.architecture import Architecture

ARCHITECTURES = "Architecture (*.toml *.txt)"
NO_SEARCH = "No search is running; an architecture can be handed in to evolution and to random search"


class Editing(QObject):
    """Brings architectures into the editor, and out of it again."""

    def __init__(self, page: EditPage, centre: Centre, conduct: Conduct, parent: QWidget) -> None:
        super().__init__(parent)
        self.page, self.centre, self.conduct = page, centre, conduct
        self._window = parent
        page.selected_candidate = self._selected
        page.hand_in_wanted.connect(self.hand_in)
        conduct.changed.connect(self.follow)
        conduct.files.architecture_opened.connect(lambda found, path: self.edit(found, path.stem))
        self.follow()

    def follow(self) -> None:
        """Measure the architecture by the plan's space, and see whether a search would take it."""
        self.page.set_space(self.conduct.plan.plan.space)
        search = self.conduct.search
        if not search.running or search.state == "stopping":
            self.page.set_taker(NO_SEARCH)
        elif search.one_shot:
            self.page.set_taker("The search that is running trains one network for all architectures; it takes none")
        else:
            self.page.set_taker("")

    def edit(self, architecture: "Architecture", title: str) -> None:
        """Open a copy of an architecture in the editor."""
        self.centre.show_mode("Edit")
        self.page.open(architecture, title)
        self.page.setFocus()

    def edit_candidate(self, number: int) -> None:
        """Open a copy of a candidate of the session shown."""
        found = self._candidate(number)
        if found is not None:
            self.edit(found, f"candidate #{number}")

    def hand_in(self, architecture: "Architecture") -> None:
        """Offer an architecture to the search that is running; what comes of it is said in one line."""
        host = self.conduct.search.host
        if host is None:
            return
        try:
            host.hand_in(architecture)
        except ValueError as reason:
            self.page.document.refused.emit(f"not handed in: {reason}")
        else:
            self.page.say("Handed in: it will be scored next, as a candidate of its own")

    def ask_save(self) -> None:
        """Save the architecture where a person says."""
        title = self.page.document.draft.title or "architecture"
        proposal = self.conduct.settings.sessions_folder / f"{title.replace('#', '').replace(' ', '-')}.toml"
        name, _ = QFileDialog.getSaveFileName(self._window, "Save architecture as", str(proposal), ARCHITECTURES)
        if name:
            self.save(Path(name))

    def save(self, path: Path) -> None:
        """Write the architecture to a file, TOML unless it is called .txt."""
        from engine.space import files

        path = path if path.suffix else path.with_suffix(".toml")
        try:
            files.save(self.page.document.architecture, path)
        except (ValueError, OSError) as error:
            line = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            self.page.document.refused.emit(f"{path.name} was not saved: {line}")
        else:
            self.page.document.stack.setClean()
            self.page.say(f"Saved as {short(path)}")

    def _selected(self) -> "tuple[Architecture, str] | None":
        """The candidate that is selected, or the search's own answer: what an architecture may be compared with."""
        number = self.conduct.desk.selection
        if number is not None:
            found = self._candidate(number)
            return (found, f"candidate #{number}") if found is not None else None
        return None

    def _candidate(self, number: int) -> "Architecture | None":
        view = self.conduct.desk.view()
        rows = view.rows("candidates") if view is not None else ()
        if view is None or not 0 <= number < len(rows):
            return None
        from engine.space.architecture import ArchitectureError, from_bytes

        try:
            return from_bytes(view.bytes(rows["architecture"][number]))  # type: ignore[call-overload]
        except ArchitectureError as error:
            self.conduct.said.emit(f"Candidate #{number} cannot be edited: {error}", "error")
            return None
