"""Whose cell the canvas shows at a moment of a session, and what is said about it. Without Qt."""

from dataclasses import dataclass
from functools import lru_cache

from app.panels.candidate_text import outcome_text, score_text
from engine.session import View
from engine.session.queries.best import best, latest
from engine.space.architecture import Architecture, ArchitectureError, from_bytes
from engine.words import score

NOTHING = "The derived cell appears here once a search runs"
NO_SCORE = "The best cell appears here once a candidate is scored"

_decoded = lru_cache(maxsize=1024)(from_bytes)


@dataclass(frozen=True)
class DisplayedArchitecture:
    """An architecture (or None), what is said about it, and the one that it is compared with: the one derived before,
    or a candidate's parent. `names` are those of the parent and of the candidate."""

    architecture: Architecture | None
    caption: str
    before: Architecture | None = None
    names: tuple[str, str] | None = None


class ArchitectureFinder:
    """Finds what to show of a view."""

    def find(self, view: View | None, selection: int | None, point: int | None = None) -> DisplayedArchitecture:
        """The point of the embedding asked for; else the selected candidate; else what a one-shot search has derived;
        else the best candidate so far."""
        if view is None:
            return DisplayedArchitecture(None, NOTHING)
        try:
            if point is not None and 0 <= point < len(view.rows("embedding")):
                return _point(view, point)
            if selection is not None and 0 <= selection < len(view.rows("candidates")):
                return _candidate(view, selection, "candidate")
            if len(view.rows("derived")):
                return self._derived(view)
            found = best(view)
            if found is not None and found.candidate is not None:
                return _candidate(view, found.candidate, "best so far: candidate")
        except ArchitectureError as error:
            return DisplayedArchitecture(None, f"This architecture cannot be drawn: {error}")
        return DisplayedArchitecture(None, NO_SCORE if len(view.rows("candidates")) else NOTHING)

    def _derived(self, view: View) -> DisplayedArchitecture:
        rows = view.rows("derived")
        last = _decoded(view.bytes(rows["architecture"][-1]))
        before = _decoded(view.bytes(rows["architecture"][-2])) if len(rows) > 1 else None
        caption = f"derived at step {int(rows['step'][-1]) + 1:,}"
        found = latest(view)
        if found is not None:
            caption += f" · shared network {score(found.score, found.unit)} after {found.moment}"
        return DisplayedArchitecture(last, caption, before)


def _candidate(view: View, number: int, what: str) -> DisplayedArchitecture:
    row = view.rows("candidates")[number]
    parent = int(row["parent"])
    before = _decoded(view.bytes(view.rows("candidates")["architecture"][parent])) if parent >= 0 else None
    words = [f"{what} #{number}", outcome_text(view, number, told=False) or "not scored yet"]
    if parent >= 0:
        words.append(f"child of #{parent}")
    words.append(view.text(row["change"]))
    names = (f"#{parent}", f"#{number}") if parent >= 0 else None
    return DisplayedArchitecture(
        _decoded(view.bytes(row["architecture"])), " · ".join(filter(None, words)), before, names
    )


def _point(view: View, number: int) -> DisplayedArchitecture:
    """What a point of a learnt space is read as, beside the candidate that its path began at."""
    row = view.rows("embedding")[number]
    start, predicted = int(row["start"]), float(row["predicted"])
    words = [f"step {int(row['step'])} from #{start}" if start >= 0 else "a point of the embedding"]
    if predicted == predicted:
        words.append(f"predicted {score_text(view, predicted)}")
    before = _decoded(view.bytes(view.rows("candidates")["architecture"][start])) if start >= 0 else None
    names = (f"#{start}", words[0]) if start >= 0 else None
    return DisplayedArchitecture(_decoded(view.bytes(row["architecture"])), " · ".join(words), before, names)
