"""Rows from the file into a reader's tables, checked on the way."""

import math
from pathlib import Path
from typing import Any
from zlib import crc32

import h5py
import msgspec

from . import layout
from .header import FORMAT, Header
from .reader import Reader
from .schema import BLOCKS, SPECS, SessionError


def open_session(path: Path) -> Reader:
    """A reader with everything that the file holds now. Raises SessionError."""
    with _opened(path) as file:
        header, packed = _header(file, path)
        reader = Reader(header, path)
        _take(reader, file, packed)
    return reader


def fetch(reader: Reader) -> bool:
    """Bring a reader up to date; whether anything was new."""
    before = reader.end
    with _opened(reader.path) as file:
        header, packed = _header(file, reader.path)
        if header != reader.header:
            raise SessionError(f"{reader.path} is another session now")
        _take(reader, file, packed)
    return reader.end > before


def _opened(path: Path) -> h5py.File:
    try:
        return h5py.File(path, "r", libver="latest", swmr=True)
    except FileNotFoundError:
        raise SessionError(f"{path} does not exist") from None
    except (OSError, RuntimeError, ValueError):
        raise SessionError(f"{path} is not a session") from None


def _header(file: h5py.File, path: Path) -> tuple[Header, bool]:
    attributes = file.attrs
    if bytes(attributes.get("format", b"")) != layout.NAME.encode():
        raise SessionError(f"{path} is not a session")
    version = int(attributes["version"])
    if version != FORMAT:
        raise SessionError(f"{path} has format {version}; this program reads format {FORMAT}")
    values: dict[str, Any] = {"format": version}
    for field in msgspec.structs.fields(Header):
        if field.name == "format":
            continue
        value = attributes[field.name]
        if field.type is int:
            values[field.name] = int(value)
        else:
            text = bytes(value).decode()
            values[field.name] = text if field.type is str else msgspec.json.decode(text, type=field.type)
    return Header(**values), bool(attributes["packed"])


def _take(reader: Reader, file: h5py.File, packed: bool) -> None:
    names = [*(spec.name for spec in SPECS), layout.TEXT_DATASET]
    have = [*(len(reader.tables[spec.name]) for spec in SPECS), len(reader.stream)]
    blocks = file[BLOCKS.name][:]
    new: dict[str, Any] = {}
    for number, name in enumerate(names):
        mine = blocks[blocks["table"] == number]
        stop = int(mine["start"][-1] + mine["count"][-1]) if len(mine) else 0
        rows = file[name][have[number] : stop]
        for block in mine[mine["start"] >= have[number]] if not packed else ():
            start = int(block["start"]) - have[number]
            if crc32(rows[start : start + int(block["count"])]) != block["crc32"]:
                raise SessionError(f"{reader.path} is damaged in table {name}")
        new[name] = rows
    reader.stream.extend(new[layout.TEXT_DATASET].tobytes())
    end = reader.end
    for spec in SPECS:
        rows = new[spec.name]
        if len(rows):
            reader.tables[spec.name].extend(rows)
            end = max(end, float(rows["time"][-1]))
    reader.packed = packed
    reader.end = end


def repack(path: Path, mark: tuple[float, str] | None = None) -> None:
    """Write a session anew, packed, with one more mark if given. Raises SessionError."""
    reader = open_session(path)
    if reader.live:
        raise SessionError(f"{path} is still being written")
    if mark is not None:
        end = math.nextafter(reader.end, math.inf)
        reader.tables["marks"].append((end, mark[0], reader.stream.append(mark[1].encode())))
        reader.end = end
    try:
        layout.pack(path, reader.header, reader.tables, reader.stream, reader.end, overwrite=False)
    except OSError as error:
        raise SessionError(f"cannot write {path}: {error}") from None
