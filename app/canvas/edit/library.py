"""Menus of published architectures, grouped by what they were found for."""

from collections.abc import Callable, Iterable

from PySide6.QtWidgets import QMenu

from engine.space.architecture import Architecture
from engine.space.library import Published, cells

Take = Callable[[Architecture, str], object]
Source = tuple[str, Callable[[], tuple[Architecture, str] | None]]
"""A name in the menu, and what gives the architecture and its title when it is chosen."""


def fill(menu: QMenu, take: Take, others: Iterable[Source] = ()) -> None:
    """Fill a menu with `others` and every published architecture; `take` gets the one that is chosen."""
    menu.clear()
    for name, find in others:
        menu.addAction(name).triggered.connect(lambda checked=False, find=find: _given(find(), take))
    if menu.actions():
        menu.addSeparator()
    for published in cells():
        action = menu.addAction(published.name)
        action.setToolTip(described(published))
        action.triggered.connect(lambda checked=False, one=published: take(one.architecture, one.name))
    menu.setToolTipsVisible(True)


def described(published: Published) -> str:
    """Where an architecture comes from, and what its paper says of it."""
    parts = [published.source]
    if published.error is not None:
        spread = f" ± {published.spread}" if published.spread else ""
        parts.append(f"{published.measure} on {published.data}: {published.error}{spread}")
    if published.parameters is not None:
        parts.append(f"{published.parameters} M parameters")
    return "\n".join(parts)


def _given(found: tuple[Architecture, str] | None, take: Take) -> None:
    if found is not None:
        take(*found)
