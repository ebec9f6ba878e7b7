"""What is settled before a search starts, without torch: can the output be written, and what goes in the header."""

import contextlib
import os
import platform
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engine.plan import Plan, check, dumps, kind_of
from engine.session import Header
from engine.space.cell_space import CellSpace

PROGRAM = "cellwright 0.1.0"
"""Recorded in every session."""

LIBRARIES = ("torch", "numpy", "h5py", "msgspec", "scikit-learn", "pillow")


class RunError(ValueError):
    """A search that cannot start, in one line: what is wrong and what to do."""


def prepare(plan: Plan, path: Path | None, overwrite: bool = False) -> None:
    """Raise `PlanError` or `RunError` for every fault that shows without loading torch or the data."""
    check(plan)
    folder = getattr(plan.data, "folder", "")
    if folder and not Path(folder).expanduser().is_dir():
        raise RunError(f"data.folder: {folder} is not a folder; name the one with the data in it")
    if path is None:
        return
    if path.is_dir():
        raise RunError(f"{path} is a folder; name a file in it")
    if path.exists() and not overwrite:
        raise RunError(f"{path} exists already; choose another name, or allow it to be overwritten (--overwrite)")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as fault:
        raise RunError(f"{path}: cannot be written ({fault.strerror})") from fault


@dataclass(frozen=True)
class Aside:
    """The file that a new session replaces, kept under another name until the new search has really started."""

    path: Path | None
    kept: Path | None

    def discard(self) -> None:
        """The new session stands: drop the old file."""
        if self.kept:
            self.kept.unlink(missing_ok=True)

    def restore(self, remove: bool = True) -> None:
        """The new search did not start: put the old file back or, where there was none, remove the empty new one."""
        if self.path is None:
            return
        if self.kept:
            os.replace(self.kept, self.path)
        elif remove:
            self.path.unlink(missing_ok=True)


def set_aside(path: Path | None) -> Aside:
    """Move an existing file at `path` out of the way."""
    if path is None or not path.exists():
        return Aside(path, None)
    kept = path.with_name(path.name + ".previous")
    os.replace(path, kept)
    return Aside(path, kept)


def threads_of(plan: Plan) -> int:
    """How many threads torch may use: as planned or, for 0, all cores but one, which stays free for the window."""
    if plan.threads:
        return plan.threads
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1)


def header_of(plan: Plan) -> Header:
    """The session's header: the plan and everything else that a result may depend on."""
    versions = {"host": platform.node(), "system": platform.platform(), "python": platform.python_version()}
    for library in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            versions[library] = version(library)
    weighted = plan.space if plan.method.one_shot and isinstance(plan.space, CellSpace) else None
    return Header(
        program=PROGRAM,
        plan=dumps(plan),
        method=kind_of(plan.method) or "",
        space=kind_of(plan.space) or "",
        seed=plan.seed,
        device=plan.device,
        threads=threads_of(plan),
        versions=versions,
        cells=weighted.cells if weighted else (),
        edges=weighted.edge_names() if weighted else (),
        operations=weighted.operations if weighted else (),
    )
