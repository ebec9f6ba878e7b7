"""The spaces the program knows."""

from typing import TypeAlias

from engine.space.darts import DartsSpace

Space: TypeAlias = DartsSpace
"""Any space. One so far; others join this union."""

SPACES: dict[str, type[Space]] = {"darts": DartsSpace}
"""The spaces by the kind they have in a plan."""
