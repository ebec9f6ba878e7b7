"""A device acted out on the CPU, for machines without a GPU: what would wait for it, or mix in other tensors, raises.

`FAR` is torch's device `meta`, but its tensors have numbers: each wraps a tensor of the CPU, on which its operations
are really made. So the program's own code runs on it, and must find what it finds on a CPU. What can be tried here is
where tensors are and who reads them; not kernels, streams, memory or speed.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

FAR, CPU = torch.device("meta"), torch.device("cpu")
ENGINE = Path(__file__).parents[2] / "engine"

SENDS, RECEIVES = "data/device_transfer.py, sent", "data/device_transfer.py, received"
"""The two places of the engine at which tensors of a step may come to the device and leave it."""

COPIES = ("aten::_to_copy", "aten::copy_")
PICKS = ("aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_")
"""They wait only where they are given a mask, whose true places have to be counted."""

WAITS = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
"""How torch marks operations whose result, or its size, the processor has to know."""

HALVED = {"conv2d", "linear", "matmul", "__matmul__", "mm", "bmm", "addmm", "baddbmm"}
"""What autocast computes in bfloat16, of all that the engine's networks are made of."""


class Mixed(RuntimeError):  # noqa: N818 - it says what happened
    """An operation was given tensors of the device and of the CPU."""


class Waits(RuntimeError):  # noqa: N818 - it says what happened
    """The device would be waited for."""


class FarTensor(Tensor):
    """A tensor of `FAR`, whose numbers are in `near`."""

    near: Tensor

    @staticmethod
    def __new__(cls, near: Tensor) -> "FarTensor":
        layout = near.shape, near.stride(), near.storage_offset()
        return Tensor._make_wrapper_subclass(cls, *layout, dtype=near.dtype, device=FAR)

    def __init__(self, near: Tensor) -> None:
        self.near = near

    def __repr__(self, **_: object) -> str:
        return f"far {self.near}"

    def tolist(self) -> Any:  # torch's own refuses subclasses
        return self.cpu().tolist()

    @classmethod
    def __torch_dispatch__(cls, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise RuntimeError(f"{operation}: the device is acted out no more")


class Device(TorchDispatchMode):
    """Makes operations where their tensors are."""

    def __init__(self) -> None:
        super().__init__()
        self._received: list[str] | None = None

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        """In here tensors come and go by `SENDS` and `RECEIVES` alone. Gives the place of each time one is received."""
        self._received = []
        try:
            yield self._received
        finally:
            self._received = None

    def __torch_dispatch__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name, target = operation._schema.name, kwargs.get("device")
        far: list[FarTensor] = []
        near: list[Tensor] = []

        def unwrapped(part: Tensor) -> Tensor:
            if not isinstance(part, FarTensor):
                near.append(part)
                return part
            far.append(part)
            return part.near

        inner = each(unwrapped, args)
        inner_kwargs = {key: each(unwrapped, value) for key, value in kwargs.items()}
        if any(part.is_meta for part in near):
            raise Waits(f"numbers of Python are made a tensor of the device: {caller()}")  # and are lost on `meta`
        if not far and target != FAR:
            return operation(*args, **kwargs)
        to_far = target == FAR if target is not None else isinstance(args[0], FarTensor)
        if name in COPIES:
            self._copied(name, len(near), to_far)
        else:
            numbers = torch.Tag.pointwise in operation.tags  # single ones of the CPU may come along
            if any(part.dim() or not numbers for part in near):
                raise Mixed(f"{name} of tensors of the device and of the CPU: {caller()}")
            if WAITS & set(operation.tags) and not (name in PICKS and not _masked(args[1])):
                self._read(name)
        if target is not None:
            inner_kwargs["device"] = CPU
        known = {id(part.near): part for part in far}
        found = operation(*inner, **inner_kwargs)
        if name in COPIES and not to_far:
            return found
        return each(lambda part: known[id(part)] if id(part) in known else FarTensor(part), found)

    def _copied(self, name: str, near: int, to_far: bool) -> None:
        if not to_far:
            self._read(name)
        elif near and self._received is not None and caller() != SENDS:
            raise Waits(f"{name} brings a tensor to the device: {caller()}")

    def _read(self, name: str) -> None:
        if self._received is None:
            return
        if caller() != RECEIVES:
            raise Waits(f"{name} waits for the device: {caller()}")
        self._received.append(caller())


class Autocast(TorchFunctionMode):
    """Computes the convolutions and products of `FAR` in bfloat16, within `torch.autocast` for it.

    As far as the engine's networks tell: what else autocast does, such as sums in float32, is left out.
    """

    def __init__(self) -> None:
        super().__init__()
        self._types: list[torch.dtype | None] = [None]

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if (to := self._types[-1]) is not None and getattr(function, "__name__", "") in HALVED:
            args = each(lambda part: part.to(to), args)
        return function(*args, **(kwargs or {}))

    @contextmanager
    def __call__(self, device: str, dtype: torch.dtype | None = None, enabled: bool = True, **_: Any) -> Iterator[None]:
        """`torch.autocast`."""
        assert device == FAR.type
        self._types.append(dtype if enabled else None)
        try:
            yield
        finally:
            self._types.pop()


@contextmanager
def acted_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    """In here `FAR` is a device like others, with generators of its own."""
    autocast = Autocast()

    class Generator(torch.Generator):
        def __new__(cls, device: torch.device | str = CPU) -> "Generator":
            return super().__new__(cls, CPU if torch.device(device) == FAR else device)

    before = torch.__future__.get_swap_module_params_on_conversion()
    torch.__future__.set_swap_module_params_on_conversion(True)  # a module moved there keeps its parameters, as always
    try:
        with monkeypatch.context() as patch, Device() as device, autocast:
            patch.setattr(torch, "autocast", autocast)
            patch.setattr(torch, "Generator", Generator)
            yield device
    finally:
        torch.__future__.set_swap_module_params_on_conversion(before)


def caller() -> str:
    """The innermost place of the engine's that is being run, as "file, function"."""
    frame = sys._getframe()
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(ENGINE):
            return f"{file.relative_to(ENGINE).as_posix()}, {frame.f_code.co_name}"
        frame = frame.f_back
    return "nowhere in the engine"


def each(change: Callable[[Tensor], Tensor], parts: Any) -> Any:
    """`parts` with each tensor changed: one, or lists and tuples of some. (torch's own walk takes most of a test.)"""
    if isinstance(parts, Tensor):
        return change(parts)
    return type(parts)(each(change, part) for part in parts) if isinstance(parts, list | tuple) else parts


def _masked(index: Any) -> bool:
    return any(part is not None and part.dtype in (torch.bool, torch.uint8) for part in index)
