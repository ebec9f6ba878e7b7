"""`count`: the parameters and multiply-accumulates of an architecture in any notation."""

import argparse
import json
from typing import Any

import msgspec

from engine.plan import FieldInfo, fields
from engine.plan.build import expected
from engine.space.architecture import Architecture
from engine.space.counts import PUBLISHED, Frame, LanguageModel, Skeleton, Unbuildable, count, frame_of
from engine.space.notations import NOTATIONS, read
from engine.space.recurrent import RecurrentCell, TreeCell

WORDS = {"channels": "hidden", "classes": "words"}
"""What an option means for a recurrent cell, whose frame has neither channels nor classes."""


def add(commands: Any) -> None:
    """Add `count` to the command line."""
    parser = commands.add_parser(
        "count",
        help="count the parameters and MACs of an architecture",
        description="Counts weights, and multiply-accumulates of convolutions and linear layers for one image or word, "
        "in closed form. Sizes that are not given are the published ones.",
        epilog="For a recurrent cell, channels are hidden units (850) and classes are words (10,000).",
    )
    parser.add_argument("notation", nargs="+", metavar="NOTATION", help="the architecture, such as 'Genotype(...)'")
    parser.add_argument(
        "--as", dest="as_", choices=tuple(NOTATIONS), help="which notation it is, where that is not plain"
    )
    parser.add_argument("--skeleton", choices=tuple(PUBLISHED), help="the frame around the cells (cifar)")
    for info in _settings():
        if info.kind == "bool":
            parser.add_argument(_option(info), action="store_true", help=info.doc)
        else:
            parser.add_argument(_option(info), type=int, metavar=info.path[0].upper(), help=info.doc)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=_count)


def _count(options: argparse.Namespace) -> int:
    architecture = read(" ".join(options.notation), options.as_)
    frame = _frame(architecture, options)
    found = count(architecture, frame)
    if options.json:
        print(json.dumps({"params": found.params, "macs": found.macs, "frame": msgspec.to_builtins(frame)}, indent=2))
        return 0
    print(f"parameters  {found.params:,}\nMACs        {found.macs:,}\nin          {_told(frame)}")
    return 0


def _frame(architecture: Architecture, options: argparse.Namespace) -> Frame:
    """The published frame of such an architecture, with the sizes that were given. Raises Unbuildable."""
    given = {}
    for info in _settings():
        value = getattr(options, info.path)
        if value is None or value is False:
            continue
        low, high = info.low, info.high
        if info.kind == "int" and low is not None and high is not None and not low <= value <= high:
            raise Unbuildable(f"{_option(info)} must be {expected(info)}, got {value}")
        given[info.path] = value
    if not isinstance(architecture, RecurrentCell | TreeCell):
        return msgspec.structs.replace(PUBLISHED[options.skeleton or frame_of(architecture)], **given)
    for name in ("skeleton", *given):
        if getattr(options, name) and name not in WORDS:
            raise Unbuildable(f"--{name.replace('_', '-')} means nothing to a recurrent cell")
    return LanguageModel(**{WORDS[name]: value for name, value in given.items()})


def _settings() -> list[FieldInfo]:
    """What can be set of a skeleton, besides its kind."""
    return [info for info in fields(Skeleton) if info.path != "kind"]


def _option(info: FieldInfo) -> str:
    return f"--{info.path.replace('_', '-')}"


def _told(frame: Frame) -> str:
    """A frame in words."""
    if isinstance(frame, LanguageModel):
        return f"a language model, {frame.hidden:,} hidden units, {frame.words:,} words"
    colours = f"{frame.in_channels} colour{'' if frame.in_channels == 1 else 's'}"
    words = f"{frame.kind}, {frame.channels} channels, {frame.layers} layers, {frame.image} px, {colours}"
    return f"{words}, {frame.classes:,} classes{', auxiliary head' if frame.auxiliary else ''}"
