"""The device a search computes on, in torch's terms: found, warmed up, and watched."""

import contextlib
import math

import psutil
import torch

from engine.run.progress import Usage
from engine.run.start import RunError


def ready(name: str, threads: int, seed: int) -> torch.device:
    """Find the device, warm it up and seed torch. Raises `RunError` when this machine has no such device.

    The first convolution on a device pays for thread pools, kernels and contexts; it is computed here, on zeros, so
    that the search's first step is like the others.
    """
    torch.set_num_threads(threads)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    device = torch.device(name)
    if device.type == "cuda":
        found = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if not found:
            raise RunError(f"device {name}: no CUDA device was found; choose device cpu")
        if (device.index or 0) >= found:
            raise RunError(f"device {name}: this machine has cuda:0 to cuda:{found - 1}")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise RunError(f"device {name}: this machine has no Metal device; choose device cpu")
    layer = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU()).to(device)
    layer(torch.zeros(2, 3, 8, 8, device=device)).sum().backward()
    torch.manual_seed(seed)
    return device


def usage(device: torch.device) -> Usage:
    """What measures the search's use of the machine.

    On CUDA: the memory this program holds on the card, and how busy the card is. Elsewhere: the memory of this
    process, and its share of all cores.
    """
    if device.type == "cuda":

        def of_card() -> tuple[int, float]:
            load = math.nan
            with contextlib.suppress(Exception):  # needs NVIDIA's own library, which is not everywhere
                load = torch.cuda.utilization(device) / 100
            return torch.cuda.memory_reserved(device), load

        return of_card
    process, cores = psutil.Process(), psutil.cpu_count() or 1
    process.cpu_percent()

    def of_process() -> tuple[int, float]:
        return process.memory_info().rss, process.cpu_percent() / 100 / cores

    return of_process


def out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that the device or the machine ran out of memory."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)
