"""Asks where a picture, data or anything else is to be saved, and says what went wrong."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

PICTURES = "PNG picture (*.png);;SVG drawing (*.svg)"
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
        path = path.with_suffix(".svg" if "svg" in kind else Path(proposal).suffix)
    try:
        save(path)
    except OSError as error:
        failed(path, error.strerror or str(error))
        return False
    return True


def as_text(data: Data, separator: str) -> str:
    """Data with a header line, as CSV or as spreadsheets take them from the clipboard."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerows([data[0], *data[1]])
    return out.getvalue()
