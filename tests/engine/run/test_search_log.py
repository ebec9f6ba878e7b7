"""Logs of the authors' search code as sessions: what rows they give, at which times, and how far."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import commands
from engine.plan import loads_recorded
from engine.run import RunError, search_log
from engine.session import read, summary
from engine.session.queries.best import best
from engine.space import genotype
from engine.space.architecture import from_bytes
from engine.space.notations import read as read_notation
from tests.engine.run import author_logs as logs

STAMPS = ["%m/%d %I:%M:%S %p ", "%Y-%m-%d %H:%M:%S,250 ", "[%Y-%m-%d %H:%M:%S] - INFO - ", "[%Y/%m/%d-%H:%M:%S] "]


@pytest.fixture
def recorded(tmp_path):
    """Records a log and gives the session, and what was said of it."""

    def make(text: str, **options):
        path = tmp_path / "made.h5"
        said = search_log.record(text, path, "a log", overwrite=True, **options)
        return read(path).view(), said

    return make


def curve(view, name: str) -> list[tuple[int, float]]:
    """Steps and values of a series."""
    names = [view.text(row["name"]) for row in view.rows("series")]
    rows = view.rows("scalars")
    own = rows[rows["series"] == names.index(name)]
    return list(zip(own["step"].tolist(), own["value"].tolist(), strict=True))


def lines(view) -> str:
    return "\n".join(view.text(row["text"]) for row in view.rows("log"))


@pytest.mark.parametrize("form", STAMPS)
def test_a_darts_search(recorded, form):
    view, said = recorded(logs.darts(5, form=form))
    assert said == "DARTS · 5 of 5 epochs · 3 derived cells · 5 rows of architecture weights"
    state = summary(view)
    assert (state.status, state.steps, state.best_score) == ("finished", 5 * 391, 65.0)
    assert state.architecture == genotype.parse(logs.genotype(4))
    assert curve(view, "validation accuracy (epoch)") == [(391 * epoch + 390, 29.0 + 9 * epoch) for epoch in range(5)]
    assert curve(view, "train accuracy (epoch)")[0] == (390, 30.0)
    assert [step for step, _ in curve(view, "train loss (epoch so far)")][:5] == [0, 100, 200, 300, 391]
    assert curve(view, "w learning rate")[1] == (390, pytest.approx(0.0245))
    assert view.rows("progress")[["done", "total"]][-1].tolist() == (5 * 391, 5 * 391)


def test_rows_have_the_times_of_the_stamps(recorded):
    view, _ = recorded(logs.darts(12))  # past midnight, from a clock without days of the week or years
    weights, derived = view.rows("weights")["time"], view.rows("derived")["time"]
    epoch = 1 + 4 * 60 + 60 + 10
    assert weights == pytest.approx([4 + epoch * number for number in range(12)], abs=1e-3)
    assert derived == pytest.approx([4 + epoch * number for number in range(0, 12, 2)], abs=1e-3)
    assert view.source.end == pytest.approx(3 + 12 * epoch, abs=1e-3)


def test_printed_weights_are_those_of_the_session(recorded):
    view, _ = recorded(logs.darts(3))
    rows = view.rows("weights")
    assert rows["step"].tolist() == [0, 391, 782]
    for epoch, row in enumerate(rows):
        expected = np.array([logs.weights(epoch), logs.weights(2 * epoch)])
        assert np.abs(row["values"] - expected).max() < 1e-4
    assert view.source.header.edges[:3] == ("k−2→0", "k−1→0", "k−2→1")


def test_health_is_told_of_what_is_printed(recorded):
    view, _ = recorded(logs.darts(3))
    uniform, *others = (value for _, value in curve(view, "share of most entropy (normal)"))
    assert uniform == pytest.approx(100, abs=1e-3)
    assert all(value < 100 for value in others)
    # One skip among eight edges in the first cell, two in the second; a pool or two besides.
    assert [value for _, value in curve(view, "share of skips (normal)")] == [12.5, 12.5, 25.0]
    assert [value for _, value in curve(view, "share of parameter-free (normal)")] == [37.5, 37.5, 37.5]


def test_weights_before_the_softmax_are_softmaxed(recorded):
    text = logs.darts(1)
    raw = "tensor([" + ", ".join(["[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0]"] * 14) + "], requires_grad=True)"
    begin, end = text.index("tensor("), text.rindex("grad_fn=<SoftmaxBackward>)") + len("grad_fn=<SoftmaxBackward>)")
    view, _ = recorded(f"{text[:begin]}{raw}\nreduce --> {raw}{text[end:]}")
    (row,) = view.rows("weights")
    assert row["values"][1, 5] == pytest.approx([1 / (7 + np.e**2)] * 7 + [np.e**2 / (7 + np.e**2)], abs=1e-6)


def test_weights_of_another_space_are_left_out(recorded):
    text = logs.darts(2).replace(logs.tensor(logs.weights(0)), logs.tensor(logs.weights(0, operations=5)))
    view, said = recorded(text)
    assert len(view.rows("weights")) == 1
    assert said.endswith("2 lines could not be read")
    assert "could not be read: architecture weights of 14 edges and 5 operations" in lines(view)


def test_the_plan_is_what_the_arguments_say(recorded):
    view, _ = recorded(logs.darts(2, planned=50))
    plan = loads_recorded(view.source.header.plan)
    assert (plan.name, plan.seed, plan.budget.epochs, plan.method.batch) == ("a log", 7, 50, 64)
    assert (plan.method.w_lr, plan.method.alpha_lr, plan.data.validation_share) == (0.025, 0.0003, 0.5)
    header = view.source.header
    assert (header.method, header.space, header.device, header.threads) == ("darts", "darts", "", 0)
    assert header.versions == {"log": "a log"}  # and nothing of this machine


def test_arguments_that_no_plan_may_have_are_passed_over(recorded):
    text = logs.darts(1).replace("batch_size=64", "batch_size=0").replace("seed=7", "seed=99999999999")
    plan = loads_recorded(recorded(text)[0].source.header.plan)
    assert (plan.method.batch, plan.seed) == (64, 0)


def test_pc_darts_prints_no_weights_and_one_validation(recorded):
    view, said = recorded(logs.darts(4, partial=True))
    assert said == "PC-DARTS · 4 of 4 epochs · 2 derived cells · 0 rows of architecture weights"
    assert view.source.header.method == "pcdarts"
    assert curve(view, "validation accuracy (epoch)") == [(4 * 98 - 1, 56.0)]
    assert (
        recorded(logs.darts(4, partial=True).replace("set='cifar10', ", ""), method="pcdarts")[0].source.header.method
        == "pcdarts"
    )


def test_p_darts_has_stages_and_keeps_the_cell_of_two_skips(recorded):
    view, said = recorded(logs.pdarts(6))
    assert said.startswith("P-DARTS · 18 of 18 epochs")
    plan = loads_recorded(view.source.header.plan)
    assert (plan.method.layers, plan.budget.epochs) == ((5, 11, 17), 18)
    assert [value for _, value in curve(view, "stage")] == [1.0] * 6 + [2.0] * 6 + [3.0] * 6
    assert len(curve(view, "validation accuracy (epoch)")) == 12  # the last four of each stage
    assert summary(view).architecture == genotype.parse(logs.genotype(4))  # the one after "skip-connect: 2"
    assert f"with 0 skip connections: {genotype.format(genotype.parse(logs.genotype(0)))}" in lines(view)
    assert "Dropping 3 paths" in lines(view)


def test_enas_samples_arcs_with_scores(recorded):
    view, said = recorded(logs.enas(4))
    assert said == "ENAS · 4 epochs · 12 candidates"
    assert (view.source.header.method, view.source.header.space) == ("enas", "enas-micro")
    scores = view.rows("scores")
    assert scores["score"] == pytest.approx(
        [100 * (0.4 + 0.1 * epoch + 0.01 * arc) for epoch in (1, 2, 3, 4) for arc in range(3)]
    )
    architecture = from_bytes(view.bytes(view.rows("candidates")["architecture"][1]))
    assert architecture == read_notation(
        "0 1 0 0 0 4 0 1 0 4 1 1 1 0 0 1 0 2 1 1 1 0 1 0 0 3 0 2 1 1 3 1 1 0 0 4 0 3 1 1"
    )
    assert scores["time"][0] == pytest.approx(60 * (2.5 + 2.5 + 1), abs=1e-3)
    assert curve(view, "train accuracy")[0] == (0, pytest.approx(25.0))
    assert curve(view, "validation accuracy (epoch)")[0][1] == pytest.approx(60.0)
    assert best(view).candidate == 11  # of those that the last epoch drew, which are the result
    assert curve(view, "reward")[-1][1] == pytest.approx(0.9)


def test_enas_macro_networks(recorded):
    view, said = recorded(logs.enas(2, planned=310, macro=True))
    assert said == "ENAS · 2 epochs · 6 candidates · the log ends before its search does"
    assert view.source.header.space == "enas-macro"
    assert loads_recorded(view.source.header.plan).space.layers == 4
    assert summary(view).status == "interrupted"


@pytest.mark.parametrize("share", [0.25, 0.5, 0.7])
@pytest.mark.parametrize("text", [logs.darts(6), logs.pdarts(6), logs.enas(5)], ids=["darts", "pdarts", "enas"])
def test_a_log_that_is_cut_goes_as_far_as_it_goes(recorded, text, share):
    whole, _ = recorded(text)
    lengths = {name: len(whole.rows(name)) for name in ("scalars", "weights", "derived", "scores")}
    end = whole.source.end
    view, said = recorded(text[: int(share * len(text))])
    assert "the log ends before its search does" in said
    assert "the log ends before its search does" in lines(view)
    assert summary(view).status == "interrupted"
    assert view.source.end <= end
    for name, length in lengths.items():
        assert len(view.rows(name)) <= length
    assert len(view.rows("scalars")) > 0.6 * share * lengths["scalars"]


def test_a_p_darts_search_without_a_genotype_has_not_ended(recorded):
    text = logs.pdarts(6)
    assert recorded(text[: text.index("Genotype(")])[1].endswith("the log ends before its search does")


def test_without_times_a_second_is_an_epoch(recorded):
    view, _ = recorded(logs.darts(4, form=""))
    assert view.rows("weights")["time"] == pytest.approx([0, 1, 2, 3], abs=1e-3)
    assert view.source.end == pytest.approx(4, abs=1e-3)
    assert "a second is an epoch" in lines(view)


def test_of_two_searches_in_one_log_the_last_is_taken(recorded):
    view, said = recorded(logs.darts(5) + logs.darts(3))
    assert said.startswith("DARTS · 3 of 3 epochs")
    assert "the log holds 2 searches; this is the last one" in lines(view)


def test_losses_that_are_no_numbers_stay_what_they_are(recorded):
    view, _ = recorded(logs.darts(2).replace(f"{2 / 1:e}", "nan"))
    assert np.isnan(curve(view, "train loss (epoch so far)")[0][1])


def test_times_increase_even_where_stamps_do_not(recorded):
    text = (
        logs.darts(2, form="%Y-%m-%d %H:%M:%S ")
        .replace("2024-03-05 23:04", "2024-03-05 21:00")
        .replace("2024-03-05 23:0", "2024-13-45 23:0")
    )
    view, _ = recorded(text)
    for before, after in pairwise(view.rows("scalars")["time"]):
        assert before < after


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello", "no epochs in the words of DARTS"),
        (f"genotype = {logs.genotype(0)}", "no epochs"),
        ("epoch 0 lr 2.5e-02\ntrain_acc 50.0\nvalid_acc 60.0\n", "the log is of a training"),
    ],
)
def test_what_is_no_log_of_a_search_is_refused(tmp_path, text, reason):
    with pytest.raises(RunError, match=reason):
        search_log.record(text, tmp_path / "no.h5", "no")
    assert not (tmp_path / "no.h5").exists()


def test_what_cannot_be_read_is_told(recorded):
    view, said = recorded(logs.darts(2).replace("sep_conv_5x5", "sep_conv_9x9"))
    assert said.endswith("0 derived cells · 2 rows of architecture weights · 2 lines could not be read")
    assert "could not be read: a genotype: normal: node 1, input 2: unknown operation 'sep_conv_9x9'" in lines(view)


LINES = [
    line
    for text in (logs.darts(1), logs.pdarts(1), logs.enas(1), logs.enas(1, macro=True))
    for line in text.split("\n")
]


@given(st.lists(st.sampled_from(LINES), max_size=60), st.integers(0, 400))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_any_lines_make_a_session_or_the_one_refusal(some, cut):
    text = "\n".join(some)
    try:
        said = search_log.record(text[: max(0, len(text) - cut)], None, "any")
    except RunError as fault:
        said = str(fault)
    assert said
    assert "\n" not in said


def test_only_logs_are_taken_for_logs():
    for text in (logs.darts(1), logs.pdarts(1), logs.enas(1)):
        assert search_log.is_log(text)
    for text in ("hello", f"genotype = {logs.genotype(0)}", "epochs = 50\nlr = 0.1", "# epoch 3\n"):
        assert not search_log.is_log(text)


def test_the_command(tmp_path, capsys):
    log, out = tmp_path / "log.txt", tmp_path / "s.h5"
    log.write_text(logs.darts(3), encoding="utf-16")
    assert commands.main(["import-log", str(log), "--out", str(out)]) == 0
    assert capsys.readouterr().out == "DARTS · 3 of 3 epochs · 2 derived cells · 3 rows of architecture weights\n"
    assert commands.main(["show", str(out), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["method"], shown["status"], shown["steps"], shown["best_score"]) == ("darts", "finished", 1173, 47.0)
    before = out.read_bytes()
    for arguments, reason in (
        ([str(log), "--out", str(out)], "exists already"),
        ([str(log), "--out", str(tmp_path)], "is a folder"),
        ([str(tmp_path / "none.log"), "--out", str(tmp_path / "n.h5")], "No such file"),
        ([str(out), "--out", str(tmp_path / "n.h5")], "holds no text"),
        ([__file__, "--out", str(tmp_path / "n.h5")], "test_search_log.py: "),
    ):
        assert commands.main(["import-log", *arguments]) == 2
        said = capsys.readouterr().err
        assert reason in said
        assert said.count("\n") == 1
    assert out.read_bytes() == before
    assert commands.main(["import-log", str(log), "--out", str(out), "--overwrite"]) == 0
