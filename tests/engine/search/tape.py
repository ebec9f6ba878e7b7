"""CUDA graphs acted out on the CPU, by their rules, for machines without a GPU.

A recording is the row of operations that a function made, with the numbers that they got, on the memory that they used.
To repeat it is to make the same operations again on that memory; nothing of Python is run. While it is recorded nothing
happens: whatever was written to is put back. What can be tried here are values and their places, not streams, kernels
or the memory that a device has.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

from engine.search import gradient
from engine.search.graphed import Graphs

WAITS = {"aten::_local_scalar_dense", "aten::lift_fresh", "aten::nonzero"}
"""Operations that on a device wait for it, or send it numbers from Python."""

FINDS_GENERATORS = torch.__version__ >= "2.14"
"""Whether a recording finds out at the first draw what it draws from (pytorch/pytorch#176753), or has to be told."""


class Tape(TorchDispatchMode):
    """The operations made within, as a list of (operation, inputs, outputs)."""

    def __init__(self, generators: list[torch.Generator]) -> None:
        super().__init__()
        self.calls: list[tuple[Any, Any, Any, list[Any]]] = []
        self.made: dict[int, Tensor] = {}  # memory that is the recording's own
        self._before: dict[int, tuple[Tensor, Tensor]] = {}
        self._drawn: dict[int, tuple[torch.Generator, Tensor]] = {}  # by address: the object comes wrapped anew
        for generator in generators:
            self._note(generator)

    def __torch_dispatch__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        assert operation._schema.name not in WAITS, operation
        given = tree_flatten((args, kwargs))[0]
        for generator in given:
            if isinstance(generator, torch.Generator) and generator._cdata not in self._drawn:
                assert FINDS_GENERATORS, "unknown generator"
                self._note(generator)
        inputs = {_place(part): part for part in given if isinstance(part, Tensor)}
        for place, part in inputs.items():
            if place not in self.made and place not in self._before:
                self._before[place] = _whole(part), _whole(part).clone()
        found = operation(*args, **kwargs)
        outputs = [part for part in tree_flatten(found)[0] if isinstance(part, Tensor)]
        self.made |= {_place(part): _whole(part) for part in outputs if _place(part) not in inputs}
        self.calls.append((operation, args, kwargs, outputs))
        return found

    def _note(self, generator: torch.Generator) -> None:
        self._drawn[generator._cdata] = generator, generator.get_state()

    def undo(self) -> None:
        for whole, before in self._before.values():
            whole.copy_(before)
        for generator, state in self._drawn.values():
            generator.set_state(state)


class Graph:
    """`torch.cuda.CUDAGraph`. When one is repeated, whatever others in its pool gave is lost."""

    pools: dict[int, list["Graph"]] = {}  # noqa: RUF012 - emptied by `acted`
    numbers = itertools.count()

    def __init__(self) -> None:
        self.tape: Tape | None = None
        self.generators: list[torch.Generator] = []
        self.repeats = 0

    def register_generator_state(self, generator: torch.Generator) -> None:
        self.generators.append(generator)

    def pool(self) -> int:
        return self._pool

    @contextmanager
    def recording(self, pool: int | None) -> Iterator[None]:
        self._pool = next(self.numbers) if pool is None else pool
        self.pools.setdefault(self._pool, []).append(self)
        self.tape = Tape(self.generators)
        with self.tape:
            yield
        self.tape.undo()

    @torch.no_grad()
    def replay(self) -> None:
        self.repeats += 1
        for other in self.pools[self._pool]:
            for whole in other.tape.made.values():
                whole.fill_(torch.nan if whole.is_floating_point() else 1)
        with torch._C._AutoDispatchBelowAutograd():
            for operation, args, kwargs, outputs in self.tape.calls:
                again = tree_flatten(operation(*args, **kwargs))[0]
                again = [part for part in again if isinstance(part, Tensor)]
                for old, new in zip(outputs, again, strict=True):
                    if _place(old) != _place(new):
                        old.copy_(new)


@contextmanager
def acted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Graph]]:
    """Gradient-based methods made in here take the CPU for a CUDA device; gives the graphs that they record."""
    made: list[Graph] = []
    stream = SimpleNamespace(device="here", wait_stream=lambda other: None)

    def graph() -> Graph:
        made.append(Graph())
        return made[-1]

    for name, instead in {
        "CUDAGraph": graph,
        "graph": lambda graph, pool, stream: graph.recording(pool),
        "Stream": lambda device: stream,
        "current_stream": lambda device: stream,
        "stream": nullcontext,
        "device": nullcontext,
    }.items():
        monkeypatch.setattr(torch.cuda, name, instead)
    cuda = torch.device("cuda")
    monkeypatch.setattr(gradient, "Graphs", lambda device, wanted, generator: Graphs(cuda, wanted, generator))
    yield made
    Graph.pools.clear()


def _place(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr() or id(tensor)


def _whole(tensor: Tensor) -> Tensor:
    """All memory of which the tensor is a part."""
    with torch._C._AutoDispatchBelowAutograd():
        return torch.empty(0, dtype=tensor.dtype).set_(tensor.untyped_storage())
