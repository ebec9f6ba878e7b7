"""The docks around the canvas and their slim title bars."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QMainWindow, QTabBar, QWidget

from app.panels import PanelSpec
from app.widgets.panel import Panel


class Dock(QDockWidget):
    """A dock with a slim title bar. A panel's own menu also floats and closes it."""

    closed = Signal()
    """A person has closed it."""
    brought_up = Signal()
    """It was opened before the others for what a person asked for."""

    def __init__(self, spec: PanelSpec, window: QMainWindow) -> None:
        super().__init__(spec.title, window)
        self.spec = spec
        self.panel: Panel | None = None
        self.setObjectName(f"dock {spec.name}")
        self.toggleViewAction().setShortcut(QKeySequence(spec.shortcut))
        self.setAccessibleName(spec.title)
        self.bar = TitleBar(self)
        self.setTitleBarWidget(self.bar)
        for moved in (self.visibilityChanged, self.topLevelChanged, self.dockLocationChanged):
            moved.connect(lambda _: settle(window))

    def make(self) -> Panel:
        """Import and build the panel. Those with plots take a while to import, so the window is painted before."""
        kind = self.spec.panel_class()
        if not issubclass(kind, Panel):
            raise TypeError(f"{kind.__name__} is no Panel")
        return kind()

    def take(self, panel: Panel) -> None:
        """Show this panel, its header strip in the title bar."""
        self.panel = panel
        self.bar.take(panel.header)
        self.setWidget(panel)
        panel.menu.addSeparator()
        floating = panel.menu.addAction("Float", lambda: self.setFloating(not self.isFloating()))
        self.topLevelChanged.connect(lambda on: floating.setText("Put back" if on else "Float"))
        panel.menu.addAction("Close", self.close).setToolTip("The View menu brings it back")

    def bring_to_front(self) -> None:
        """Open the dock, before the tabs that it stands among, since a person asked for what it shows."""
        self.brought_up.emit()
        self.show()
        self.raise_()
        QTimer.singleShot(0, self, self.raise_)  # it may have no tab before the layout has heard that it is shown

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
    for bar in window.findChildren(QTabBar):  # Qt makes them, and takes them away, as docks move
        bar.setAccessibleName("Panels: " + ", ".join(bar.tabText(tab) for tab in range(bar.count())))


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
