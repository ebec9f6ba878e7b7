"""A form of settings: a row for each, generated from what the setting says of itself."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.widgets.field_editors import Editor, written
from app.widgets.labels import label
from app.widgets.layouts import packed
from engine.plan import FieldInfo

BETWEEN = 2  # pixels between two rows


@dataclass
class Row:
    """A setting in the form: its editor, and the line beneath that says what is wrong."""

    info: FieldInfo
    editor: Editor
    fault: QLabel


class SettingsForm(QWidget):
    """The rows of the settings that are shown. Subclasses say which editors they have, and what an edit does."""

    BESIDE = 4  # pixels between a title and its editor

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, Row] = {}
        self._shown: tuple[str, ...] = ()
        self._page = QWidget()
        self._column = packed(QVBoxLayout(self._page))
        packed(QVBoxLayout(self), self._page)

    # -- for subclasses

    def make_editor(self, info: FieldInfo) -> Editor:
        """The editor of a setting, connected to what an edit does."""
        raise NotImplementedError

    def width_of(self, info: FieldInfo) -> int | None:
        """Of an editor beside its title, in pixels; None for one that is as wide as it likes to be."""
        return None

    def fill(self, infos: Sequence[FieldInfo]) -> None:
        """Add the rows of these settings, and what else stands between them."""
        for info in infos:
            self.add_row(info, info.label, self.make_editor(info))

    def about(self, info: FieldInfo) -> Iterable[str]:
        """What the setting is, what it may be, and where its default comes from; lines without text do not count."""
        yield info.doc
        if info.low is not None and info.high is not None:
            unit = f" {info.unit}" if info.unit else ""
            yield f"{info.low:g} to {info.high:g}{unit}; default {written(info.default) or 'no limit'}"
        else:
            yield info.allowed
        yield f"Source: {info.source}" if info.source else ""

    # -- the rows

    def show_fields(self, infos: Sequence[FieldInfo], *kinds: str) -> None:
        """Show these settings with their values. The rows are made anew where other settings are shown than before, or
        those of other `kinds` of values."""
        shown = (*kinds, *(info.path for info in infos))
        if shown != self._shown:
            self._shown = shown
            self._make(infos)
        for info in infos:
            self.rows[info.path].editor.set_text(written(info.value))

    def _make(self, infos: Sequence[FieldInfo]) -> None:
        held = next((path for path, row in self.rows.items() if row.editor.face.hasFocus()), "")
        self._page.hide()
        self._page.deleteLater()
        self._page = QWidget()
        self._column = packed(QVBoxLayout(self._page), spacing=BETWEEN)
        self.rows.clear()
        self.fill(infos)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._page)
        self._page.show()
        if held in self.rows:
            self.rows[held].editor.face.setFocus()

    def add_row(self, info: FieldInfo, name: str, editor: Editor, place: str = "beside") -> None:
        """Add a setting called `name`; its editor stands "beside" its title, "below" it, or "alone"."""
        title, fault = label(name, "muted"), label("", "fault")
        title.setWordWrap(True)
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        title.setBuddy(editor.face)
        fault.setWordWrap(True)
        fault.hide()
        tip = "<br>".join(f"<span>{html.escape(line)}</span>" for line in self.about(info) if line)
        for widget in (title, editor, editor.face):
            widget.setToolTip(tip)
        editor.face.setAccessibleName(info.label)
        editor.face.setAccessibleDescription(info.doc)
        editor.set_text(written(info.value))
        if place == "beside":
            if (width := self.width_of(info)) is not None:
                editor.setFixedWidth(width)
            row = QWidget()
            packed(QHBoxLayout(row), title, editor, grows=title, spacing=self.BESIDE)
            self._column.addWidget(row)
        else:
            for widget in (title, editor) if place == "below" else (editor,):
                self._column.addWidget(widget)
        self._column.addWidget(fault)
        self.rows[info.path] = Row(info, editor, fault)

    def add_line(self, widget: QWidget, above: int = 0) -> None:
        """Add something that is no setting, such as a heading, so many pixels below the last row."""
        self._column.addSpacing(above)
        self._column.addWidget(widget)
