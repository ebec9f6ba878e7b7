"""What keeps a plan with ENAS or with shared weights from being run."""

from engine.plan.evaluators import SharedSettings
from engine.plan.methods import EnasSettings, NasRlSettings, PnasSettings
from engine.plan.plan import Plan
from engine.space.enas_macro import EnasMacroSpace
from engine.space.growth import levels
from engine.space.sharing import unshareable


def sharing_faults(plan: Plan) -> list[tuple[str, str]]:
    """Each as the key of the setting to change, and the reason that goes on from it."""
    found = []
    method, evaluator = plan.method, plan.evaluator
    if isinstance(evaluator, SharedSettings) and not method.one_shot:
        if reason := unshareable(plan.space):
            found.append(("space", f"must be another for evaluator=shared: {reason}"))
        if evaluator.lr_min > evaluator.lr:
            allowed = f"must be at most evaluator.lr ({evaluator.lr:g}), which falls to it"
            found.append(("evaluator.lr_min", f"{allowed}, got {evaluator.lr_min:g}"))
        if isinstance(plan.space, EnasMacroSpace):
            # Where a network of layers is halved depends on how many it has, so small ones are no paths of a large one.
            reason = "for evaluator=shared, which cannot hold networks of fewer layers"
            if isinstance(method, NasRlSettings) and method.grow_every and method.grow_from < plan.space.layers:
                found.append(("method.grow_every", f"must be 0 {reason}, got {method.grow_every:,}"))
            if isinstance(method, PnasSettings) and len(levels(plan.space, method.growth)) > 1:
                found.append(("method.growth", f"must be whole {reason}, got {method.growth}"))
    if isinstance(method, EnasSettings) and (limit := plan.budget.evaluations) is not None and method.derive >= limit:
        allowed = f"must be less than budget.evaluations ({limit:,}), or nothing is learnt"
        found.append(("method.derive", f"{allowed}, got {method.derive:,}"))
    return found
