"""The sweep over native calls: that it sees what it looks for, and that the program passes its short form."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SWEEP = Path(__file__).parents[2] / "benchmarks" / "native_calls.py"

FAULTY = """
import os, signal, sys
sys.path.insert(0, {root!r})
import torch
from torch import nn
from tests.benchmarks.native_calls import Case, Subject, faults

class Wrong(torch.autograd.Function):
    forward = staticmethod(lambda ctx, x: x.clone())
    backward = staticmethod(lambda ctx, g: g * (1.3 if g.shape[2] == 8 and g.dtype == torch.float32 else 1))

class Faulty(nn.Module):
    def forward(self, x):
        if x.shape[2] == 16:
            os.kill(os.getpid(), signal.SIGSEGV)
        return Wrong.apply(x)

cases = [Case(2, side, True, threads) for side in (5, 8, 16) for threads in (1, 2)]
for case, wrong in faults(Subject("faulty", lambda c: Faulty()), cases):
    print(case.side, case.threads, wrong)
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sweep forks and asks for glibc")


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=os.environ)


def test_it_tells_wrong_gradients_and_crashes_case_by_case():
    told = python("-c", FAULTY.format(root=str(SWEEP.parents[2])))
    wrong, crash = "gradient of the images wrong by 30 %", signal.SIGSEGV.name
    assert told.stdout.splitlines() == [f"8 1 {wrong}", f"8 2 {wrong}", f"16 1 {crash}", f"16 2 {crash}"], told.stderr


def test_the_program_makes_no_native_call_that_fails():
    told = python(str(SWEEP), "--short", "--isa", "native")
    assert told.returncode == 0, told.stdout + told.stderr
    count = re.search(r"native: 0 of (\d+) cases fail", told.stdout)
    assert count
    assert int(count[1]) > 300
