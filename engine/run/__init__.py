"""Runs a plan: the loop that drives a method, its controls, and the host that keeps it in the background.

Importing it loads no torch: the host imports the loop, and all that the loop needs, in the engine's own thread.
Nothing here knows a panel.
"""

from engine.run.controls import Controls, Stopped
from engine.run.host import Host, State, ThreadHost, launch
from engine.run.preflight import RunError, prepare

__all__ = ["Controls", "Host", "RunError", "State", "Stopped", "ThreadHost", "launch", "prepare"]
