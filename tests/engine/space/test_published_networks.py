"""Networks whose sizes their papers print, against the authors' networks walked layer by layer by hand.

The walk knows nothing of the program: only the facts that are written out below. Sources: tensorflow/tpu,
models/official/amoeba_net (network_utils.py, model_builder.py and the cells of model_specs.py) for AmoebaNet;
renqianluo/NAO_pytorch, NAO_V1 (operations.py, model.py) for NAONet-A; the papers for the printed sizes.
"""

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from engine.space.counts import PUBLISHED, count
from engine.space.library import published
from engine.space.notations import read


@dataclass(frozen=True)
class Spec:
    """A cell as AmoebaNet's authors write it: two operations a block, the states they read, and which are used up.

    State 0 is the newest input, state 1 the one before it; states that are not used up make the output.
    """

    operations: tuple[str, ...]
    indices: tuple[int, ...]
    used: tuple[int, ...]


A = (
    Spec(
        ("avg", "max", "sep3", "none", "none", "avg", "sep3", "sep5", "avg", "sep3"),
        (0, 0, 1, 1, 0, 1, 0, 2, 5, 0),
        (1, 0, 1, 0, 0, 1, 0),
    ),
    Spec(
        ("sep3", "avg", "max", "sep7", "max", "max", "sep3", "1x7_7x1", "avg", "sep7"),
        (1, 0, 0, 2, 1, 0, 4, 0, 1, 0),
        (1, 1) + (0,) * 5,
    ),
)
B = (
    Spec(
        ("1x1", "max", "none", "sep3", "1x1", "sep3", "1x1", "none", "avg", "1x1"),
        (1, 1, 1, 0, 1, 0, 2, 2, 1, 5),
        (0, 1, 1, 0, 0, 1, 0),
    ),
    Spec(
        ("max", "max", "none", "3x3", "sep5", "max", "none", "sep3", "avg", "1x1"),
        (0, 0, 2, 1, 2, 2, 3, 1, 4, 3),
        (1, 1, 1, 1, 1, 0, 0),
    ),
)


class Walk:
    """Adds up weights and multiply-accumulates, convolution by convolution; batch norms have two weights a channel."""

    def __init__(self) -> None:
        self.params = self.macs = 0

    def convolve(self, inputs: int, outputs: int, area: int, pixels: int, groups: int = 1, normed: bool = True) -> None:
        weights = inputs // groups * outputs * area
        self.params += weights + (2 * outputs if normed else 0)
        self.macs += weights * pixels

    def classify(self, inputs: int, classes: int) -> None:
        self.params += (inputs + 1) * classes
        self.macs += inputs * classes

    def operate(self, name: str, width: int, side: int, stride: int) -> int:
        """One of AmoebaNet's operations; returns the side of what comes out."""
        out = -(-side // stride)
        few = int(width / 4)
        match name:
            case "sep3" | "sep5" | "sep7":
                for _ in range(2):
                    self.convolve(width, width, int(name[3:]) ** 2, out**2, width, normed=False)
                    self.convolve(width, width, 1, out**2)
            case "1x1":
                self.convolve(width, width, 1, out**2)
            case "none":
                if stride == 2:
                    self.convolve(width, width, 1, out**2)
            case "3x3":
                self.convolve(width, few, 1, side**2)
                self.convolve(few, few, 9, out**2)
                self.convolve(few, width, 1, out**2)
            case "1x7_7x1":
                self.convolve(width, few, 1, side**2)
                self.convolve(few, few, 7, side * out)
                self.convolve(few, few, 7, out**2)
                self.convolve(few, width, 1, out**2)
            case other:
                assert other in ("avg", "max")
        return out

    def cell(
        self, spec: Spec, width: int, before: tuple[int, int], last: tuple[int, int], stride: int
    ) -> tuple[int, int]:
        """One cell; `before`, `last` and what is returned are channels and side of a cell's output."""
        channels, side = last
        self.convolve(channels, width, 1, side**2)
        if before[1] != side or before[0] != width:  # halved or not, a 1×1 convolution for each pixel that comes out
            self.convolve(before[0], width, 1, side**2)
        sides = [side, side]
        for block in range(5):
            places = (2 * block, 2 * block + 1)
            strides = [stride if spec.indices[place] < 2 else 1 for place in places]
            left, right = (
                self.operate(spec.operations[place], width, sides[spec.indices[place]], step)
                for place, step in zip(places, strides, strict=True)
            )
            assert left == right
            sides.append(left)
        for state in range(2):
            if not spec.used[state] and sides[state] != sides[-1]:
                self.convolve(width, width, 1, sides[-1] ** 2)
        return spec.used.count(0) * width, sides[-1]

    def stages(
        self, cells: tuple[Spec, Spec], repeats: int, width: int, before: tuple[int, int], last: tuple[int, int]
    ) -> int:
        """Three stages of normal cells with a reduction cell between them; returns the channels in the end."""
        for stage in range(3):
            if stage:
                before, last = last, self.cell(cells[1], width << stage, before, last, 2)
            for _ in range(repeats):
                before, last = last, self.cell(cells[0], width << stage, before, last, 1)
        return last[0]


def on_cifar(cells: tuple[Spec, Spec], repeats: int, width: int) -> Walk:
    walk = Walk()
    walk.convolve(3, 3 * width, 9, 32**2)
    walk.classify(walk.stages(cells, repeats, width, (3 * width, 32), (3 * width, 32)), 10)
    return walk


def on_imagenet(cells: tuple[Spec, Spec], repeats: int, width: int) -> Walk:
    """With the authors' stem: a 3×3 convolution of stride 2, without padding, to 32 channels; two reduction cells."""
    walk = Walk()
    walk.convolve(3, 32, 9, 111**2)
    before = last = (32, 111)
    for part in (4, 2):
        before, last = last, walk.cell(cells[1], int(width / part), before, last, 2)
    walk.classify(walk.stages(cells, repeats, width, before, last), 1000)
    return walk


def millions(number: int) -> float:
    return round(number / 1e6, 1)


@pytest.mark.parametrize(
    ("name", "cells", "repeats", "width", "printed"),
    [("AmoebaNet-A", A, 6, 36, 3.2), ("AmoebaNet-A", A, 6, 32, 2.6), ("AmoebaNet-B", B, 6, 36, 2.8)],
)
def test_amoebanet_on_cifar_counts_what_the_authors_network_does(name, cells, repeats, width, printed):
    found = count(published(name).architecture, replace(PUBLISHED["cifar"], channels=width, layers=3 * repeats + 2))
    walk = on_cifar(cells, repeats, width)
    assert (found.params, found.macs) == (walk.params, walk.macs)
    assert millions(found.params) == printed


@pytest.mark.parametrize(
    ("name", "cells", "repeats", "width", "printed"),
    [("AmoebaNet-A", A, 4, 50, 5.1), ("AmoebaNet-B", B, 3, 62, 5.3)],
)
def test_amoebanet_on_imagenet_is_as_large_as_printed_with_either_stem(name, cells, repeats, width, printed):
    """The paper prints 555 million MACs for both; the stem here is that of DARTS, and takes more."""
    found = count(published(name).architecture, replace(PUBLISHED["imagenet"], channels=width, layers=3 * repeats + 2))
    walk = on_imagenet(cells, repeats, width)
    assert millions(found.params) == millions(walk.params) == printed
    assert walk.macs == pytest.approx(555e6, rel=0.01)


def test_the_bottlenecks_are_what_makes_the_difference():
    """At full width each of the two reduction cells has 14·C² weights for 2·C·C/4 + 14·(C/4)², and fewer norms."""
    wide = read(published("AmoebaNet-A").notation.replace("bottleneck_conv_7x1_1x7", "conv_7x1_1x7"))
    added = (
        count(wide, PUBLISHED["cifar"]).params - count(published("AmoebaNet-A").architecture, PUBLISHED["cifar"]).params
    )
    full = sum(14 * c * c + 2 * c for c in (72, 144))
    narrow = sum(2 * c * (c // 4) + 14 * (c // 4) ** 2 + 2 * 3 * (c // 4) + 2 * c for c in (72, 144))
    assert added == full - narrow
    assert millions(count(wide, PUBLISHED["cifar"]).params) == 3.5


def test_naonet_a_counts_what_the_authors_network_does():
    """11,470,150: two more batch norms for each 1×k k×1 than if nothing stood between, 6,480 weights in all.

    Its normal cell has three of them and its reduction cell one; there are 18 normal cells, 6 each of 36, 72 and 144
    channels, and a reduction cell at 72 and at 144.
    """
    architecture = published("NAONet-A").architecture
    assert count(architecture, PUBLISHED["cifar"]).params == 11_470_150
    crossed = [
        [edge.operation for node in cell.nodes for edge in node.inputs if edge.operation.startswith("normed_")]
        for cell in (architecture.normal, architecture.reduction)
    ]
    between = 2 * (len(crossed[0]) * 6 * (36 + 72 + 144) + len(crossed[1]) * (72 + 144))
    assert between == 6_480


def test_pnasnet_5_with_the_papers_three_cells_a_stage():
    found = count(published("PNASNet-5").architecture, replace(PUBLISHED["cifar"], channels=48, layers=9))
    assert found.params == 3_176_602
    assert millions(found.params) == 3.2
