"""Macro networks of NAS-RL and ENAS: a chain of layers, each of which reads earlier ones."""

import re
from collections.abc import Iterable

from msgspec.structs import replace

from app.graph.kinds.kind import Change, Choice, EdgeRef, Illegal, Kind, NodeRef, Part, moves
from app.graph.model import OUTPUT, Diagram, DiagramEdge, DiagramNode
from engine.space.cells import unknown_operation
from engine.space.layers import (
    BUILDABLE,
    LONGEST_STRIDE,
    MOST_FILTERS,
    MOST_LAYERS,
    Layer,
    LayerArchitecture,
    loose_ends,
)
from engine.space.operations import OPERATIONS, label

DIAGRAM = "network"
FILTERS = (8, 16, 24, 32, 36, 48, 64, 96, 128, 192, 256, 512)
STRIDES = (1, 2, 3)
OUTPUT_RULE = "the output is made of the layers that no other reads"


class Layers(Kind[LayerArchitecture]):
    """Nodes have the numbers of layers; 0 is the image, or ENAS's stem.

    What a layer does is written "conv_3x3" or, where filters and stride are its own, "conv_3x3:36:1".
    """

    name = "layers"
    node = "layer"
    edge = "connection"
    joins = False

    def diagrams(self, architecture: LayerArchitecture) -> tuple[Diagram, ...]:
        first = "image" if architecture.join == "before" else "stem"
        nodes = [DiagramNode(0, "input", "0", first)]
        for number, layer in enumerate(architecture.layers, 1):
            does, tint = _written(layer), OPERATIONS[layer.operation].kind
            nodes.append(
                DiagramNode(number, "node", str(number), str(number), operation=does, label=_label(layer), tint=tint)
            )
        nodes.append(DiagramNode(OUTPUT, "output", "output", "output"))
        edges = [
            DiagramEdge(source, number, plain=True)
            for number, layer in enumerate(architecture.layers, 1)
            for source in layer.inputs
        ]
        edges += [DiagramEdge(number, OUTPUT) for number in loose_ends(architecture)]
        return (Diagram(DIAGRAM, tuple(nodes), tuple(edges), flow="chain"),)

    def choices(self, architecture: LayerArchitecture, part: Part) -> tuple[Choice, ...]:
        if not isinstance(part, NodeRef) or part.number < 1:
            return ()
        operations = tuple(Choice(name, label(name), OPERATIONS[name].kind) for name in BUILDABLE[architecture.join])
        if architecture.join == "after":
            return operations
        filters = tuple(Choice(f"filters={count}", f"{count} filters") for count in FILTERS)
        return (*operations, *filters, *(Choice(f"stride={step}", f"stride {step}") for step in STRIDES))

    def typed(self, architecture: LayerArchitecture, part: Part, text: str) -> Choice | None:
        """A number of filters, or a stride: "40 filters", "40", "stride 4"."""
        if architecture.join == "after":
            return None
        if found := re.fullmatch(r"\s*(\d{1,6})\s*(filters?)?\s*", text):
            return Choice(f"filters={int(found[1])}", f"{int(found[1])} filters")
        if found := re.fullmatch(r"\s*stride\s*=?\s*(\d{1,3})\s*", text):
            return Choice(f"stride={int(found[1])}", f"stride {int(found[1])}")
        return None

    def offers(self, architecture: LayerArchitecture, diagram: str, source: int, target: int) -> tuple[Choice, ...]:
        return ()

    def objection(self, architecture: LayerArchitecture, diagram: str, source: int, target: int) -> str:
        if target == OUTPUT or source == OUTPUT:
            return OUTPUT_RULE
        if target == 0:
            return "nothing leads into the beginning of the network"
        if source >= target:
            return "a layer reads earlier ones only" if source > target else "a layer cannot read itself"
        return f"{target} reads {source} already" if source in architecture.layers[target - 1].inputs else ""

    def add(self, architecture: LayerArchitecture, diagram: str, after: int | None = None) -> Change[LayerArchitecture]:
        """A layer like the one before it, put into the chain behind `after` or at its end."""
        count = len(architecture.layers)
        if count >= MOST_LAYERS:
            raise Illegal(f"a network has at most {MOST_LAYERS} layers")
        place = after if after is not None and 0 <= after < count else count
        like = architecture.layers[max(place - 1, 0)]
        layers = [
            _renumbered(layer, {old: old + (old > place) for old in layer.inputs}) for layer in architecture.layers
        ]
        if place < count and place in layers[place].inputs:  # what read the layer before reads the new one
            inputs = sorted({place + 1 if source == place else source for source in layers[place].inputs})
            layers[place] = replace(layers[place], inputs=tuple(inputs))
        layers.insert(place, replace(like, inputs=(place,), stride=1))
        number = {old: old + (old > place) for old in range(count + 1)}
        longer = replace(architecture, layers=tuple(layers))
        return Change(longer, frozenset([NodeRef(DIAGRAM, place + 1)]), moves(DIAGRAM, number))

    def connect(
        self, architecture: LayerArchitecture, diagram: str, source: int, target: int, name: str | None
    ) -> Change[LayerArchitecture]:
        if reason := self.objection(architecture, diagram, source, target):
            raise Illegal(reason)
        layer = architecture.layers[target - 1]
        wired = _set(architecture, target, replace(layer, inputs=tuple(sorted((*layer.inputs, source)))))
        return Change(wired, frozenset([self._edge(wired, source, target)]))

    def choose(self, architecture: LayerArchitecture, parts: Iterable[Part], name: str) -> Change[LayerArchitecture]:
        parts = frozenset(parts)
        for part in parts:
            if not isinstance(part, NodeRef) or part.number < 1:
                raise Illegal("only layers have operations")
            layer = _changed(architecture.layers[part.number - 1], name, architecture.join == "after")
            architecture = _set(architecture, part.number, layer)
        return Change(architecture, parts)

    def rewire(
        self, architecture: LayerArchitecture, edge: EdgeRef, source: int, target: int
    ) -> Change[LayerArchitecture]:
        """As for every kind, but a layer whose only input moves never reads nothing in between."""
        old = self.diagrams(architecture)[0].edges[edge.index]
        if (source, target) == (old.source, old.target):
            return Change(architecture, frozenset([edge]))
        if old.target == OUTPUT:
            raise Illegal(OUTPUT_RULE)
        wired = self.connect(architecture, DIAGRAM, source, target, None)
        result = self.remove(wired.architecture, [self._edge(wired.architecture, old.source, old.target)])
        return Change(result.architecture, frozenset([self._edge(result.architecture, source, target)]))

    def remove(self, architecture: LayerArchitecture, parts: Iterable[Part]) -> Change[LayerArchitecture]:
        """What read a removed layer reads what that read."""
        parts = list(parts)
        diagram = self.diagrams(architecture)[0]
        doomed = {part.number for part in parts if isinstance(part, NodeRef) and part.number > 0}
        edges = [diagram.edges[part.index] for part in parts if isinstance(part, EdgeRef)]
        if not doomed and not edges:
            raise Illegal("the beginning of the network and its output stay")
        if len(doomed) == len(architecture.layers):
            raise Illegal("a network has at least one layer")
        cut = {(edge.source, edge.target) for edge in edges if edge.target not in doomed and edge.source not in doomed}
        if any(target == OUTPUT for _, target in cut):
            raise Illegal(OUTPUT_RULE)
        for source, target in sorted(cut):
            if architecture.join == "after" and source == target - 1:
                raise Illegal(f"the operation of layer {target} works on layer {source}, which it must read")
        number = {
            old: new for new, old in enumerate(old for old in range(len(architecture.layers) + 1) if old not in doomed)
        }
        left = []
        for old, layer in enumerate(architecture.layers, 1):
            if old in doomed:
                continue
            inputs = {
                number[one]
                for source in layer.inputs
                if (source, old) not in cut
                for one in self._read(architecture, source, doomed)
            }
            if not inputs:
                raise Illegal(f"layer {old} would read nothing; let it read another layer first")
            if architecture.join == "after":
                inputs.add(number[old] - 1)
            left.append(replace(layer, inputs=tuple(sorted(inputs))))
        gone: dict[int, int | None] = {**dict.fromkeys(doomed), **number}
        return Change(replace(architecture, layers=tuple(left)), frozenset(), moves(DIAGRAM, gone))

    def _read(self, architecture: LayerArchitecture, source: int, doomed: set[int]) -> set[int]:
        """What stands in for a layer: itself or, where it is removed, what it read."""
        if source not in doomed:
            return {source}
        return {
            one for before in architecture.layers[source - 1].inputs for one in self._read(architecture, before, doomed)
        }

    def _edge(self, architecture: LayerArchitecture, source: int, target: int) -> EdgeRef:
        edges = self.diagrams(architecture)[0].edges
        return EdgeRef(
            DIAGRAM, next(i for i, edge in enumerate(edges) if (edge.source, edge.target) == (source, target))
        )


def _written(layer: Layer) -> str:
    return f"{layer.operation}:{layer.filters}:{layer.stride}" if layer.filters else layer.operation


def _label(layer: Layer) -> str:
    parts = [label(layer.operation)]
    if layer.filters:
        parts.append(str(layer.filters))
    if layer.stride > 1:
        parts.append(f"/{layer.stride}")
    return "  ".join(parts)


def _changed(layer: Layer, name: str, plain: bool) -> Layer:
    """The layer with another operation, "filters=36", "stride=2", or all of them as `_written` has it."""
    what, _, value = name.partition("=")
    if not plain and what == "filters" and value.isdecimal():
        if not 1 <= int(value) <= MOST_FILTERS:
            raise Illegal(f"a layer has 1 to {MOST_FILTERS:,} filters, not {int(value):,}")
        return replace(layer, filters=int(value))
    if not plain and what == "stride" and value.isdecimal():
        if not 1 <= int(value) <= LONGEST_STRIDE:
            raise Illegal(f"a stride is 1 to {LONGEST_STRIDE}, not {int(value):,}")
        return replace(layer, stride=int(value))
    operation, *numbers = name.split(":")
    if operation not in OPERATIONS:
        raise Illegal(unknown_operation(operation))
    if plain or len(numbers) != 2:
        return replace(layer, operation=operation)
    return _changed(
        _changed(replace(layer, operation=operation), f"filters={numbers[0]}", plain), f"stride={numbers[1]}", plain
    )


def _renumbered(layer: Layer, number: dict[int, int]) -> Layer:
    return replace(layer, inputs=tuple(number[source] for source in layer.inputs))


def _set(architecture: LayerArchitecture, number: int, layer: Layer) -> LayerArchitecture:
    layers = architecture.layers
    return replace(architecture, layers=(*layers[: number - 1], layer, *layers[number:]))
