"""The docks around the canvas: which there are, and their slim title bars."""

from dataclasses import dataclass
from importlib import import_module

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QMainWindow, QWidget

from app.panels.panel import Panel


@dataclass(frozen=True)
class PanelSpec:
    """A panel of the window: its short name, its title, and where its class is found when it is first needed."""

    name: str
    title: str
    place: str

    def make(self) -> Panel:
        """Import and build the panel. Panels with plots take a while to import, so the window is painted before."""
        module, _, kind = self.place.partition(":")
        panel = getattr(import_module(module), kind)()
        assert isinstance(panel, Panel)
        return panel


PANELS = (
    PanelSpec("plan", "Plan", "app.panels.plan:Plan"),  # made with the window, since it is what a person starts with
    PanelSpec("weights", "Architecture weights", "app.panels.weights:Weights"),
    PanelSpec("population", "Population", "app.panels.population:Population"),
    PanelSpec("candidates", "Candidates", "app.panels.candidates:Candidates"),
    PanelSpec("curves", "Curves", "app.panels.curves:Curves"),
    PanelSpec("log", "Log", "app.panels.log:Log"),
    PanelSpec("lineage", "Lineage", "app.panels.lineage:Lineage"),
    PanelSpec("front", "Front", "app.panels.front:Front"),
    PanelSpec("standing", "Standing", "app.panels.standing:Standing"),
    PanelSpec("compare", "Compare", "app.panels.compare:Compare"),
    PanelSpec("health", "Health", "app.panels.health:Health"),
    PanelSpec("controller", "Controller", "app.panels.controller:Controller"),
    PanelSpec("surrogate", "Surrogate", "app.panels.surrogate:Surrogate"),
    PanelSpec("embedding", "Embedding", "app.panels.embedding:Embedding"),
    PanelSpec("queue", "Queue", "app.panels.queue:Queue"),
)
"""Every panel, in the order of the View menu and its shortcuts."""


class Dock(QDockWidget):
    """A dock with a slim title bar. A panel's own menu also floats and closes it."""

    closed = Signal()
    """A person has closed it."""

    def __init__(self, spec: PanelSpec, window: QMainWindow) -> None:
        super().__init__(spec.title, window)
        self.spec = spec
        self.panel: Panel | None = None
        self.setObjectName(f"dock {spec.name}")
        self.setAccessibleName(spec.title)
        self.bar = TitleBar(self)
        self.setTitleBarWidget(self.bar)
        for moved in (self.visibilityChanged, self.topLevelChanged, self.dockLocationChanged):
            moved.connect(lambda _: settle(window))

    def take(self, panel: Panel) -> None:
        """Show this panel, its header strip in the title bar."""
        self.panel = panel
        self.bar.take(panel.header)
        self.setWidget(panel)
        panel.menu.addSeparator()
        floating = panel.menu.addAction("Float", lambda: self.setFloating(not self.isFloating()))
        self.topLevelChanged.connect(lambda on: floating.setText("Put back" if on else "Float"))
        panel.menu.addAction("Close", self.close).setToolTip("The View menu brings it back")

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()


def settle(window: QMainWindow) -> None:
    """Let every dock say its title unless a tab does: where one dock goes, another may lose its tab."""
    for dock in window.findChildren(Dock):
        # A floating or closed dock still counts as a tab where it would come back to.
        others = [other for other in window.tabifiedDockWidgets(dock) if not (other.isFloating() or other.isHidden())]
        tabbed = bool(others) and not dock.isFloating()
        dock.bar.show_title(not tabbed)


class TitleBar(QFrame):
    """The title and the panel's own switches in one strip."""

    def __init__(self, dock: Dock) -> None:
        super().__init__(dock)
        self.setProperty("role", "bar")
        self.setMinimumHeight(31)  # as high as with the switches that come later
        self._title = QLabel(dock.windowTitle(), self)
        self._title.setProperty("role", "title")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self._title)

    def take(self, header: QWidget) -> None:
        """Put a panel's header strip behind the title."""
        header.setProperty("role", "")
        self._row.addWidget(header, 1)

    def show_title(self, on: bool) -> None:
        self._title.setVisible(on)
