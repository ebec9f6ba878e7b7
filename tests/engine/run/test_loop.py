"""The loop in this thread, recording in memory."""

import contextlib
import math
import random

import numpy as np
import pytest
import torch

from engine import plan as plans
from engine.evaluate import BaseEvaluator, Outcome
from engine.run import Controls, Stopped, loop, one_shot, sampling
from engine.search.darts import Darts
from engine.session import LEVELS, ORIGINS, OUTCOMES, STATES
from engine.space.architecture import from_bytes


def log(view) -> list[tuple[str, str]]:
    return [(LEVELS[row["level"]], view.text(row["text"])) for row in view.rows("log")]


def statuses(view) -> list[tuple[str, str]]:
    return [(STATES[row["state"]], view.text(row["text"])) for row in view.rows("status")]


def series(view, name: str, candidate: int = -1):
    names = [view.text(row["name"]) for row in view.rows("series")]
    rows = view.rows("scalars")
    return rows[(rows["series"] == names.index(name)) & (rows["candidate"] == candidate)]


class TestOneShot:
    def test_every_step_is_recorded_and_the_weights_every_few(self, one_shot_session):
        view, ending = one_shot_session
        assert ending == loop.Ending("finished")
        assert statuses(view) == [("running", ""), ("finished", "")]
        steps = series(view, "train loss")["step"]
        assert steps.tolist() == list(range(12))
        assert series(view, "validation accuracy (epoch)")["step"].tolist() == [2, 5, 8, 11]
        weights = view.rows("weights")
        assert weights["step"].tolist() == [0, 2, 3, 5, 7, 8, 11]
        assert weights["values"].shape == (7, 2, 5, 4)
        np.testing.assert_allclose(weights["values"].sum(axis=3), 1, rtol=1e-5)

    def test_the_derived_cell_is_the_one_the_last_weights_stand_for(self, one_shot_session):
        view, _ = one_shot_session
        derived = from_bytes(view.bytes(view.rows("derived")[-1]["architecture"]))
        values = view.rows("weights")[-1]["values"]
        header = view.source.header
        for cell, weights in ((derived.normal, values[0]), (derived.reduction, values[1])):
            kept = {(node, edge.source): edge.operation for node, ends in enumerate(cell.nodes) for edge in ends.inputs}
            strongest = {}
            for name, row in zip(header.edges, weights[:, 1:], strict=True):
                source, node = name.split("→")
                state = {"k−2": 0, "k−1": 1}.get(source)
                place = (int(node), state if state is not None else int(source) + 2)
                strongest[place] = (row.max(), header.operations[1 + int(row.argmax())])
            assert all(strongest[place][1] == operation for place, operation in kept.items())
            weakest_kept = min(strongest[place][0] for place in kept if place[0] == 1)
            assert all(
                weight <= weakest_kept
                for place, (weight, _) in strongest.items()
                if place[0] == 1 and place not in kept
            )

    def test_epochs_are_told_in_words(self, one_shot_session):
        view, _ = one_shot_session
        lines = [text for _, text in log(view) if text.startswith("epoch")]
        assert len(lines) == 4
        accuracy = series(view, "validation accuracy (epoch)")["value"]
        assert lines[0] == f"epoch 1 · shared network {accuracy[0]:.1f} % on validation images · its best so far"
        assert all("derived cell" in line for line in lines[1:])

    def test_the_epochs_are_counted_in_which_the_derived_cell_stays(self, search, one_shot_plan):
        view, _ = search(plans.override(one_shot_plan, ["method.alpha_lr=0"]))
        lines = [text for _, text in log(view) if text.startswith("epoch")]
        assert lines[1].endswith("derived cell unchanged for 1 epoch")
        assert lines[3].endswith("derived cell unchanged for 3 epochs")
        assert len(view.rows("derived")) == 1

    def test_overtakings_are_logged(self, search, one_shot_plan):
        view, _ = search(plans.override(one_shot_plan, ["method.alpha_lr=0.2"]))
        assert any("overtakes" in text or "another operation leads" in text for _, text in log(view))

    def test_equal_plans_give_equal_rows_whatever_torch_did_before(
        self, one_shot_session, search, one_shot_plan, content
    ):
        torch.manual_seed(99)
        assert content(search(one_shot_plan)[0]) == content(one_shot_session[0])

    def test_another_seed_gives_other_rows(self, one_shot_session, search, one_shot_plan, content):
        other = content(search(plans.override(one_shot_plan, ["seed=1"]))[0])
        assert other["scalars"] != content(one_shot_session[0])["scalars"]

    def test_a_loss_that_is_no_number_ends_it_and_keeps_what_there_is(self, search, one_shot_plan, monkeypatch):
        step = one_shot.OneShot._step

        def poison(self):
            if self._done == 5:
                torch.nn.init.constant_(list(self._method.net.parameters())[-1], math.nan)
            step(self)

        monkeypatch.setattr(one_shot.OneShot, "_step", poison)
        view, ending = search(one_shot_plan)
        assert ending.state == "failed"
        assert "not a number" in ending.message
        assert "\n" not in ending.message
        assert statuses(view)[-1] == ("failed", ending.message)
        assert log(view)[-1] == ("error", ending.message)
        assert len(series(view, "train loss")) == 5

    def test_out_of_memory_is_told_in_one_line(self, search, one_shot_plan, monkeypatch):
        def step(self):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB\nand so on")

        monkeypatch.setattr(Darts, "step", step)
        view, ending = search(one_shot_plan)
        assert ending == loop.Ending("failed", "out of memory: choose a smaller batch or fewer channels")
        assert statuses(view)[-1] == ("failed", ending.message)
        _, ending = search(plans.override(one_shot_plan, ["method.cuda_graphs=true"]))
        assert ending.message == "out of memory: choose a smaller batch or fewer channels, or leave CUDA graphs off"

    def test_the_unexpected_leaves_its_traceback_in_the_log(self, search, one_shot_plan, monkeypatch):
        def derive(self):
            raise KeyError("a bug")

        monkeypatch.setattr(Darts, "derive", derive)
        view, ending = search(one_shot_plan)
        assert ending == loop.Ending("failed", "KeyError: 'a bug' (the log has the details)")
        level, text = log(view)[-1]
        assert level == "error"
        assert "Traceback" in text
        assert "in derive" in text

    def test_a_stop_records_where_it_stood(self, search, one_shot_plan, monkeypatch):
        controls = Controls()
        step = one_shot.OneShot._step

        def stop_in_second_step(self):
            step(self)
            if self._done == 2:
                controls.stop()

        monkeypatch.setattr(one_shot.OneShot, "_step", stop_in_second_step)
        view, ending = search(one_shot_plan, controls)
        assert ending == loop.Ending("stopped")
        assert statuses(view)[-1] == ("stopped", "")
        assert series(view, "train loss")["step"].tolist() == [0, 1]
        assert view.rows("weights")["step"].tolist() == [0, 1]

    def test_a_stop_is_heeded_within_a_validation_pass(self, search, one_shot_plan, monkeypatch):
        controls, passes = Controls(), []
        end_of_epoch = Darts.end_of_epoch

        def stop_then_validate(self, pulse):
            controls.stop()
            values = end_of_epoch(self, pulse)
            passes.append(values)
            return values

        monkeypatch.setattr(Darts, "end_of_epoch", stop_then_validate)
        _, ending = search(one_shot_plan, controls)
        assert ending.state == "stopped"
        assert passes == []

    def test_time_may_end_it_before_its_epochs(self, search, one_shot_plan, monkeypatch):
        monkeypatch.setattr(one_shot.Progress, "time_is_up", property(lambda self: self.done >= 5))
        view, ending = search(plans.override(one_shot_plan, ["budget.seconds=1"]))
        assert ending == loop.Ending("finished", "the time budget is spent")
        assert len(series(view, "train loss")) == 5
        assert view.rows("weights")["step"][-1] == 4


class TestSampling:
    def test_candidates_scores_deaths_and_curves_are_recorded(self, sampling_session):
        view, ending = sampling_session
        assert ending == loop.Ending("finished")
        candidates, scores = view.rows("candidates"), view.rows("scores")
        assert len(candidates) == len(scores) == 6
        assert scores["candidate"].tolist() == list(range(6))
        assert candidates["parent"][:3].tolist() == [-1, -1, -1]
        assert all(0 <= row["parent"] < number for number, row in enumerate(candidates) if number >= 3)
        assert view.rows("deaths")["candidate"].tolist() == [0, 1, 2]
        for number in range(6):
            curve = series(view, "validation accuracy", number)
            assert curve["step"].tolist() == [1, 2]
            assert curve["value"][-1] == scores["score"][number]
        assert (scores["seconds"] > 0).all()
        assert (scores["parameters"] > 0).all()

    def test_the_best_score_is_a_curve_of_its_own_and_news_are_logged(self, sampling_session):
        view, _ = sampling_session
        scores = view.rows("scores")["score"]
        assert series(view, "best score")["value"].tolist() == np.maximum.accumulate(scores).tolist()
        news = [number for number in range(6) if number == 0 or scores[number] > scores[:number].max()]
        lines = [text for level, text in log(view) if level == "good"]
        assert [line.split()[0] for line in lines] == [f"#{number}" for number in news]
        assert lines[0] == f"#0 · {scores[0]:.1f} % · best so far"

    def test_equal_plans_give_equal_rows(self, sampling_session, search, sampling_plan, content):
        assert content(search(sampling_plan)[0]) == content(sampling_session[0])

    def test_random_search_runs_alike(self, search, sampling_plan):
        view, ending = search(plans.override(sampling_plan, ["method=random"]))
        assert ending.state == "finished"
        assert view.rows("candidates")["parent"].tolist() == [-1] * 6
        assert len(view.rows("deaths")) == 0

    def test_time_may_end_it_after_a_whole_candidate(self, search, sampling_plan, monkeypatch):
        monkeypatch.setattr(sampling.Progress, "time_is_up", property(lambda self: self.done >= 2))
        view, ending = search(plans.override(sampling_plan, ["budget.seconds=1", "budget.evaluations=none"]))
        assert ending == loop.Ending("finished", "the time budget is spent")
        assert len(view.rows("scores")) == 2
        assert view.rows("progress")["total"].tolist()[-1] == 0


class Scripted(BaseEvaluator):
    """An evaluator that does as told: a score, an outcome, or an exception."""

    def __init__(self, *script) -> None:
        self.script = script

    def evaluate(self, architecture, candidate, report, pulse):
        pulse()
        what = self.script[candidate % len(self.script)]
        if isinstance(what, Exception):
            raise what
        return what if isinstance(what, Outcome) else Outcome(what, 0.1, 1000)


@pytest.fixture
def script(monkeypatch):
    def use(*script) -> None:
        monkeypatch.setattr(sampling, "evaluator", lambda *arguments: Scripted(*script))

    return use


class TestFailingCandidates:
    def test_the_search_goes_on_after_each_kind_of_failure(self, search, sampling_plan, script):
        memory = Outcome(math.nan, 0.1, 5, "out of memory", "needs more than the card has")
        number = Outcome(math.nan, 0.1, 5, "not a number", "the loss diverged")
        script(50.0, memory, number, RuntimeError("a bug\nin two lines"), 60.0, 40.0)
        view, ending = search(sampling_plan)
        assert ending == loop.Ending("finished")
        scores = view.rows("scores")
        outcomes = ["ok", "out of memory", "not a number", "failed", "ok", "ok"]
        assert [OUTCOMES[row["outcome"]] for row in scores] == outcomes
        assert view.text(scores[3]["message"]) == "RuntimeError: a bug"
        assert np.isnan(scores["score"][1:4]).all()
        warnings = [text for level, text in log(view) if level == "warning"]
        assert warnings == [
            "#1 could not be scored: needs more than the card has",
            "#2 could not be scored: the loss diverged",
            "#3 could not be scored: RuntimeError: a bug",
        ]
        assert series(view, "best score")["value"].tolist() == [50.0, 50.0, 50.0, 50.0, 60.0, 60.0]

    def test_the_method_is_told_of_failures(self, search, sampling_plan, script):
        script(50.0, RuntimeError("a bug"))
        view, _ = search(sampling_plan)
        assert view.rows("deaths")["candidate"].tolist() == [0, 1, 2]

    def test_the_same_traceback_is_logged_once(self, search, sampling_plan, script):
        script(50.0, RuntimeError("a bug"))
        view, _ = search(sampling_plan)
        assert sum("Traceback" in text for _, text in log(view)) == 1

    def test_a_search_without_any_score_has_failed(self, search, sampling_plan, script):
        script(RuntimeError("a bug"))
        view, ending = search(sampling_plan)
        assert ending.state == "failed"
        assert "none of the 6 candidates" in ending.message
        assert len(view.rows("scores")) == 6

    def test_a_stop_within_a_candidate_leaves_it_without_a_score(self, search, sampling_plan, script):
        script(50.0, Stopped())
        view, ending = search(sampling_plan)
        assert ending == loop.Ending("stopped")
        assert (len(view.rows("candidates")), len(view.rows("scores"))) == (2, 1)


class Pausing(Controls):
    """Hands something in while a candidate is under way: number -> decisions."""

    def __init__(self, given: dict) -> None:
        super().__init__()
        self.given, self.taken = given, -1

    def take(self):
        self.taken += 1
        if self.taken in self.given:
            self.hand_in(self.given[self.taken])
        return super().take()


class TestHandingIn:
    """An architecture from the canvas becomes a candidate like any other."""

    def run(self, search, plan, given: dict, script):
        script(50.0, 60.0, 40.0, 55.0, 70.0, 65.0)
        return search(plan, Pausing(given))

    def test_it_is_scored_next_and_marked_as_handed_in(self, search, sampling_plan, script):
        given = sampling_plan.space.sample(random.Random(3))
        view, ending = self.run(search, sampling_plan, {2: given}, script)
        assert ending == loop.Ending("finished")
        rows = view.rows("candidates")
        assert [ORIGINS[row["origin"]] for row in rows[:4]] == ["sampled", "sampled", "handed in", "sampled"]
        assert rows["parent"][2] == -1
        assert from_bytes(view.bytes(rows["architecture"][2])) == sampling_plan.space.decode(given)
        assert len(view.rows("scores")) == 6
        assert ("info", "#2 was handed in") in log(view)

    def test_it_joins_the_population_and_dies_in_its_turn(self, search, sampling_plan, script):
        given = sampling_plan.space.sample(random.Random(3))
        view, _ = self.run(search, sampling_plan, {1: given}, script)
        assert view.rows("deaths")["candidate"].tolist() == [0, 1, 2]

    def test_several_come_in_the_order_in_which_they_were_handed_in(self, search, sampling_plan, script):
        script(50.0)
        controls = Controls()
        given = [sampling_plan.space.sample(random.Random(seed)) for seed in (1, 2)]
        for decisions in given:
            controls.hand_in(decisions)
        view, _ = search(sampling_plan, controls)
        shown = [from_bytes(view.bytes(row["architecture"])) for row in view.rows("candidates")[:2]]
        assert shown == [sampling_plan.space.decode(decisions) for decisions in given]

    def test_the_record_is_enough_to_run_it_again(self, search, sampling_plan, script, content):
        space = sampling_plan.space
        given = {1: space.sample(random.Random(1)), 4: space.sample(random.Random(2))}
        view, _ = self.run(search, sampling_plan, given, script)
        recorded = {
            number: space.encode(from_bytes(view.bytes(row["architecture"])))
            for number, row in enumerate(view.rows("candidates"))
            if ORIGINS[row["origin"]] == "handed in"
        }
        assert recorded == given
        again, _ = self.run(search, sampling_plan, recorded, script)
        assert content(again) == content(view)
        without, _ = self.run(search, sampling_plan, {}, script)
        assert content(without)["candidates"] != content(view)["candidates"]

    def test_what_comes_too_late_is_said(self, search, sampling_plan, script):
        given = sampling_plan.space.sample(random.Random(3))
        controls = Controls()
        for _ in range(8):
            controls.hand_in(given)
        script(50.0)
        view, _ = search(sampling_plan, controls)
        assert log(view)[-1] == ("warning", "2 architectures handed in too late to be scored")


class TestPreparations:
    def test_no_cuda_is_told_in_one_line_before_anything_starts(self, search, one_shot_plan, monkeypatch):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        began = []
        _, ending = search(plans.override(one_shot_plan, ["device=cuda"]), started=lambda: began.append(1))
        assert ending.state == "failed"
        assert ending.message == "device cuda: no CUDA device was found; choose device cpu"
        assert began == []

    @pytest.mark.parametrize("device", ["cuda", "mps"])
    def test_a_device_without_bfloat16_is_told_before_anything_starts(self, search, one_shot_plan, monkeypatch, device):
        monkeypatch.setattr(loop, "ready", lambda name, threads, seed, trains: torch.device(name))
        monkeypatch.setattr(torch.cuda, "device", contextlib.nullcontext)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation)
        began = []
        planned = plans.override(one_shot_plan, [f"device={device}", "method.precision=bfloat16"])
        _, ending = search(planned, started=lambda: began.append(1))
        assert ending.state == "failed"
        assert ending.message == f"device {device}: does not compute bfloat16; choose method.precision float32"
        assert began == []

    def test_a_search_that_trains_nothing_does_not_wait_for_optimizers_to_be_imported(self, search, monkeypatch):
        monkeypatch.delattr(torch.optim, "SGD")
        _, ending = search(plans.override(plans.preset("proxy-digits"), ["budget.evaluations=1", "threads=1"]))
        assert ending.state == "finished", ending.message

    def test_a_card_that_is_not_there_is_told_with_those_that_are(self, search, one_shot_plan, monkeypatch):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
        _, ending = search(plans.override(one_shot_plan, ["device=cuda:2"]))
        assert ending.message == "device cuda:2: this machine has cuda:0 to cuda:1"

    def test_a_folder_without_data_is_told_in_one_line(self, search, one_shot_plan, tmp_path):
        view, ending = search(plans.override(one_shot_plan, ["data=fashion-mnist", f"data.folder={tmp_path}"]))
        assert ending.state == "failed"
        assert str(tmp_path) in ending.message
        assert "\n" not in ending.message
        assert not any("Traceback" in text for _, text in log(view))

    def test_threads_are_as_planned(self, search, sampling_plan, script):
        script(1.0)
        before = torch.get_num_threads()
        try:
            search(plans.override(sampling_plan, ["threads=2"]))
            assert torch.get_num_threads() == 2
        finally:
            torch.set_num_threads(before)
