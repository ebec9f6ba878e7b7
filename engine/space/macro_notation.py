"""ENAS's integer lists of a macro network: for each layer a code of its operation, then a bit for each skip.

Layer k has k - 1 bits, for the stem (0) and the layers 1 .. k-2; it reads layer k-1 in any case.
"""

from engine.space.architecture import Architecture
from engine.space.enas_macro import ENAS_MACRO_OPERATIONS
from engine.space.layers import MOST_LAYERS, Layer, LayerArchitecture, layer_faults
from engine.space.reading import NotationError, integers


def parse(text: str) -> LayerArchitecture:
    """The network that the list describes. Raises NotationError."""
    numbers = integers(text)
    layers: list[Layer] = []
    at = 0
    while at < len(numbers):
        number = len(layers) + 1
        if number > MOST_LAYERS:
            raise NotationError(f"more than {MOST_LAYERS} layers; networks of up to {MOST_LAYERS} are understood")
        code, *bits = numbers[at : at + number]
        if code >= len(ENAS_MACRO_OPERATIONS):
            raise NotationError(
                f"layer {number}: {code} is no operation; codes go from 0 to {len(ENAS_MACRO_OPERATIONS) - 1}"
            )
        if len(bits) < number - 1:
            raise NotationError(f"layer {number}: {len(bits)} bits after its operation, and it has {number - 1}")
        for source, bit in enumerate(bits):
            if bit > 1:
                raise NotationError(f"layer {number}, skip from {source}: {bit} is no bit, which is 0 or 1")
        layers.append(
            Layer(ENAS_MACRO_OPERATIONS[code], (*(source for source, bit in enumerate(bits) if bit), number - 1))
        )
        at += number
    network = LayerArchitecture(tuple(layers), join="after")
    for fault in layer_faults(network):
        raise NotationError(fault)
    return network


def format(architecture: Architecture) -> str:
    """The list of the network; `parse` gives the same one back. Raises NotationError."""
    if not isinstance(architecture, LayerArchitecture) or architecture.join != "after":
        raise NotationError("an ENAS macro list is of a network whose layers' inputs meet after the operation")
    numbers = []
    for number, layer in enumerate(architecture.layers, 1):
        if layer.operation not in ENAS_MACRO_OPERATIONS:
            raise NotationError(f"layer {number}: ENAS has no code for '{layer.operation}'")
        bits = (int(source in layer.inputs) for source in range(number - 1))
        numbers += [ENAS_MACRO_OPERATIONS.index(layer.operation), *bits]
    return " ".join(map(str, numbers))
