"""The device a search computes on, in torch's terms: found, warmed up, and watched."""

import math

import psutil
import torch

from engine.run.progress import Usage
from engine.run.start import RunError


def ready(name: str, threads: int, seed: int) -> torch.device:
    """Find the device, warm it up and seed torch. Raises `RunError` when this machine has no such device."""
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
    _warm_up(device)
    torch.manual_seed(seed)
    return device


def require_bfloat16(device: torch.device) -> None:
    """Raises `RunError` for a device that does not compute bfloat16 by itself. A CPU always does, if slowly."""
    computes = device.type == "cpu"
    if device.type == "cuda":
        with torch.cuda.device(device):
            computes = torch.cuda.is_bf16_supported(including_emulation=False)
    if not computes:
        raise RunError(f"device {device}: does not compute bfloat16; choose method.precision float32")


def idle(threads: int, seed: int) -> torch.device:
    """The device of a search that builds no network: nothing is found or warmed up, so that it begins at once."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    return torch.device("cpu")


def _warm_up(device: torch.device) -> None:
    """Compute something on zeros. The first convolution pays for kernels, thread pools and a context on the device, and
    the first optimizer for a second of imports; so the search's own first step is like those that follow."""
    layers = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU()).to(device)
    optimizer = torch.optim.SGD(layers.parameters(), lr=0.0)
    layers(torch.zeros(2, 3, 8, 8, device=device)).sum().backward()
    optimizer.step()


def usage(device: torch.device) -> Usage:
    """What measures the search's use of the machine.

    On CUDA: the memory this program holds on the card, and how busy the card is. Elsewhere: the memory of this
    process, and its share of all cores.
    """
    if device.type == "cuda":
        tells_load = _tells_load(device)

        def of_card() -> tuple[int, float]:
            load = torch.cuda.utilization(device) / 100 if tells_load else math.nan
            return torch.cuda.memory_reserved(device), load

        return of_card
    process, cores = psutil.Process(), psutil.cpu_count() or 1
    process.cpu_percent()  # the first call begins the measurement

    def of_process() -> tuple[int, float]:
        return process.memory_info().rss, process.cpu_percent() / 100 / cores

    return of_process


def _tells_load(device: torch.device) -> bool:
    """Whether the card says how busy it is: that needs NVIDIA's management library, and a card not shared out."""
    try:
        torch.cuda.utilization(device)
    except Exception:  # the library's absence, or one of its own kinds of error
        return False
    return True
