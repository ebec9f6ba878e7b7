"""Faults of searches whose architectures grow: what the space cannot do, and what no table holds."""

from engine.plan.evaluators import TableSettings
from engine.plan.methods import PnasSettings
from engine.plan.plan import Plan
from engine.space.growth import levels, obstacle


def growth_faults(plan: Plan) -> list[tuple[str, str]]:
    """Each as the key of the setting to change, and the reason that goes on from it."""
    if not isinstance(plan.method, PnasSettings):
        return []
    way = plan.method.growth
    if reason := obstacle(plan.space, way):
        return [("method.growth", f"must be auto or whole for this space: {reason}")]
    if isinstance(plan.evaluator, TableSettings) and levels(plan.space, way)[0].space != plan.space:
        return [("method.growth", f"must be embedded or whole: the table holds no smaller architectures, got {way}")]
    return []
