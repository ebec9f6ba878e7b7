"""NAO's net (Luo et al. 2018, section 3): an encoder of architectures, a predictor of scores, and a decoder.

And the plane in which its learnt space is shown, chosen once and then kept, so that points stay where they belong.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.search.surrogates.encoding import NOTHING, Vocabulary, as_lists, from_lists
from engine.space.decisions import Decisions, DecisionSpace
from engine.space.progressive_levels import levels

Numbers = NDArray[np.float64]


class Plane(NamedTuple):
    """A centre and two directions at right angles, each of length 1: rows of `axes` (2, width)."""

    centre: Numbers
    axes: Numbers

    def project(self, points: Numbers) -> Numbers:
        """Where points (rows, width) fall in the plane: (rows, 2)."""
        return (points - self.centre) @ self.axes.T


def plane(points: Numbers) -> Plane:
    """The plane in which these points (rows, width) spread most: their first two principal components.

    Of the two ways a component can point, it takes the one in which its largest entry is positive, and of several
    equally large ones the first.
    """
    centre = points.mean(0)
    _, _, directions = np.linalg.svd(points - centre, full_matrices=True)
    axes = directions[:2]
    largest = np.abs(axes).argmax(1)
    return Plane(centre, axes * np.where(axes[np.arange(2), largest] < 0, -1.0, 1.0)[:, None])


BANNED = -1e9
"""The logit of a choice that is not open."""


class Sizes(NamedTuple):
    """Widths and depth of the net."""

    embed: int
    decoder_embed: int
    hidden: int
    predictor: int
    layers: int
    dropout: float


class Losses(NamedTuple):
    """Mean losses of the last epoch: squared error of the predictions, nats per decision of the decoder."""

    prediction: float
    reconstruction: float


class Autoencoder(nn.Module):
    """An LSTM reads the decisions, and its outputs are the continuous form of the architecture, one per decision.

    Outputs are brought to length 1; their mean, brought to length 1, is the embedding, from which the predictor reads a
    score in 0 .. 1 and with which the decoder begins. The decoder, an LSTM that attends to the outputs, answers one
    decision after the other; only choices that the space has open at that point can be answered.

    It attends by the plain product of its state with the outputs. The authors' codes differ in this: one does the same,
    its later version multiplies the state by a matrix first, and that in TensorFlow has additive attention.

    Args:
        space, vocabulary: whose decisions, with one token for a choice wherever it is made or not.
        sizes: see `Sizes`.
        generator: source of the weights, of dropout and of the order of the data.
    """

    def __init__(self, space: DecisionSpace, vocabulary: Vocabulary, sizes: Sizes, generator: torch.Generator) -> None:
        super().__init__()
        self._space, self._vocabulary, self._sizes, self._generator = space, vocabulary, sizes, generator
        (self._whole,) = levels(space, "whole")
        seed = int(torch.randint(1 << 31, (), generator=generator))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            hidden = sizes.hidden
            self.read = nn.Embedding(vocabulary.size, sizes.embed)
            self.encoder = nn.LSTM(sizes.embed, hidden, batch_first=True)
            widths = [hidden, *(sizes.predictor for _ in range(sizes.layers))]
            self.predictor = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(widths))
            self.score = nn.Linear(widths[-1], 1)
            self.write = nn.Embedding(vocabulary.size, sizes.decoder_embed)
            self.decoder = nn.LSTM(sizes.decoder_embed, hidden, batch_first=True)
            self.attended = nn.Linear(2 * hidden, hidden)
            self.choose = nn.Linear(hidden, vocabulary.size)

    def tokens(self, members: Sequence[Decisions]) -> Tensor:
        """The tokens (rows, decisions) of architectures."""
        return torch.from_numpy(self._vocabulary.rows(self._whole, members).astype(np.int64))

    def encode(self, rows: Tensor) -> Tensor:
        """The outputs (rows, decisions, hidden) for tokens (rows, decisions)."""
        return F.normalize(self.encoder(self.read(rows))[0], dim=-1)

    def embed(self, outputs: Tensor) -> Tensor:
        """The embedding (rows, hidden) of outputs."""
        return F.normalize(outputs.mean(1), dim=-1)

    def predict(self, embedding: Tensor) -> Tensor:
        """The score (rows,) in 0 .. 1 of an embedding."""
        for layer in self.predictor:
            embedding = torch.relu(layer(embedding))
            if self.training and (rate := self._sizes.dropout):
                kept = torch.rand(embedding.shape, generator=self._generator) >= rate
                embedding = embedding * kept / (1 - rate)
        return torch.sigmoid(self.score(embedding))[:, 0]

    def fit(
        self,
        members: Sequence[Decisions],
        scores: NDArray[np.float64],
        trade: float,
        epochs: int,
        rate: float,
        decay: float,
        batch: int,
    ) -> Losses:
        """Train on architectures and their scores in 0 .. 1, NaN where one is for the decoder alone.

        The loss is `trade` times the squared error plus the rest times the negative log likelihood of the decisions.
        """
        inputs, targets = self.tokens(members), torch.tensor(scores, dtype=torch.float32)
        open_tokens = self._open(members)
        known = ~targets.isnan()
        targets = targets.nan_to_num()
        optimizer = torch.optim.Adam(self.parameters(), lr=rate, weight_decay=decay, foreach=True)
        self.train()
        sums, seen = [0.0, 0.0], 0
        for epoch in range(epochs):
            for part in torch.randperm(len(inputs), generator=self._generator).split(batch):
                optimizer.zero_grad(set_to_none=True)
                outputs = self.encode(inputs[part])
                embedding = self.embed(outputs)
                wrong = (self.predict(embedding) - targets[part]).square() * known[part]
                squared = wrong.sum() / known[part].sum().clamp_min(1)
                logits = self._logits(outputs, embedding, inputs[part])
                logits = logits.masked_fill(~open_tokens[part], BANNED)
                likelihood = F.cross_entropy(logits.flatten(0, 1), inputs[part].flatten())
                (trade * squared + (1 - trade) * likelihood).backward()
                optimizer.step()
                if epoch == epochs - 1:
                    sums = [sums[0] + float(squared.detach()), sums[1] + float(likelihood.detach())]
                    seen += 1
        self.eval()
        return Losses(*(total / max(seen, 1) for total in sums))

    def climb(self, outputs: Tensor, eta: float) -> Tensor:
        """Outputs moved by `eta` times the gradient of the predicted score, brought to length 1 again."""
        start = outputs.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(self.predict(self.embed(start)).sum(), start)
        return F.normalize(start + eta * gradient, dim=-1).detach()

    @torch.no_grad()
    def decode(self, outputs: Tensor) -> list[Decisions]:
        """The most probable decisions, one after the other, of those that the space has open."""
        embedding = self.embed(outputs)
        state = (embedding[None], embedding[None])
        made: list[Decisions] = [() for _ in outputs]
        tokens = torch.full((len(outputs), 1), NOTHING)
        for place in range(self._vocabulary.places):
            answers, state = self.decoder(self.write(tokens), state)
            logits = self._attend(answers, outputs)[:, 0]
            alike: dict[tuple[int, ...], list[int]] = {}  # rows that are asked the same, by the tokens they can answer
            for row, prefix in enumerate(made):
                decision = self._space.next(prefix)
                assert decision is not None  # all architectures of a space have as many decisions
                alike.setdefault(self._vocabulary.numbers(place, decision), []).append(row)
            for numbers, rows in alike.items():
                chosen = logits[rows][:, list(numbers)].argmax(1)
                tokens[rows, 0] = torch.tensor(numbers)[chosen]
                for row, choice in zip(rows, chosen.tolist(), strict=True):
                    made[row] = (*made[row], choice)
        return made

    def state(self) -> dict[str, Any]:
        """All weights as plain numbers."""
        return as_lists(dict(self.named_parameters()))

    def restore(self, state: dict[str, Any]) -> None:
        """Take over the weights of `state`."""
        self.load_state_dict(from_lists(state, dict(self.named_parameters())))

    def _open(self, members: Sequence[Decisions]) -> Tensor:
        """Which tokens were open to each decision of these architectures: (rows, decisions, tokens)."""
        allowed = torch.zeros(len(members), self._vocabulary.places, self._vocabulary.size, dtype=torch.bool)
        for row, member in enumerate(members):
            for place, decision in enumerate(self._space.questions(member)):
                allowed[row, place, list(self._vocabulary.numbers(place, decision))] = True
        return allowed

    def _logits(self, outputs: Tensor, embedding: Tensor, rows: Tensor) -> Tensor:
        """What the decoder would answer to each decision, those before it being given."""
        before = F.pad(rows[:, :-1], (1, 0), value=NOTHING)
        answers, _ = self.decoder(self.write(before), (embedding[None].contiguous(), embedding[None].contiguous()))
        return self._attend(answers, outputs)

    def _attend(self, answers: Tensor, outputs: Tensor) -> Tensor:
        weights = torch.softmax(answers @ outputs.transpose(1, 2), -1)
        logits: Tensor = self.choose(torch.tanh(self.attended(torch.cat([weights @ outputs, answers], -1))))
        return logits
