"""How a setting describes itself: the form in the window, the messages and the documentation are all made from this."""

from collections.abc import Callable
from typing import Any

from msgspec import Meta


def setting(
    text: str,
    *,
    label: str,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    zero: str = "",
    source: str = "",
    choices: tuple[str, ...] = (),
    pattern: str | None = None,
    allowed: str = "",
) -> Meta:
    """The description of a setting, for `Annotated[type, setting(...)]`.

    Args:
        text: what it is and does, in a sentence or two.
        label: what the form calls it.
        low, high: the smallest and the largest value allowed.
        unit: of the number, if it has one.
        zero: what 0 means where it is no amount, such as "all".
        source: where the default comes from: paper and section, or why it is ours.
        choices: names to choose from, or to suggest where `pattern` allows others.
        pattern: the regular expression that a text must match; `allowed` says in words what that is.
    """
    bounds = {"ge": low, "le": high, "pattern": pattern}
    given: dict[str, Any] = {name: bound for name, bound in bounds.items() if bound is not None}
    extra = {"label": label, "unit": unit, "zero": zero, "source": source, "choices": choices, "allowed": allowed}
    return Meta(description=text, extra=extra, **given)


def shared(text: str, *, usual: str = "", **more: Any) -> Callable[..., Meta]:
    """A setting that several have: called with the source of each one's default, and a text where one has its own.

    Args:
        usual: the source where none is given.
        more: as `setting` takes it.
    """

    def described(source: str = usual, text: str = text) -> Meta:
        return setting(text, source=source, **more)

    return described
