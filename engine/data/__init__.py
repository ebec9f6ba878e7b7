"""Data sets, whole on the device as uint8 tensors, and the batches drawn from them.

Nothing here trains or knows a method. What a data set is (split, normalisation, augmentation) is settled by the plan.
"""

from engine.data.augment import Augment
from engine.data.batches import Batches, in_order, unaugmented
from engine.data.dataset import DataError, Dataset, Split
from engine.data.device_transfer import received, sent
from engine.data.loading import load

__all__ = ["Augment", "Batches", "DataError", "Dataset", "Split", "in_order", "load", "received", "sent", "unaugmented"]
