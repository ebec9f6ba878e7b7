"""The operations that spaces had before theirs became those of their authors' code, for what was recorded back then.

A recorded space names its operations: the program writes every setting out. One that names none is from elsewhere or
long ago, and means the set of that time, in which every full convolution had full width and every skip was that of
DARTS. What is written by hand today and names none, means the set of today.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.space.text import LONGEST

_POOLED = ("avg_pool_3x3", "max_pool_3x3")
_SEPARABLE = ("sep_conv_3x3", "sep_conv_5x5", "sep_conv_7x7")

FORMER: dict[str, tuple[str, ...]] = {
    "amoebanet": ("skip_connect", *_SEPARABLE, *_POOLED, "dil_sep_conv_3x3", "conv_7x1_1x7"),
    "nasnet": (
        *("skip_connect", "conv_3x1_1x3", "conv_7x1_1x7", "dil_conv_3x3", *_POOLED, "max_pool_5x5", "max_pool_7x7"),
        *("conv_1x1", "conv_3x3", *_SEPARABLE),
    ),
    "pnas": (*_SEPARABLE, "conv_7x1_1x7", "skip_connect", *_POOLED, "dil_conv_3x3"),
    "nao": (
        *("skip_connect", "conv_1x1", "conv_3x3", "conv_3x1_1x3", "conv_7x1_1x7"),
        *("max_pool_2x2", "max_pool_3x3", "max_pool_5x5", "avg_pool_2x2", "avg_pool_3x3", "avg_pool_5x5"),
    ),
    "enas-micro": ("sep_conv_3x3", "sep_conv_5x5", *_POOLED, "skip_connect"),
}
"""By the kind of the space, in the order of their decisions then."""


def recorded(space: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of a recorded space, with the operations that it meant where it names none."""
    kind = space.get("kind")
    if "operations" in space or not isinstance(kind, str) or kind not in FORMER:
        return dict(space)
    return {**space, "operations": list(FORMER[kind])}


def recorded_plan(text: str) -> str:
    """The TOML text of a recorded plan, with the operations that its space meant; any other text as it is."""
    if len(text) > LONGEST:
        return text
    try:
        plan = msgspec.toml.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return text
    space = plan.get("space")
    if not isinstance(space, dict) or recorded(space) == space:
        return text
    return msgspec.toml.encode({**plan, "space": recorded(space)}).decode()
