"""Light or dark: what was chosen, what the system says, and everything that has to be told."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from app import theme as themes
from app.settings import Settings
from app.theme import Theme


class ThemeSwitch(QObject):
    """Dresses the application in the theme of the settings and follows the system where the settings say so."""

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._subscribers: list[Callable[[Theme], None]] = []
        self.theme = self._chosen_theme()
        _wear(self.theme)
        _application().styleHints().colorSchemeChanged.connect(self._follow)

    def subscribe(self, call: Callable[[Theme], None]) -> None:
        """Call this now and whenever the theme changes."""
        self._subscribers.append(call)
        call(self.theme)

    def choose(self, name: str) -> None:
        """Wear "light", "dark", or what the "system" says, from now on."""
        self._settings.theme = name
        self._follow()

    def _follow(self) -> None:
        theme = self._chosen_theme()
        if theme is self.theme:
            return
        self.theme = theme
        _wear(theme)
        for call in self._subscribers:
            call(theme)

    def _chosen_theme(self) -> Theme:
        chosen = self._settings.theme
        if chosen == "system":
            light = _application().styleHints().colorScheme() == Qt.ColorScheme.Light
            chosen = "light" if light else "dark"  # dark, too, where the system has no opinion
        return themes.THEMES[chosen]


def _wear(theme: Theme) -> None:
    """Dress the application, unless another window has done so: it takes a while."""
    application = _application()
    if application.styleSheet() != themes.style_sheet(theme):
        themes.apply(application, theme)


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
