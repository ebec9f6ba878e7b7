"""Faults that no single setting has: settings that do not go together."""

from engine.plan.build import build, plain
from engine.plan.datasets import ImageFolder
from engine.plan.errors import PlanError
from engine.plan.evaluators import TableSettings
from engine.plan.growing import growth_faults
from engine.plan.methods import EvolutionSettings
from engine.plan.one_shot import LEAST_LAYERS, one_shot_faults
from engine.plan.plan import Plan
from engine.plan.sharing import sharing_faults


def check(plan: Plan) -> None:
    """Raises PlanError for the first thing that keeps the plan from being run."""
    for fault in faults(plan):
        raise fault


def faults(plan: Plan) -> list[PlanError]:
    """Everything that keeps the plan from being run, each with the key of the setting to change."""
    try:
        build(plain(plan))
    except PlanError as error:
        return [error]
    return [
        PlanError(f"{key} {reason}", key)
        for part in (_method, _space, _data_and_network, sharing_faults, growth_faults)
        for key, reason in part(plan)
    ]


def _method(plan: Plan) -> list[tuple[str, str]]:
    found = []
    method, budget = plan.method, plan.budget
    if method.one_shot:
        if budget.epochs is None:
            found.append(("budget.epochs", f"is missing: {method.title} needs to know how many epochs it has"))
        for name in ("evaluations", "simulated_seconds"):
            if getattr(budget, name) is not None:
                found.append((f"budget.{name}", f"must be none: {method.title} trains one network and counts epochs"))
    else:
        if plan.evaluator is None:
            found.append(
                ("evaluator", f"is missing: {method.title} needs its candidates scored; try evaluator=trained")
            )
        if (budget.evaluations, budget.seconds, budget.simulated_seconds) == (None, None, None):
            reason = "is missing: {} needs it, budget.seconds or budget.simulated_seconds to end"
            found.append(("budget.evaluations", reason.format(method.title)))
        if isinstance(plan.evaluator, TableSettings) and not plan.evaluator.file:
            found.append(("evaluator.file", "is missing: name the file with the table, as import-table writes it"))
        if budget.epochs is not None:
            reason = "must be none: {} counts evaluations; evaluator.epochs is how long each candidate is trained"
            found.append(("budget.epochs", reason.format(method.title)))
    if isinstance(method, EvolutionSettings) and method.sample > method.population:
        allowed = f"must be at most method.population ({method.population})"
        found.append(("method.sample", f"{allowed}, got {method.sample}"))
    return found


def _space(plan: Plan) -> list[tuple[str, str]]:
    """Data are images."""
    if plan.space.reads_text and _looks_at_data(plan):
        return [("space", f"must be one whose networks look at images: {plan.data.title} has no text to read")]
    return one_shot_faults(plan) if plan.method.one_shot else []


def _data_and_network(plan: Plan) -> list[tuple[str, str]]:
    found = []
    layers = None if plan.method.one_shot else getattr(plan.evaluator, "layers", None)
    if layers is not None and layers < LEAST_LAYERS:
        reason = f"must be at least {LEAST_LAYERS}, for two reduction cells and a normal one, got {layers}"
        found.append(("evaluator.layers", reason))
    if not _looks_at_data(plan):
        return found
    if isinstance(plan.data, ImageFolder) and not plan.data.folder:
        found.append(("data.folder", "is missing: name the folder that holds one subfolder of images per class"))
    if plan.data.image % 4:
        reason = "must be a multiple of 4 pixels, since two reduction cells halve the image, got"
        found.append(("data.image", f"{reason} {plan.data.image}"))
    return found


def _looks_at_data(plan: Plan) -> bool:
    """Whether the search needs the plan's data set, which one that looks scores up does not."""
    return plan.method.one_shot or plan.evaluator is None or plan.evaluator.needs_data
