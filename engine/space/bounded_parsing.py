"""Reading notations: text from anywhere, within bounds, never evaluated."""

import re
from collections.abc import Sequence

LONGEST = 16_384
"""Characters of notation that are still read; published cells have about 500."""


class NotationError(ValueError):
    """Text that is no notation, or an architecture that one cannot express; one line with place and reason."""


def bounded(text: str, what: str) -> str:
    """The text without the space around it. Raises NotationError for one that is longer than `what` can be."""
    if len(text) > LONGEST:
        raise NotationError(f"the text has {len(text):,} characters; {what} of up to {LONGEST:,} is read")
    return text.strip()


def decoded(data: bytes) -> str:
    """The text in the bytes of a file: UTF-8 or UTF-16, with or without a byte order mark.

    Raises NotationError for bytes that are no text.
    """
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    even, odd = data[:200:2].count(0), data[1:200:2].count(0)
    encoding = "utf-16" if wide else "utf-16-le" if odd > 2 * even else "utf-16-be" if even > 2 * odd else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise NotationError("the file holds no text") from None
    if "\0" in text or (data and not text):
        raise NotationError("the file holds no text")
    return text


def integers(text: str) -> list[int]:
    """The numbers of a list, separated by spaces, commas, brackets or bars. Raises NotationError for anything else."""
    words = re.split(r"[\s,|\[\]()]+", bounded(text, "a list"))
    words = [word for word in words if word]
    for place, word in enumerate(words, 1):
        if not re.fullmatch(r"[0-9]{1,9}", word):
            raise NotationError(f"entry {place}: {word[:20]!r} is not a whole number")
    return [int(word) for word in words]


def either(names: Sequence[str]) -> str:
    """Names in words, one of which is meant: `a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
