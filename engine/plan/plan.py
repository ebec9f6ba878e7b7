"""The plan: everything that decides how a search goes, as one value."""

from typing import Annotated

import msgspec
from msgspec import Struct

from engine.plan.budget import Budget
from engine.plan.datasets import Data, Digits
from engine.plan.evaluators import Evaluator
from engine.plan.instruments import Instruments
from engine.plan.methods import Method
from engine.space.darts import DartsSpace
from engine.space.setting import setting
from engine.space.spaces import Space


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Space, method, scoring of candidates, data, budget, seed and device. The same plan gives the same search."""

    name: Annotated[
        str,
        setting(
            "What this plan is called.",
            label="Name",
            pattern=r"^[^\x00-\x1f\x7f]{1,80}$",
            allowed="a name of 1 to 80 characters on one line",
        ),
    ] = "untitled"
    space: Annotated[Space, setting("What is searched.", label="Space")] = msgspec.field(default_factory=DartsSpace)
    method: Annotated[Method, setting("How it is searched.", label="Method")]
    evaluator: Annotated[
        Evaluator | None,
        setting("How a candidate gets its score; a one-shot method needs none.", label="Evaluator"),
    ] = None
    data: Annotated[Data, setting("What the networks learn.", label="Data")] = msgspec.field(default_factory=Digits)
    budget: Annotated[Budget, setting("How long the search may run.", label="Budget")] = Budget()
    instruments: Annotated[Instruments, setting("What a one-shot search is watched with.", label="Instruments")] = (
        Instruments()
    )
    seed: Annotated[
        int,
        setting(
            "Start of every random sequence. The same seed gives the same search; try several before you believe one.",
            label="Seed",
            low=0,
            high=2**32 - 1,
        ),
    ] = 0
    device: Annotated[
        str,
        setting(
            "Where the networks run.",
            label="Device",
            choices=("cpu", "cuda", "mps"),
            pattern=r"^(cpu|mps|cuda(:\d{1,3})?)$",
            allowed="cpu, cuda, cuda:N or mps",
        ),
    ] = "cpu"
    threads: Annotated[
        int,
        setting(
            "Processor threads for the arithmetic; 0 takes one less than the processor has cores, at least 1.",
            label="Threads",
            low=0,
            high=1024,
        ),
    ] = 0
