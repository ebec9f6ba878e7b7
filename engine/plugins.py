"""Plug-ins: Python files, or installed packages, that register methods, spaces, evaluators, data sets and panels.

Nothing but the person who starts the program can name one: by `--plugin FILE.py`, or by installing a package with an
entry point in `GROUP`. What is read from a session, a plan or a table never comes here.
"""

import sys
import traceback
import zlib
from collections.abc import Sequence
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

GROUP = "cellwright.plugins"
"""The group of entry points that packages name a module in."""

OPTION = "--plugin"

_loaded: list[str] = []


class PluginError(ValueError):
    """A plug-in that cannot be loaded: in one line, which one and why."""


def loaded() -> tuple[str, ...]:
    """The files that were loaded, in order, for processes that are to know the same things."""
    return tuple(_loaded)


def load(file: str | Path) -> ModuleType:
    """Run a plug-in's file, once. Raises PluginError."""
    path = Path(file).expanduser().resolve()
    name = f"cellwright_plugin_{path.stem}_{zlib.crc32(str(path).encode()):08x}"
    if name in sys.modules:
        return sys.modules[name]
    if not path.is_file():
        raise PluginError(f"the plug-in {file}: there is no such file")
    spec = spec_from_file_location(name, path)
    if path.suffix != ".py" or spec is None or spec.loader is None:
        raise PluginError(f"the plug-in {file}: its name must end in .py")
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # for what it imports from its own folder
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as fault:
        del sys.modules[name]
        raise PluginError(f"the plug-in {file}: {_why(fault, path)}") from fault
    _loaded.append(str(path))
    return module


def load_installed() -> None:
    """Load what installed packages bring. Raises PluginError."""
    for point in entry_points(group=GROUP):
        try:
            point.load()
        except Exception as fault:
            raise PluginError(f"the installed plug-in {point.name} ({point.value}): {_why(fault)}") from fault


def load_named(arguments: Sequence[str]) -> list[str]:
    """Load the installed plug-ins and those that the command line names; returns the rest of it. Raises PluginError."""
    rest, files = [], []
    words = iter(arguments)
    for word in words:
        option, equals, file = word.partition("=")
        if option != OPTION:
            rest.append(word)
            continue
        if not (file := file if equals else next(words, "")):
            raise PluginError(f"{OPTION} needs the name of a Python file")
        files.append(file)
    load_installed()
    for file in files:
        load(file)
    return rest


def _why(fault: Exception, path: Path | None = None) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(fault.__traceback__) if frame.filename == str(path)]
    if isinstance(fault, SyntaxError) and fault.filename == str(path):
        lines = [fault.lineno]
    where = f" (line {lines[-1]})" if lines else ""
    return f"{type(fault).__name__}: {' '.join(str(fault).split())[:200] or 'no message'}{where}"
