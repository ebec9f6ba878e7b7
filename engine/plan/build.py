"""From plain dictionaries, and from single settings as key=value, to a plan.

Every fault is one clear line that names the setting.

Also the faults that no single setting has; what concerns one method, evaluator or data set, its settings say themselves
(`faults`).
"""

import math
import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Union, get_type_hints

import msgspec
from msgspec import Struct

from engine.plan.fields import FieldInfo, PlanError, fields, members
from engine.plan.plan import METHODS, REGISTRIES, Fault, Plan
from engine.space.bounded_parsing import either

Raw = dict[str, Any]

MOST_LISTED = 20
"""Names that a message lists before it says how many more there are."""


def build(raw: Raw) -> Plan:
    """The plan that the plain values describe. Raises PlanError for the first thing that is wrong with them."""
    refuse_unknown_keys(raw)
    for key, info in settings(raw).items():
        value = look_up(raw, key)
        numbers = value if isinstance(value, list | tuple) else (value,)
        if any(isinstance(number, float) and not math.isfinite(number) for number in numbers):
            raise PlanError(f"{key} must be {expected(info)}, got {shown(value)}", key)
    try:
        found = msgspec.convert(raw, _shape(tuple(tuple(members(Plan, part).values()) for part in REGISTRIES)))
    except msgspec.ValidationError as error:
        raise _explained(str(error), raw) from None
    return Plan(**{name: getattr(found, name) for name in Plan.__struct_fields__})


@lru_cache(maxsize=8)
def _shape(kinds: tuple[tuple[type[Struct], ...], ...]) -> type[Struct]:
    """A plan whose sections are of these kinds. For msgspec, unions are made once and for all; kinds come and go."""
    unions: dict[str, Any] = {part: Union[of] for part, of in zip(REGISTRIES, kinds, strict=True)}  # noqa: UP007
    unions["evaluator"] |= None
    hints = get_type_hints(Plan, include_extras=True) | unions
    fields = [
        (field.name, hints[field.name], field.default)
        if field.default_factory is msgspec.NODEFAULT and field.default is not msgspec.NODEFAULT
        else (field.name, hints[field.name])
        if field.default_factory is msgspec.NODEFAULT
        else (field.name, hints[field.name], msgspec.field(default_factory=field.default_factory))
        for field in msgspec.structs.fields(Plan)
    ]
    return msgspec.defstruct("Plan", fields, kw_only=True, forbid_unknown_fields=True)


def plain(plan: Plan) -> Raw:
    """The plan as plain values, inverse to `build`; what is None is left out, as TOML has no word for it."""
    raw: Raw = msgspec.to_builtins(plan)
    return {
        key: {name: value for name, value in part.items() if value is not None} if isinstance(part, dict) else part
        for key, part in raw.items()
        if part is not None
    }


def settings(raw: Raw) -> dict[str, FieldInfo]:
    """Every setting that a plan of these plain values has, by dotted key; sections of an unknown kind have none."""
    found = {}
    for info in fields(Plan):
        found[info.path] = info
        kinds = members(Plan, info.path) if info.kind == "section" else {}
        # A section that is left out has its default's settings, if it has one; the budget has no kinds.
        absent = {"kind": info.default} if info.default or not info.choices else None
        chosen = _chosen(raw.get(info.path, absent), kinds)
        for sub in fields(chosen) if chosen else []:
            found[f"{info.path}.{sub.path}"] = sub
    return found


def _chosen(part: Any, kinds: dict[str | None, type[Struct]]) -> type[Struct] | None:
    """The settings type that a section's plain values are meant for; one without a choice needs no kind."""
    if not isinstance(part, dict) or not isinstance(part.get("kind"), str | None):
        return None
    if None in kinds or (len(kinds) == 1 and "kind" not in part):
        return next(iter(kinds.values()))
    return kinds.get(part.get("kind"))


def look_up(raw: Raw, key: str) -> Any:
    """The plain value at a dotted key; None where there is none."""
    section, _, name = key.partition(".")
    part = raw.get(section)
    return part.get(name) if name and isinstance(part, dict) else None if name else part


def refuse_unknown_keys(raw: Raw) -> None:
    """Raises PlanError for the first key that no setting has, with the closest ones that exist."""
    known = settings(raw)
    for section, part in raw.items():
        if section not in known:
            raise unknown_key(section, raw)
        if isinstance(part, dict) and known[section].kind == "section" and _chosen(part, members(Plan, section)):
            for name in part:
                if f"{section}.{name}" not in known and not (name == "kind" and known[section].choices):
                    raise unknown_key(f"{section}.{name}", raw)


def unknown_key(key: str, raw: Raw) -> PlanError:
    """The fault that no setting has this key, with the closest ones, or those there are."""
    section, _, name = key.partition(".")
    known = settings(raw)
    meant_elsewhere = bool(raw.get(section)) and any(path.endswith(f".{name}") for path in known)
    if name and not meant_elsewhere and section in known and known[section].kind == "section":
        for kind, member in members(Plan, section).items():
            if name in {info.path for info in fields(member)}:
                there = (
                    f"this plan's {section} is {raw[section]['kind']}" if raw.get(section) else f"there is no {section}"
                )
                return PlanError(f"{key} is a setting of {kind}, and {there}", key)
    # Compared by their last word, so that a setting looked for in the wrong section is found too.
    words = {path: path.rpartition(".")[2] for path in known}
    close = get_close_matches(name or section, set(words.values()), n=2, cutoff=0.7)
    likely = sorted(
        (path for path in known if words[path] in close),
        key=lambda path: (not path.startswith(f"{section}."), close.index(words[path]), path),
    )
    siblings = [path for path in known if path.startswith(f"{section}.")] or [info.path for info in fields(Plan)]
    advice = f"did you mean {either(likely[:2])}?" if likely else f"there are {', '.join(siblings)}"
    return PlanError(f"unknown key {shown(key).strip(chr(39))}; {advice}", key)


def expected(info: FieldInfo) -> str:
    """What a setting takes, in words."""
    span = ""
    if info.low is not None and info.high is not None:
        span = f" from {_number(info.low)} to {_number(info.high)}"
    match info.kind:
        case "int":
            what = f"a whole number{span}"
        case "float":
            what = f"a number{span}"
        case "bool":
            what = "true or false"
        case "numbers":
            what = f"{info.count} numbers, each{span}" if info.count > 1 else f"a list of one number{span}"
        case "whole numbers":
            what = f"a list of whole numbers, each{span}"
        case "names":
            what = f"a list of names out of {_listed(info.choices)}"
        case "choice" | "section":
            what = f"one of {', '.join(info.choices)}" if len(info.choices) > 1 else f"{info.choices[0]}"
        case _:
            what = info.allowed or "a text"
    return f"{what}, or none" if info.optional else what


def shown(value: Any) -> str:
    """A value as a message shows it: short, and as TOML writes it."""
    if value is None:
        return "nothing"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _listed(names: tuple[str, ...]) -> str:
    """The names, or, of a long list, those that begin it."""
    return ", ".join(
        names if len(names) <= MOST_LISTED else (*names[:MOST_LISTED], f"and {len(names) - MOST_LISTED} more")
    )


def _number(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:g}"


def _explained(message: str, raw: Raw) -> PlanError:
    """What msgspec found wrong, said in the words of the plan."""
    text, _, place = message.partition(" - at `$")
    key = re.sub(r"\[.*", "", place.strip("`").lstrip("."))
    if missing := re.search(r"missing required field `(\w+)`", text):
        if "[" in place:
            return PlanError(f"{key}: {missing[1]} is missing in one of the tables", key)
        key = f"{key}.{missing[1]}".lstrip(".")
        section = key.removesuffix(".kind")
        kinds = expected(settings(raw)[section])
        return PlanError(f"{key} is missing; write a table [{section}] with a kind, {kinds}", key)
    section, _, name = key.partition(".")
    info = settings(raw).get(section if name == "kind" else key)
    value = look_up(raw, key)
    if info is None or not text.startswith(("Expected", "Invalid")):
        # A struct's own objection: it begins with the name of the field where it is about one.
        field, colon, _ = text.partition(": ")
        own = f"{key}.{field}" if colon and f"{key}.{field}" in settings(raw) else key
        return PlanError(f"{key}{'.' if own != key else ': '}{text[:200]}", own)
    if info.kind == "section" and name != "kind":
        return PlanError(f"{key} must be a table with its own settings, got {shown(value)}", key)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and info.kind in ("int", "float") and "Expected `int`," not in text:
        if info.low is not None and value < info.low:
            return PlanError(f"{key} must be at least {_number(info.low)}, got {shown(value)}", key)
        if info.high is not None and value > info.high:
            return PlanError(f"{key} must be at most {_number(info.high)}, got {shown(value)}", key)
    advice = ""
    if info.kind != "text" and isinstance(value, str) and (close := get_close_matches(value, info.choices, n=2)):
        advice = f"; did you mean {either(close)}?"
    return PlanError(f"{key} must be {expected(info)}, got {shown(value)}{advice}", key)


def override(plan: Plan, assignments: Iterable[str]) -> Plan:
    """The plan with settings replaced, each given as "key=value": `method.w_lr=0.1`, `budget.seconds=none`.

    A section's name takes a kind, and gives the section that kind's defaults: `method=evolution`, `data=cifar10`. When
    the method changes between one-shot and sampling, evaluator and budget change to what the new one needs.

    Raises:
        PlanError: an unknown key, or a value that the setting does not take.
    """
    raw = plain(plan)
    for assignment in assignments:
        key, equals, text = (part.strip() for part in assignment.partition("="))
        if not key or not equals:
            raise PlanError(f"'{assignment[:60]}' sets nothing; write key=value")
        raw = _assigned(raw, key.removesuffix(".kind"), text)
        # At once, so that a fault is reported for the assignment that brings it in.
        raw = plain(build(raw))
    return build(raw)


def _assigned(raw: Raw, key: str, text: str) -> Raw:
    info = settings(raw).get(key)
    if info is None:
        raise unknown_key(key, raw)
    value = _parsed(text, info)
    section, _, name = key.partition(".")
    if name:
        return {**raw, section: {**raw[section], name: value}}
    if info.kind != "section":
        return {**raw, key: value}
    if not info.choices:
        own = ", ".join(path for path in settings(raw) if path.startswith(f"{key}."))
        raise PlanError(f"{key} takes no value itself; its settings are {own}", key)
    if value is None:
        return {name: part for name, part in raw.items() if name != key}
    if raw.get(key, {}).get("kind") == value:
        return raw
    changed = {**raw, key: {"kind": value}}
    return _companions(changed, raw["method"]["kind"], value) if key == "method" and value in METHODS else changed


def _companions(raw: Raw, before: str, after: str) -> Raw:
    """Evaluator and budget that suit the new method, where the old one's cannot."""
    method = METHODS[after]
    if METHODS[before].one_shot == method.one_shot:
        return raw
    evaluator = None if method.one_shot else {"kind": "trained"}
    return {**raw, "evaluator": evaluator, "budget": msgspec.to_builtins(method.budget)}


def _parsed(text: str, info: FieldInfo) -> Any:
    """The text as the setting's type; as it is where that fails, for `build` to refuse in the setting's words."""
    if info.optional and text.lower() in ("", "none"):
        return None
    try:
        match info.kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}[text.lower()]
            case "names":
                return _parts(text)
            case "numbers":
                return [float(part) for part in _parts(text)]
            case "whole numbers":
                return [int(part) for part in _parts(text)]
    except (ValueError, KeyError):
        return text
    return text


def _parts(text: str) -> list[str]:
    """The items of "a, b", "[a, b]" or "('a', 'b')"."""
    return [part for item in text.strip("[]() ").split(",") if (part := item.strip(" '\""))]


def check(plan: Plan) -> None:
    """Raises PlanError for the first thing that keeps the plan from being run."""
    for fault in faults(plan):
        raise fault


def faults(plan: Plan) -> list[PlanError]:
    """Everything that keeps the plan from being run, each with the key of the setting to change."""
    try:
        build(plain(plan))
    except PlanError as error:
        return [error]
    return [PlanError(f"{key} {reason}", key) for key, reason in _found(plan)]


def _found(plan: Plan) -> Iterable[Fault]:
    looks = plan.method.one_shot or plan.evaluator is None or plan.evaluator.needs_data
    yield from _one_shot(plan) if plan.method.one_shot else _sampling(plan)
    if plan.space.reads_text and looks:
        yield "space", f"must be one whose networks look at images: {plan.data.title} has no text to read"
        if plan.method.one_shot:  # nothing else that it would say of the space is worth hearing
            return
    yield from plan.method.faults(plan)
    if plan.evaluator is not None:
        yield from plan.evaluator.faults(plan)
    if looks:
        yield from plan.data.faults(plan)
        if plan.data.image % 4:
            reason = "must be a multiple of 4 pixels, since two reduction cells halve the image, got"
            yield "data.image", f"{reason} {plan.data.image}"


def _one_shot(plan: Plan) -> Iterable[Fault]:
    method, budget = plan.method, plan.budget
    if budget.epochs is None:
        yield "budget.epochs", f"is missing: {method.title} needs to know how many epochs it has"
    for name in ("evaluations", "simulated_seconds"):
        if getattr(budget, name) is not None:
            yield f"budget.{name}", f"must be none: {method.title} trains one network and counts epochs"


def _sampling(plan: Plan) -> Iterable[Fault]:
    method, budget = plan.method, plan.budget
    if plan.evaluator is None:
        yield "evaluator", f"is missing: {method.title} needs its candidates scored; try evaluator=trained"
    if (budget.evaluations, budget.seconds, budget.simulated_seconds) == (None, None, None):
        reason = f"is missing: {method.title} needs it, budget.seconds or budget.simulated_seconds to end"
        yield "budget.evaluations", reason
    if budget.epochs is not None:
        reason = f"must be none: {method.title} counts evaluations; evaluator.epochs is how long each candidate is"
        yield "budget.epochs", f"{reason} trained"
