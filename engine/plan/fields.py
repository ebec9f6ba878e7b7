"""The settings of a plan, field by field, as the form, the messages and the command line need them.

And `PlanError`, which says what is wrong with one.
"""

from collections.abc import Iterator
from functools import lru_cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct


class PlanError(ValueError):
    """A plan that cannot be: one line that names the setting by its dotted key, what is wrong and what is allowed.

    Attributes:
        key: the dotted key of the setting, such as "method.w_lr", so that a form can show the line beside it; "" where
            the fault belongs to no single setting.
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class FieldInfo(Struct, frozen=True, kw_only=True):
    """One setting.

    Attributes:
        path: the dotted key, such as "method.w_lr".
        label: what the form calls it.
        kind: "int", "float", "bool", "text", "choice" (one of `choices`), "names" (several of `choices`), "numbers"
            (a fixed number of floats), "whole numbers" (however many), "edits" (tables that are not set by hand but
            elsewhere), or "section" (settings of its own, of a kind in `choices` if any).
        default: the value it has unless set. A section's is its kind's name, or None.
        value: the value it has in the plan that was asked, otherwise the default.
        optional: whether None is allowed, which means no limit.
        low, high: the range allowed, both ends included, for a number or each of the numbers.
        count: how many numbers, for "numbers".
        unit, doc, source: of the number; what it does; where the default comes from.
        zero: what 0 means where it is no amount, such as "all".
        choices: the names to choose from; for "text", suggestions.
        allowed: for a text that must follow a pattern: what is allowed, in words.
    """

    path: str
    label: str
    kind: str
    default: Any
    value: Any
    optional: bool = False
    low: float | None = None
    high: float | None = None
    count: int = 0
    unit: str = ""
    zero: str = ""
    doc: str = ""
    source: str = ""
    choices: tuple[str, ...] = ()
    allowed: str = ""


def fields(of: Struct | type[Struct]) -> list[FieldInfo]:
    """Every setting of a plan or of a part of it, in order.

    A type gives its own fields. An instance gives, after each section, the fields of what is chosen there, with dotted
    paths: `fields(plan)` holds "method" and then "method.w_lr".
    """
    if isinstance(of, type):
        return list(_now(of))
    found: list[FieldInfo] = []
    for info in _now(type(of)):
        value = getattr(of, info.path)
        found.append(msgspec.structs.replace(info, value=kind_of(value) if info.kind == "section" else value))
        if isinstance(value, Struct):
            found += [msgspec.structs.replace(sub, path=f"{info.path}.{sub.path}") for sub in fields(value)]
    return found


def kind_of(settings: Struct | type[Struct] | None) -> str | None:
    """The kind that settings, or their type, have in a plan, such as "darts"; None for none and for the budget."""
    return None if settings is None else str(settings.__struct_config__.tag or "") or None


def members(section: type[Struct], field: str) -> dict[str | None, type[Struct]]:
    """The settings types that a section of a plan may hold, by kind; empty where the field is no section."""
    return _members(_hints(section)[field])


_hints = lru_cache(maxsize=256)(partial(get_type_hints, include_extras=True))


def _members(hint: Any) -> dict[str | None, type[Struct]]:
    if get_origin(hint) is Annotated and (kinds := (get_args(hint)[1].extra or {}).get("kinds")) is not None:
        return dict(kinds)  # those that are registered by now
    alternatives = get_args(hint)[:1] if get_origin(hint) is Annotated else (hint,)
    types = [
        member
        for alternative in alternatives
        for member in (get_args(alternative) if _is_union(alternative) else (alternative,))
    ]
    return {kind_of(member): member for member in types if isinstance(member, type) and issubclass(member, Struct)}


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType)


def _now(of: type[Struct]) -> Iterator[FieldInfo]:
    """The fields, with the kinds that there are by now."""
    for info in _own(of):
        kinds = tuple(kind for kind in members(of, info.path) if kind) if info.kind == "section" else info.choices
        yield info if kinds == info.choices else msgspec.structs.replace(info, choices=kinds)


@lru_cache(maxsize=256)
def _own(of: type[Struct]) -> tuple[FieldInfo, ...]:
    hints = _hints(of)
    return tuple(_info(field, hints[field.name]) for field in msgspec.structs.fields(of))


def _info(field: msgspec.structs.FieldInfo, hint: Any) -> FieldInfo:
    default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    sections = _members(hint)
    optional = NoneType in get_args(hint) or (get_origin(hint) is Annotated and NoneType in get_args(get_args(hint)[0]))
    if _is_union(hint) and not sections:  # Annotated[int, ...] | None
        hint = next(part for part in get_args(hint) if part is not NoneType)
    base, meta = (get_args(hint)[0], get_args(hint)[1]) if get_origin(hint) is Annotated else (hint, Meta())
    extra = meta.extra or {}
    shape: dict[str, Any] = {"low": meta.ge, "high": meta.le, "choices": extra.get("choices", ())}
    if sections:
        default = kind_of(default) if isinstance(default, Struct) else None
        shape |= {"kind": "section", "choices": tuple(kind for kind in sections if kind)}
    elif get_origin(base) is Literal:
        shape |= {"kind": "choice", "choices": get_args(base)}
    elif get_origin(base) is tuple:
        shape |= _tuple(get_args(base))
    else:
        shape["kind"] = {bool: "bool", int: "int", float: "float", str: "text"}[base]
    return FieldInfo(
        path=field.name,
        label=extra.get("label", field.name),
        default=default,
        value=default,
        optional=optional,
        unit=extra.get("unit", ""),
        zero=extra.get("zero", ""),
        doc=meta.description or "",
        source=extra.get("source", ""),
        allowed=extra.get("allowed", ""),
        **shape,
    )


def _tuple(items: tuple[Any, ...]) -> dict[str, Any]:
    """Names, tables or integers, however many, or a fixed number of floats; numbers that all have the same range."""
    if items[0] is str:
        return {"kind": "names"}
    if isinstance(items[0], type) and issubclass(items[0], Struct):
        return {"kind": "edits"}
    meta = get_args(items[0])[1]
    shape = {"kind": "whole numbers"} if Ellipsis in items else {"kind": "numbers", "count": len(items)}
    return {**shape, "low": meta.ge, "high": meta.le}
