"""The syntax of genotypes, `Genotype(part=[('name', 0), ...], ...)`: taken apart as data, never evaluated."""

import ast
import re
import warnings
from collections.abc import Iterable

from engine.space.cells import MOST_NODES
from engine.space.reading import NotationError, bounded


def arguments(text: str) -> dict[str, ast.expr]:
    """The keyword arguments of `Genotype(...)`, which may be assigned to a name. Raises NotationError."""
    text = re.sub(r"\A\w+\s*=\s*(?=Genotype\b)", "", bounded(text, "a genotype"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the compiler's remarks about foreign text are no business of ours
            call = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        place = f" (line {error.lineno}, column {error.offset})" if error.lineno else ""
        raise NotationError(f"not a genotype: {error.msg}{place}") from None
    except (ValueError, RecursionError, MemoryError):
        raise NotationError("not a genotype: the text is no readable expression") from None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Genotype"):
        raise NotationError("not a genotype: it must read Genotype(normal=..., normal_concat=..., ...)")
    if call.args:
        raise NotationError("Genotype takes its parts by name, as in Genotype(normal=..., normal_concat=..., ...)")
    given = {keyword.arg or "**": keyword.value for keyword in call.keywords}
    if len(given) < len(call.keywords):
        raise NotationError("Genotype has one of its parts twice")
    return given


def entry(place: str, value: ast.expr, example: str) -> tuple[str, int]:
    """A name and a state. Raises NotationError for what is none."""
    match value:
        case ast.Tuple(elts=[ast.Constant(value=str(name)), source]):
            return name, integer(place, source)
    raise NotationError(f"{place}: expected {example}")


def items(place: str, value: ast.expr) -> list[ast.expr]:
    """The elements of a list. Raises NotationError for what is none."""
    if not isinstance(value, ast.List | ast.Tuple):
        raise NotationError(f"{place}: expected a list")
    return value.elts


def states(place: str, value: ast.expr) -> tuple[int, ...]:
    """A list of states, or range(...) of them. Raises NotationError."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "range":
        if value.keywords or not 1 <= len(value.args) <= 3:
            raise NotationError(f"{place}: expected range(first, end)")
        bounds = [integer(place, bound) for bound in value.args]
        if len(bounds) == 3 and bounds[2] == 0:
            raise NotationError(f"{place}: a range cannot go in steps of 0")
        numbers: Iterable[int] = range(*bounds)
        count = len(range(*bounds))
    else:
        listed = items(place, value)
        numbers = (integer(place, item) for item in listed)
        count = len(listed)
    if count > MOST_NODES + 2:
        raise NotationError(f"{place}: {count:,} states; cells of up to {MOST_NODES} nodes are understood")
    return tuple(numbers)


def integer(place: str, value: ast.expr) -> int:
    """The number of a state. Raises NotationError."""
    match value:
        case ast.Constant(value=int(number)) if not isinstance(number, bool) and number < 1_000_000:
            return number
    raise NotationError(f"{place}: expected the number of a state")
