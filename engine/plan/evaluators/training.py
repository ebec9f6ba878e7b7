"""The settings that evaluators share which build or train networks. Each says itself where its default comes from."""

from engine.space.setting import shared

channels = shared(
    "Channels of the network's first cell; they double at each reduction.", label="Channels", low=1, high=512
)
layers = shared(
    "Cells stacked in the network; those at a third and at two thirds are reductions.", label="Layers", low=1, high=64
)
lr = shared(
    "Learning rate at the start (SGD); a cosine brings it down to zero.", label="Learning rate", low=0.0, high=10.0
)
momentum = shared("Momentum of the steps.", label="Momentum", low=0.0, high=1.0)
weight_decay = shared("Weight decay.", label="Weight decay", low=0.0, high=1.0)
clip = shared("Largest norm of the gradient; 0 does not clip.", label="Clip", low=0.0, high=1e6)
