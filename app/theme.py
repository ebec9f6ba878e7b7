"""The look of the whole window: colours, fonts, palette and style sheet, light and dark.

Every colour is a `#rrggbb` string, so that it serves QColor, style sheets and plots alike. Nothing else in the app
names a colour. Widgets that want to look different say so by a dynamic property, which the style sheet knows:
`role` = "title", "section", "muted", "small", "warning", "fault" on labels, "bar" (a header strip) on frames; `primary`
= True on a push button; `fault` = True on a field.
"""

from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

ICONS = Path(__file__).resolve().parent.parent / "resources" / "icons"

BODY, SMALL, TITLE = 13, 11, 13  # text sizes in logical pixels
Weight = Literal["normal", "medium", "bold"]


@dataclass(frozen=True)
class Theme:
    """One set of colours. Text colours have a contrast of at least 4.5:1 on window, surface and raised."""

    name: str
    dark: bool
    window: str  # between the panels
    surface: str  # panels and canvas
    raised: str  # nodes, buttons, fields
    hover: str  # a raised thing under the pointer
    border: str
    line: str  # quiet strokes: edges into c_k, grid lines
    text: str
    muted: str
    accent: str
    on_accent: str  # text on the accent colour
    good: str
    warning: str
    bad: str
    pink: str  # of categories alone
    operations: tuple[tuple[str, str], ...]  # kind -> colour

    def operation(self, kind: str) -> str:
        """The colour of one kind of operation (engine.space.operations.KINDS), the same in every panel."""
        return dict(self.operations)[kind]

    @property
    def categories(self) -> tuple[str, ...]:
        """Colours for things that have no order and no colour of their own, such as families or groups of sessions."""
        violet, teal = self.operation("dilated"), self.operation("convolution")
        return self.accent, self.warning, violet, self.good, self.pink, teal

    def named(self, name: str) -> str:
        """The colour called "muted", "accent", ..., or "category 0", "category 1", ..."""
        kind, _, number = name.partition(" ")
        return self.categories[int(number) % len(self.categories)] if kind == "category" else str(getattr(self, kind))


DARK = Theme(
    name="dark",
    dark=True,
    window="#14161b",
    surface="#1b1e25",
    raised="#232731",
    hover="#2d3240",
    border="#2a2e38",
    line="#474d5b",
    text="#e6e8ee",
    muted="#969cab",
    accent="#5aa9ff",
    on_accent="#0d1520",
    good="#5bd68a",
    warning="#ffb454",
    bad="#ff7b72",
    pink="#f78fc6",
    operations=(
        ("none", "#8d93a1"),
        ("skip", "#b4bac7"),
        ("pool", "#ffb454"),
        ("separable", "#5aa9ff"),
        ("dilated", "#b98cff"),
        ("convolution", "#4cc9b0"),
    ),
)

LIGHT = Theme(
    name="light",
    dark=False,
    window="#f3f4f6",
    surface="#ffffff",
    raised="#eef0f3",
    hover="#e2e5ea",
    border="#dde0e6",
    line="#bcc1ca",
    text="#1d2129",
    muted="#5f6672",
    accent="#1a63d6",
    on_accent="#ffffff",
    good="#18743a",
    warning="#955700",
    bad="#c02b2b",
    pink="#b3297f",
    operations=(
        ("none", "#667081"),
        ("skip", "#4d5563"),
        ("pool", "#9a5900"),
        ("separable", "#1a63d6"),
        ("dilated", "#6d3bef"),
        ("convolution", "#0b7068"),
    ),
)

THEMES: dict[str, Theme] = {theme.name: theme for theme in (DARK, LIGHT)}


def font(size: int = BODY, weight: Weight = "normal") -> QFont:
    """The system's sans serif at `size` logical pixels; digits of equal width, so that running numbers stand still."""
    result = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    result.setPixelSize(size)
    weights = {"normal": QFont.Weight.Normal, "medium": QFont.Weight.Medium, "bold": QFont.Weight.DemiBold}
    result.setWeight(weights[weight])
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def monospace(size: int = 12) -> QFont:
    """The system's fixed-width font, for times in the log and for notations."""
    result = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    result.setPixelSize(size)
    return result


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole application: Fusion, palette, font and style sheet."""
    app.setStyle("Fusion")
    app.setPalette(palette(theme))
    app.setFont(font())
    app.setStyleSheet(style_sheet(theme))


def palette(theme: Theme) -> QPalette:
    """The Qt palette of a theme; what the style sheet does not name is drawn from it."""
    role = QPalette.ColorRole
    result = QPalette()
    for name, colour in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.raised),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Button, theme.raised),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.bad),
        (role.ToolTipBase, theme.raised),
        (role.ToolTipText, theme.text),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Accent, theme.accent),
        (role.Link, theme.accent),
        (role.LinkVisited, theme.accent),
        (role.Light, theme.hover),
        (role.Midlight, theme.hover),
        (role.Mid, theme.border),
        (role.Dark, theme.border),
        (role.Shadow, theme.window),
    ):
        result.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.muted))
    return result


def style_sheet(theme: Theme) -> str:
    """The style sheet of a theme."""
    words = {key: value for key, value in vars(theme).items() if isinstance(value, str)}
    return _SHEET.substitute(words, icons=ICONS.as_posix(), small=SMALL)


_SHEET = Template("""
QMainWindow::separator { background: $window; width: 6px; height: 6px; }
QMainWindow::separator:hover { background: $border; }
QDockWidget::title { background: $surface; border-bottom: 1px solid $border; padding: 6px 10px; text-align: left; }
QDockWidget { color: $text; }
QMenuBar { background: $surface; border-bottom: 1px solid $border; padding: 2px; }
QMenuBar::item { padding: 5px 10px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $hover; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QToolBar { background: $surface; border: 0; border-bottom: 1px solid $border; spacing: 8px; padding: 5px 8px; }
QStatusBar { background: $surface; color: $muted; border-top: 1px solid $border; }
QStatusBar::item { border: 0; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px; }

QLabel[role="title"] { font-weight: 600; }
QLabel[role="section"] { color: $muted; font-size: ${small}px; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { color: $muted; font-size: ${small}px; }
QLabel[role="warning"] { color: $warning; font-size: ${small}px; }
QLabel[role="fault"] { color: $bad; font-size: ${small}px; }
QFrame[role="popup"] { background: $surface; border: 1px solid $border; border-radius: 8px; }
QFrame[role="bar"] { background: $surface; border: 0; border-bottom: 1px solid $border; }

QPushButton { background: $raised; border: 1px solid $border; border-radius: 5px; padding: 5px 14px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $border; }
QPushButton:disabled { color: $muted; background: $surface; }
QPushButton:focus { border-color: $accent; }
QPushButton[primary="true"] { background: $accent; border-color: $accent; color: $on_accent; }
QPushButton[primary="true"]:focus { border-color: $text; }
QPushButton[primary="true"]:disabled { background: $surface; border-color: $border; color: $muted; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 3px; }
QToolButton:hover { background: $hover; }
QToolButton:checked { color: $accent; background: $raised; }
QToolButton:focus { border-color: $accent; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QAbstractSpinBox, QComboBox {
  background: $raised; border: 1px solid transparent; border-radius: 4px; padding: 2px 6px; min-height: 18px;
  selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { background: $hover; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus { border-color: $accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $muted; background: $surface; }
QLineEdit[fault="true"], QAbstractSpinBox[fault="true"], QComboBox[fault="true"] { border-color: $bad; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 14px; border: 0; background: transparent; }
QAbstractSpinBox::up-arrow { image: url("$icons/spin-up.svg"); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url("$icons/spin-down.svg"); width: 9px; height: 9px; }
QComboBox::drop-down { width: 18px; border: 0; }
QComboBox::down-arrow { image: url("$icons/spin-down.svg"); width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $border; outline: 0;
  selection-background-color: $hover; selection-color: $text; }

QCheckBox { spacing: 6px; }
QCheckBox:disabled { color: $muted; }
QCheckBox::indicator, QAbstractItemView::indicator {
  width: 12px; height: 12px; border: 1px solid $line; border-radius: 3px; background: $raised;
}
QCheckBox::indicator:hover, QAbstractItemView::indicator:hover { border-color: $muted; }
QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {
  border-color: $accent; background: $accent; image: url("$icons/tick-$name.svg");
}
QCheckBox::indicator:indeterminate { border-color: $accent; background: $accent; image: url("$icons/part-$name.svg"); }
QCheckBox::indicator:disabled { border-color: $border; background: $surface; }
QCheckBox::indicator:checked:disabled { border-color: $border; background: $border; }

QAbstractItemView { background: $surface; alternate-background-color: $surface; border: 0; gridline-color: $border;
  selection-background-color: $hover; selection-color: $text; }
QHeaderView { background: $surface; }
QHeaderView::section { background: $surface; color: $muted; border: 0; border-bottom: 1px solid $border;
  padding: 4px 6px; }
QTableCornerButton::section { background: $surface; border: 0; }
QPlainTextEdit, QTextEdit, QTextBrowser { background: $surface; border: 0; }
QScrollArea { border: 0; background: transparent; }
QScrollBar { background: transparent; border: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $border; border-radius: 3px; margin: 2px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: $line; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QTabBar { background: $surface; }
QTabBar::tab { background: $surface; color: $muted; border: 0; border-bottom: 2px solid transparent;
  padding: 6px 10px; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:selected:focus { background: $hover; }
QTabWidget::pane { border: 0; }
QProgressBar { background: $raised; border: 0; border-radius: 3px; text-align: center; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
""")
