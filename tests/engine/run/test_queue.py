"""Plans over seeds: what is run, what is skipped, what is refused, how it stops; and the command that does it."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine import commands
from engine import plan as plans
from engine.plan import Plan, dumps
from engine.plan.evaluators.table import TableSettings
from engine.plan.methods.random_search import RandomSettings
from engine.run import RunError
from engine.run.preflight import header_of
from engine.run.queue import Entry, Queue, entries, seeds_of
from engine.session import BenchmarkTable, Recorder, read, summary, write_table
from engine.space.architecture import to_bytes
from engine.space.nasbench201 import NasBench201Space

SPACE = NasBench201Space()


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "table.h5"
    score = np.arange(15_625.0)
    write_table(path, BenchmarkTable(SPACE, np.arange(15_625, dtype=np.uint64), {"s": score}, {"score": "s"}, {}))
    return path


def plan_of(table: Path, name: str = "random", evaluations: int = 20) -> Plan:
    return Plan(
        name=name,
        space=SPACE,
        method=RandomSettings(),
        evaluator=TableSettings(file=str(table)),
        budget=plans.Budget(evaluations=evaluations),
    )


class TestSeeds:
    @pytest.mark.parametrize(
        ("text", "seeds"), [("0-3", (0, 1, 2, 3)), ("7", (7,)), ("1, 4,7-9", (1, 4, 7, 8, 9)), ("2,2,1-2", (2, 1))]
    )
    def test_seeds_are_numbers_and_spans(self, text, seeds):
        assert seeds_of(text) == seeds

    @pytest.mark.parametrize("text", ["", "a", "3-1", "1-", "-1", "0-99999", "1.5", "99999999999"])
    def test_anything_else_is_one_line(self, text):
        with pytest.raises(RunError) as caught:
            seeds_of(text)
        assert "\n" not in str(caught.value)


def finished(path: Path, plan: Plan, state: str = "finished") -> None:
    recorder = Recorder(header_of(plan), path)
    recorder.status("running")
    number = recorder.candidate(to_bytes(SPACE.example()))
    recorder.score(number, 42.0, seconds=1.0, parameters=1)
    recorder.status(state)
    recorder.close()


class TestEntries:
    def test_one_search_for_each_plan_and_seed(self, table, tmp_path):
        found = entries([plan_of(table, "a"), plan_of(table, "b")], (0, 5), tmp_path / "new" / "folder")
        assert [(entry.plan.seed, entry.path.name, entry.stand) for entry in found] == [
            (0, "a-0.h5", "waiting"),
            (5, "a-5.h5", "waiting"),
            (0, "b-0.h5", "waiting"),
            (5, "b-5.h5", "waiting"),
        ]
        assert (tmp_path / "new" / "folder").is_dir()

    def test_without_seeds_every_plan_keeps_its_own(self, table, tmp_path):
        plan = plans.override(plan_of(table), ["seed=9"])
        assert [entry.path.name for entry in entries([plan], None, tmp_path)] == ["random-9.h5"]

    def test_a_name_that_is_no_file_name_becomes_one(self, table, tmp_path):
        plan = plans.override(plan_of(table), ["name=../a: b/c?"])
        (entry,) = entries([plan], None, tmp_path)
        assert entry.path.parent == tmp_path
        assert entry.path.name == "_a_ b_c_-0.h5"

    def test_what_the_folder_holds_finished_is_skipped_and_the_rest_is_not(self, table, tmp_path):
        plan = plan_of(table)
        for seed, state in ((0, "finished"), (1, "stopped"), (2, "failed")):
            finished(tmp_path / f"random-{seed}.h5", plans.override(plan, [f"seed={seed}"]), state)
        found = entries([plan], (0, 1, 2, 3), tmp_path)
        assert [entry.stand for entry in found] == ["skipped", "waiting", "waiting", "waiting"]
        assert (found[0].best_score, found[0].evaluations) == (42.0, 1)

    def test_a_session_of_another_plan_is_not_taken_for_it(self, table, tmp_path):
        finished(tmp_path / "random-0.h5", plan_of(table, evaluations=21))
        with pytest.raises(RunError, match="is a session of another plan; choose another folder"):
            entries([plan_of(table)], (0,), tmp_path)

    def test_the_number_of_threads_makes_no_other_plan(self, table, tmp_path):
        finished(tmp_path / "random-0.h5", plans.override(plan_of(table), ["threads=3"]))
        assert entries([plan_of(table)], (0,), tmp_path)[0].stand == "skipped"

    def test_two_searches_of_one_name_and_a_bad_plan_are_refused(self, table, tmp_path):
        with pytest.raises(RunError, match=r"two searches would be recorded as random-0\.h5"):
            entries([plan_of(table), plan_of(table, evaluations=9)], (0,), tmp_path)
        with pytest.raises(plans.PlanError, match=r"evaluator\.file is missing"):
            entries([plans.override(plan_of(table), ["evaluator.file="])], (0,), tmp_path)

    def test_a_file_that_is_no_session_is_kept(self, table, tmp_path):
        (tmp_path / "random-0.h5").write_text("precious")
        with pytest.raises(RunError, match="remove it, or choose another folder"):
            entries([plan_of(table)], (0,), tmp_path)
        assert (tmp_path / "random-0.h5").read_text() == "precious"


def wait_for(queue: Queue) -> tuple[Entry, ...]:
    queue.start()
    assert queue.join(600)
    return queue.entries


@pytest.mark.slow
class TestQueue:
    def test_every_search_is_run_with_its_seed_and_what_is_done_is_not_done_again(self, table, tmp_path):
        found = wait_for(Queue(entries([plan_of(table)], (0, 1), tmp_path), at_once=2))
        assert [(entry.stand, entry.evaluations) for entry in found] == [("finished", 20)] * 2
        views = [read(entry.path).view() for entry in found]
        assert [view.source.header.seed for view in views] == [0, 1]
        assert [summary(view).best_score for view in views] == [entry.best_score for entry in found]
        assert views[0].rows("scores")["score"].tolist() != views[1].rows("scores")["score"].tolist()
        again = wait_for(Queue(entries([plan_of(table)], (0, 1), tmp_path)))
        assert [entry.stand for entry in again] == ["skipped", "skipped"]
        assert read(found[0].path).header.id == views[0].source.header.id

    def test_a_search_that_fails_is_told_and_the_others_go_on(self, table, tmp_path):
        bad = plans.override(plan_of(table, "bad"), [f"evaluator.file={tmp_path / 'absent.h5'}"])
        found = wait_for(Queue(entries([bad, plan_of(table)], (0,), tmp_path)))
        assert [entry.stand for entry in found] == ["failed", "finished"]
        assert found[0].message.endswith("absent.h5: cannot be read (No such file or directory)")
        assert not found[0].path.exists()

    def test_a_queue_that_is_held_begins_nothing_and_goes_on(self, table, tmp_path):
        queue = Queue(entries([plan_of(table)], (0,), tmp_path))
        queue.hold(True)
        queue.start()
        assert not queue.join(0.5)
        assert [entry.stand for entry in queue.entries] == ["waiting"]
        queue.hold(False)
        assert queue.join(600)
        assert [entry.stand for entry in queue.entries] == ["finished"]

    def test_what_runs_waits_while_it_is_held_and_a_stop_keeps_it_readable(self, table, tmp_path):
        endless = plan_of(table, evaluations=10_000_000)
        queue = Queue(entries([endless], (0, 1), tmp_path))
        path = queue.entries[0].path
        queue.start()
        while not path.exists() or read(path).view().rows("scores").size == 0:
            assert not queue.join(0.1)
        queue.hold(True)
        while summary(read(path).view()).status != "paused":
            assert not queue.join(0.1)
        queue.stop()
        assert queue.join(600)
        assert [entry.stand for entry in queue.entries] == ["stopped", "waiting"]
        assert summary(read(path).view()).status == "stopped"
        assert entries([endless], (0, 1), tmp_path)[0].stand == "waiting"


class TestCommand:
    @pytest.fixture
    def call(self, capsys):
        def run(*arguments) -> tuple[int, str, str]:
            code = commands.main(["queue", *map(str, arguments)])
            said = capsys.readouterr()
            return code, said.out, said.err

        return run

    @pytest.mark.slow
    def test_one_line_for_each_search_and_the_exit_code_says_how_it_went(self, call, table, tmp_path):
        (tmp_path / "p.toml").write_text(dumps(plan_of(table)))
        arguments = (tmp_path / "p.toml", "--out", tmp_path / "out", "--set", "budget.evaluations=5")
        code, out, err = call(*arguments, "--seeds", "0")
        assert (code, err) == (0, "")
        assert [line.split()[:2] for line in out.splitlines()] == [["random-0", "finished"]]
        code, out, err = call(*arguments, "--seeds", "0-1", "--json")
        assert code == 0
        found = json.loads(out)
        assert [(row["seed"], row["status"], row["evaluations"]) for row in found] == [
            (0, "skipped", 5),
            (1, "finished", 5),
        ]
        assert len(err.splitlines()) == 2
        code, out, err = call(*arguments, "--set", "evaluator.file=absent.h5", "name=bad")
        assert code == 1
        assert "bad-0" in out
        assert "absent.h5: cannot be read" in out

    def test_bad_input_is_one_line(self, call, table, tmp_path):
        for arguments, words in (
            (("no-such", "--out", tmp_path), "no preset 'no-such'"),
            (("evolution-nb201", "--out", tmp_path, "--set", "evaluator.file="), "evaluator.file is missing"),
            (("random-digits", "--out", tmp_path, "--seeds", "x"), "seeds are written as"),
            (("random-digits", "--out", tmp_path, "--at-once", "0"), "--at-once must be at least 1"),
            (("random-digits", "random-digits", "--out", tmp_path), "two searches would be recorded"),
        ):
            code, out, err = call(*arguments)
            assert (code, out, err.count("\n")) == (2, "", 1), err
            assert words in err
