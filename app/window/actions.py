"""Every action of the window with its shortcut, and the menus made of them."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from app.widgets.picture import PictureMenu
from engine.words import short

THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}


class Actions(QObject):
    """The actions as attributes. `connect` them; a menu, a button and a shortcut are then the same thing."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.open = self._action("Open…", "Ctrl+O", "Open a session (.h5), a plan or an architecture (.toml)")
        self.start_page = self._action("Start page", "Alt+Home", "Ways to begin, and all sessions")
        self.close_session = self._action("Close session", "Ctrl+W", "Show no session any more; its file stays")
        self.open_images = self._action("Open images…", "Ctrl+I", "Make a plan for a folder of images")
        self.save_as = self._action("Save session as…", "Ctrl+Shift+S", "Save a copy of the session shown")
        self.save_plan = self._action("Save plan as…", "Ctrl+S", "Save the plan as a TOML file")
        self.save_architecture = self._action(
            "Save architecture as…", "Ctrl+Alt+A", "Save the architecture in the editor as a TOML file"
        )
        self.folder = self._action(
            "Sessions folder…", "Ctrl+Shift+F", "Choose the folder that new sessions are saved in"
        )
        self.quit = self._action("Quit", "Ctrl+Q", "Stop what runs, save it, and close the window")
        self.start = self._action("Start", "F5", "Start a search with this plan (F5)")
        self.pause = self._action("Pause", "F6", "Pause the search after the current batch (F6)")
        self.stop = self._action("Stop", "Shift+F5", "Stop the search and close its session (Shift+F5)")
        self.reset_layout = self._action("Reset layout", "Ctrl+0", "Put every panel back where it was at first")
        self.present = self._action("Presentation", "F11", "The canvas alone, as large as there is room (Esc leaves)")
        self.present.setCheckable(True)
        self.themes = QActionGroup(self)
        for name, text in THEMES.items():
            action = self._action(text, f"Ctrl+Alt+{name[0].upper()}", "")
            action.setCheckable(True)
            action.setData(name)
            self.themes.addAction(action)
        # The timeline's keys, heeded where nothing else wants them: a real shortcut would take Space from every button.
        self.play = self._action("Play or pause\tSpace", "", "")
        self.speed = self._action("Next speed\tS", "", "")
        self.back = self._action("Step back\tLeft", "", "")
        self.forward = self._action("Step forward\tRight", "", "")
        self.mark_before = self._action("Previous mark\tPage Up", "", "")
        self.mark_after = self._action("Next mark\tPage Down", "", "")
        self.first = self._action("To the beginning\tHome", "", "")
        self.live = self._action("To the end, live\tEnd", "", "")
        self.mark = self._action("Set a mark\tM", "", "")
        self.deselect = self._action("Show the search's own answer\tEsc", "", "")
        self.palette = self._action("Find a command…", "Ctrl+Shift+P", "Type what you want to do")
        self.shortcuts = self._action("Keyboard shortcuts", "Ctrl+/", "Everything that has a key")
        self.about = self._action("What Cellwright is", "F1", "")
        self.recent = QMenu("Open recent")
        self.edit = QMenu("&Edit")  # filled by the editor, once it has been made

    def _action(self, text: str, keys: str, tip: str) -> QAction:
        action = QAction(text, self)
        action.setIconText(text)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.setToolTip(tip or text.split("\t")[0])
        return action

    def fill(self, bar: QMenuBar, panels: list[QAction]) -> None:
        """Build the menus. `panels` are the actions that show and hide the docks."""
        file = bar.addMenu("&File")
        bar.addMenu(self.edit)
        view, run, time, help_ = (bar.addMenu(name) for name in ("&View", "&Run", "&Time", "&Help"))
        file.addActions([self.open, self.open_images])
        file.addMenu(self.recent)
        file.addAction(self.close_session)
        file.addSeparator()
        file.addActions([self.save_as, self.save_plan, self.save_architecture])
        file.addSeparator()
        file.addMenu(PictureMenu(bar))
        file.addAction(self.folder)
        file.addSeparator()
        file.addAction(self.quit)
        self.view = view
        self.modes_above = view.addSeparator()
        view.addAction(self.start_page)
        view.addSeparator()
        view.addActions(panels)
        view.addSeparator()
        view.addActions([self.present, self.reset_layout])
        view.addSeparator()
        view.addActions(self.themes.actions())
        run.addActions([self.start, self.pause, self.stop])
        time.addActions([self.play, self.speed, self.back, self.forward, self.first, self.live])
        time.addSeparator()
        time.addActions([self.mark, self.mark_before, self.mark_after])
        time.addSeparator()
        time.addAction(self.deselect)
        help_.addActions([self.palette, self.shortcuts, self.about])

    def show_modes(self, modes: list[QAction]) -> None:
        """Put the modes of the canvas above the panels in the View menu."""
        self.view.insertActions(self.modes_above, modes)

    def show_recent(self, files: list[Path], open_file: Callable[[Path], None]) -> None:
        """Fill File > Open recent."""
        self.recent.clear()
        for number, path in enumerate(files, 1):
            name = short(path).replace("&", "&&")
            action = self.recent.addAction(f"&{number}  {name}" if number < 10 else name)
            action.triggered.connect(lambda checked=False, path=path: open_file(path))
        self.recent.setEnabled(bool(files))

    def show_theme(self, name: str) -> None:
        """Check the theme that was chosen."""
        for action in self.themes.actions():
            action.setChecked(action.data() == name)
