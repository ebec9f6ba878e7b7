"""The docks around the canvas and their slim title bars."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QPainter, QPaintEvent, QPalette, QShortcut
from PySide6.QtWidgets import QApplication, QDockWidget, QFrame, QHBoxLayout, QLabel, QMainWindow, QTabBar, QWidget

from app.panels import PanelSpec
from app.widgets.panel import Panel
from app.widgets.panel_header import tool


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
        self.action = QAction(f"{spec.title}\t{spec.shortcut}", self)
        """Shows and hides it; what is behind another tab is shown. The keys bring the keyboard to it, too."""
        self.action.setCheckable(True)
        self.action.triggered.connect(lambda checked=False: self._toggle(self.in_sight))
        self.keys = QShortcut(QKeySequence(spec.shortcut), window)
        self.keys.activated.connect(lambda: self._toggle(self.in_sight and self._has_keyboard))
        self.setAccessibleName(spec.title)
        self.bar = TitleBar(self)
        self.setTitleBarWidget(self.bar)
        self.topLevelChanged.connect(self._frame)
        for moved in (self.visibilityChanged, self.topLevelChanged, self.dockLocationChanged):
            moved.connect(lambda _: settle(window))
        self.visibilityChanged.connect(lambda _: self.action.setChecked(not self.isHidden()))

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

    @property
    def in_sight(self) -> bool:
        """Whether somebody can see it: neither closed nor behind another tab."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    @property
    def _has_keyboard(self) -> bool:
        focused = QApplication.focusWidget()
        return self.panel is not None and focused is not None and self.panel.isAncestorOf(focused)

    def _toggle(self, close: bool) -> None:
        if close:
            self.close()
        else:
            self.bring_to_front()
            if self.panel is not None:
                self.panel.take_focus()
        self.action.setChecked(not self.isHidden())  # the menu ticks it by itself

    def bring_to_front(self) -> None:
        """Open the dock, before the tabs that it stands among, since a person asked for what it shows."""
        self.brought_up.emit()
        self.show()
        self.raise_()
        QTimer.singleShot(0, self, self.raise_)  # it may have no tab before the layout has heard that it is shown

    def _frame(self, floating: bool) -> None:
        """A window of its own has an edge and a cross, as no window manager gives it one."""
        self.setContentsMargins(*(4 * [1 if floating else 0]))
        self.bar.cross.setVisible(floating)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.isFloating():
            painter = QPainter(self)
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

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
        self.cross = tool("×", "Close (the View menu brings it back)")
        self.cross.clicked.connect(dock.close)
        self.cross.hide()
        self._row.addWidget(self.cross, 0, Qt.AlignmentFlag.AlignRight)

    def take(self, header: QWidget) -> None:
        """Put a panel's header strip behind the title."""
        header.setProperty("role", "")
        self._row.insertWidget(1, header, 1)

    def show_title(self, on: bool) -> None:
        self._title.setVisible(on)
