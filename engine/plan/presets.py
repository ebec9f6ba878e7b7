"""The plans the program ships with, one TOML file each in resources/presets."""

from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable

from engine.plan.datasets import DATASETS
from engine.plan.errors import PlanError
from engine.plan.methods import METHODS
from engine.plan.plan import Plan
from engine.plan.text import loads


def presets() -> dict[str, Plan]:
    """All presets by name, the smallest data first, those that need none last, and the methods as in METHODS."""
    plans = (loads(file.read_text(encoding="utf-8")) for file in _folder().iterdir() if file.name.endswith(".toml"))
    return {plan.name: plan for plan in sorted(plans, key=_order)}


def preset(name: str) -> Plan:
    """The preset of that name. Raises PlanError with the closest names, or all of them."""
    known = presets()
    if name in known:
        return known[name]
    close = get_close_matches(name, known, n=3)
    advice = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}"
    raise PlanError(f"no preset '{name[:60]}'; {advice}")


def _folder() -> Traversable:
    return files("resources") / "presets"


def _order(plan: Plan) -> tuple[int, int, str]:
    needs_none = plan.evaluator is not None and not plan.evaluator.needs_data
    data = len(DATASETS) if needs_none else list(DATASETS.values()).index(type(plan.data))
    return data, list(METHODS.values()).index(type(plan.method)), plan.name
