"""Networks of shared weights whose paths are the architectures of a space (ENAS, Pham et al. 2018, section 2).

A path computes exactly what the network computes that is built for its architecture alone, with the same weights;
except in the network in which ENAS's authors search, which is not the one they train in the end.
"""

from engine.nets.weight_sharing.build_shared import searched_paths, shared_paths
from engine.nets.weight_sharing.shared_network import SharedPaths

__all__ = ["SharedPaths", "searched_paths", "shared_paths"]
