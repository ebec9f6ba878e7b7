"""NASNet's search: the controller of NAS-RL, taught by proximal policy optimization (Zoph et al. 2018, appendix A)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.plan.methods.nasnet import NasnetSettings
from engine.search.base import SEARCHES
from engine.search.policy.policy_gradient import Episode
from engine.search.policy.reward_search import ScoreGradient


@SEARCHES.carries_out(NasnetSettings)
class Nasnet(ScoreGradient):
    """PPO with a clipped ratio per decision (Schulman et al. 2017, equation 7), several steps on each minibatch.

    The ratio is to the probability at the time when an answer was drawn, however late its score came.
    """

    def _step(self, episodes: Sequence[Episode], advantages: Tensor) -> float:
        scripts = [episode.script for episode in episodes]
        decisions = sum(len(episode.script.answers) for episode in episodes)
        first = 0.0
        for number in range(self._settings.epochs):
            found = self._controller.measure(scripts)
            entropy = found.entropies.sum()
            gain = clipped(found.log_probs, self._before(episodes, found.log_probs), advantages, self._settings.clip)
            loss = -(gain + self._settings.entropy * entropy) / len(episodes)
            self._adam.step(self._controller.weights.gradient(loss))
            first = first if number else entropy.item() / decisions
        return first

    @staticmethod
    def _before(episodes: Sequence[Episode], like: Tensor) -> Tensor:
        """The log-probabilities at the time of drawing, in the shape of `like`, 0 after the end of a sequence."""
        before = torch.zeros_like(like)
        for row, episode in enumerate(episodes):
            log_probs = episode.drawn.log_probs()
            before[row, : len(log_probs)] = torch.tensor(log_probs).to(like)
        return before


def clipped(log_probs: Tensor, before: Tensor, advantages: Tensor, clip: float) -> Tensor:
    """The sum over sequences and decisions of PPO's objective: min(r A, r A with r clipped to 1 ± clip)."""
    ratio = (log_probs - before).exp()
    gain = advantages.to(ratio)[:, None]
    return torch.minimum(ratio * gain, ratio.clamp(1 - clip, 1 + clip) * gain).sum()
