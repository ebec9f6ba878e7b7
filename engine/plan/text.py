"""Plans as TOML."""

import tomllib
from pathlib import Path

import msgspec.toml

from engine.plan.build import build, plain
from engine.plan.errors import PlanError
from engine.plan.plan import Plan

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
