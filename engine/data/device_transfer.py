"""From the processor's memory to a device's, and back."""

import torch
from torch import Tensor


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """`tensor`, of the CPU, on the device; neither waits for the other, which on CUDA takes page-locked memory."""
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def received(numbers: Tensor) -> list[float]:
    """A row of numbers, in the processor's memory. Here, and nowhere else in a step, the device is waited for."""
    found: list[float] = numbers.tolist()
    return found
