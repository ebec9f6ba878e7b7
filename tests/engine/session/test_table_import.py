"""Tables as people have them: read rightly, or refused in one line that says what is wrong and what to do."""

import contextlib
import csv
import io
import json
import math
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.session import SessionError, Wishes, falls, import_table, is_table, open_table
from engine.space import notations
from engine.space.counts import count, published_frame
from engine.space.darts import DartsSpace
from engine.space.enas_micro import EnasMicroSpace
from engine.space.nasbench201 import NASBENCH201_OPERATIONS, NasBench201Space
from engine.space.nasnet import NasnetSpace

SPACE = NasBench201Space()
NASLIB = ("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3")
NASLIB_EDGES = ("0-1", "0-2", "0-3", "1-2", "1-3", "2-3")
RANKS = np.random.default_rng(5).permutation(SPACE.size())[:300]
OPS = np.array([SPACE.at(int(rank)) for rank in RANKS], np.int8)
SCORES = np.random.default_rng(6).uniform(10, 90, len(RANKS))
STRINGS = [notations.write(SPACE.decode(SPACE.at(int(rank)))) for rank in RANKS]
PARAMS = np.array([count(a, published_frame(a)).params for a in (SPACE.decode(tuple(row)) for row in OPS.tolist())])
SAVED = (("arch", "val_acc"), *zip(STRINGS, SCORES.tolist(), strict=True))


def right(table) -> None:
    """The table holds every score under the rank of its architecture."""
    order = np.argsort(RANKS)
    assert table.ranks.tolist() == RANKS[order].tolist()
    np.testing.assert_allclose(table.column("score"), SCORES[order])


def npz(tmp_path: Path, **arrays) -> Path:
    np.savez(tmp_path / "t.npz", **arrays)
    return tmp_path / "t.npz"


def text(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def written(rows, **how) -> str:
    stream = io.StringIO()
    csv.writer(stream, **how).writerows(rows)
    return stream.getvalue()


def refused(path: Path, space=SPACE, wishes=Wishes()) -> str:  # noqa: B008
    with pytest.raises(SessionError) as caught:
        import_table(path, space, wishes)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


@pytest.mark.parametrize(
    "ops",
    [
        np.asfortranarray(OPS),
        np.ascontiguousarray(OPS[::-1])[::-1],
        OPS.T,
        OPS.astype(">i4"),
        OPS.astype(float),
        np.array(NASBENCH201_OPERATIONS)[OPS],
        np.array(STRINGS),
        np.array(STRINGS, "S"),
    ],
    ids=["by columns", "view", "across", "big-endian", "whole floats", "names", "strings", "bytes"],
)
@pytest.mark.parametrize("scores", [SCORES, SCORES[:, None], SCORES.astype(">f8")], ids=["flat", "column", "swapped"])
def test_an_archive_may_hold_its_arrays_in_any_order_and_form(tmp_path, ops, scores):
    right(import_table(npz(tmp_path, ops=ops, val_acc=scores), SPACE))


LISTS = [str(row) for row in OPS.tolist()]
CELLS = [",".join(map(str, row)) for row in OPS.tolist()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", written(SAVED)),
        ("t.csv", written(SAVED).encode("utf-8-sig")),
        ("t.csv", written(SAVED).encode("utf-16")),
        ("t.tsv", written(SAVED, delimiter="\t")),
        ("t.txt", written(SAVED, delimiter=";").replace(".", ",")),
        ("t.csv", written([("", "val_acc", "arch"), *((row, s, a) for row, (a, s) in enumerate(SAVED[1:]))])),
        ("t.csv", written([("Cell of the search", "top1"), *((a, f"{s!r}%") for a, s in SAVED[1:])])),
        ("t.csv", written([("ops", "acc"), *zip(LISTS, SCORES.tolist(), strict=True)])),
        ("t.csv", "ops,acc\n" + "".join(f'"({c})",{s}\n' for c, s in zip(CELLS, SCORES.tolist(), strict=True))),
        ("t.json", json.dumps([dict(zip(SAVED[0], row, strict=True)) for row in SAVED[1:]])),
        ("t.json", json.dumps(dict(SAVED[1:]))),
        ("t.json", json.dumps({name: {"val_acc": score} for name, score in SAVED[1:]})),
        ("t.json", json.dumps({name: {"cifar10": {"val_acc": score}} for name, score in SAVED[1:]})),
        ("t.json", json.dumps({"arch": STRINGS, "val_acc": SCORES.tolist()})),
        ("t.json", json.dumps({"ops": OPS.tolist(), "val_acc": SCORES.tolist()})),
        ("t.json", json.dumps({"results": [{"arch": a, "acc": s} for a, s in SAVED[1:]]})),
        ("t.json", json.dumps({"arch": dict(enumerate(STRINGS)), "val_acc": dict(enumerate(SCORES.tolist()))})),
        ("t.json", json.dumps({"columns": ["arch", "acc"], "index": [], "data": SAVED[1:]})),
        ("t.jsonl", "\n".join(json.dumps({"arch": a, "acc": s}) for a, s in SAVED[1:])),
    ],
    ids=[
        *("csv", "mark", "utf-16", "tabs", "decimal commas", "row numbers", "percent", "lists", "tuples", "objects"),
        *(
            "by architecture",
            "columns by architecture",
            "deeper",
            "columns",
            "columns of lists",
            "wrapped",
            "as pandas writes",
        ),
        *("as pandas splits", "lines"),
    ],
)
def test_text_is_read_in_the_forms_that_people_save(tmp_path, name, content):
    right(import_table(text(tmp_path, name, content), SPACE))


def test_one_column_for_each_decision(tmp_path):
    names = [f"op{place}" for place in range(6)]
    rows = [(*names, "acc"), *((*row, s) for row, s in zip(OPS.tolist(), SCORES.tolist(), strict=True))]
    wishes = Wishes(operations=NASBENCH201_OPERATIONS)
    right(import_table(text(tmp_path, "t.csv", written(rows)), SPACE, wishes))
    named = [tuple(np.array(NASBENCH201_OPERATIONS)[row]) for row in OPS]
    rows = [("a", "b", "c", "d", "e", "f", "acc"), *((*row, s) for row, s in zip(named, SCORES.tolist(), strict=True))]
    path = text(tmp_path, "u.csv", written(rows))
    right(import_table(path, SPACE, Wishes({"score": "acc"}, architecture=tuple("abcdef"))))


def test_columns_are_found_or_named(tmp_path):
    rows = [("cell string", "loss", "acc", "note"), *((a, 1.0, s, "fine") for a, s in SAVED[1:])]
    path = text(tmp_path, "t.csv", written(rows))
    found = import_table(path, SPACE)
    assert (list(found.columns), found.roles) == (["loss", "acc"], {})  # two may be the score, and text is none
    right(import_table(path, SPACE, Wishes({"score": "acc"}, ("cell string",))))
    assert "no column 'accuracy'; there are loss, acc" in refused(path, wishes=Wishes({"score": "accuracy"}))
    assert "line 2: 'fine' is no number, in the column note" in refused(path, wishes=Wishes({"score": "note"}))
    assert "no column 'x'; there are cell string, loss" in refused(path, wishes=Wishes(architecture=("x",)))


def test_other_spaces_have_tables_too(tmp_path):
    space = DartsSpace(nodes=2)
    members = [space.decode(space.at(rank)) for rank in (5, 3, 99)]
    rows = [("genotype", "top1"), *zip(map(notations.write, members), (1.0, 2.0, 3.0), strict=True)]
    found = import_table(text(tmp_path, "t.csv", written(rows)), space)
    assert (found.ranks.tolist(), found.column("score").tolist()) == ([3, 5, 99], [2.0, 1.0, 3.0])
    found = import_table(npz(tmp_path, decisions=[space.at(rank) for rank in (5, 3, 99)], top1=[1.0, 2.0, 3.0]), space)
    assert (found.ranks.tolist(), found.column("cost")) == ([3, 5, 99], None)
    arc = EnasMicroSpace(nodes=2)
    lists = [notations.write(arc.decode(arc.at(rank)), "enas-micro") for rank in (8, 2)]
    found = import_table(text(tmp_path, "u.csv", written([("arch", "acc"), *zip(lists, (1, 2), strict=True)])), arc)
    assert found.ranks.tolist() == [2, 8]


class TestOrderOfIndices:
    """B31: indices of another program, whose params column gives it away."""

    swapped = np.array([NASLIB.index(name) for name in NASBENCH201_OPERATIONS])[OPS][:, [0, 1, 3, 2, 4, 5]]

    @pytest.mark.parametrize("params", [PARAMS, PARAMS / 1e6, PARAMS + 5850, np.round(PARAMS / 1e6, 2)])
    def test_a_params_column_that_contradicts_is_said_in_one_line(self, tmp_path, params):
        said = refused(npz(tmp_path, ops=self.swapped, acc=SCORES, params=params))
        assert "the column params contradicts the program's own counts in " in said
        assert "of 300 rows compared" in said
        assert "another order of operations or edges; name it to import-table by --operations and --edges" in said

    @pytest.mark.parametrize("params", [PARAMS, PARAMS / 1e6, PARAMS + 5850, np.round(PARAMS / 1e6, 2)])
    def test_one_that_fits_up_to_unit_and_classes_is_none(self, tmp_path, params):
        right(import_table(npz(tmp_path, ops=OPS, acc=SCORES, params=params), SPACE))

    def test_one_in_millions_is_brought_to_ones_and_that_is_said(self, tmp_path):
        rows = [("arch", "Params (M)", "top1"), *zip(STRINGS, PARAMS / 1e6, SCORES, strict=True)]
        found = import_table(text(tmp_path, "t.csv", written(rows)), SPACE)
        assert (found.roles, found.notes) == (
            {"parameters": "Params (M)", "score": "top1"},
            ("Params (M) is in millions",),
        )
        np.testing.assert_allclose(found.column("parameters"), PARAMS[np.argsort(RANKS)])

    @pytest.mark.parametrize("pair", [(0, 2), (0, 3), (2, 3), (3, 4), (1, 2)])
    def test_two_operations_in_each_other_s_place_are_found_out(self, tmp_path, pair):
        other = np.arange(5)
        other[list(pair)] = other[list(pair[::-1])]
        assert "contradicts" in refused(npz(tmp_path, ops=other[OPS], acc=SCORES, params=PARAMS))

    def test_macs_tell_it_too_and_whichever_column_plays_the_role(self, tmp_path):
        path = npz(tmp_path, ops=self.swapped, acc=SCORES, size=PARAMS)
        assert "size contradicts" in refused(path, wishes=Wishes({"score": "acc", "parameters": "size"}))
        members = [SPACE.decode(tuple(row)) for row in OPS.tolist()]
        macs = [2 * count(member, published_frame(member)).macs / 1e6 for member in members]
        assert "flops contradicts" in refused(npz(tmp_path, ops=self.swapped, acc=SCORES, flops=macs))
        right(import_table(npz(tmp_path, ops=OPS, acc=SCORES, flops=macs), SPACE))

    def test_the_order_can_be_said(self, tmp_path):
        path = npz(tmp_path, ops=self.swapped, acc=SCORES, params=PARAMS)
        right(import_table(path, SPACE, Wishes(operations=NASLIB, edges=NASLIB_EDGES)))
        right(
            import_table(path, SPACE, Wishes(operations=NASLIB, edges=tuple(e.replace("-", "→") for e in NASLIB_EDGES)))
        )
        assert "must name each of 0-1,0-2,1-2" in refused(path, wishes=Wishes(operations=NASLIB, edges=("0-1",)))
        assert "'conv' is none of the space's operations: none, skip_connect" in refused(
            path, wishes=Wishes(operations=("conv",) * 5)
        )
        assert "is none of the 2 operations named" in refused(path, wishes=Wishes(operations=("none", "skip_connect")))

    def test_bare_numbers_that_nothing_explains_are_asked_about(self, tmp_path):
        rows = [("arch", "acc"), *zip(map(tuple, OPS.tolist()), SCORES.tolist(), strict=True)]
        said = refused(text(tmp_path, "t.csv", written(rows)))
        assert "bare numbers, and nothing says which operations they mean" in said
        found = import_table(npz(tmp_path, ops=OPS, acc=SCORES), SPACE)
        assert found.notes == (
            "indices are read in the space's own order: 0 none, 1 skip_connect, 2 nor_conv_1x1, 3 nor_conv_3x3, "
            "4 avg_pool_3x3",
        )

    def test_strings_are_believed_and_the_column_is_doubted(self, tmp_path):
        found = import_table(npz(tmp_path, arch=np.array(STRINGS), acc=SCORES, params=PARAMS[::-1]), SPACE)
        assert "it seems to be of other networks" in found.notes[0]


def test_infinities_and_what_is_empty_are_no_scores(tmp_path):
    wild = SCORES.copy()
    wild[:3] = np.inf, -np.inf, np.nan
    found = import_table(npz(tmp_path, ops=OPS, acc=wild), SPACE)
    assert found.notes[-1] == "3 of 300 have no finite acc and count as failed"
    assert np.isnan(found.column("score")).sum() == 3
    rows = [["arch", "acc"], *zip(STRINGS, ["inf", "-Infinity", "", "None", "n/a", *SCORES[5:].tolist()], strict=True)]
    assert np.isnan(import_table(text(tmp_path, "t.csv", written(rows)), SPACE).column("score")).sum() == 5
    rows = [{"arch": a, "acc": s} for a, s in zip(STRINGS, [math.inf, math.nan, None, *SCORES[3:]], strict=True)]
    assert np.isnan(import_table(text(tmp_path, "t.json", json.dumps(rows)), SPACE).column("score")).sum() == 3
    assert "the column acc has no finite value" in refused(npz(tmp_path, ops=OPS, acc=np.full(300, np.inf)))


def test_an_architecture_given_twice_is_named_with_both_its_rows(tmp_path):
    twice = npz(tmp_path, ops=np.concatenate([OPS, OPS[7:8]]), acc=np.append(SCORES, 1.0))
    assert f"{STRINGS[7]} is given twice, in row 7 (from 0) and row 300 (from 0); keep one" in refused(twice)
    lines = text(tmp_path, "t.csv", written([*SAVED, SAVED[3], SAVED[4]]))
    assert f"{SAVED[3][0]} is given twice, in line 4 and line 302; so are 1 more" in refused(lines)
    keys = "{" + ",".join(f"{json.dumps(a)}: {s}" for a, s in (*SAVED[1:], SAVED[2])) + "}"
    assert f"{SAVED[2][0]} is given twice, in entries 1 and 300" in refused(text(tmp_path, "t.json", keys))


@pytest.mark.parametrize("name", ["val_loss", "Test error", "perplexity", "valid.ppl", "regret", "latency_ms", "WER"])
def test_a_name_may_say_that_less_is_better(name):
    assert falls(name)


@pytest.mark.parametrize("name", ["val_acc", "top1", "lossless", "terror", "mirror_acc", "score", "f1"])
def test_and_others_do_not(name):
    assert not falls(name)


def test_a_published_file_may_be_used_as_it_is(tmp_path):
    path = text(tmp_path, "t.csv", written(SAVED))
    right(open_table(path))
    assert open_table(path) is open_table(path, SPACE)
    assert not is_table(path)
    space = DartsSpace(nodes=2)  # not the size that the space has by itself
    rows = [("arch", "acc"), (notations.write(space.example()), 1.0)]
    assert open_table(text(tmp_path, "d.csv", written(rows)), space).space == space


class Evil:
    """Unpickling it would leave a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_nothing_is_unpickled(tmp_path):
    path = npz(tmp_path, ops=np.array([[Evil(tmp_path / "gotcha")]], dtype=object))
    assert "is not one number" in refused(path)
    right(import_table(npz(tmp_path, ops=OPS, acc=SCORES, notes=np.array([Evil(tmp_path / "gotcha")] * 300)), SPACE))
    assert "never opened" in refused(text(tmp_path, "t.pth", b"\x80\x04K\x01."))
    with zipfile.ZipFile(tmp_path / "u.pth", "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x04K\x01.")
    assert "never opened" in refused(tmp_path / "u.pth")
    assert not (tmp_path / "gotcha").exists()


def test_an_array_that_claims_more_than_there_is_is_refused(tmp_path):
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": True, "shape": (10_000_000, 2)})
    with zipfile.ZipFile(tmp_path / "t.npz", "w") as archive:
        archive.writestr("ops.npy", head.getvalue() + bytes(80))
    assert "its length is not what it claims" in refused(tmp_path / "t.npz")


def test_any_damage_to_an_archive_is_the_one_error_or_none(tmp_path):
    whole = npz(tmp_path, ops=OPS[:5], acc=SCORES[:5]).read_bytes()
    draw = np.random.default_rng(0)
    for place in range(0, len(whole), 9):
        damaged = bytearray(whole)
        damaged[place] = draw.integers(256)
        for part in (bytes(damaged), whole[:place]):
            with contextlib.suppress(SessionError):
                import_table(text(tmp_path, "t.npz", part), SPACE)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"other": np.zeros(3)}, "no column of architectures: strings, an array 'ops' or 'decisions'"),
        ({"ops": np.full((3, 6), 0.5)}, "of whole numbers"),
        ({"ops": np.full((1, 6), 5)}, "row 0 (from 0): the decisions [5, 5, 5, 5, 5, 5] are none of the space"),
        ({"ops": np.full((1, 6), -1)}, "none of the space"),
        ({"ops": np.zeros((1, 7), int)}, "none of the space"),
        ({"ops": np.zeros((2, 6), int)}, "is given twice"),
        ({"ops": np.zeros((0, 6), int)}, "no entries"),
        ({"arch": np.array(["|conv~0|"])}, "row 0 (from 0): node 0, input 1: unknown operation"),
        ({"arch": np.array(["something"])}, "row 0 (from 0): not a notation"),
    ],
)
def test_arrays_that_make_no_table_are_told_in_one_line(tmp_path, content, message):
    assert message in refused(npz(tmp_path, **content))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.npz", b"PK\x03\x04 and nothing more", "no .npz file"),
        ("t.npz", b"arch,acc\n", "no .npz file"),
        ("t.csv", b"", "the file is empty"),
        ("t.csv", b"\xff\xfa\x00", "no text of columns"),
        ("t.csv", b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        ("t.csv", "\n".join(f"{a},{s}" for a, s in SAVED[1:]), "the first line must name the columns"),
        ("t.csv", "arch,acc,acc\n", "two columns are called acc"),
        ("t.csv", "arch,acc\n\n|none~0|,1,2\n", "line 3 has 3 cells for the 2 columns"),
        ("t.csv", "arch,acc\n", "no entries"),
        ("t.csv", "arch,acc\n" + "x" * 200_000, "the columns cannot be told apart: field larger"),
        ("t.json", '{"arch": ', "this is not JSON"),
        ("t.json", "[" * 100_000, "lists lie too deep"),
        ("t.json", "[1, 2]", "there are no rows"),
        ("t.json", '{"columns": [1], "data": [0, 1]}', "there are no rows under data"),
        ("t.json", "{}", "no column of architectures"),
        ("t.json", '{"arch": ["a", "b"], "acc": [1]}', "the columns are not equally long: arch 2, acc 1"),
        ("t.json", '[{"arch": "' + STRINGS[0] + '"}, {"acc": 1}]', "entry 1: "),
        ("t.json", '[{"ops": [0, null]}]', "no column of architectures"),
    ],
)
def test_text_that_makes_no_table_is_told_in_one_line(tmp_path, name, content, message):
    assert message in refused(text(tmp_path, name, content))


def test_columns_of_another_length_are_left_out_or_told(tmp_path):
    path = npz(tmp_path, ops=OPS, acc=SCORES, short=SCORES[:5], runs=np.ones((300, 3)))
    assert list(import_table(path, SPACE).columns) == ["acc"]
    assert "the column short has 5 values for 300 architectures" in refused(path, wishes=Wishes({"score": "short"}))
    assert "runs has 3 numbers for each entry" in refused(path, wishes=Wishes({"score": "runs"}))


def test_more_columns_than_a_table_holds_are_left_out_and_that_is_said(tmp_path):
    wide = [("arch", *(f"c{place}" for place in range(80))), *((a, *range(80)) for a in STRINGS)]
    found = import_table(text(tmp_path, "t.csv", written(wide)), SPACE, Wishes({"score": "c79"}))
    assert len(found.columns) == 64
    assert "c79" in found.columns
    assert found.notes == ("16 columns are left out; a table holds 64",)


def test_a_space_that_no_table_can_number_is_told(tmp_path):
    assert "are more than 2⁶⁴" in refused(npz(tmp_path, ops=np.zeros((1, 40), int)), NasnetSpace())
