"""Evaluating in other processes: what goes out and comes back as plain data.

A job is JSON of a plan, a candidate's number and its architecture; an answer is JSON of the outcome and the curves. So
any `concurrent.futures.Executor` can carry them, also to another machine that has this program; nothing is pickled but
bytes. A worker loads the data set with its first job and keeps it. A score depends on the plan and the candidate's
number alone, whichever worker finds it.
"""

import math
import traceback
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec
import torch

from engine.data import load
from engine.evaluate import BaseEvaluator, Outcome, evaluator
from engine.plan import Plan
from engine.run.pool import Cancelled, wishes
from engine.space.architecture import Architecture


class Job(msgspec.Struct, frozen=True):
    """What a worker is to do."""

    plan: Plan
    threads: int
    candidate: int
    architecture: Architecture


class Reply(msgspec.Struct, frozen=True):
    """What it says; JSON has no word for NaN, so that is null."""

    score: float | None
    seconds: float | None
    parameters: int
    outcome: Literal["ok", "failed", "out of memory", "not a number"]
    message: str
    macs: int
    cost: float | None
    reported: float | None
    curves: tuple[tuple[str, int, float | None], ...] = ()


class Answer(NamedTuple):
    """An outcome, and the values of the candidate's curves in their order: (series, step, value)."""

    outcome: Outcome
    curves: tuple[tuple[str, int, float], ...] = ()


def job(plan: Plan, threads: int, candidate: int, architecture: Architecture) -> bytes:
    """The bytes that `work` takes."""
    return msgspec.json.encode(Job(plan, threads, candidate, architecture))


def answer(data: bytes) -> Answer:
    """What the bytes say that `work` returned."""
    reply = msgspec.json.decode(data, type=Reply)
    found = {name: _or_nan(getattr(reply, name)) for name in Outcome._fields}
    return Answer(Outcome(**found), tuple((name, step, _or_nan(value)) for name, step, value in reply.curves))


def work(data: bytes) -> bytes:
    """Evaluate one candidate, in a worker. Whatever goes wrong with it is its outcome."""
    todo = msgspec.json.decode(data, type=Job)
    curves: list[tuple[str, int, float]] = []
    try:
        chosen = _evaluator(msgspec.json.encode(todo.plan), todo.threads)
        outcome = chosen.evaluate(todo.architecture, todo.candidate, lambda *value: curves.append(value), wishes.pulse)
    except Cancelled:
        raise
    except Exception as fault:  # one bad candidate must not end a search of days
        traceback.print_exc()
        message = f"{type(fault).__name__}: {fault}".strip().splitlines()[0]
        outcome = Outcome(math.nan, math.nan, 0, "failed", message)
    return msgspec.json.encode(Reply(*outcome, curves=tuple(curves)))


@lru_cache(maxsize=1)
def _evaluator(plan: bytes, threads: int) -> BaseEvaluator:
    """The plan's evaluator with its data, made for the first candidate and kept."""
    what = msgspec.json.decode(plan, type=Plan)
    torch.set_num_threads(threads)
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    assert what.evaluator is not None
    dataset = load(what.data, what.device) if what.evaluator.needs_data else None
    return evaluator(what.evaluator, what.space, dataset, what.device, what.seed)


def _or_nan(value: Any) -> Any:
    return math.nan if value is None else value
