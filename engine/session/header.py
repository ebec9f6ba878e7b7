"""What is known of a session before its first row."""

import platform
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import numpy as np

FORMAT = 2
"""Version of the file's layout."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions() -> dict[str, str]:
    return {"host": platform.node(), "python": platform.python_version(), "numpy": np.__version__}


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a session comes from: the plan (as TOML) and where, when and with what it ran.

    `cells`, `edges` (such as "k−2→0") and `operations` name the axes of the architecture weights; empty where a
    search has none. `id` is drawn anew for every session.
    """

    format: int = FORMAT
    program: str = ""
    plan: str = ""
    method: str = ""
    space: str = ""
    seed: int = 0
    device: str = "cpu"
    threads: int = 1
    id: str = msgspec.field(default_factory=lambda: uuid4().hex)
    created: str = msgspec.field(default_factory=_now)
    versions: dict[str, str] = msgspec.field(default_factory=_versions)
    cells: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
