"""The families of search methods, by which plans are grouped wherever one is chosen from many."""

from collections.abc import Mapping

from engine.plan import Plan, kind_of

GRADIENT, EVOLUTION, LEARNING = "Gradient-based", "Evolution", "Reinforcement learning"
SURROGATES, RANDOM = "Surrogates", "Random"
_KINDS = {
    "evolution": EVOLUTION,
    "tournament": EVOLUTION,
    "nas-rl": LEARNING,
    "nasnet": LEARNING,
    "enas": LEARNING,
    "pnas": SURROGATES,
    "nao": SURROGATES,
    "random": RANDOM,
}
FAMILIES = (GRADIENT, EVOLUTION, LEARNING, SURROGATES, RANDOM)
"""In the order in which they are offered."""


def family(plan: Plan) -> str:
    """The family of a plan's method."""
    return GRADIENT if plan.method.one_shot else _KINDS[kind_of(plan.method) or ""]


def by_family(plans: Mapping[str, Plan]) -> dict[str, list[str]]:
    """The names of plans by family; families without any are left out."""
    found: dict[str, list[str]] = {name: [] for name in FAMILIES}
    for name, plan in plans.items():
        found[family(plan)].append(name)
    return {name: members for name, members in found.items() if members}
