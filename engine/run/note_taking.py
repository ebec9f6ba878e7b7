"""Records what a sampling method wants recorded beside its candidates."""

from typing import Any

from engine.search.notes import Line, Note, Point, Policy, Predicted, Scalar
from engine.session import Recorder
from engine.space.architecture import to_bytes


class Notebook:
    """Takes a method's notes over into the session."""

    def __init__(self, recorder: Recorder, method: Any) -> None:
        self._recorder, self._method = recorder, method

    def take(self) -> None:
        """Record what the method has noted since the last call."""
        for note in self._method.notes():
            self._record(note)

    def _record(self, note: Note) -> None:
        recorder = self._recorder
        match note:
            case Scalar(name, value, step, unit):
                recorder.scalar(name, value, step=step, unit=unit)
            case Policy():
                recorder.policy(*note)
            case Predicted(candidate, value, spread):
                recorder.prediction(candidate, value, spread)
            case Point(candidate, start, step, x, y, predicted, architecture):
                written = to_bytes(architecture)
                recorder.point(written, x, y, candidate=candidate, start=start, step=step, predicted=predicted)
            case Line(text, level):
                recorder.log(text, level)
