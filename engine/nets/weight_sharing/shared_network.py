"""What every network of shared weights is."""

from abc import abstractmethod

from torch import Tensor, nn

from engine.space.architecture import Architecture


class SharedPaths(nn.Module):
    """All architectures of a space at once. Only what the asked one needs is computed, and only that has gradients."""

    @abstractmethod
    def require(self, architecture: Architecture) -> None:
        """Raises Unbuildable for an architecture that is no path of this network."""

    @abstractmethod
    def forward(self, images: Tensor, architecture: Architecture, drop_path: float = 0.0) -> Tensor:
        """Logits (N, classes) for images (N, in_channels, side, side) along the path of the architecture.

        `drop_path` is the share of the operations' outputs that is dropped, per image. Where norms go by the batch, and
        whether their running means move, says the mode of the module, as always.
        """

    def with_auxiliary(
        self, images: Tensor, architecture: Architecture, drop_path: float = 0.0
    ) -> tuple[Tensor, Tensor | None]:
        """What `forward` gives, and the logits of the auxiliary head, where the network has one."""
        return self(images, architecture, drop_path), None
