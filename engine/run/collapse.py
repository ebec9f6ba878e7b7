"""How healthy a one-shot search is: what its derived cell is made of, how open its choices are, and when to warn.

Without torch or Qt: the driver judges each look by these rules, and the window says the same of any moment of a
session. The rules:

1. Skips: half of the derived normal cell's edges, or more, are skip connections. DARTS's known way to fail (Chen et al.
   2019, P-DARTS, section 3.3; Zela et al. 2020); P-DARTS itself keeps 2 of 8. The threshold is ours.
2. Nothing to learn: three quarters or more are skips and pools. Ours.
3. Sharpness: the mean of the last 5 eigenvalues is more than 1/0.75 times that of the 5 before: the early stopping of
   Zela et al. 2020, section 4.3, recalled from memory, with measurements in place of epochs.

Rules 1 and 2 do not count while the weights are still nearly equal, since nothing is decided then; and they raise an
alarm only once they have held for a whole epoch. Last healthy is the look before they began to hold; for rule 3 it is
the measurement 5 back, as in its source.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.space.architecture import Architecture, named_cells
from engine.space.cells import Cell
from engine.space.operations import OPERATIONS

SKIPS = 0.5
FREE = 0.75
GROWTH = 1 / 0.75
WINDOW = 5
OPEN = 0.99
"""From this share of the greatest entropy on, weights count as equal: a spread of about a fifth around their mean. In
darts-digits pools lead on most edges until then, since they need no training, and give way afterwards."""


@dataclass(frozen=True)
class Composition:
    """What a derived cell's edges carry: how many skips and pools there are among all edges that are not "none"."""

    skips: int
    pools: int
    edges: int

    @property
    def skip_share(self) -> float:
        """0 to 1; NaN for a cell without edges."""
        return self.skips / self.edges if self.edges else math.nan

    @property
    def free_share(self) -> float:
        """Of skips and pools, which have nothing to learn: 0 to 1."""
        return (self.skips + self.pools) / self.edges if self.edges else math.nan


def composition(cell: Cell) -> Composition:
    """Count the operations of a cell by what they are."""
    kinds = [OPERATIONS[edge.operation].kind for node in cell.nodes for edge in node.inputs]
    return Composition(kinds.count("skip"), kinds.count("pool"), len(kinds) - kinds.count("none"))


def judged(architecture: Architecture) -> tuple[str, Cell]:
    """The cell that the alarm watches, the normal or only one, and its name."""
    return named_cells(architecture)[0]


def titled(cell: str) -> str:
    """What a cell is called in a line: "normal cell", or "cell" where there is one kind alone."""
    return cell if cell == "cell" else f"{cell} cell"


def fault(cell: str, made_of: Composition) -> str:
    """What is wrong with such a cell by rules 1 and 2, in words; "" where nothing is."""
    name = f"the {titled(cell)}"
    if made_of.skip_share >= SKIPS:
        return f"{name} is collapsing onto skip connections: {of_edges(made_of.skips, made_of.edges, 'skip')}"
    if made_of.free_share >= FREE:
        number = made_of.skips + made_of.pools
        return (
            f"{name} is collapsing onto operations that learn nothing: "
            f"{of_edges(number, made_of.edges, 'skip or pool', 'skips and pools')}"
        )
    return ""


def of_edges(number: int, edges: int, one: str, many: str = "") -> str:
    """`of_edges(6, 8, "skip")` is "6 of 8 edges are skips", and of 1 "1 of 8 edges is a skip"."""
    what = f"is a {one}" if number == 1 else f"are {many or one + 's'}"
    return f"{number} of {edges} edges {what}"


def entropies(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean entropy of each cell's edges: in nats, and as a share of the greatest, the log of the number of operations.

    Args:
        weights: softmaxed, (..., cells, edges, operations), NaN for what an edge does not carry. Edges with a single
            operation have no choice and do not count; a cell of only such edges has NaN.
    """
    carried = np.isfinite(weights).sum(-1)
    safe = np.where(weights > 0, weights, 1.0).astype(float)  # 0 log 0 = 0; NaN is not > 0
    each = np.where(carried > 1, -(safe * np.log(safe)).sum(-1), np.nan)
    share = each / np.log(np.maximum(carried, 2))
    count = (carried > 1).sum(-1)
    with np.errstate(invalid="ignore"):
        return np.nansum(each, -1) / count, np.nansum(share, -1) / count


def told_of_weights(cells: Sequence[str], weights: np.ndarray) -> dict[str, float]:
    """What is recorded of weights (cells, edges, operations), by series; nothing of a cell without a choice."""
    told: dict[str, float] = {}
    for cell, nats, share in zip(cells, *entropies(weights), strict=True):
        if not math.isnan(nats):
            told |= {f"entropy ({cell})": float(nats), f"share of most entropy ({cell})": 100 * float(share)}
    return told


def told_of_cells(architecture: Architecture) -> dict[str, float]:
    """What is recorded of derived cells, by series; nothing of a cell without edges."""
    told: dict[str, float] = {}
    for name, made_of in ((name, composition(cell)) for name, cell in named_cells(architecture)):
        if made_of.edges:
            told[f"share of skips ({name})"] = 100 * made_of.skip_share
            told[f"share of parameter-free ({name})"] = 100 * made_of.free_share
    return told


def growth(eigenvalues: Sequence[float]) -> float:
    """How many times the mean of the last 5 eigenvalues is that of the 5 before; NaN before there are 10."""
    last = list(eigenvalues)[-2 * WINDOW :]
    if len(last) < 2 * WINDOW:
        return math.nan
    before, now = sum(last[:WINDOW]) / WINDOW, sum(last[WINDOW:]) / WINDOW
    return now / before if before > 0 else math.nan


@dataclass(frozen=True)
class Moment:
    """A look at a search: after which step (from 0), when (seconds of the session), and what was derived."""

    step: int
    at: float
    derived: Architecture


@dataclass(frozen=True)
class Alarm:
    """What is wrong, in words, and the last moment at which it was not, if there was one."""

    text: str
    healthy: Moment | None


class Health:
    """Follows a search and raises an alarm when it begins to collapse, once, and again only after it has recovered.

    A search that begins anew with other operations needs a new one. `patience` is the number of steps for which rules 1
    and 2 have to hold.
    """

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._healthy: Moment | None = None  # the last one by rules 1 and 2
        self._since: int | None = None  # the step at which they began to hold
        self._measured: deque[tuple[Moment, float]] = deque(maxlen=2 * WINDOW)
        self._raised = self._raised_by_growth = False

    def look(self, moment: Moment, openness: float) -> Alarm | None:
        """Judge a derived cell. `openness`: share of the greatest entropy in the watched cell's weights."""
        name, cell = judged(moment.derived)
        text = "" if openness >= OPEN else fault(name, composition(cell))
        if not text:
            self._healthy, self._since, self._raised = moment, None, False
            return None
        if self._since is None:
            self._since = moment.step
        if self._raised or moment.step - self._since < self._patience:
            return None
        self._raised = True
        return Alarm(text, self._healthy)

    def measured(self, moment: Moment, eigenvalue: float) -> Alarm | None:
        """Judge a measurement of the dominant eigenvalue."""
        self._measured.append((moment, eigenvalue))
        values = [value for _, value in self._measured]
        times = growth(values)
        if not times > GROWTH:
            self._raised_by_growth = False
            return None
        if self._raised_by_growth:
            return None
        self._raised_by_growth = True
        before, now = (sum(part) / WINDOW for part in (values[:WINDOW], values[WINDOW:]))
        return Alarm(
            f"the validation loss is growing sharp in the architecture weights: the Hessian's largest eigenvalue is "
            f"{times:.1f} times what it was ({before:.3g} to {now:.3g}, means of {WINDOW} measurements)",
            self._measured[WINDOW - 1][0],
        )
