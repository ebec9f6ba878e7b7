"""Networks of shared weights whose paths are the architectures of a space (ENAS, Pham et al. 2018, section 2).

A path computes exactly what the network computes that is built for its architecture alone, with the same weights.
"""

from engine.nets.paths.building import shared_paths
from engine.nets.paths.network import SharedPaths

__all__ = ["SharedPaths", "shared_paths"]
