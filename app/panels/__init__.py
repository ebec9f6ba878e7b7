"""The dockable panels, one per file, each a function of (the tables, the time cursor, the selection, the filter).

A panel draws exactly the rows of the view it is handed and keeps nothing that a view cannot give back. Panels do not
know each other, the window or the search.

Each class says in its first lines what it is called and where it stands. That is read from the files here, without Qt
and without importing them: the window is painted with all docks in their places before panels with plots are imported.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from engine import plugins
from engine.space.registry import LAST, NameTakenError

TABS = ("plan", "learnt", "candidates", "curves", "log")
"""Where a panel can stand: on the left; on the right, above and below; at the bottom, left and right."""

_CLASS = re.compile(r"^class (\w+)\(", re.MULTILINE)
_SAID = re.compile(r"^    (name|title|dock|opens|order|shortcut) = (.+)$", re.MULTILINE)
_further: list[Path] = []


@dataclass(frozen=True)
class PanelSpec:
    """A panel as its class says it is (see `app.widgets.panel.Panel`), and where that class is found."""

    name: str
    title: str
    dock: tuple[str, int]
    file: Path
    kind: str
    opens: str = ""
    order: int = LAST
    shortcut: str = ""

    @property
    def own(self) -> bool:
        """Whether it comes with the program."""
        return self.file.parent == _FOLDER

    def panel_class(self) -> Any:
        """Import the class, a subclass of `Panel`."""
        module = import_module(f"{__name__}.{self.file.stem}") if self.own else plugins.load(self.file)
        return getattr(module, self.kind)


_FOLDER = Path(__file__).resolve().parent


def add(file: str | Path) -> None:
    """Have a plug-in's panel, from the file that defines its class. It is imported when the window needs it, so that
    the commands without a window load no Qt. Raises NameTakenError, or ValueError for a file without a panel."""
    path = Path(file).resolve()
    said = described(path)
    if said is None:
        raise ValueError(f"{path.name} holds no panel: a class that says its name, title and dock")
    for other in specs():
        if said.name == other.name or (said.shortcut and said.shortcut == other.shortcut):
            what = f"named {said.name}" if said.name == other.name else f"with the shortcut {said.shortcut}"
            raise NameTakenError(f"there is a panel {what} already: {other.title}")
    _further.append(path)


def specs() -> tuple[PanelSpec, ...]:
    """Every panel, in the order of the View menu."""
    return tuple(sorted((*_own(), *filter(None, map(described, _further))), key=lambda spec: spec.order))


@cache
def _own() -> tuple[PanelSpec, ...]:
    return tuple(filter(None, map(described, sorted(_FOLDER.glob("*.py")))))


def described(file: Path) -> PanelSpec | None:
    """What the panel in a file says of itself; None where the file holds none. Raises ValueError for a place that
    there is not."""
    text = file.read_text(encoding="utf-8")
    for start in _CLASS.finditer(text):
        end = _CLASS.search(text, start.end())
        said = {one[1]: one[2] for one in _SAID.finditer(text, start.end(), end.start() if end else len(text))}
        if {"name", "title", "dock"} <= said.keys():
            spec = PanelSpec(
                file=file, kind=start[1], **{name: ast.literal_eval(value) for name, value in said.items()}
            )
            if spec.dock[0] not in TABS:
                raise ValueError(f"{file.name}: a panel stands among {', '.join(TABS)}, not '{spec.dock[0]}'")
            return spec
    return None
