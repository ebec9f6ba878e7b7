"""What the window remembers from one day to the next, and where the program keeps its files."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

RECENT = 10
"""How many opened files are remembered."""


def data_folder() -> Path:
    """Where the program keeps its own files, such as the log of faults: the user's data folder."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)) / "Cellwright"


def default_sessions_folder() -> Path:
    """`Cellwright` in the user's documents or, where there are none, the user's data folder."""
    documents = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return documents / "Cellwright" if documents.is_dir() else data_folder() / "sessions"


class Settings:
    """A thin, typed face of QSettings. `path` names another file than the user's own, for tests."""

    def __init__(self, path: Path | None = None) -> None:
        self._own = path
        if path is None:
            ini, user = QSettings.Format.IniFormat, QSettings.Scope.UserScope
            self._store = QSettings(ini, user, "Cellwright", "Cellwright")
        else:
            self._store = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """ "system", "light" or "dark"."""
        theme = str(self._store.value("theme", "system"))
        return theme if theme in ("system", "light", "dark") else "system"

    @theme.setter
    def theme(self, value: str) -> None:
        self._store.setValue("theme", value)

    @property
    def sessions_folder(self) -> Path:
        """Where new sessions are saved."""
        named = str(self._store.value("sessions_folder", ""))
        return Path(named).expanduser() if named else default_sessions_folder()

    @sessions_folder.setter
    def sessions_folder(self, folder: Path) -> None:
        self._store.setValue("sessions_folder", str(folder))

    @property
    def cache_folder(self) -> Path:
        """Where things are kept that can be made again: the user's cache, or a folder beside another settings file."""
        if self._own is not None:
            return self._own.parent / "cache"
        return (
            Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericCacheLocation)) / "Cellwright"
        )

    @property
    def recent(self) -> list[Path]:
        """Files opened or made lately, the last one first."""
        return [Path(name) for name in self._strings("recent")]

    def remember(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        path = path.absolute()
        files = [path, *(other for other in self.recent if other != path)][:RECENT]
        self._store.setValue("recent", [str(file) for file in files])

    def forget(self, path: Path) -> None:
        """Take a file that is gone off the recent ones."""
        self._store.setValue("recent", [str(file) for file in self.recent if file != path.absolute()])

    @property
    def unfolded(self) -> list[str]:
        """The headings of the plan's form that a person has unfolded."""
        return self._strings("unfolded")

    @unfolded.setter
    def unfolded(self, headings: list[str]) -> None:
        self._store.setValue("unfolded", headings)

    @property
    def hidden_columns(self) -> list[str]:
        """The columns of Candidates that are not shown, by name."""
        return self._strings("candidates/hidden")

    @hidden_columns.setter
    def hidden_columns(self, names: list[str]) -> None:
        self._store.setValue("candidates/hidden", names)

    @property
    def geometry(self) -> QByteArray:
        """Size and place of the window, as Qt packs them; empty at first."""
        return self._bytes("window/geometry")

    @property
    def layout(self) -> QByteArray:
        """The arrangement of the docks, as Qt packs it; empty at first."""
        return self._bytes("window/layout")

    def keep_window(self, geometry: QByteArray, layout: QByteArray) -> None:
        """Remember how the window was left."""
        self._store.setValue("window/geometry", geometry)
        self._store.setValue("window/layout", layout)

    def _strings(self, key: str) -> list[str]:
        value = self._store.value(key, [])
        names = [value] if isinstance(value, str) else list(value or [])  # type: ignore[call-overload]
        return [str(name) for name in names if name]

    def _bytes(self, key: str) -> QByteArray:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()
