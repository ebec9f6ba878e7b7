"""Session files as earlier versions of the program wrote them."""

from zlib import crc32

import h5py
import msgspec
import numpy as np

from engine.session import TABLES, Header
from engine.session.hdf5_layout import header_sum
from engine.session.schema import OF_FORMAT


def made_older(path, version):
    """Turn a closed file into one of an older format, which had no unit of scores and, the first, fewer tables."""
    older = [spec.name for spec in OF_FORMAT[version]]
    with h5py.File(path, "r+") as file:
        blocks = file["blocks"][:]
        dtype = next(spec.dtype() for spec in OF_FORMAT[version] if spec.name == "scores")
        scores = np.empty(len(file["scores"]), dtype)
        for name in dtype.names:
            scores[name] = file["scores"][name]
        del file["scores"]
        file.create_dataset("scores", data=scores, maxshape=(None,), chunks=(64,))
        for block in blocks:
            if block["table"] == older.index("scores"):
                part = scores[int(block["start"]) :][: int(block["count"])]
                block["crc32"] = crc32(part.tobytes())
        text = blocks["table"] == len(TABLES)
        blocks["table"][text] = len(older)
        kept = blocks[text | (blocks["table"] < len(older))]
        file["blocks"].resize((len(kept),))
        file["blocks"][:] = kept
        for name in set(TABLES) - set(older):
            del file[name]
        header = msgspec.structs.replace(read_header(file), format=version)
        file.attrs["version"] = version
        file.attrs["crc32"] = np.uint32(header_sum(header, True))


def read_header(file):
    values = {name: file.attrs[name] for name in Header.__struct_fields__ if name != "format"}
    types = {field.name: field.type for field in msgspec.structs.fields(Header)}
    plain = {name: int(value) if types[name] is int else bytes(value).decode() for name, value in values.items()}
    return Header(
        **{
            name: value if types[name] in (int, str) else msgspec.json.decode(value, type=types[name])
            for name, value in plain.items()
        }
    )
