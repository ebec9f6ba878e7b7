"""What can be searched: operations, cells, architectures, decisions, spaces and notations, as plain immutable values.

No torch, no Qt, and no files but the program's resources and those of files.py. A new space is one file beside
`darts.py`.
"""

from engine.space.spaces import SPACES, Space

__all__ = ["SPACES", "Space"]
