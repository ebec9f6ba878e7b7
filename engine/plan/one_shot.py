"""Faults of plans that train a supernet: a space without one, depths and epochs that do not suit, too few images."""

from engine.plan.datasets import Data
from engine.plan.methods.pc_darts import PcDartsSettings
from engine.plan.methods.pdarts import STAGES, PdartsSettings
from engine.plan.methods.snas import SnasSettings
from engine.plan.plan import Plan
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space

Fault = tuple[str, str]
"""The key of the setting to change, and what is wrong with it."""

LEAST_LAYERS = 3


def one_shot_faults(plan: Plan) -> list[Fault]:
    """What keeps a one-shot method from being run on the space, the data and the budget of the plan."""
    return [*_space(plan), *_rates(plan), *_depth(plan), *_batch(plan)]


def _space(plan: Plan) -> list[Fault]:
    space, title = plan.space, plan.method.title
    if not isinstance(space, DartsSpace | NasBench201Space):
        return [("space", f"must be darts or nasbench201: {title} trains one network of all cells, and there is none")]
    found = []
    rules = ("nodes", "last node") if isinstance(space, DartsSpace) else ("last node",)
    if space.output not in rules:
        reason = f"{title} trains one network of all cells, whose output has to be the same"
        found.append(("space.output", f"must be {' or '.join(rules)}: {reason}"))
    if space.limits:
        found.append(("space.limits", f"must be none: {title} cannot keep to them, since its network holds all cells"))
    return found


def _rates(plan: Plan) -> list[Fault]:
    method, found = plan.method, []
    for low, high in (("w_lr_min", "w_lr"), ("temperature_min", "temperature")):
        least, most = getattr(method, low, 0.0), getattr(method, high, 0.0)
        if least > most:
            allowed = f"must be at most method.{high} ({most:g}), which falls to it"
            found.append((f"method.{low}", f"{allowed}, got {least:g}"))
    if isinstance(method, PcDartsSettings) and method.channels % method.partial:
        reason = f"must divide method.channels ({method.channels}), got {method.partial}"
        found.append(("method.partial", reason))
    return found


def _depth(plan: Plan) -> list[Fault]:
    method, found = plan.method, []
    if isinstance(method, PdartsSettings):
        for name, count in (("layers", STAGES), ("kept", STAGES - 1)):
            if len(getattr(method, name)) != count:
                words = "one for each stage" if name == "layers" else "for the second and the third stage"
                reason = f"must be {count} numbers, {words}, got {len(getattr(method, name))}"
                found.append((f"method.{name}", reason))
        if list(method.kept) != sorted(method.kept, reverse=True):
            kept = ", ".join(map(str, method.kept))
            found.append(("method.kept", f"must not grow, since an operation once dropped is gone, got {kept}"))
        if plan.budget.epochs is not None and plan.budget.epochs < STAGES:
            found.append(("budget.epochs", f"must be at least {STAGES}, one for each stage, got {plan.budget.epochs}"))
    depths = getattr(method, "layers", ())
    least = min(depths, default=LEAST_LAYERS) if isinstance(depths, tuple) else depths
    if least < LEAST_LAYERS:
        reason = f"must be at least {LEAST_LAYERS}, for two reduction cells and a normal one, got {least}"
        found.append(("method.layers", reason))
    return found


def _batch(plan: Plan) -> list[Fault]:
    """A batch that a split cannot fill; that of a folder of images is seen when it is read."""
    batch, parts = getattr(plan.method, "batch", 0), _parts(plan.data)
    if isinstance(plan.method, SnasSettings):
        del parts["validation"]
    return [
        ("method.batch", f"must be at most {count}, the images of the {name} split, got {batch}")
        for name, count in sorted(parts.items(), key=lambda part: part[1])
        if count and batch > count
    ][:1]


def _parts(data: Data) -> dict[str, int]:
    """The images of the splits that a search looks at, 0 where they are not known before they are read."""
    count = data.images
    count -= round(getattr(data, "test_share", 0.0) * count)
    if data.limit:
        count = min(count, data.limit) if data.images else 0
    validation = round(data.validation_share * count)
    return {"training": count - validation, "validation": validation}
