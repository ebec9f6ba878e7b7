"""Architectures become torch modules here: operations, networks trained alone, supernets with shared weights.

Nothing in this room reads data, trains, or knows a search method.
"""

from engine.nets.network import Network, build_network
from engine.nets.skeleton import placed
from engine.nets.supernet import Supernet
from engine.space.counts import Unbuildable

__all__ = ["Network", "Supernet", "Unbuildable", "build_network", "placed"]
