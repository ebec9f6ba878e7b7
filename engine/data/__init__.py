"""Data sets, whole on the device as uint8 tensors, and the batches drawn from them.

Nothing here trains or knows a method. What a data set is (split, normalisation, augmentation) is settled by the plan.
Importing it loads no torch, nor do the readers of files; what feeds networks does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.data.reading import DataError

if TYPE_CHECKING:
    from engine.data.augment import Augment
    from engine.data.batches import Batches, in_order, unaugmented
    from engine.data.dataset import Dataset, Split
    from engine.data.device_transfer import received, sent
    from engine.data.loading import load

__all__ = ["Augment", "Batches", "DataError", "Dataset", "Split", "in_order", "load", "received", "sent", "unaugmented"]

_FILES = {
    "Augment": "augment",
    "Batches": "batches",
    "in_order": "batches",
    "unaugmented": "batches",
    "Dataset": "dataset",
    "Split": "dataset",
    "received": "device_transfer",
    "sent": "device_transfer",
    "load": "loading",
}


def __getattr__(name: str) -> Any:
    """What loads torch, when it is first wanted."""
    if name not in _FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILES[name]}"), name)
