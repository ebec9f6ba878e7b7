"""A cell of a search network as its papers write it: a module for each operation on each edge, and weighted sums.

Slower and larger than `engine.nets.search_cell.SearchCell`, and plain: what that one is compared with, by the tests
and by anyone who searches with `method.step = "plain"`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.nets.search_cell import MixedCell, Shares, Wiring
from engine.nets.shared_edges import by_image, shuffled
from engine.nets.stochastic_depth import Chance


class PlainCell(MixedCell):
    """DARTS (Liu et al. 2019, equations 1 and 2); with partial channels PC-DARTS (Xu et al. 2020, equations 2 to 4)."""

    def __init__(self, wiring: Wiring, channels: int, reduces: bool) -> None:
        super().__init__(wiring, channels, reduces)
        self.edges = nn.ModuleList(
            nn.ModuleDict({str(place): module for place, module in modules.items()})
            for modules in self._modules_of_edges()
        )

    def shares(self, weights: Tensor, passing: Tensor | None) -> Shares:
        return [row.unbind() for row in weights], None if passing is None else passing.unbind()

    def forward(self, inputs: Sequence[Tensor], shares: Shares, chance: Chance | None) -> Tensor:
        weights, passing_by = shares
        wiring, states = self.wiring, list(inputs)
        kept = None
        if chance is not None and chance.drop_path:
            kept = chance.kept(len(inputs[0]), len(wiring.edges), weights[0][0])
        for node in range(1 + max(node for node, _ in wiring.edges)):
            terms = []
            for edge, (at, source) in enumerate(wiring.edges):
                if at == node and wiring.palettes[edge]:
                    by = None if passing_by is None else passing_by[edge]
                    term = self._mixed(edge, states[source], source < wiring.inputs, weights[edge], by, chance)
                    terms.append(term if kept is None else by_image(kept[:, edge], term))
            stride = 2 if self.reduces else 1
            states.append(sum(terms[1:], terms[0]) if terms else torch.zeros_like(inputs[0][:, :, ::stride, ::stride]))
        return torch.cat([states[state] for state in wiring.output], 1)

    def weights(self, edge: int, place: int) -> list[Tensor]:
        modules = self.edges[edge]
        assert isinstance(modules, nn.ModuleDict)
        return list(modules[str(place)].parameters()) if str(place) in modules else []

    def _mixed(
        self,
        edge: int,
        state: Tensor,
        from_outside: bool,
        weights: Sequence[Tensor],
        passing_by: Tensor | None,
        chance: Chance | None,
    ) -> Tensor:
        """What one edge adds to its node (N, C, H, W)."""
        through, rest = self._divided(state, self.reduces and from_outside)
        terms = []
        for place, operation in self.edges[edge].items():  # type: ignore[operator]
            result = operation(through)
            if chance is not None and chance.skip_rate and isinstance(operation, nn.Identity):
                result = chance.skipped(result)
            terms.append(weights[int(place)] * result)
        mixed: Tensor = sum(terms[1:], terms[0])
        if self.wiring.partial == 1:
            return mixed
        return shuffled(mixed, rest if passing_by is None else passing_by * rest)
