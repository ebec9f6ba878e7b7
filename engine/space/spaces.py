"""The spaces the program knows."""

from typing import TypeAlias

from engine.space.amoebanet import AmoebaNetSpace
from engine.space.darts import DartsSpace
from engine.space.darts_recurrent import DartsRecurrentSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.enas_micro import EnasMicroSpace
from engine.space.enas_recurrent import EnasRecurrentSpace
from engine.space.hierarchical import FlatSpace, HierarchicalSpace
from engine.space.nao import NaoSpace
from engine.space.nas_rl import NasRlSpace
from engine.space.nas_rl_recurrent import NasRlRecurrentSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.nasnet import NasnetSpace
from engine.space.pnas import PnasSpace

Space: TypeAlias = (
    DartsSpace
    | NasnetSpace
    | AmoebaNetSpace
    | PnasSpace
    | EnasMicroSpace
    | NaoSpace
    | NasBench201Space
    | NasRlSpace
    | EnasMacroSpace
    | HierarchicalSpace
    | FlatSpace
    | DartsRecurrentSpace
    | EnasRecurrentSpace
    | NasRlRecurrentSpace
)
"""Any space."""

SPACES: dict[str, type[Space]] = {
    "darts": DartsSpace,
    "nasnet": NasnetSpace,
    "amoebanet": AmoebaNetSpace,
    "pnas": PnasSpace,
    "enas-micro": EnasMicroSpace,
    "nao": NaoSpace,
    "nasbench201": NasBench201Space,
    "nas-rl": NasRlSpace,
    "enas-macro": EnasMacroSpace,
    "hierarchical": HierarchicalSpace,
    "hierarchical-flat": FlatSpace,
    "darts-rnn": DartsRecurrentSpace,
    "enas-rnn": EnasRecurrentSpace,
    "nas-rl-rnn": NasRlRecurrentSpace,
}
"""The spaces by the kind they have in a plan."""
