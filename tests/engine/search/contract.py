"""What the contract suite runs: every sampling method with small settings, every space, and a landscape on them.

Methods and spaces of plug-ins are among them: `pytest tests/engine/search/test_contract*.py --plugin FILE.py`.

As a program it prints what each method asks for on each of the spaces it is given, so that another process can be
compared with this.
"""

import hashlib
import json
import random
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest

from engine import plugins
from engine.plan import METHODS as SETTINGS
from engine.plan import MethodSettings
from engine.search import Proposal, sampling
from engine.space.spaces import SPACES, Space

SMALL: dict[str, dict[str, Any]] = {
    "random": {},
    "evolution": {"population": 5, "sample": 3},
    "tournament": {"population": 5, "share": 0.4, "mutations": 10},
    "nas-rl": {"units": 12, "layers": 1, "lr": 0.05, "samples": 4, "reward": "score", "grow_every": 6},
    "nasnet": {"units": 12, "lr": 0.05, "samples": 4},
    "enas": {"units": 12, "lr": 0.05, "aggregates": 4},
    "pnas": {
        **{"first": 6, "keep": 4, "grow": 4, "random": 2, "every": 4, "ranked": 40},
        **{"members": 2, "embed": 8, "hidden": 8, "steps_first": 20, "steps": 10},
    },
    "nao": {
        **{"initial": 6, "pool": 8, "seeds": 4, "new": 4, "eta": 30.0, "reach": 3, "surplus": 2, "batch": 16},
        **{"embed": 8, "decoder_embed": 8, "hidden": 12, "predictor": 12, "predictor_layers": 1},
        **{"epochs_first": 10, "epochs": 5, "lr": 0.03},
    },
}
"""For sampling methods, settings with which a few candidates show all that they do; others say theirs in `small`."""

METHODS = [kind for kind, settings in SETTINGS.items() if not settings.one_shot]
"""Every sampling method, those of plug-ins included."""

CANDIDATES = 16

KINDS_OF_SPACES = ("darts", "nasbench201", "enas-macro", "hierarchical", "nas-rl-rnn")
"""One space of each kind of decisions. In the others the methods' code meets nothing new; they are run on demand
(`--all-spaces`), since they take as long as half of the suite."""

everywhere = pytest.mark.parametrize(
    "where", [pytest.param(kind, marks=() if kind in KINDS_OF_SPACES else pytest.mark.further_space) for kind in SPACES]
)
all_methods = pytest.mark.parametrize("kind", METHODS)


@cache
def space(kind: str) -> Space:
    return SPACES[kind]()


def settings(kind: str, **changed: Any) -> MethodSettings:
    """Those of this suite."""
    return SETTINGS[kind](**SETTINGS[kind].small | SMALL.get(kind, {}) | changed)


def made(kind: str, where: str, seed: int = 0, **changed: Any) -> Any:
    """A method on a space, with the settings of this suite."""
    return sampling(settings(kind, **changed), space(where), random.Random(seed))


def landscape(proposal: Proposal) -> float:
    """Easy: the share of decisions, in percent, that take the second choice."""
    return 100 * sum(choice == 1 for choice in proposal.decisions) / max(1, len(proposal.decisions))


def run(search: Any, count: int = CANDIDATES, first: int = 0) -> Iterator[Proposal]:
    """Ask and tell one after the other."""
    for candidate in range(first, first + count):
        proposal = search.ask(candidate)
        search.notes()
        search.tell(candidate, landscape(proposal))
        search.notes()
        yield proposal


def digest(proposals: Iterable[Proposal]) -> str:
    told = [[list(one.decisions), one.parent, one.origin, one.change] for one in proposals]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def main() -> None:
    spaces = plugins.load_named(sys.argv[1:])
    methods = [kind for kind, settings in SETTINGS.items() if not settings.one_shot]
    print(json.dumps({kind: {where: digest(run(made(kind, where))) for where in spaces} for kind in methods}))


if __name__ == "__main__":
    main()
