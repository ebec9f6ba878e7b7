"""Append-only memory."""

import math

import numpy as np

from engine.session.schema import TABLES
from engine.session.view import Table, TextStream

ROW = np.dtype([("time", "<f8"), ("number", "<i8")])


def test_rows_are_kept_in_order_while_the_table_grows():
    table = Table(ROW)
    for number in range(5000):
        assert table.append((number / 2, number)) == number
    array, length = table.published
    assert length == len(table) == 5000
    assert array["number"][:length].tolist() == list(range(5000))


def test_what_was_published_never_changes():
    table = Table(ROW)
    for number in range(10):
        table.append((0.0, number))
    array, length = table.published
    for number in range(10_000):
        table.append((1.0, -number))
    assert array["number"][:length].tolist() == list(range(10))


def test_many_rows_at_once_equal_one_by_one():
    one, many = Table(ROW), Table(ROW)
    rows = np.array([(i / 3, i) for i in range(3000)], ROW)
    for row in rows:
        one.append(tuple(row))
    for start in range(0, 3000, 700):
        many.extend(rows[start : start + 700])
    assert many.published[0][:3000].tobytes() == one.published[0][:3000].tobytes() == rows.tobytes()


def test_a_flat_row_is_the_same_row():
    spec = TABLES["embedding"]
    one, flat = Table(spec.dtype()), Table(spec.dtype())
    for number in range(3000):
        row = (number / 7, number, -1, number % 5, 0.5, -math.inf, math.nan)
        one.append((*row, (number, 9)))
        assert flat.put(*row, number, 9) == number
    assert flat.published[0][:3000].tobytes() == one.published[0][:3000].tobytes()


def test_a_flat_row_may_hold_an_array():
    table = Table(TABLES["weights"].dtype((1, 2, 3)))
    table.put(0.5, 7, np.arange(6.0).reshape(1, 2, 3))
    row = table.published[0][0]
    assert (row["time"], row["step"], row["values"].tolist()) == (0.5, 7, [[[0, 1, 2], [3, 4, 5]]])


def test_text_is_found_where_the_stream_says():
    stream = TextStream()
    pieces = [bytes([number % 256]) * (number % 40) for number in range(300)]
    places = [stream.append(piece) for piece in pieces]
    for (offset, length), piece in zip(places, pieces, strict=True):
        assert stream.slice(offset, offset + length) == piece


def test_a_piece_that_comes_again_is_stored_once():
    stream = TextStream()
    first = stream.append(b"normal node 2: skip")
    stream.append(b"something else")
    length = len(stream)
    assert stream.append(b"normal node 2: skip") == first
    assert len(stream) == length
