"""Asks where a picture, data or anything else is to be saved, and says what went wrong."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from engine.space.operations import OPERATIONS

TABLES = "CSV table (*.csv)"

Data = tuple[list[str], list[tuple[Any, ...]]]
"""Column names, and rows of plain values."""


def save_as(
    parent: QWidget,
    caption: str,
    proposal: str,
    kinds: str,
    save: Callable[[Path], object],
    failed: Callable[[Path, str], object],
) -> bool:
    """Have a person name a file, by default that of the proposal, and `save` it there. Whether it was saved.

    Without a suffix it gets that of the kind that was chosen. `failed` gets the reason where it cannot be written.
    """
    name, kind = QFileDialog.getSaveFileName(parent, caption, proposal, kinds)
    if not name:
        return False
    path = Path(name)
    if not path.suffix:
        suffix = next((suffix for suffix in (".svg", ".pdf") if suffix in kind), Path(proposal).suffix)
        path = path.with_suffix(suffix)
    try:
        save(path)
    except OSError as error:
        failed(path, error.strerror or str(error))
        return False
    return True


def as_text(data: Data, separator: str) -> str:
    """Data with a header line, as CSV or as spreadsheets take them from the clipboard: operations by their names in
    notations (`dil_conv_3x3`), and signs that every keyboard has."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerows([_plain(cell) for cell in row] for row in (data[0], *data[1]))
    return out.getvalue()


def _plain(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    return NAMES.get(cell) or cell.translate(_SIGNS)


NAMES = {operation.label: name for name, operation in reversed(OPERATIONS.items())}
"""From what pictures call an operation to its name; of two that look alike the first, which published cells have."""
_SIGNS = str.maketrans({"−": "-", "×": "x", "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": ""})
