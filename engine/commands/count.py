"""`count`: the parameters and multiply-accumulates of an architecture, in any notation or by its name."""

import argparse
import json
from typing import Any

import msgspec

from engine.plan import fields
from engine.plan.build import expected
from engine.space import library
from engine.space.architecture import Architecture
from engine.space.counts import PUBLISHED, Frame, LanguageModel, Skeleton, Unbuildable, count, published_frame
from engine.space.layers import LayerArchitecture
from engine.space.notations import NOTATIONS
from engine.space.recurrent import RecurrentCell, TreeCell
from engine.words import count as in_words
from engine.words import plain

SIZES = {info.path: info for info in fields(Skeleton) if info.path != "kind"}
"""What can be set of a skeleton, besides its kind."""

WORDS = {"channels": "hidden", "classes": "words"}
"""What an option means for a recurrent cell, whose frame has neither channels nor classes."""


def add(commands: Any) -> None:
    """Add `count` to the command line."""
    parser = commands.add_parser(
        "count",
        help="count the parameters and MACs of an architecture",
        description="Counts weights, and multiply-accumulates of convolutions and linear layers for one image or word, "
        "in closed form. The architecture is a notation, or the name of a published one, in small or large letters.",
        epilog="Sizes that are not given are the published ones: those of DARTS, for all cells. "
        "For a recurrent cell, channels are hidden units (850) and classes are words (10,000). A macro network "
        "has layers of its own, and 96 channels.",
    )
    parser.add_argument(
        "architecture", nargs="+", metavar="NOTATION|NAME", help="such as 'Genotype(...)', or AmoebaNet-A"
    )
    parser.add_argument(
        "--as", dest="as_", choices=tuple(NOTATIONS), help="which notation it is, where that is not plain"
    )
    parser.add_argument("--skeleton", choices=tuple(PUBLISHED), help="the frame around the cells (cifar)")
    for name, info in SIZES.items():
        option = f"--{name.replace('_', '-')}"
        if info.kind == "bool":
            parser.add_argument(option, action="store_true", help=info.doc)
        else:
            parser.add_argument(option, type=int, metavar=name[0].upper(), help=info.doc)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=_count)


def _count(options: argparse.Namespace) -> int:
    architecture = library.architecture(" ".join(options.architecture), options.as_)
    frame = _frame(architecture, options)
    found = count(architecture, frame)
    if options.json:
        print(json.dumps({"params": found.params, "macs": found.macs, "frame": msgspec.to_builtins(frame)}, indent=2))
        return 0
    print(f"parameters  {found.params:,}\nMACs        {found.macs:,}\nin          {_told(frame)}")
    return 0


def _frame(architecture: Architecture, options: argparse.Namespace) -> Frame:
    """The published frame of such an architecture, with the sizes that were given. Raises Unbuildable."""
    given = {name: value for name in ("skeleton", *SIZES) if (value := getattr(options, name)) not in (None, False)}
    for name, value in given.items():
        option = f"--{name.replace('_', '-')}"
        if name not in _meant(architecture):
            raise Unbuildable(f"{option} means nothing to {_kind(architecture)}")
        low, high = (SIZES[name].low, SIZES[name].high) if name in SIZES else (None, None)
        if low is not None and high is not None and not low <= value <= high:
            raise Unbuildable(f"{option} must be {expected(SIZES[name])}, got {value}")
    kind = given.pop("skeleton", None)
    frame = published_frame(architecture)
    if isinstance(frame, LanguageModel):
        return LanguageModel(**{WORDS[name]: value for name, value in given.items()})
    return msgspec.structs.replace(PUBLISHED.get(kind, frame), **given)


def _meant(architecture: Architecture) -> tuple[str, ...]:
    """The options that say something about the frame of such an architecture."""
    if isinstance(architecture, RecurrentCell | TreeCell):
        return tuple(WORDS)
    if isinstance(architecture, LayerArchitecture):
        return ("channels", "image", "classes", "in_channels")
    return ("skeleton", *SIZES)


def _kind(architecture: Architecture) -> str:
    return "a network of layers" if isinstance(architecture, LayerArchitecture) else "a recurrent cell"


def _told(frame: Frame) -> str:
    """A frame in words."""
    if isinstance(frame, LanguageModel):
        return f"a language model, {frame.hidden:,} hidden units, {frame.words:,} words"
    colours = plain(in_words(frame.in_channels, "colour"))
    words = f"{frame.kind}, {frame.channels} channels, {frame.layers} layers, {frame.image} px, {colours}"
    return f"{words}, {frame.classes:,} classes{', auxiliary head' if frame.auxiliary else ''}"
