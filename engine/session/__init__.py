"""The session: append-only tables that the engine fills, the HDF5 file that mirrors them, the follower, and recovery.

The only thing that passes from engine to app. No torch and no Qt here; h5py nowhere else.
"""

from engine.session.benchmark_table import ROLES, BenchmarkTable, is_table, write_table
from engine.session.lock import Busy, held
from engine.session.previous import predecessors
from engine.session.queries.summary import Summary, summary
from engine.session.reader import Reader, add_mark, copy, read, rescue
from engine.session.recorder import Recorder
from engine.session.schema import LEVELS, ORIGINS, OUTCOMES, STATES, TABLES, Header, SessionError
from engine.session.table_import import FORMS, Wishes, falls, import_table, open_table
from engine.session.view import SessionSource, View

__all__ = [
    "FORMS",
    "LEVELS",
    "ORIGINS",
    "OUTCOMES",
    "ROLES",
    "STATES",
    "TABLES",
    "BenchmarkTable",
    "Busy",
    "Header",
    "Reader",
    "Recorder",
    "SessionError",
    "SessionSource",
    "Summary",
    "View",
    "Wishes",
    "add_mark",
    "copy",
    "falls",
    "held",
    "import_table",
    "is_table",
    "open_table",
    "predecessors",
    "read",
    "rescue",
    "summary",
    "write_table",
]
