"""The space being edited, and everything that can be done to it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from app.editors.document import Document, State
from app.editors.space.kinds.cell_spaces import CellSpaces
from app.editors.space.kinds.chain_spaces import Networks, RecurrentCells
from app.editors.space.kinds.choices import DiagramRef, Drawn, Key, Part, Slot, SpaceKind, Wish
from app.editors.space.kinds.motif_spaces import MotifSpaces
from app.editors.space.kinds.tree_spaces import Trees
from app.graph.model import Diagram, titled
from engine.space import Space
from engine.space.cell_space import CellSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.limits import Limit
from engine.space.motif_space import MotifSpace
from engine.space.nas_rl import NasRlSpace
from engine.space.nas_rl_recurrent import NasRlRecurrentSpace
from engine.space.recurrent_space import RecurrentSpace
from engine.space.text import presets

KINDS: tuple[tuple[type, SpaceKind[Any]], ...] = (
    (CellSpace, CellSpaces()),
    (NasRlSpace, Networks()),
    (EnasMacroSpace, Networks()),
    (MotifSpace, MotifSpaces()),
    (RecurrentSpace, RecurrentCells()),
    (NasRlRecurrentSpace, Trees()),
)


class Unknown(SpaceKind[Any]):
    """A space whose picture nobody has drawn yet: its settings and its numbers are there all the same."""

    def slots(self, space: Any) -> dict[Key, Slot]:
        return {}

    def drawn(self, space: Any) -> tuple[Drawn, ...]:
        return ()

    def keys(self, space: Any, part: Part) -> Sequence[Key]:
        return ()

    def parts(self, space: Any, key: Key) -> Sequence[Part]:
        return ()

    def with_wishes(self, space: Any, wishes: Mapping[Key, Wish]) -> Any:
        return space

    def with_palette(self, space: Any, names: Sequence[str]) -> Any:
        return space


UNKNOWN = Unknown()


def kind_of(space: Space) -> SpaceKind[Any]:
    """The kind of a space."""
    return next((kind for known, kind in KINDS if isinstance(space, known)), UNKNOWN)


class SpaceDocument(Document[Space]):
    """Every change of the space goes through here, as a command that can be undone."""

    # -- how things stand

    @property
    def space(self) -> Space:
        return self.value

    @property
    def kind(self) -> SpaceKind[Any]:
        return kind_of(self.space)

    @property
    def title(self) -> str:
        """The name of the preset that the space is, else its kind, edited."""
        return next((name for name, known in presets().items() if known == self.space), f"{self.space.title} · edited")

    def drawn(self) -> tuple[Drawn, ...]:
        return self.kind.drawn(self.space)

    def diagrams(self) -> tuple[Diagram, ...]:
        return tuple(drawn.diagram for drawn in self.drawn())

    def slots(self) -> dict[Key, Slot]:
        return self.kind.slots(self.space)

    def selected_slots(self) -> list[Slot]:
        """The slots that the selected parts stand for, in the order of the table."""
        wanted = {key for part in self.selection for key in self.kind.keys(self.space, part)}
        return [slot for key, slot in self.slots().items() if key in wanted]

    def name(self, slots: Iterable[Slot]) -> str:
        """What sentences call some slots."""
        slots = list(slots)
        if len(slots) > 1:
            return f"{len(slots)} {self.kind.places}"
        slot = slots[0]
        several = len({one.diagram for one in self.slots().values()}) > 1
        return f"{titled(slot.diagram)}, {slot.title}" if several and not slot.whole else slot.title

    def select_slots(self, keys: Iterable[Key]) -> None:
        """Select the parts that show these slots."""
        self.select(part for key in keys for part in self.kind.parts(self.space, key))

    # -- edits

    def show(self, space: Space, text: str = "") -> None:
        """Show another space that was chosen elsewhere: as one more step, called `text`, or as a new beginning."""
        if space == self.space:
            return
        if text:
            self.push(text, self._with(space), quiet=True)
        else:
            self.stack.clear()
            self.put(State(space))

    def replace(self, space: Space, text: str) -> bool:
        """Put another space in place of this one."""
        return self._edit(text, lambda old: space)

    def allow(self, names: Iterable[str], on: bool, keys: Collection[Key] | None = None) -> bool:
        """Let the selected slots (or those of them with these keys) have these choices, or not.

        Without a selection, the whole space.
        """
        names = frozenset(names)
        slots = self._chosen(keys)
        labels = " and ".join(self._labels(names))
        if not slots:
            kept = [choice for choice in self.palette() if choice not in names]
            wanted = [*self.palette(), *(name for name in names if name not in self.palette())] if on else kept
            text = f"{'allow' if on else 'remove'} {labels}"
            return self._edit(text, lambda old: self.kind.with_palette(old, wanted))
        text = f"{'allow' if on else 'exclude'} {labels}: {self.name(slots)}"
        return self._wish(text, {s.key: Wish(s.allowed | names if on else s.allowed - names, s.always) for s in slots})

    def allow_only(self, names: Iterable[str], always: bool = False, keys: Collection[Key] | None = None) -> bool:
        """Let the selected slots (or those of them with these keys) have exactly these choices."""
        names = frozenset(names)
        slots = self._chosen(keys)
        if not slots:
            return self.refuse("select something first")
        labels = " and ".join(self._labels(names)) if len(names) < 3 else f"{len(names)} {self.kind.noun}"
        return self._wish(f"only {labels}: {self.name(slots)}", {slot.key: Wish(names, always) for slot in slots})

    def forbid(self) -> bool:
        """Leave out what is selected."""
        slots, wishes = self.slots(), dict[Key, Wish]()
        for part in self.selection:
            choice = self.kind.choice(self.space, part)
            for slot in (slots[key] for key in self.kind.keys(self.space, part)):
                if choice:
                    before = wishes[slot.key].allowed if slot.key in wishes else slot.allowed
                    wishes[slot.key] = Wish(before - {choice})
                elif slot.optional:
                    wishes[slot.key] = slot.left_out()
        if not wishes:
            return self.refuse("select an edge that can be left out")
        return self._wish(f"forbid {self.name(slots[key] for key in wishes)}", wishes)

    def require(self, on: bool) -> bool:
        """Ask for what is selected in any case, or no longer."""
        slots, wishes = self.slots(), dict[Key, Wish]()
        for part in self.selection:
            choice = self.kind.choice(self.space, part)
            for slot in (slots[key] for key in self.kind.keys(self.space, part)):
                if choice:
                    wishes[slot.key] = Wish(frozenset([choice]) if on else _everything(slot))
                elif slot.optional:
                    wishes[slot.key] = slot.required(on)
        if not wishes:
            return self.refuse("select an edge that can be asked for")
        return self._wish(f"{'always' if on else 'not always'}: {self.name(slots[key] for key in wishes)}", wishes)

    def free(self) -> bool:
        """Take back what was edited in the selected slots."""
        slots = self.selected_slots()
        if not any(slot.edited for slot in slots):
            return self.refuse("nothing was edited there")
        return self._wish(f"free {self.name(slots)}", {slot.key: Wish(_everything(slot)) for slot in slots})

    def set(self, name: str, value: Any, label: str) -> bool:
        """Give a setting of the space another value."""
        return self._edit(f"set {label.lower()}", lambda old: self.kind.with_setting(old, name, value))

    def limit(self, limits: tuple[Limit, ...]) -> str:
        """Put other limits in place of those there are. Gives the reason where that cannot be, for who asked to say."""
        return self.attempt("set limits", lambda: self._with(self.kind.with_setting(self.space, "limits", limits)))

    def palette(self) -> list[str]:
        """The choices of the whole space."""
        names: tuple[str, ...] = getattr(self.space, self.kind.palette(self.space), ())
        decided = getattr(self.space, "decided", names)
        return [name for name in names if name in decided]

    def _chosen(self, keys: Collection[Key] | None) -> list[Slot]:
        return [slot for slot in self.selected_slots() if keys is None or slot.key in keys]

    def _labels(self, names: Iterable[str]) -> list[str]:
        known = {choice.name: choice.label for slot in self.slots().values() for choice in slot.choices}
        return [known.get(name, name) for name in sorted(names)]

    def _wish(self, text: str, wishes: Mapping[Key, Wish]) -> bool:
        return self._edit(text, lambda old: self.kind.with_wishes(old, wishes))

    def _edit(self, text: str, edit: Callable[[Space], Space]) -> bool:
        return self.edit(text, lambda: self._with(edit(self.space)))

    def _with(self, space: Space) -> State[Space]:
        """Another space, in which those of the selected parts stay selected that it has, too."""
        diagrams = {drawn.diagram.name: drawn.diagram for drawn in kind_of(space).drawn(space)}
        before = {diagram.name: diagram for diagram in self.diagrams()}
        kept = {
            part
            for part in self.selection
            if part.diagram in diagrams
            and (isinstance(part, DiagramRef) or _alike(diagrams[part.diagram], before[part.diagram]))
        }
        return State(space, frozenset(kept))


def _everything(slot: Slot) -> frozenset[str]:
    return frozenset(choice.name for choice in slot.choices)


def _alike(diagram: Diagram, other: Diagram) -> bool:
    """Whether two diagrams have the same nodes and edges, whatever stands in them."""

    def shape(diagram: Diagram) -> tuple[list[int], list[tuple[int, int]]]:
        return [node.number for node in diagram.nodes], [(edge.source, edge.target) for edge in diagram.edges]

    return shape(diagram) == shape(other)
