"""Functions of tensors that a CUDA device records once and then repeats by itself: CUDA graphs.

A supernet's step is thousands of small kernels, and to launch them one by one can take longer than to compute them.
The rules that a recording lives by are those of PyTorch's notes on CUDA semantics (section CUDA graphs).
"""

import gc
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

WARM_UP = 3
"""Calls before one is recorded, in which libraries find their kernels and whatever is kept between calls is made."""

Outputs = tuple[Tensor | None, ...]
Function = Callable[..., Outputs]
"""Of tensors, without waiting for the device. What comes out leads back to nothing."""


class Graphs:
    """Calls functions; on a CUDA device, records and repeats them.

    Tensors that a function reads or writes besides its inputs have to stay where they are in memory. Whatever else it
    reads is recorded as it is then, numbers and modes alike: `key` has to name what of this can change, and a new key
    drops all recordings. The calls that warm up count like all others, and none is made twice.

    A recording is for inputs of one size. Where others come in between, such as the last batch of an epoch, they are
    computed in the ordinary way.

    Args:
        wanted: whether to record on a CUDA device; elsewhere nothing is recorded.
        generator: of the device; what the functions draw from, if they do.
    """

    def __init__(self, device: torch.device, wanted: bool, generator: torch.Generator | None = None) -> None:
        self._generator = generator
        self._stream = torch.cuda.Stream(device) if wanted and device.type == "cuda" else None
        self._key: Hashable = None
        self._known: dict[str, _Known] = {}

    def __call__(self, name: str, function: Function, key: Hashable, *inputs: Tensor) -> Outputs:
        """What `function` makes of `inputs`. `name` tells functions apart, of which one is called after the other.

        Tensors of more than one number stay as they are until the next call of any of the functions.
        """
        if self._stream is None:
            return function(*inputs)
        if key != self._key:
            self._key, self._known = key, {}
        shapes = [given.shape for given in inputs]
        known = self._known.get(name)
        if known is None or (known.recording is None and known.shapes != shapes):
            known = self._known[name] = _Known(shapes)
        if known.shapes != shapes:
            return function(*inputs)
        if known.calls < WARM_UP:
            known.calls += 1
            return beside(self._stream, function, inputs)
        if known.recording is None:
            shared = (other.recording.pool for other in self._known.values() if other.recording is not None)
            known.recording = Recording(function, inputs, self._stream, self._generator, next(shared, None))
        return known.recording(inputs)


class Recording:
    """One call of a function, recorded and not yet made.

    Args:
        stream: on which it was warmed up.
        pool: that of a recording to share memory with, neither of which is repeated while what the other gave is used.
    """

    def __init__(
        self,
        function: Function,
        inputs: Sequence[Tensor],
        stream: torch.cuda.Stream,
        generator: torch.Generator | None,
        pool: Any,
    ) -> None:
        self._inputs = [given.clone() for given in inputs]
        self._graph = torch.cuda.CUDAGraph()
        gc.collect()  # no dead graph is to be cleared away within
        with torch.cuda.device(stream.device):
            if generator is not None and torch.__version__ < "2.14":  # later ones find out by themselves
                self._graph.register_generator_state(generator)
            with torch.cuda.graph(self._graph, pool=pool, stream=stream):
                self._outputs = function(*self._inputs)

    @property
    def pool(self) -> Any:
        """The memory that its tensors are in, as torch names it."""
        return self._graph.pool()

    def __call__(self, inputs: Sequence[Tensor]) -> Outputs:
        """Make the call; single numbers come as copies, other outputs as the same tensors each time."""
        for own, given in zip(self._inputs, inputs, strict=True):
            own.copy_(given)
        self._graph.replay()
        return tuple(output if output is None or output.dim() else output.clone() for output in self._outputs)


@dataclass
class _Known:
    """What has been called with inputs of these shapes, so many times, in order to warm up."""

    shapes: list[torch.Size]
    calls: int = 0
    recording: Recording | None = None


def beside(stream: torch.cuda.Stream, function: Function, inputs: Sequence[Tensor]) -> Outputs:
    """A call on another stream, as torch asks for before it records what leads to gradients.

    Either stream waits for the other, so that memory may go from hand to hand as on one alone.
    """
    here = torch.cuda.current_stream(stream.device)
    stream.wait_stream(here)
    with torch.cuda.stream(stream):
        outputs = function(*inputs)
    here.wait_stream(stream)
    return outputs
