"""The headless commands: run, queue, presets, show, count, export, import-table, import-log. Other programs call them,
so what they print is stable.

No torch at import and no Qt ever; a command does its work through engine.run and engine.session, as the window does.
"""

from engine.commands.cli import COMMANDS, main
from engine.commands.exits import complain, ensure_streams
from engine.commands.window import missing_library, obstacle

__all__ = ["COMMANDS", "complain", "ensure_streams", "main", "missing_library", "obstacle"]
