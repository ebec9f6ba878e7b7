"""The search methods, one per file: what they try next and what they learn from it. Their settings are in engine/plan.

Sampling methods speak `ask` and `tell`, take what people hand in by `adopt`, say by `notes` what is to be recorded
beside the candidates, and evaluate nothing themselves; one-shot methods own a supernet and speak `step` and `derive`.
All have `state` and `load`.
"""

from collections.abc import Callable
from typing import Any

from engine.search.darts import Darts
from engine.search.enas import Enas
from engine.search.evolution import Evolution
from engine.search.gradient import Diverged
from engine.search.nao import Nao
from engine.search.nas_rl import NasRl
from engine.search.nasnet import Nasnet
from engine.search.pc_darts import PcDarts
from engine.search.pdarts import Pdarts
from engine.search.pnas import Pnas
from engine.search.proposal import Proposal
from engine.search.random_search import RandomSearch
from engine.search.snas import Snas
from engine.search.tournament import Tournament

__all__ = [
    "METHODS",
    "Darts",
    "Diverged",
    "Enas",
    "Evolution",
    "Nao",
    "NasRl",
    "Nasnet",
    "PcDarts",
    "Pdarts",
    "Pnas",
    "Proposal",
    "RandomSearch",
    "Snas",
    "Tournament",
    "method",
]

METHODS: dict[str, Callable[..., Any]] = {
    "darts": Darts,
    "snas": Snas,
    "pdarts": Pdarts,
    "pcdarts": PcDarts,
    "evolution": Evolution,
    "tournament": Tournament,
    "nas-rl": NasRl,
    "nasnet": Nasnet,
    "enas": Enas,
    "pnas": Pnas,
    "nao": Nao,
    "random": RandomSearch,
}
"""The methods by the kind that their settings have in a plan."""


def method(settings: Any, *arguments: Any) -> Any:
    """The method for `settings`, given (space, rng) or, if one-shot, (space, dataset, epochs, seed, device)."""
    return METHODS[settings.__struct_config__.tag](settings, *arguments)
