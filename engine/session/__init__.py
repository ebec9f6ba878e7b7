"""The session: append-only tables that the engine fills, the HDF5 file that mirrors them, the follower, and recovery.

The only thing that passes from engine to app. No torch and no Qt here; h5py nowhere else.
"""

from .header import Header
from .reader import Reader, add_mark, read, rescue
from .record import Recorder
from .schema import LEVELS, ORIGINS, OUTCOMES, STATES, TABLES, SessionError
from .summary import Summary, summary
from .view import SessionSource, View

__all__ = [
    "LEVELS",
    "ORIGINS",
    "OUTCOMES",
    "STATES",
    "TABLES",
    "Header",
    "Reader",
    "Recorder",
    "SessionError",
    "SessionSource",
    "Summary",
    "View",
    "add_mark",
    "read",
    "rescue",
    "summary",
]
