"""What keeps a plan with ENAS or with shared weights from being run."""

from engine.plan.evaluators import SharedSettings
from engine.plan.methods import EnasSettings
from engine.plan.plan import Plan
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
    if isinstance(method, EnasSettings) and (limit := plan.budget.evaluations) is not None and method.derive >= limit:
        allowed = f"must be less than budget.evaluations ({limit:,}), or nothing is learnt"
        found.append(("method.derive", f"{allowed}, got {method.derive:,}"))
    return found
