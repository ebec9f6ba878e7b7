"""How a controller stood to its decisions after every update, as arrays."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.session import View


@dataclass(frozen=True, eq=False)
class Standing:
    """Entropies (nats) after each update: decisions x updates. What was not noted at an update is NaN, and row -1."""

    decisions: np.ndarray  # their numbers, rising
    steps: np.ndarray  # of the updates, in the order of time
    starts: np.ndarray  # the first row of each update
    entropy: np.ndarray
    row: np.ndarray  # of the table, from which text is read

    def until(self, rows: int) -> "Standing":
        """How it stood when the table had so many rows."""
        updates = int(np.searchsorted(self.starts, rows))
        row = np.where(self.row[:, :updates] < rows, self.row[:, :updates], -1)
        born = (row >= 0).any(axis=1)
        entropy = np.where(row >= 0, self.entropy[:, :updates], np.nan)
        return Standing(self.decisions[born], self.steps[:updates], self.starts[:updates], entropy[born], row[born])


def standing(view: "View") -> Standing:
    """All updates of a view: runs of rows of one step, whose decisions rise."""
    rows = view.rows("policy")
    numbers = rows["decision"].astype(np.int64)
    new = (np.diff(rows["step"]) != 0) | (np.diff(numbers) <= 0)
    starts = np.flatnonzero(np.concatenate([[True], new])[: len(rows)])
    update = np.searchsorted(starts, np.arange(len(rows)), side="right") - 1
    decisions, place = np.unique(numbers, return_inverse=True)
    shape = (len(decisions), len(starts))
    entropy, row = np.full(shape, np.nan), np.full(shape, -1, np.int64)
    entropy[place, update] = rows["entropy"]
    row[place, update] = np.arange(len(rows))
    return Standing(decisions, rows["step"][starts], starts, entropy, row)
