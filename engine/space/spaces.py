"""The spaces the program knows."""

from typing import TypeAlias

from engine.space.decisions import DecisionSpace
from engine.space.registry import Registry

Space: TypeAlias = DecisionSpace
"""Any space."""

SPACES: Registry[Space] = Registry("space", "engine.space")
"""The spaces by the kind they have in a plan; each registers in its own file."""
