"""The settings that methods with a controller share. Each says itself where its default comes from."""

from msgspec import Meta

from engine.space.setting import setting, shared

controller = shared(
    "What draws: an LSTM, each answer in view of those before, or a table, each answer by itself.", label="Controller"
)
units = shared("Units of each layer of the LSTM.", label="Units", low=1, high=1024)
layers = shared("Layers of the LSTM.", label="Layers of the controller", low=1, high=4)
spread = shared("The LSTM's weights begin uniformly between plus and minus this.", label="Start", low=0.0, high=1.0)


def lr(source: str, adam: str = "Adam") -> Meta:
    """The setting `lr`; `adam` says which Adam, where it is another than usual."""
    return setting(
        f"Learning rate of the controller ({adam}).", label="Learning rate", low=0.0, high=10.0, source=source
    )


def minibatch(text: str, label: str, source: str) -> Meta:
    """How many candidates a step learns from, which each method calls by its paper's name."""
    return setting(text, label=label, low=1, high=100_000, source=source)


reward = shared(
    "What is rewarded: the score as a share of 1, or its cube, which tells good from very good.", label="Reward"
)
baseline_decay = shared(
    "How slowly the baseline, a moving average of the rewards, forgets.",
    label="Baseline: decay",
    low=0.0,
    high=0.999999,
)
entropy = shared("Weight of the entropy, which keeps the controller undecided.", label="Entropy", low=0.0, high=10.0)


REMEMBER = setting(
    "Whether what is drawn again is learnt from with the score it had, and another drawn to be scored.",
    label="Remember scores",
    source="none: the paper scores every draw; ours, for few evaluations",
)
