"""What goes back and forth between the editor and everything around it: candidates, files, plans, running searches."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.editors.architecture.architecture_page import ArchitecturePage
from app.widgets.save import save_as
from app.window.mode_switch import ModeSwitch
from app.window.session_controller import SessionController
from engine.words import short

if TYPE_CHECKING:
    from engine.space.architecture import Architecture
    from engine.space.notations import Found

from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.editors.space.space_page import SpacePage

if TYPE_CHECKING:
    from engine.space import Space


LOCKED = {
    "running": "The space cannot be edited while a search runs in it.",
    "opened": "This is the space of the opened session; edit a copy of its plan first.",
}


class SpaceBridge(QObject):
    """Keeps the space on the canvas and that of the plan the same, whichever was edited."""

    def __init__(
        self, page: SpacePage, modes: ModeSwitch, controller: SessionController, editor_bridge: "EditorBridge"
    ) -> None:
        super().__init__(page)
        self.page, self.modes, self.controller = page, modes, controller
        page.edited.connect(self._edited)
        page.opened.connect(lambda architecture: editor_bridge.edit(architecture, f"from {page.document.title}"))
        controller.changed.connect(self.follow)
        controller.files.space_opened.connect(self.open)
        self.follow()

    def follow(self) -> None:
        """Show the space of the plan as it stands."""
        panel = self.controller.plan
        self.page.show_plan(panel.plan, LOCKED.get(panel.locked, ""))

    def open(self, space: "Space", path: Path) -> None:
        """Show the space of a file, and put it into the plan."""
        self.modes.show_mode("Space")
        self.page.begin_with(space, path.stem)

    def _edited(self, space: "Space") -> None:
        """The plan takes over exactly the space that was edited."""
        self.controller.show_plan(replace(self.controller.plan.plan, space=space))


ARCHITECTURES = "Architecture (*.toml *.txt *.graphml)"
NO_SEARCH = "No search is running; an architecture can be handed in to evolution and to random search"


class EditorBridge(QObject):
    """Brings architectures into the editor, and out of it again."""

    def __init__(
        self, page: ArchitecturePage, modes: ModeSwitch, controller: SessionController, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.page, self.modes, self.controller = page, modes, controller
        self._window = parent
        page.selected_candidate = self._selected
        page.hand_in_requested.connect(self.hand_in)
        controller.changed.connect(self.follow)
        controller.files.found.connect(self._found)
        self.follow()

    def follow(self) -> None:
        """Measure the architecture by the plan's space, and see whether a search would take it."""
        self.page.set_space(self.controller.plan.plan.space)
        search = self.controller.search
        if not search.running or search.state == "stopping":
            self.page.set_hand_in(NO_SEARCH)
        elif search.one_shot:
            self.page.set_hand_in("The search that is running trains one network for all architectures; it takes none")
        else:
            self.page.set_hand_in("")

    def edit(self, architecture: "Architecture", title: str) -> None:
        """Open a copy of an architecture in the editor."""
        self.modes.show_mode("Edit")
        self.page.open(architecture, title)
        self.page.setFocus()

    def take_text(self, text: str) -> None:
        """Open a copy of the architecture in a text that was dropped."""
        self.modes.show_mode("Edit")
        self.page.take_text(text, "the dropped text")

    def _found(self, found: "list[Found]", path: Path) -> None:
        """Open a copy of the only architecture in a file, or let a person choose."""
        self.modes.show_mode("Edit")
        self.page.setFocus()
        self.page.take_found(found, path.name, path.stem)

    def edit_candidate(self, number: int) -> None:
        """Open a copy of a candidate of the session shown."""
        found = self._candidate(number)
        if found is not None:
            self.edit(found, f"candidate #{number}")

    def hand_in(self, architecture: "Architecture") -> None:
        """Offer an architecture to the search that is running; what comes of it is said in one line."""
        host = self.controller.search.host
        if host is None:
            return
        try:
            host.hand_in(architecture)
        except ValueError as reason:
            self.page.document.refused.emit(f"not handed in: {reason}")
        else:
            self.page.report("Handed in: it will be scored next, as a candidate of its own")

    def ask_save(self) -> None:
        """Save the architecture where a person says."""
        title = self.page.document.draft.title or "architecture"
        proposal = self.controller.settings.sessions_folder / f"{title.replace('#', '').replace(' ', '-')}.toml"
        save_as(self._window, "Save architecture as", str(proposal), ARCHITECTURES, self._save, self._not_saved)

    def _save(self, path: Path) -> None:
        from engine.space import files

        try:
            files.save(self.page.document.architecture, path)
        except ValueError as error:
            self._not_saved(path, str(error))
        else:
            self.page.document.stack.setClean()
            self.page.report(f"Saved as {short(path)}")

    def _not_saved(self, path: Path, reason: str) -> None:
        self.page.document.refuse(f"{path.name} was not saved: {reason}")

    def _selected(self) -> "tuple[Architecture, str] | None":
        """The candidate that is selected, or the search's own answer: what an architecture may be compared with."""
        number = self.controller.playback.selection
        if number is not None:
            found = self._candidate(number)
            return (found, f"candidate #{number}") if found is not None else None
        return None

    def _candidate(self, number: int) -> "Architecture | None":
        view = self.controller.playback.view()
        rows = view.rows("candidates") if view is not None else ()
        if view is None or not 0 <= number < len(rows):
            return None
        from engine.space.architecture import ArchitectureError, from_bytes

        try:
            return from_bytes(view.bytes(rows["architecture"][number]))  # type: ignore[call-overload]
        except ArchitectureError as error:
            self.controller.reported.emit(f"Candidate #{number} cannot be edited: {error}", "error")
            return None
