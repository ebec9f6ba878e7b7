"""Runs a plan: the loop that drives a method, its controls, and the host that keeps it in the background.

Importing this room loads no torch; the loop reaches data, methods and evaluators lazily, in the engine's own thread.
Nothing here knows a panel.
"""

from engine.run.controls import Controls, Stopped
from engine.run.host import Host, State, ThreadHost, launch
from engine.run.start import RunError, kind, prepare

__all__ = ["Controls", "Host", "RunError", "State", "Stopped", "ThreadHost", "kind", "launch", "prepare"]
