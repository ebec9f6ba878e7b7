"""The script for a GPU, in miniature on a CPU: every part, every row, and the table last."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).with_name("gpu.py")


def run(*options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(SCRIPT), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.mark.slow
def test_in_miniature(tmp_path):
    out = tmp_path / "rows.json"
    done = run("--miniature", "--minutes", 60, "--out", out)
    assert done.returncode == 0, done.stderr
    tests, *rows = json.loads(out.read_text())["rows"]
    assert tests["part"] == "tests"
    assert not tests["failed"]
    assert "skipped" in tests["said"] or torch.cuda.is_available()
    presets = [row["preset"] for row in rows if row["part"] == "presets"]
    assert presets == [f"{name}-cifar10" for name in ("darts", "darts2", "pcdarts", "pdarts", "snas")]
    speeds = [row for row in rows if row["part"] == "speed"]
    assert len(speeds) == 3 * 2 * 3
    for row in rows:
        if row.get("network") == "ours, graphs":
            assert row["fault"] == "needs CUDA"
        else:
            assert row["steps/s"] > 0, row
            assert row["MiB"] > 0
    head, *lines = done.stdout.splitlines()[-1 - len(speeds) :]
    assert head.split()[:4] == ["method", "batch", "precision", "network"]
    assert [line.split()[0] for line in lines] == [row["preset"].removesuffix("-cifar10") for row in speeds]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_says_so_in_one_line():
    done = run()
    assert done.returncode == 2
    assert done.stderr == "there is no CUDA device here; --miniature runs all of this on a CPU, tiny\n"
    assert not done.stdout
