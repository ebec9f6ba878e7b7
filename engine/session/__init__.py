"""The session: append-only tables that the engine fills, the HDF5 file that mirrors them, the follower, and recovery.

The only thing that passes from engine to app. No torch and no Qt here; h5py nowhere else.
"""

from .header import Header
from .reader import Reader, add_mark, read, rescue
from .record import Recorder
from .schema import LEVELS, ORIGINS, OUTCOMES, STATES, TABLES, SessionError
from .summary import Summary, summary
from .table_file import ROLES, BenchmarkTable, is_table, write_table
from .table_import import import_npz, open_table
from .view import SessionSource, View

__all__ = [
    "LEVELS",
    "ORIGINS",
    "OUTCOMES",
    "ROLES",
    "STATES",
    "TABLES",
    "BenchmarkTable",
    "Header",
    "Reader",
    "Recorder",
    "SessionError",
    "SessionSource",
    "Summary",
    "View",
    "add_mark",
    "import_npz",
    "is_table",
    "open_table",
    "read",
    "rescue",
    "summary",
    "write_table",
]
