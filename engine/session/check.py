"""Whether rows from a file make sense together: whoever looks at them may then follow every number and every
reference without a thought."""

import numpy as np

from .schema import SPECS, TEXT, Rows, SessionError, TableSpec
from .view import SessionSource

_REFERENCES = {  # (table, column): (the table whose rows it numbers, its smallest value)
    ("scalars", "series"): ("series", 0),
    ("scalars", "candidate"): ("candidates", -1),
    ("candidates", "parent"): ("candidates", -1),
    ("scores", "candidate"): ("candidates", 0),
    ("deaths", "candidate"): ("candidates", 0),
    ("measures", "candidate"): ("candidates", 0),
    ("predictions", "candidate"): ("candidates", 0),
    ("embedding", "candidate"): ("candidates", -1),
    ("embedding", "start"): ("candidates", -1),
}


def check(source: SessionSource, tables: dict[str, Rows], text: int) -> None:
    """Check rows that are about to follow those of `source`, in a session with `text` bytes of text.

    Raises SessionError naming the table: times that do not increase, codes without a name, references to text that is
    not there or to rows that are not there yet.
    """
    for spec in SPECS:
        rows = tables[spec.name]
        if len(rows):
            _check_columns(spec, rows, source.end, text)
    for (table, column), (target, least) in _REFERENCES.items():
        rows = tables[table]
        numbers = rows[column].astype(np.int64)
        known = len(source.tables[target])
        if np.any(numbers < least) or np.any(numbers >= known + len(tables[target])):
            raise SessionError(f"table {table}: {column} numbers a row of {target} that is not there")
        new = numbers >= known
        if np.any(tables[target]["time"][numbers[new] - known] >= rows["time"][new]):
            raise SessionError(f"table {table}: {column} numbers a row of {target} that comes later")


def _check_columns(spec: TableSpec, rows: Rows, after: float, text: int) -> None:
    times = rows["time"]
    if not np.isfinite(times).all() or times[0] <= after or np.any(np.diff(times) <= 0):
        raise SessionError(f"table {spec.name}: times do not increase")
    for column in spec.columns:
        values = rows[column.name]
        if column.kind == TEXT:
            offset, length = values["offset"], values["length"].astype(np.uint64)
            end = np.uint64(text)
            if np.any(offset > end) or np.any(length > end - np.minimum(offset, end)):
                raise SessionError(f"table {spec.name}: {column.name} points outside the text")
        elif column.names and np.any(values >= len(column.names)):
            raise SessionError(f"table {spec.name}: {column.name} has a code without a name")
    if spec.name == "marks" and not np.isfinite(rows["at"]).all():
        raise SessionError("table marks: at is no time")
