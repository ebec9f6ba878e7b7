"""Published cells and counts; the files say where they come from."""

import json
from pathlib import Path
from typing import Any


def _read(name: str) -> dict[str, Any]:
    return json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


GENOTYPES = _read("genotypes.json")
"""By family (cnn, rnn, sequences) and name."""

COUNTS: dict[str, dict[str, dict[str, int]]] = _read("counts.json")["networks"]
"""By the genotype's name and the network's, such as cifar10_C36_L20: parameters and MACs."""
