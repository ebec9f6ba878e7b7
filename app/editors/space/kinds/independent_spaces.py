"""Spaces whose decisions do not depend on each other: every question is a slot. Their pictures are elsewhere."""

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import msgspec

from app.editors.space.kinds.choices import DiagramRef, Key, Part, Slot, SpaceKind, Wish
from app.graph.kinds import Choice, NodeRef
from engine.space.factorized_space import IndependentSpace, Only
from engine.space.operations import OPERATIONS
from engine.space.recurrent import ACTIVATIONS

TINTS = {
    **{one.label: one.kind for one in OPERATIONS.values()},
    **{"tanh": "separable", "relu": "convolution", "sigmoid": "dilated", "identity": "skip"},
}
"""Colours of choices by what they are called; activations have those of ../kinds/recurrent.py."""
LEFT_OUT = frozenset({"no", "no edge", "none"})
"""Choices that mean that something is not there."""


PLACE = re.compile(r"^(layer \d+|node \d+|memory) ")
"""What a question is asked of."""


class Questions(SpaceKind[IndependentSpace]):
    """Keys are the labels of decisions. Subclasses say on which diagram a question stands, and draw the diagrams."""

    other_tint: ClassVar[str] = "none"
    """The colour of choices that are no operations."""

    @abstractmethod
    def diagram(self, label: str) -> str:
        """The diagram that a question belongs to."""

    def title(self, label: str) -> str:
        """What sentences call a question on its diagram."""
        return label

    @abstractmethod
    def parts_of(self, space: IndependentSpace, label: str) -> Sequence[Part]:
        """The parts of the picture that show a question."""

    def named(self, name: str) -> Choice:
        return Choice(name, name, TINTS[name]) if name in ACTIVATIONS else super().named(name)

    def slots(self, space: IndependentSpace) -> dict[Key, Slot]:
        return dict(_slots(self, space))

    def keys(self, space: IndependentSpace, part: Part) -> Sequence[Key]:
        if isinstance(part, DiagramRef):
            # All that is asked of the diagram's boxes, or, where nothing is, of its edges.
            here = [key for key, slot in _slots(self, space).items() if slot.diagram == part.diagram]
            boxes = [key for key in here if isinstance(self.parts(space, key)[0], NodeRef)]
            return boxes or here
        return _asked_at(self, space).get(part, ())

    def parts(self, space: IndependentSpace, key: Key) -> Sequence[Part]:
        return self.parts_of(space, str(key))

    def with_wishes(self, space: IndependentSpace, wishes: Mapping[Key, Wish]) -> IndependentSpace:
        edits = {edit.place: edit.choices for edit in space.restrictions}
        slots = _slots(self, space)
        for key, wish in wishes.items():
            names = tuple(choice.name for choice in slots[key].choices if choice.name in wish.allowed)
            edits[str(key)] = names
            if len(names) == len(slots[key].choices):
                del edits[str(key)]
        kept = tuple(Only(place=str(key), choices=edits[str(key)]) for key in slots if key in edits)
        return msgspec.structs.replace(space, restrictions=kept)

    def with_palette(self, space: IndependentSpace, names: Sequence[str]) -> IndependentSpace:
        field = self.palette(space)
        before: tuple[str, ...] = getattr(space, field)
        kept = [name for name in before if name in names or name not in getattr(space, "decided", before)]
        return space.changed(**{field: (*kept, *(name for name in names if name not in before))})

    def with_setting(self, space: IndependentSpace, name: str, value: Any) -> IndependentSpace:
        return super().with_setting(space, name, value) if name == "limits" else space.changed(**{name: value})


@lru_cache(maxsize=16)
def _slots(kind: Questions, space: IndependentSpace) -> Mapping[Key, Slot]:
    found: dict[Key, Slot] = {}
    for whole, open_now in zip(space.asked(), space.open(), strict=True):
        name, names = whole.decision.label, whole.decision.choices
        choices = tuple(Choice(choice, choice, TINTS.get(choice, kind.other_tint)) for choice in names)
        nothing = LEFT_OUT & set(names)
        allowed = frozenset(open_now.decision.choices)
        found[name] = Slot(
            name,
            kind.diagram(name),
            kind.title(name),
            choices,
            allowed,
            sort=whole.decision.kind if nothing else PLACE.sub("", name),
            nothing=nothing,
            optional=bool(nothing),
            always=bool(nothing) and not allowed & nothing,
        )
    return found


@lru_cache(maxsize=16)
def _asked_at(kind: Questions, space: IndependentSpace) -> Mapping[Part, Sequence[Key]]:
    found: dict[Part, list[Key]] = {}
    for key in _slots(kind, space):
        for part in kind.parts(space, key):
            found.setdefault(part, []).append(key)
    return found
