"""The architecture being edited, and everything that can be done to it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from PySide6.QtCore import QObject

from app.editors.document import Document, State
from app.graph.edge_routing import Point
from app.graph.kinds import Change, Choice, EdgeRef, Illegal, Kind, NodeRef, Part, kind_of
from app.graph.kinds.fragment import Fragment, copied, pasted
from app.graph.layout import Places
from app.graph.model import MOST, Diagram, DiagramNode
from engine.space.architecture import Architecture


@dataclass(frozen=True)
class Draft:
    """An architecture, what it is called, and where boxes stand that were moved by hand."""

    architecture: Architecture
    title: str = ""
    moved: tuple[tuple[NodeRef, Point], ...] = ()

    @property
    def kind(self) -> Kind[Any]:
        return kind_of(self.architecture)

    def diagrams(self) -> tuple[Diagram, ...]:
        """The diagrams, in the order in which they are drawn."""
        return self.kind.diagrams(self.architecture)

    def places(self, diagram: str) -> Places:
        """The boxes of one diagram that were moved."""
        return tuple((node.number, at) for node, at in self.moved if node.diagram == diagram)

    def placed(self, places: dict[NodeRef, Point]) -> "Draft":
        """The draft with these boxes moved, too."""
        return replace(self, moved=tuple(sorted({**dict(self.moved), **places}.items())))


DraftState: TypeAlias = State[Draft]
Edit: TypeAlias = Callable[[Kind[Any], Architecture], Change[Any]]


def edited(state: DraftState, edit: Edit) -> DraftState:
    """The state after an edit. Raises Illegal; then nothing is different."""
    change = edit(state.value.kind, state.value.architecture)
    places = {now: at for node, at in state.value.moved if (now := change.now(node)) is not None}
    draft = replace(state.value, architecture=change.architecture, moved=tuple(sorted(places.items())))
    check(draft)
    return State(draft, change.select)


def check(draft: Draft) -> Draft:
    """The draft. Raises Illegal for what is too large to be drawn."""
    for diagram in draft.diagrams():
        if diagram.size > MOST:
            raise Illegal(f"what has more than {MOST} edges and nodes is too large to be edited here")
    return draft


class ArchitectureDocument(Document[Draft]):
    """Every change of the draft goes through here, as a command that can be undone."""

    def __init__(self, draft: Draft, parent: QObject | None = None) -> None:
        super().__init__(draft, parent)
        self._drag = 0

    # -- how things stand

    @property
    def draft(self) -> Draft:
        return self.value

    @property
    def architecture(self) -> Architecture:
        return self.draft.architecture

    @property
    def kind(self) -> Kind[Any]:
        return self.draft.kind

    def diagrams(self) -> tuple[Diagram, ...]:
        return self.draft.diagrams()

    @property
    def nodes(self) -> list[NodeRef]:
        """The selected nodes, in order."""
        return sorted(part for part in self.selection if isinstance(part, NodeRef))

    @property
    def edges(self) -> list[EdgeRef]:
        """The selected edges, in order."""
        return sorted(part for part in self.selection if isinstance(part, EdgeRef))

    def node(self, ref: NodeRef) -> DiagramNode:
        """What a reference to a node means now."""
        return self.diagram(ref.diagram).by_number[ref.number]

    def name(self, part: Part) -> str:
        """What sentences call a part: node 2; edge k−2 → 0."""
        diagram = self.diagram(part.diagram)
        if isinstance(part, EdgeRef):
            edge = diagram.edges[part.index]
            return f"{self.kind.edge} {diagram.title(edge.source)} → {diagram.title(edge.target)}"
        node = diagram.by_number[part.number]
        return f"{self.kind.node} {node.title}" if node.role == "node" else f"{node.role} {node.title}"

    def select_all(self) -> None:
        """Select every node."""
        self.select(
            NodeRef(diagram.name, node.number)
            for diagram in self.diagrams()
            for node in diagram.nodes
            if node.role == "node"
        )

    # -- edits

    def open(self, architecture: Architecture, title: str) -> bool:
        """Put another architecture in place of this one. That, too, can be undone."""
        draft = Draft(architecture, title)
        if not self.edit(f"open {title}" if title else "open", lambda: State(check(draft))):
            return False
        self.stack.setClean()
        self.changed.emit()  # the mark of unsaved changes is gone
        return True

    def replace(self, architecture: Architecture, text: str) -> bool:
        """Put another architecture in place of this one, under the same title."""
        return self._edit(text, lambda kind, old: Change(architecture), forget=True)

    def add(self, diagram: str, at: Point | None = None) -> bool:
        """One more node, at a place of the diagram or where the layout puts it; in a chain, behind the selected one."""
        nodes = [node.number for node in self.nodes if node.diagram == diagram]
        after = nodes[-1] if nodes and at is None else None
        return self._edit(f"add {self.kind.node}", lambda kind, old: kind.add(old, diagram, after), at)

    def draw(self, diagram: str, source: int, target: int, name: str | None) -> bool:
        """Draw an edge."""
        titles = [self.diagram(diagram).title(number) for number in (source, target)]
        text = f"draw {self.kind.edge} {' → '.join(titles)}"
        return self._edit(text, lambda kind, old: kind.connect(old, diagram, source, target, name))

    def objection(self, diagram: str, source: int, target: int) -> str:
        """Why no edge can be drawn there, or ""."""
        return str(self.kind.objection(self.architecture, diagram, source, target))

    def offers(self, diagram: str, source: int, target: int) -> tuple[Choice, ...]:
        """What a new edge may carry."""
        return self.kind.offers(self.architecture, diagram, source, target)

    def choices(self, parts: Iterable[Part]) -> tuple[Choice, ...]:
        """What may be put on all of these parts."""
        lists = [self.kind.choices(self.architecture, part) for part in parts]
        first = lists[0] if lists else ()
        return tuple(choice for choice in first if all(choice in others for others in lists))

    def typed(self, parts: Iterable[Part], text: str) -> Choice | None:
        """What a text means for these parts that is none of the choices, such as a number of filters."""
        meant = {self.kind.typed(self.architecture, part, text) for part in parts}
        return meant.pop() if len(meant) == 1 else None

    def choose(self, parts: Iterable[Part], choice: Choice) -> bool:
        """Put something on these parts."""
        parts = sorted(parts, key=str)
        what = self.name(parts[0]) if len(parts) == 1 else f"{len(parts)} parts"
        return self._edit(f"set {what} to {choice.label}", lambda kind, old: kind.choose(old, parts, choice.name))

    def rewire(self, edge: EdgeRef, source: int, target: int) -> bool:
        """Lead an edge from and to other nodes."""
        titles = [self.diagram(edge.diagram).title(number) for number in (source, target)]
        text = f"lead {self.name(edge)} along {' → '.join(titles)}"
        return self._edit(text, lambda kind, old: kind.rewire(old, edge, source, target))

    def remove(self, parts: Iterable[Part]) -> bool:
        """Take parts away."""
        parts = sorted(parts, key=str)
        if not parts:
            return self.refuse("nothing is selected")
        what = self.name(parts[0]) if len(parts) == 1 else f"{len(parts)} parts"
        return self._edit(f"remove {what}", lambda kind, old: kind.remove(old, parts))

    def toggle(self, nodes: Iterable[NodeRef]) -> bool:
        """Let nodes join the output, or no longer."""
        nodes = sorted(nodes)
        if not nodes:
            return self.refuse(f"select the {self.kind.node} that is to join the output or no longer")
        if not self.kind.joins:
            return self.refuse("nothing can be let join the output here")
        joined = all(self.kind.joined(self.architecture, node) is not None for node in nodes)
        what = self.name(nodes[0]) if len(nodes) == 1 else f"{len(nodes)} {self.kind.node}s"
        text = f"take {what} out of the output" if joined else f"let {what} join the output"
        return self._edit(text, lambda kind, old: kind.toggle(old, nodes))

    def move(self, places: dict[NodeRef, Point], drag: int = 0) -> bool:
        """Put boxes elsewhere. Moves of the same `drag` (from `new_drag`) are undone together."""
        text = f"move {self.name(next(iter(places)))}" if len(places) == 1 else f"move {len(places)} boxes"
        self.push(text, State(self.draft.placed(places), self.selection), drag, quiet=True)
        return True

    def new_drag(self) -> int:
        """A number for the moves of one drag."""
        self._drag += 1
        return self._drag

    def tidy(self) -> bool:
        """Let the layout place every box again."""
        if not self.draft.moved:
            return self.refuse("every box is where the layout puts it")
        self.push("lay out", State(Draft(self.architecture, self.draft.title), self.selection))
        return True

    # -- copies

    def copied(self) -> Fragment | None:
        """The selected nodes, to be pasted; None where no nodes of one diagram are selected."""
        return copied(self.kind, self.architecture, self.nodes)

    def paste(self, fragment: Fragment, diagram: str, text: str = "paste", outside: bool = False) -> bool:
        """New nodes like those of the fragment."""
        return self._edit(text, lambda kind, old: pasted(kind, old, diagram, fragment, outside))

    def _edit(self, text: str, edit: Edit, at: Point | None = None, forget: bool = False) -> bool:
        """Edit the architecture; `at`: where a new box stands, `forget`: no box is where it was moved to any more."""

        def after() -> DraftState:
            state = edited(self._state, edit)
            if forget:
                return State(Draft(state.value.architecture, self.draft.title))
            if at is None:
                return state
            places = {part: at for part in state.selection if isinstance(part, NodeRef)}
            return State(state.value.placed(places), state.selection)

        return self.edit(text, after)
