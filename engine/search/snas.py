"""SNAS: one soft sample of a cell a step, hardening as the temperature falls, in one level (Xie et al. 2019).

And what its operations cost, and what it makes edges pay for that (section 2.3, and its published code).
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.nets import Supernet
from engine.plan.methods.snas import SnasSettings
from engine.search.base import SEARCHES
from engine.search.derivation import every_edge, strongest
from engine.search.gradient import GradientSearch, Values, accuracy
from engine.search.graphed import Outputs
from engine.space.cell_space import CellSpace
from engine.space.cells import Cell
from engine.space.counts import reductions, stages
from engine.space.counts.operation_counts import operation, strided
from engine.space.operations import BOTTLENECKS, OPERATIONS

Form = Literal["logarithmic", "linear"]

SCALE: dict[str, float] = {"logarithmic": 1e-2, "linear": 1e-5}
"""What the published code multiplies the penalty by, unless told otherwise."""

LEVELS: dict[str, float] = {"none": 0.0, "mild": 0.15, "moderate": 0.5, "aggressive": 1.0}
"""Of that. The authors' commands use 0.0015 and 0.01 and name no level; to call them mild and aggressive is ours, and
what lies between."""


def costs(space: CellSpace, layers: int, channels: int, side: int) -> list[Tensor]:
    """For each kind of cell (cells, edges, operations, 3): weights, multiply-accumulates, and numbers moved in memory.

    As in the published code, whose search network has norms without scale and shift, weights are those of convolutions.
    `side` is that of the image. Cells have the sizes that they have in a supernet of `layers` cells.
    """
    sizes: list[list[tuple[int, int, bool]]] = [[] for _ in space.cells]
    if len(space.cells) == 1:
        for stage, length in enumerate(stages(layers)):
            sizes[0] += [(channels << stage, side, False)] * length
            side = strided(side)
    else:
        for layer in range(layers):
            reduces = layer in reductions(layers)
            channels *= 2 if reduces else 1
            sizes[reduces].append((channels, side, reduces))
            side = strided(side) if reduces else side
    return [
        torch.tensor(
            [
                [
                    [_cost(name, c, s, 2 if reduces and source < space.cell_inputs else 1, reduces) for name in names]
                    for _, source in space.edges()
                ]
                for c, s, reduces in kind
            ]
        )
        for kind, names in zip(sizes, [space.operations] * len(sizes), strict=True)
    ]


def penalty(weights: Sequence[Tensor], costs: Sequence[Tensor], form: Form) -> Tensor:
    """The mean over the cells of each kind, added up over kinds and edges.

    An edge pays for the mixture that `weights` (edges, operations), such as a sample, make of its operations: the mean
    of the three logarithms, each at least 0, or (2 weights + MACs / 4000 + moved / 100) · 0.43.
    """
    total = torch.zeros((), device=weights[0].device)
    for shares, cost in zip(weights, costs, strict=True):
        mixed = torch.einsum("eo,ceot->cet", shares, cost)
        if form == "logarithmic":
            paid = mixed.clamp_min(1).log().mean(2)
        else:
            # Filled where they are: numbers sent to a device would make it wait.
            paid = mixed @ torch.stack([mixed.new_full((), price) for price in (2 * 0.43, 0.43 / 4000, 0.43 / 100)])
        total = total + paid.sum(1).mean()
    return total


def _cost(name: str, channels: int, side: int, stride: int, reduces: bool) -> tuple[float, float, float]:
    """Of one operation in a cell whose inputs have `side`, and its nodes half of it where the cell reduces."""
    side = strided(side) if reduces and stride == 1 else side
    image = channels * strided(side, stride) ** 2
    weights = operation(name, channels, 1, stride).macs  # on one pixel each weight of a convolution is used once
    macs, kind = operation(name, channels, side, stride).macs, OPERATIONS[name].kind
    if kind == "none":
        return 0.0, 0.0, 0.0
    if kind == "pool":
        macs = int(name[-1]) ** 2 * image
    # Every convolution or pool reads its input and writes its output; at stride 2 the first input is 4 times as large.
    passes = {"separable": 2 if name.startswith("depth") else 4, "dilated": 2}.get(kind, 1)
    passes = 4 if name.startswith("dil_sep") else 2 if "_1x" in name[6:] else passes
    moved = (2 * passes + 3 * (stride == 2)) * image
    if kind == "skip" and stride == 2 and name != "skip_nasnet":
        moved = 9 * image  # two convolutions that both read the whole input, and write half of the output each
    elif (form := BOTTLENECKS.get(name)) and (narrow := form.narrow(channels)):
        inside = (2 * len(form.kernels) + 3 * (stride == 2)) * narrow * strided(side, stride) ** 2
        moved = inside + (channels + narrow) * (side**2 + strided(side, stride) ** 2)
    elif form:
        moved = (2 * len(form.kernels) + 3 * (stride == 2)) * image
    return float(weights), float(macs), float(moved + weights)


MEAN = 1.0
"""Of the architecture weights at the start. No softmax sees it, but their weight decay does."""


@SEARCHES.carries_out(SnasSettings)
class Snas(GradientSearch):
    """Weights and architecture move down the loss of the same training batch, in which all cells of a kind are the
    same sample of a concrete distribution (section 2.2): Z = softmax((log α + Gumbel noise) / temperature).

    The temperature falls in equal steps from epoch to epoch. The validation split is looked at, never learnt from.
    """

    _settings: SnasSettings

    @property
    def _alpha_clip(self) -> float:
        return self._settings.alpha_clip

    def _supernet(self) -> Supernet:
        settings, data = self._settings, self._dataset
        net = self._made(settings.layers, drop_path=settings.drop_path)
        with torch.no_grad():
            for alpha in net.alphas:
                alpha += MEAN
        side = data.train.images.shape[-1]
        self._costs = [cost.to(self._device) for cost in costs(self._space, settings.layers, settings.channels, side)]
        self._price = LEVELS[settings.resource] * SCALE[settings.resource_form]
        return net

    def _derived(self, weights: np.ndarray, place: int) -> Cell:
        rule = every_edge if self._settings.derivation == "every edge" else strongest
        return rule(weights, self._space, self._space.cells[place])

    @property
    def temperature(self) -> float:
        """That of the samples of this epoch."""
        epoch, epochs = self._phase()
        high, low = self._settings.temperature, self._settings.temperature_min
        return low + (high - low) * (1 - min(epoch / epochs, 1.0))

    def _told(self) -> dict[str, float]:
        return {"temperature": self._cooled}

    def _move(self, rate: float) -> Values:
        self._cooled = self.temperature
        loss, right, paid, *gradients = self._recorded(self._whole, *self._train.next())
        self._move_weights(gradients[: len(self._weights)])
        self._move_architecture(gradients[len(self._weights) :])
        told = {"train loss": loss, "train accuracy": right}
        return told if paid is None else {**told, "resource penalty": paid}

    def _whole(self, images: Tensor, labels: Tensor) -> Outputs:
        """Loss and accuracy of a batch, the penalty if any, and the gradients of weights and architecture."""
        sample = self._sample(self._generator)
        logits = self._logits(images, sample)
        total = loss = F.cross_entropy(logits, labels)
        paid = None
        if self._price:
            paid = self._price * penalty(sample, self._costs, self._settings.resource_form)
            total = loss + paid
        self._weight_optimizer.zero_grad()
        self._architecture_optimizer.zero_grad()
        torch.autograd.backward(total)
        gradients = (part.grad for part in (*self._weights, *self.net.alphas))
        return loss.detach(), accuracy(logits, labels), None if paid is None else paid.detach(), *gradients

    def _rates(self) -> tuple[float, ...]:
        return *super()._rates(), self.temperature

    def _mixtures(self, most: int) -> list[list[Tensor]]:
        """So many samples; in the published code, one for each batch. They do not depend on how often was measured."""
        generator = torch.Generator(self._device).manual_seed(self._seed + self._step)
        return [self._sample(generator) for _ in range(most)]

    def _sample(self, generator: torch.Generator) -> list[Tensor]:
        """For each kind of cell (edges, operations), rows adding up to 1 over what an edge carries."""
        found = []
        for alpha, carried in zip(self.net.alphas, self.net.carried, strict=True):
            draws = torch.empty_like(alpha).exponential_(generator=generator)
            noise = -draws.clamp_min_(torch.finfo(draws.dtype).tiny).log_()
            logits = ((alpha + noise) / self.temperature).masked_fill(~carried, torch.finfo(alpha.dtype).min)
            found.append(logits.softmax(1))
        return found
