"""`count`: the parameters and multiply-accumulates of architectures, in any text or file, or by name."""

import argparse
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from engine.plan import fields
from engine.plan.build import expected
from engine.space import files, library, notations
from engine.space.architecture import Architecture, ArchitectureError
from engine.space.bounded_parsing import NotationError, decoded
from engine.space.counts import PUBLISHED, Count, Frame, LanguageModel, Skeleton, Unbuildable, count, published_frame
from engine.space.finder import MOST
from engine.space.layers import LayerArchitecture
from engine.space.notations import NOTATIONS, Found
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
        "in closed form. The architecture is a notation with whatever stands around it, a file that has some (source, "
        "log, JSON, script), - for the standard input, or the name of a published one, in small or large letters. Of "
        "several, all are counted, or the one that --pick names.",
        epilog="Sizes that are not given are the published ones: those of DARTS, for all cells. "
        "For a recurrent cell, channels are hidden units (850) and classes are words (10,000). A macro network "
        "has layers of its own, and 96 channels.",
    )
    parser.add_argument(
        "architecture", nargs="+", metavar="NOTATION|NAME|FILE|-", help="such as 'Genotype(...)', or AmoebaNet-A"
    )
    parser.add_argument(
        "--as", dest="as_", choices=tuple(NOTATIONS), help="which notation it is, where that is not plain"
    )
    parser.add_argument("--pick", metavar="NAME|LINE", help="which of several: its name, or the line that it begins at")
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
    plain_name, found = _found(" ".join(options.architecture), options.as_)
    if options.pick is not None:
        found = [_picked(found, options.pick)]
    if len(found) == 1:
        architecture = found[0].architecture
        frame = _frame(architecture, options)
        counted = count(architecture, frame)
        if options.json:
            print(json.dumps(_plain(counted, frame), indent=2))
            return 0
        print(f"parameters  {counted.params:,}\nMACs        {counted.macs:,}\nin          {_told(frame)}")
        if not plain_name:
            print(f"read as     {found[0].how}, {found[0].title}")
        return 0
    rows = [(one, _counted(one, options)) for one in found]
    if options.json:
        plain_rows = [{"name": one.title, "line": one.line, **_row(of)} for one, of in rows]
        print(json.dumps(plain_rows, indent=2))
        return 0
    width = max(len(one.title) for one in found)
    for one, of in rows:
        counts = (
            of if isinstance(of, str) else f"{of[0].params:>13,} parameters {of[0].macs:>15,} MACs   {_told(of[1])}"
        )
        print(f"{one.title:<{width}}  {counts}")
    return 0


def _found(text: str, as_: str | None) -> tuple[bool, list[Found]]:
    """What a text on the command line names or holds; and whether it is a name or a notation with nothing around it."""
    if text == "-":
        data = sys.stdin.buffer.read(2 * MOST + 1)
        return False, notations.find(decoded(data), as_)
    if _is_file(text):
        try:
            return False, files.found(Path(text), as_)
        except (NotationError, ArchitectureError) as fault:
            raise NotationError(f"{text}: {fault}") from None
    if as_ is None and not notations.holds_one(text):
        if "\n" not in text and (Path(text).suffix[1:2].isalpha() or "/" in text):
            raise NotationError(f"{text[:80]}: there is no such file, and it is no notation or name")
        return True, [Found(text, 1, text, {"": library.published(text).architecture})]
    found = notations.find(text, as_)
    return len(found) == 1 and found[0].text == text.strip(), found


def _is_file(text: str) -> bool:
    with suppress(OSError, ValueError):  # for no name that a file could have
        return Path(text).is_file()
    return False


def _picked(found: list[Found], pick: str) -> Found:
    """The one of this title, or that begins at this line. Raises NotationError."""
    fitting = [one for one in found if pick in (one.title, one.title.rpartition(", line ")[0], str(one.line))]
    if len(fitting) != 1:
        what = f"{len(fitting)} fit {pick[:40]!r}" if fitting else f"none is {pick[:40]!r}"
        raise NotationError(f"{what}; --pick takes one of {notations.listed(fitting or found)}, or its line")
    return fitting[0]


def _counted(one: Found, options: argparse.Namespace) -> tuple[Count, Frame] | str:
    """What one of several comes to, or why it cannot be counted."""
    try:
        frame = _frame(one.architecture, options)
        return count(one.architecture, frame), frame
    except (NotationError, Unbuildable) as fault:
        return str(fault)


def _row(of: tuple[Count, Frame] | str) -> dict[str, Any]:
    return {"fault": of} if isinstance(of, str) else _plain(*of)


def _plain(counted: Count, frame: Frame) -> dict[str, Any]:
    return {"params": counted.params, "macs": counted.macs, "frame": msgspec.to_builtins(frame)}


def _frame(architecture: Architecture, options: argparse.Namespace) -> Frame:
    """The published frame of such an architecture, with the sizes that were given. Raises Unbuildable."""
    given = {
        name: value
        for name in ("skeleton", *SIZES)
        if (value := getattr(options, name)) is not None and value is not False  # 0 is given, and refused
    }
    if "auxiliary_norm" in given and "auxiliary" not in given:
        raise Unbuildable("--auxiliary-norm means nothing without --auxiliary")
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
