"""Changing single settings of a plan by key=value, as the command line and the form do."""

from collections.abc import Iterable
from typing import Any

import msgspec

from engine.plan.build import Raw, build, plain, settings, unknown_key
from engine.plan.errors import PlanError
from engine.plan.evaluators import TrainedSettings
from engine.plan.fields import FieldInfo
from engine.plan.methods import METHODS
from engine.plan.plan import Plan


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
    evaluator = None if method.one_shot else msgspec.to_builtins(TrainedSettings())
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
