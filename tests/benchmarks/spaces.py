"""The table of spaces: size, decisions per architecture, and the time that 10,000 architectures take.

    python tests/benchmarks/spaces.py

Seconds of processor time, to draw 10,000 architectures uniformly, to decode and encode them, and to mutate each once.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.space import Space
from engine.space.decisions import Decisions
from engine.space.text import presets

COUNT = 10_000


def timed(work: Callable) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def row(name: str, space: Space) -> str:
    rng = random.Random(0)
    drawn: list[Decisions] = []
    sampling = timed(lambda: drawn.extend(space.sample(rng) for _ in range(COUNT)))
    coding = timed(lambda: [space.encode(space.decode(decisions)) for decisions in drawn])
    mutation = timed(lambda: [space.mutate(decisions, rng) for decisions in drawn])
    size = f"{space.size():,}" if space.size() < 10**9 else f"{space.size():.3g}"
    lengths = sorted({len(decisions) for decisions in drawn})
    span = f"{lengths[0]}" if len(lengths) == 1 else f"{lengths[0]}–{lengths[-1]}"
    return f"{name:18} {size:>14} {span:>9} {sampling:6.2f} s {coding:12.2f} s {mutation:6.2f} s"


def main() -> None:
    print(f"{'space':18} {'size':>14} {'decisions':>9} {'sample':>8} {'decode+encode':>14} {'mutate':>8}")
    for name, space in presets().items():
        print(row(name, space))


if __name__ == "__main__":
    main()
