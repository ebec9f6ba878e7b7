"""The settings that methods with a controller share. Each says itself where its default comes from."""

from msgspec import Meta

from engine.space.setting import setting


def controller(source: str) -> Meta:
    """The setting `controller`."""
    text = "What draws: an LSTM, each answer in view of those before, or a table, each answer by itself."
    return setting(text, label="Controller", source=source)


def units(source: str) -> Meta:
    """The setting `units`."""
    return setting("Units of each layer of the LSTM.", label="Units", low=1, high=1024, source=source)


def layers(source: str) -> Meta:
    """The setting `layers`."""
    return setting("Layers of the LSTM.", label="Layers of the controller", low=1, high=4, source=source)


def spread(source: str) -> Meta:
    """The setting `spread`."""
    text = "The LSTM's weights begin uniformly between plus and minus this."
    return setting(text, label="Start", low=0.0, high=1.0, source=source)


def lr(source: str, adam: str = "Adam") -> Meta:
    """The setting `lr`; `adam` says which Adam, where it is another than usual."""
    return setting(
        f"Learning rate of the controller ({adam}).", label="Learning rate", low=0.0, high=10.0, source=source
    )


def minibatch(text: str, label: str, source: str) -> Meta:
    """How many candidates a step learns from, which each method calls by its paper's name."""
    return setting(text, label=label, low=1, high=100_000, source=source)


def reward(source: str) -> Meta:
    """The setting `reward`."""
    text = "What is rewarded: the score as a share of 1, or its cube, which tells good from very good."
    return setting(text, label="Reward", source=source)


def baseline_decay(source: str) -> Meta:
    """The setting `baseline_decay`."""
    text = "How slowly the baseline, a moving average of the rewards, forgets."
    return setting(text, label="Baseline: decay", low=0.0, high=0.999999, source=source)


def entropy(source: str, text: str = "Weight of the entropy, which keeps the controller undecided.") -> Meta:
    """The setting `entropy`."""
    return setting(text, label="Entropy", low=0.0, high=10.0, source=source)


def remember() -> Meta:
    """The setting `remember`, which is in no paper."""
    text = "Whether what is drawn again is learnt from with the score it had, and another drawn to be scored."
    source = "none: the paper scores every draw; ours, for few evaluations"
    return setting(text, label="Remember scores", source=source)
