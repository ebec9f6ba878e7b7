"""Plans as TOML, and those that the program ships with, one file each in resources/presets."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec.toml

from engine.plan.build import build, plain
from engine.plan.fields import PlanError
from engine.plan.plan import DATASETS, FAMILIES, METHODS, REGISTRIES, Plan
from engine.space.bounded_parsing import either
from engine.space.former import recorded_plan

LONGEST = 1 << 18
"""Characters of a plan that are still read; a real one has about two thousand."""


def loads(text: str) -> Plan:
    """The plan in a TOML text; every single setting is checked, `check` compares them with each other.

    Raises:
        PlanError: not TOML, an unknown key, a missing or wrong value.
    """
    if len(text) > LONGEST:
        raise PlanError(f"the plan has {len(text):,} characters; up to {LONGEST:,} are read")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"the plan is not TOML: {' '.join(str(error).split())[:200]}") from None
    except (ValueError, RecursionError):
        raise PlanError("the plan is not TOML that can be read: a number is too long, or lists lie too deep") from None
    return build(raw)


def loads_recorded(text: str) -> Plan:
    """The plan that a session was made with, from the text in its header; a plan that names no operations for its space
    means those of its time, see `engine.space.former`. Raises PlanError."""
    return loads(recorded_plan(text))


def dumps(plan: Plan) -> str:
    """The plan as TOML, every setting written out, defaults too."""
    return msgspec.toml.encode(plain(plan)).decode()


def load(path: str | Path) -> Plan:
    """The plan in a TOML file. Raises PlanError, also for a file that cannot be read."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(LONGEST + 1)
    except OSError as error:
        raise PlanError(f"cannot read the plan {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise PlanError(f"cannot read the plan {path}: it is not text in UTF-8") from None
    return loads(text)


def presets() -> dict[str, Plan]:
    """All presets by name, the smallest data first, those that need none last, and the methods as in METHODS."""
    own = [text for method in METHODS.values() for text in method.plans]
    plans = [loads(text) for text in (*_texts(files("resources") / "presets"), *own, *_further)]
    return {plan.name: plan for plan in sorted(plans, key=_order)}


def add_presets(folder: Path) -> None:
    """Offer the plans of a folder's .toml files, too. Raises PlanError for one that cannot be read, or whose name is
    taken."""
    for text in _texts(folder):
        if (name := loads(text).name) in presets():
            raise PlanError(f"there is a preset named {name} already")
        _further.append(text)


_further: list[str] = []


def by_family(plans: Mapping[str, Plan]) -> dict[str, list[str]]:
    """The names of plans by the family of their method; families without any are left out."""
    found: dict[str, list[str]] = {name: [] for name in FAMILIES}
    for name, plan in plans.items():
        found.setdefault(plan.method.family, []).append(name)
    return {name: members for name, members in found.items() if members}


def missing(text: str) -> list[str]:
    """What a recorded plan names and is not known here: "method local-search". It takes a plug-in to bring it, which
    nothing but the person who starts the program can name."""
    try:
        raw = tomllib.loads(text[:LONGEST])
    except (ValueError, RecursionError):
        return []
    kinds = ((part, registry, raw.get(part)) for part, registry in REGISTRIES.items())
    named = ((registry, part["kind"]) for _, registry, part in kinds if isinstance(part, dict) and "kind" in part)
    return [f"{registry.what} {str(kind)[:40]}" for registry, kind in named if kind not in registry]


def preset(name: str) -> Plan:
    """The preset of that name. Raises PlanError with the closest names, or all of them."""
    for file in (files("resources") / "presets").iterdir():
        if file.name == f"{name}.toml":
            return loads(file.read_text(encoding="utf-8"))
    known = presets()
    if name in known:
        return known[name]
    close = get_close_matches(name, known, n=3)
    advice = f"did you mean {either(close)}?" if close else f"there are {', '.join(known)}"
    raise PlanError(f"no preset '{name[:60]}'; {advice}")


def _texts(folder: Traversable | Path) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".toml")]


def _order(plan: Plan) -> tuple[int, int, str]:
    needs_none = plan.evaluator is not None and not plan.evaluator.needs_data
    data = len(DATASETS) if needs_none else list(DATASETS.values()).index(type(plan.data))
    return data, list(METHODS.values()).index(type(plan.method)), plan.name
