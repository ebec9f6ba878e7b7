"""Jobs for worker processes, in a file of its own that loads no torch, since every worker imports it."""

import json
import os
import time
from pathlib import Path

from engine.run.pool import Cancelled, wishes

ENOUGH = 120
"""Seconds after which a job that has not come back never will."""


class Lethal:
    """As a job or part of one: ends the process that unpickles it, before the job begins."""

    def __reduce__(self):
        return os._exit, (3,)


class LethalOnce:
    """An argument that ends the first process which unpickles it; the next one gets 7."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return survive, (self.mark,)


def survive(mark: Path) -> int:
    if not mark.exists():
        mark.touch()
        os._exit(3)
    return 7


def sign(mark: Path) -> None:
    """Leave one's process id in a file, which has it from the first moment on."""
    part = mark.with_suffix(".part")
    part.write_text(str(os.getpid()))
    part.rename(mark)


def work_for_ever(mark: Path, job: bytes = b"") -> str:
    """Signs, and goes on until it is cancelled."""
    sign(mark)
    try:
        while True:
            wishes.pulse()
            time.sleep(0.01)
    except Cancelled:
        return "cancelled"


def score_or_die(job: bytes) -> bytes:
    """In place of `engine.run.executors.work`: the score is the candidate's number; 1 takes its process with it."""
    number = json.loads(job)["candidate"]
    if number == 1:
        os._exit(9)
    reply = {"score": number, "seconds": 0, "parameters": 1, "outcome": "ok", "message": "", "macs": 0}
    return json.dumps(reply | {"cost": None, "reported": None}).encode()


def take_a_step(mark: Path) -> str:
    sign(mark)
    wishes.pulse()
    return "stepped"


def sleep_for_ever(mark: Path) -> None:
    sign(mark)
    time.sleep(3600)


def signature(mark: Path) -> int:
    """The process that has signed, once it has."""
    for _ in range(ENOUGH * 100):
        if mark.exists():
            return int(mark.read_text())
        time.sleep(0.01)
    raise AssertionError("nobody signed")
