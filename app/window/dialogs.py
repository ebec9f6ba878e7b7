"""The dialogs in which a person chooses a file to open, where to save one, or the folder of new sessions."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.window.conduct import Conduct
from app.window.files import PLANS, SESSIONS


class Dialogs:
    """Each asks, and hands what was chosen to the conduct; nothing happens when it is dismissed."""

    def __init__(self, conduct: Conduct, window: QWidget) -> None:
        self._conduct, self._window, self._settings = conduct, window, conduct.settings

    def open(self) -> None:
        path = self._conduct.path
        folder = str(path.parent if path else self._settings.sessions_folder)
        kinds = f"All that can be opened (*.h5 *.hdf5 *.toml *.txt);;{SESSIONS};;{PLANS};;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self._window, "Open", folder, kinds)
        if name:
            self._conduct.open(Path(name))

    def save_session(self) -> None:
        proposal = str(self._conduct.path or self._settings.sessions_folder / "session.h5")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save session as", proposal, SESSIONS)
        if name:
            self._conduct.save_session(Path(name))

    def save_plan(self) -> None:
        plan = self._conduct.plan
        proposal = str(self._settings.sessions_folder / f"{plan.plan.name}.toml")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save plan as", proposal, PLANS)
        if name:
            self._conduct.files.save_plan(plan.plan, Path(name))

    def sessions_folder(self) -> None:
        begin = str(self._settings.sessions_folder)
        name = QFileDialog.getExistingDirectory(self._window, "Folder for new sessions", begin)
        if name:
            self._settings.sessions_folder = Path(name)
            self._conduct.changed.emit()
