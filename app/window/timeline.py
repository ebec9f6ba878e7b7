"""The bar along the bottom: play, speed, scrub, marks, and the button that pins the cursor to the end."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.icons import icon
from app.theme import DARK, Theme
from app.window.playback import Playback
from app.window.timeline_track import Mark, Track
from engine.words import long_clock

SPEEDS = (1, 4, 16, 64)
STEPS = 200  # arrow keys that take the cursor from one end to the other
SHORTEST = 0.2  # seconds; a shorter step would often show nothing new


class Timeline(QFrame):
    """Shows where the playback stands in time and moves it. `mark_set` carries a moment in seconds and a note."""

    mark_set = Signal(float, str)

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback, self._theme = playback, DARK
        self._stamp: object = None
        self._icons_of: object = None
        self._mark_time = 0.0
        self.track = Track(self)
        self.play = self._button("Play the replay (Space)", "Play the replay")
        self.speed = self._button("Playback speed: click for the next one", "Speed")
        self.add_mark = self._button("Set a mark with a note at this moment (M)", "Set a mark")
        self.note = QLineEdit(self)
        self.note.setPlaceholderText("Note, then Enter")
        self.note.setAccessibleName("Note of the mark")
        self.note.setFixedWidth(220)
        self.note.hide()
        self.now, self.total = QLabel(long_clock(0), self), QLabel(self)
        self.total.setProperty("role", "muted")
        self.live = self._button("Follow the search as it goes on (End)", "Live")
        self.live.setCheckable(True)
        self.live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(6)
        for widget in (self.play, self.speed, self.add_mark, self.note):
            layout.addWidget(widget)
        layout.addWidget(self.track, 1)
        layout.addWidget(self.now)
        layout.addWidget(self.total)
        layout.addSpacing(4)
        layout.addWidget(self.live)

        self.play.clicked.connect(self.toggle_play)
        self.speed.clicked.connect(self.next_speed)
        self.add_mark.clicked.connect(self.begin_mark)
        self.note.returnPressed.connect(self._end_mark)
        self.live.clicked.connect(self.go_live)
        self.track.scrubbed.connect(self.go_to)
        playback.moved.connect(self.refresh)
        playback.also(self._look_for_marks)
        self.refresh()

    def _button(self, tip: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIconSize(QSize(16, 16))
        button.setToolTip(tip)
        button.setAccessibleName(name)
        return button

    # -- what a person does

    def toggle_play(self) -> None:
        self._playback.play(not self._playback.playing)
        self.refresh()

    def next_speed(self) -> None:
        """×1, ×4, ×16, ×64, and round again."""
        self._playback.speed = SPEEDS[(SPEEDS.index(self._playback.speed) + 1) % len(SPEEDS)]
        self.refresh()

    def step(self, steps: int) -> None:
        """Move the cursor by a small part of the session."""
        self._playback.playing = False
        if steps > 0 and self._playback.cursor is None:
            return
        self.go_to(self._playback.time + steps * max(SHORTEST, self._playback.end / STEPS))
        if steps > 0 and self._playback.time >= self._playback.end:
            self._playback.pin()

    def go_to_mark(self, direction: int) -> None:
        """Jump to the next mark in this direction (1 or -1), if there is one."""
        here = self._playback.time
        ahead = [mark.at for mark in self.track.marks if (mark.at - here) * direction > 0.001]
        if ahead:
            self.go_to(min(ahead) if direction > 0 else max(ahead))

    def go_first(self) -> None:
        self.go_to(0.0)

    def go_live(self) -> None:
        self._playback.pin()
        self.refresh()

    def begin_mark(self) -> None:
        """Ask for the note of a mark at the moment shown, in place."""
        if self._playback.source is None:
            return
        self._mark_time = self._playback.time
        self.note.clear()
        self.note.setPlaceholderText(f"Note at {long_clock(self._mark_time)}, then Enter")
        self.note.show()
        self.note.setFocus()

    def _end_mark(self) -> None:
        note = " ".join(self.note.text().split())
        self._close_note()
        self.mark_set.emit(self._mark_time, note or "mark")

    def _close_note(self) -> None:
        self.note.hide()
        self.track.setFocus()

    def go_to(self, seconds: float) -> None:
        """Show this moment, and stay there."""
        self._playback.playing = False
        self._playback.go(seconds)
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.note.isVisible():
            self._close_note()
        elif not self.key(event):
            super().keyPressEvent(event)

    def key(self, event: QKeyEvent) -> bool:
        """Act on a key that nothing else wanted; whether it meant something here."""
        keys = {
            Qt.Key.Key_Space: self.toggle_play,
            Qt.Key.Key_Left: lambda: self.step(-1),
            Qt.Key.Key_Right: lambda: self.step(1),
            Qt.Key.Key_PageUp: lambda: self.go_to_mark(-1),
            Qt.Key.Key_PageDown: lambda: self.go_to_mark(1),
            Qt.Key.Key_Home: self.go_first,
            Qt.Key.Key_End: self.go_live,
            Qt.Key.Key_M: self.begin_mark,
            Qt.Key.Key_S: self.next_speed,
        }
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        action = keys.get(Qt.Key(event.key())) if plain and self._playback.source is not None else None
        if action is None:
            return False
        action()
        return True

    # -- what is shown

    def refresh(self) -> None:
        """Say where the playback stands."""
        playback = self._playback
        shown = playback.source is not None
        for widget in (self.play, self.speed, self.add_mark, self.track, self.live):
            widget.setEnabled(shown)
        self.track.show_time(playback.time, playback.end)
        self.now.setText(long_clock(playback.time) if shown else "")
        self.total.setText(f"of {long_clock(playback.end)}" if shown else "no session yet")
        pinned = shown and playback.cursor is None
        written = playback.source is not None and playback.source.live
        self.live.setChecked(pinned)
        self.live.setText("live" if written or not shown else "end")
        self.speed.setText(f"×{playback.speed}")
        words = f"{'Pause' if playback.playing else 'Play'} the replay"
        self.play.setToolTip(f"{words} (Space)")
        self.play.setAccessibleName(words)
        self._update_icons()

    def _look_for_marks(self) -> None:
        source = self._playback.source
        view = source.view() if source is not None else None
        stamp = view.stamp("marks") if view is not None else None
        if stamp == self._stamp:
            return
        self._stamp = stamp
        rows = view.rows("marks") if view is not None else ()
        self.track.show_marks(tuple(Mark(float(row["at"]), view.text(row["note"])) for row in rows) if view else ())

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.track.set_theme(theme)
        self._update_icons()

    def _update_icons(self) -> None:
        state = (self._theme, self._playback.playing, self.live.isChecked())
        if state == self._icons_of:
            return  # a new icon costs a new layout, and this is called at every tick
        self._icons_of = state
        self.play.setIcon(icon("pause" if self._playback.playing else "play", self._theme))
        self.add_mark.setIcon(icon("mark-add", self._theme))
        self.live.setIcon(icon("live", self._theme, self._theme.accent if self.live.isChecked() else None))


class BottomBar(QToolBar):
    """The fixed bar across the bottom of the window: the timeline and, beneath it, one line of text."""

    def __init__(self, timeline: Timeline, line: QWidget) -> None:
        super().__init__("Timeline")
        self.setObjectName("timeline")
        self.setMovable(False)
        self.toggleViewAction().setVisible(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        both = QWidget(self)
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(timeline)
        column.addWidget(line)
        self.addWidget(both)

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(f"QToolBar {{ padding: 0; border: 0; border-top: 1px solid {theme.border}; }}")
