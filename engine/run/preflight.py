"""What is settled before a search starts, and how one ends, without torch.

Can the output be written, what goes in the header; and the endings that host, loop and executors know.
"""

import contextlib
import hashlib
import os
import platform
import tempfile
import tomllib
import traceback
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from engine.plan import Plan, check, dumps, kind_of
from engine.plugins import loaded
from engine.session import Busy, Header, Recorder, held
from engine.space.cell_space import CellSpace
from engine.words import fault_line


@dataclass(frozen=True)
class Ending:
    """The final state, and in one line why (empty when the search simply carried out its plan)."""

    state: Literal["finished", "stopped", "failed"]
    message: str = ""


def crashed(recorder: Recorder, fault: Exception, message: str = "") -> Ending:
    """The ending of a search that something unexpected happened to: one line, and the traceback in the log.

    `message` says it better than the exception does, where the cause is understood.
    """
    recorder.log("".join(traceback.format_exception(fault)), "error")
    return Ending("failed", message or f"{fault_line(fault)} (the log has the details)")


class Failed(Exception):  # noqa: N818 - it reads as what happened
    """A search cannot go on, for a reason in one line; what it has found so far is kept."""


NAME = "cellwright"
LIBRARIES = ("torch", "numpy", "h5py", "msgspec", "scikit-learn", "pillow")


class RunError(ValueError):
    """A search that cannot start, in one line: what is wrong and what to do."""


def prepare(plan: Plan, path: Path | None, overwrite: bool = False) -> None:
    """Raise `PlanError` or `RunError` for every fault that shows without loading torch or the data."""
    check(plan)
    folder = plan.data.folder
    if folder and not Path(folder).expanduser().exists():
        raise RunError(f"data.folder: there is no {folder}; name the folder with the data in it")
    if path is None:
        return
    if path.is_dir():
        raise RunError(f"{path} is a folder; name a file in it")
    if held(path):
        raise RunError(str(Busy(path)))
    if path.exists() and not overwrite:
        raise RunError(f"{path} exists already; choose another name, or allow it to be overwritten (--overwrite)")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as fault:
        raise RunError(f"{path}: cannot be written ({fault.strerror})") from fault


def threads_of(plan: Plan) -> int:
    """How many threads torch may use: as planned or, for 0, all cores but one, which stays free for the window."""
    if plan.threads:
        return plan.threads
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1)


def program() -> str:
    """The program and its version, as every session records it: of the source tree that it runs from, else as it was
    installed."""
    project = Path(__file__).parents[2] / "pyproject.toml"
    if project.is_file():
        found = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {})
        if found.get("name") == NAME and "version" in found:  # else a folder that it was installed in may be anybody's
            return f"{NAME} {found['version']}"
    with contextlib.suppress(PackageNotFoundError):
        return f"{NAME} {version(NAME)}"
    return NAME


def header_of(plan: Plan) -> Header:
    """The session's header: the plan and everything else that a result may depend on."""
    versions = {"host": platform.node(), "system": platform.platform(), "python": platform.python_version()}
    for library in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            versions[library] = version(library)
    for file in map(Path, loaded()):
        versions[f"plug-in {file.name}"] = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    weighted = plan.space if plan.method.one_shot and isinstance(plan.space, CellSpace) else None
    return Header(
        program=program(),
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
