"""Images that a person brings along: what they are, a plan fitted to them, what is wrong with one. No torch here.

The readers are reached by name, as the loop is: the window may import this.
"""

import os
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np

from engine.plan import DataSettings, Plan
from engine.session.queries.data_record import DataRecord

LARGEST_SIDE = 32
"""Pixels that pictures are resized to at most, to begin with: as CIFAR's, which a search on a processor can do."""
STEPS = 4
"""Batches that the smaller of the training and the validation split is to give at least ..."""
LEAST_BATCH = 8
"""... unless they would be smaller than this: the norms of a batch need some images."""
SMALL_SET = 5_000
"""Training images below which a network of few channels is enough, and the paper's would take an evening."""
FEW_CHANNELS = 8


class Preview(Protocol):
    """What was seen of the images; `engine.data.preview.Looked` says more of each."""

    @property
    def thumbnails(self) -> tuple[tuple[np.ndarray, ...], ...]:
        """A few images uint8 (3, side, side) of each class."""

    @property
    def side(self) -> int:
        """The usual shorter side of an image, in pixels."""

    @property
    def opened(self) -> int:
        """How many images were opened."""

    def record(self, settings: DataSettings) -> DataRecord:
        """What a search with these settings would take. Raises ValueError."""


def are_images(path: Path) -> bool:
    """Whether a path is a folder, or by its name a file that a data set comes in."""
    name = path.name.lower()
    if name.endswith(".npz"):  # a table of scores may be one, too
        return bool(_readers().npz.is_image_arrays(path))
    return path.is_dir() or name.endswith((".tar.gz", ".tgz")) or "-ubyte" in name


def settings_for(path: Path) -> DataSettings:
    """The settings of the data set that a folder or a file is. Raises ValueError, in one line, for what is none."""
    found: DataSettings = _readers().settings_for(Path(os.path.abspath(path)))
    return found


def look(settings: DataSettings, tell: Callable[[int, int], None]) -> Preview:
    """Look at the images that these settings name; takes as long as reading them. `tell` is told how many of how many
    files are done, and may raise to end it. Raises ValueError, in one line."""
    seen: Preview = _readers().look(settings, tell)
    return seen


def fitted(plan: Plan, data: DataSettings, seen: Preview) -> Plan:
    """The plan with these data, named after their folder: image size, batch and channels as the images allow.

    Raises ValueError where the images are too few to search with.
    """
    if "image" in data.__struct_fields__:  # else the images have the size they have
        data = msgspec.structs.replace(data, image=max(8, min(LARGEST_SIDE, seen.side // 4 * 4)))
    try:
        training, validation, _ = seen.record(data).splits
    except ValueError as fault:
        raise ValueError(f"{data.folder}: too few images to search with ({str(fault).split(': ')[-1]})") from fault
    fewest = min(training, validation)
    batch = 1 << (max(fewest // STEPS, min(fewest, LEAST_BATCH)).bit_length() - 1)
    place = Path(data.folder)
    name = re.sub(r"[\x00-\x1f\x7f]+", " ", place.name.removesuffix(".gz").removesuffix(".tar")).strip()[:80]
    changed = msgspec.structs.replace(plan, name=name or "images", data=data)
    for section in ("method", "evaluator"):
        part = getattr(plan, section)
        limits = {"batch": batch}
        if training < SMALL_SET:
            limits["channels"] = FEW_CHANNELS
        smaller = {key: most for key, most in limits.items() if getattr(part, key, 0) > most}
        if smaller:
            changed = msgspec.structs.replace(changed, **{section: msgspec.structs.replace(part, **smaller)})
    return changed


def looks_at_images(plan: Plan) -> bool:
    """Whether a search by this plan would look at its data, and could be given images."""
    looks = plan.method.one_shot or plan.evaluator is None or plan.evaluator.needs_data
    return looks and not plan.space.reads_text


def faults_with(plan: Plan, seen: Preview, record: DataRecord | None) -> dict[str, str]:
    """What keeps the plan from being started with what was seen of its data, by dotted key; `record`: what it takes."""
    if record is not None:
        training, validation, _ = record.splits
        return {key: f"{key} {words}" for key, words in plan.method.split_faults(training, validation)}
    try:
        seen.record(plan.data)
    except ValueError as fault:
        key = str(fault).partition(":")[0]
        return {key if key.startswith("data.") else "data.folder": str(fault)}
    return {}


def _readers() -> Any:
    return import_module("engine.data.preview")
