"""The commands as functions: what they print, what they write, and how they refuse."""

import csv
import io
import json
import math
from pathlib import Path

import pytest

from engine import commands
from engine import plan as plans
from engine.commands.run import Terminal
from engine.run import launch
from engine.session import STATES, read, summary
from engine.space.genotype import parse

TINY = ("space.nodes=2", "space.operations=none,skip_connect,sep_conv_3x3", "data.test_share=0.9", "threads=1")
DARTS = (*TINY, "method.channels=2", "method.layers=3", "method.batch=30", "budget.epochs=2", "budget.seconds=none")
RANDOM = (
    *TINY,
    *("evaluator.channels=2", "evaluator.layers=3", "evaluator.batch=30", "evaluator.epochs=1"),
    *("budget.evaluations=3", "budget.seconds=none"),
)


@pytest.fixture(scope="module")
def darts_session(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("darts") / "s.h5"
    assert launch(plans.override(plans.preset("darts-digits"), DARTS), path).join(600)
    return path


@pytest.fixture(scope="module")
def random_session(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("random") / "s.h5"
    assert launch(plans.override(plans.preset("random-digits"), RANDOM), path).join(600)
    return path


@pytest.fixture
def call(capsys):
    """Runs a command; gives exit code, stdout and stderr."""

    def run(*arguments) -> tuple[int, str, str]:
        code = commands.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def refused(call):
    """Runs a command that must refuse with one line; gives the line."""

    def run(*arguments) -> str:
        code, out, err = call(*arguments)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert "Traceback" not in err
        return err

    return run


class TestHelp:
    def test_names_the_commands_and_the_window(self, call):
        code, out, _ = call("--help")
        assert code == 0
        for word in ("SESSION.h5", "run", "presets", "show", "count", "export", "130"):
            assert word in out

    @pytest.mark.parametrize("later", ["resume", "branch", "onnx", "svg"])
    def test_names_nothing_that_is_not_there(self, call, later):
        assert later not in call("--help")[1]
        assert later not in call("export", "--help")[1]

    @pytest.mark.parametrize("command", commands.COMMANDS)
    def test_every_command_explains_itself(self, call, command):
        code, out, _ = call(command, "--help")
        assert code == 0
        assert command in out


class TestPresets:
    def test_as_json_has_the_promised_keys(self, call):
        code, out, _ = call("presets", "--json")
        rows = json.loads(out)
        assert code == 0
        assert {"name": "darts-digits", "method": "darts", "space": "darts", "data": "digits"} in rows
        assert [row["name"] for row in rows] == list(plans.presets())
        looked_up = {row["data"] for row in rows if row["name"].endswith("-nb201")}
        assert looked_up == {"NAS-Bench-201 CIFAR-10"}, "no network is trained there, on digits or anything"

    def test_has_one_line_each(self, call):
        _, out, _ = call("presets")
        lines = out.splitlines()
        assert [line.split()[0] for line in lines] == list(plans.presets())
        assert lines[0].split() == ["darts-digits", "darts", "darts", "digits"]


class TestShow:
    def test_as_json_has_the_promised_keys(self, call, darts_session):
        code, out, _ = call("show", darts_session, "--json")
        found = json.loads(out)
        assert code == 0
        assert found["plan"] == "darts-digits"
        assert (found["method"], found["space"], found["seed"]) == ("darts", "darts", 0)
        assert (found["status"], found["steps"], found["evaluations"]) == ("finished", 6, 0)
        assert 0 <= found["best_score"] <= 100
        assert parse(found["architecture"]) == summary(read(darts_session).view()).architecture

    def test_of_candidates_tells_the_best(self, call, random_session):
        found = json.loads(call("show", random_session, "--json")[1])
        scores = read(random_session).view().rows("scores")["score"]
        assert found["evaluations"] == 3
        assert (found["best_score"], found["best_candidate"]) == (scores.max(), int(scores.argmax()))

    def test_tells_the_same_in_lines(self, call, darts_session):
        _, out, _ = call("show", darts_session)
        lines = dict(line.split(maxsplit=1) for line in out.splitlines())
        assert lines["method"] == "darts"
        assert lines["status"] == "finished"
        assert lines["architecture"].startswith("Genotype(")
        assert "message" not in lines

    def test_at_a_time_is_what_was_true_then(self, call, random_session):
        view = read(random_session).view()
        scores = view.rows("scores")
        between = (scores["time"][1] + scores["time"][2]) / 2
        found = json.loads(call("show", random_session, "--at", between, "--json")[1])
        assert (found["status"], found["evaluations"]) == ("running", 2)
        assert found["best_score"] == scores["score"][:2].max()
        before = json.loads(call("show", random_session, "--at", 0, "--json")[1])
        assert (before["evaluations"], before["best_score"], before["architecture"]) == (0, None, None)

    def test_after_the_end_is_the_end(self, call, darts_session):
        assert call("show", darts_session, "--at", 1e9) == call("show", darts_session)

    @pytest.mark.parametrize("time", ["-1", "nan", "soon"])
    def test_a_time_that_is_none_is_refused(self, refused, darts_session, time):
        assert "--at" in refused("show", darts_session, f"--at={time}")

    def test_what_is_no_session_is_refused(self, refused, tmp_path):
        path = tmp_path / "notes.h5"
        path.write_text("not HDF5 at all")
        assert "notes.h5 is not a session" in refused("show", path)
        assert "nowhere.h5" in refused("show", tmp_path / "nowhere.h5")


class TestExport:
    def test_the_genotype_is_the_derived_architecture(self, call, darts_session, tmp_path):
        out = tmp_path / "g.txt"
        assert call("export", darts_session, "--as", "genotype", "--out", out) == (0, "", "")
        assert parse(out.read_text(encoding="utf-8")) == summary(read(darts_session).view()).architecture

    def test_the_plan_reads_back(self, call, darts_session, tmp_path):
        out = tmp_path / "plan.toml"
        assert call("export", darts_session, "--as", "toml", "--out", out)[0] == 0
        assert plans.load(out) == plans.override(plans.preset("darts-digits"), DARTS)

    def test_csv_of_a_one_shot_search_has_every_number(self, call, darts_session, tmp_path):
        out = tmp_path / "s.csv"
        assert call("export", darts_session, "--as", "csv", "--out", out)[0] == 0
        rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"), newline="")))
        view = read(darts_session).view()
        scalars = view.rows("scalars")
        assert len(rows) == len(scalars)
        assert [float(row["value"]) for row in rows] == scalars["value"].tolist()
        assert {row["series"] for row in rows} == {view.text(row["name"]) for row in view.rows("series")}
        assert {row["unit"] for row in rows if "accuracy" in row["series"]} == {"%"}

    def test_csv_of_a_sampling_search_has_every_candidate(self, call, random_session):
        code, out, _ = call("export", random_session, "--as", "csv", "--out", "-")
        rows = list(csv.DictReader(io.StringIO(out)))
        scores = read(random_session).view().rows("scores")
        assert code == 0
        assert [row["candidate"] for row in rows] == ["0", "1", "2"]
        assert [float(row["score"]) for row in rows] == scores["score"].tolist()
        assert [int(row["parameters"]) for row in rows] == scores["parameters"].tolist()
        assert {row["origin"] for row in rows} == {"sampled"}
        assert {row["parent"] for row in rows} == {""}
        assert all(len(parse(row["architecture"]).normal.nodes) == 2 for row in rows)

    def test_csv_at_a_time_has_what_was_known_then(self, call, random_session):
        view = read(random_session).view()
        moment = (view.rows("candidates")["time"][1] + view.rows("scores")["time"][1]) / 2
        rows = list(
            csv.DictReader(io.StringIO(call("export", random_session, "--as=csv", "--out=-", "--at", moment)[1]))
        )
        assert [row["outcome"] for row in rows] == ["ok", ""]

    def test_an_older_file_is_replaced(self, call, darts_session, tmp_path):
        out = tmp_path / "g.txt"
        out.write_text("older")
        assert call("export", darts_session, "--as", "genotype", "--out", out)[0] == 0
        assert out.read_text(encoding="utf-8").startswith("Genotype(")
        assert list(tmp_path.iterdir()) == [out]

    def test_the_session_is_never_written_over(self, refused, darts_session):
        before = darts_session.read_bytes()
        assert "is the session itself" in refused("export", darts_session, "--as", "toml", "--out", darts_session)
        assert darts_session.read_bytes() == before

    def test_an_architecture_that_is_not_there_yet_is_refused(self, refused, darts_session, tmp_path):
        line = refused("export", darts_session, "--as", "genotype", "--out", tmp_path / "g.txt", "--at", "0")
        assert "no architecture yet" in line
        assert list(tmp_path.iterdir()) == []

    def test_an_output_that_cannot_be_written_is_refused(self, refused, darts_session, tmp_path):
        assert "cannot be written" in refused(
            "export", darts_session, "--as", "toml", "--out", tmp_path / "no/where.toml"
        )
        assert "is a folder" in refused("export", darts_session, "--as", "toml", "--out", tmp_path)

    def test_a_form_that_is_none_is_refused_with_those_that_are(self, refused, darts_session):
        line = refused("export", darts_session, "--as", "poem", "--out", "x")
        assert "genotype" in line
        assert "csv" in line


class TestRun:
    def test_prints_the_log_and_the_summary_and_writes_the_session(self, call, tmp_path):
        path = tmp_path / "s.h5"
        code, out, err = call("run", "darts-digits", "--out", path, "--set", *DARTS)
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert any("epoch 2 · shared network" in line for line in lines)
        assert lines[-1].startswith("architecture")
        assert "\r" not in out
        assert summary(read(path).view()).status == "finished"

    def test_json_is_the_only_thing_on_stdout(self, call, tmp_path):
        path = tmp_path / "s.h5"
        code, out, err = call("run", "random-digits", "--out", path, "--json", "--set", *RANDOM)
        assert code == 0
        assert "best so far" in err
        assert json.loads(out) == json.loads(call("show", path, "--json")[1])

    def test_takes_a_file_and_settings_and_a_device(self, call, tmp_path):
        file, path = tmp_path / "mine.toml", tmp_path / "s.h5"
        file.write_text(plans.dumps(plans.override(plans.preset("random-digits"), [*RANDOM, "name=mine"])))
        code, out, _ = call(
            *("run", file, "--out", path, "--json", "--device", "cpu"),
            *("--set", "seed=5", "--set", "budget.evaluations=1"),
        )
        found = json.loads(out)
        assert code == 0
        assert (found["plan"], found["seed"], found["device"], found["evaluations"]) == ("mine", 5, "cpu", 1)

    def test_a_search_that_fails_ends_with_its_reason(self, call, tmp_path, monkeypatch):
        from engine.search.darts import Darts
        from engine.search.gradient import Diverged

        def diverge(self):
            raise Diverged("the loss is not a number since step 1")

        monkeypatch.setattr(Darts, "step", diverge)
        code, out, err = call("run", "darts-digits", "--out", tmp_path / "s.h5", "--set", *DARTS)
        assert code == 1
        assert err == "cellwright: the loss is not a number since step 1\n"
        assert "failed" in out

    def test_a_full_disk_does_not_end_the_search_but_is_told(self, call, tmp_path, monkeypatch):
        from engine.run import progress
        from engine.session import hdf5_layout as layout

        append = layout.append

        def full(file, name, rows):
            if name == "scores":
                raise OSError(28, "No space left on device")
            append(file, name, rows)

        monkeypatch.setattr(layout, "append", full)
        monkeypatch.setattr(progress, "EVERY", 0.0)
        code, out, err = call("run", "random-digits", "--out", tmp_path / "s.h5", "--set", *RANDOM)
        assert code == 1
        assert err.count("\n") == 1
        assert "No space left on device" in err
        assert "best candidate" in out

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["dart-digits"], "did you mean darts-digits"),
            (["no/such/plan.toml"], "plan.toml"),
            (["darts-digits", "--set", "method.w_lt=0.1"], "method.w_lt"),
            (["darts-digits", "--set", "method.w_lr=-1"], "method.w_lr"),
            (["darts-digits", "--set", "method.w_lr"], "key=value"),
            (["darts-digits", "--set", "budget.epochs=0"], "budget.epochs"),
            (["darts-digits", "--device", "tpu"], "device"),
            (["darts-digits", "--set", "data=folder", "data.folder=/no/such/folder"], "/no/such/folder"),
            (["darts-digits", "--sed", "seed=1"], "--sed"),
            ([], "PLAN"),
        ],
    )
    def test_a_plan_that_cannot_be_is_refused(self, refused, tmp_path, arguments, words):
        assert words in refused("run", *arguments, "--out", tmp_path / "s.h5")
        assert list(tmp_path.iterdir()) == []

    def test_an_output_is_wanted(self, refused):
        assert "--out" in refused("run", "darts-digits")

    def test_an_output_that_cannot_be_written_is_refused(self, refused, tmp_path):
        assert "cannot be written" in refused("run", "darts-digits", "--out", tmp_path / "no" / "s.h5")

    def test_an_existing_output_is_refused_unless_it_may_be_replaced(self, call, refused, tmp_path):
        path = tmp_path / "s.h5"
        path.write_text("precious")
        assert "--overwrite" in refused("run", "random-digits", "--out", path, "--set", *RANDOM)
        assert path.read_text() == "precious"
        assert call("run", "random-digits", "--out", path, "--overwrite", "--set", *RANDOM)[0] == 0
        assert summary(read(path).view()).status == "finished"


class TestRefusedByTheEngine:
    """What only the engine's thread finds out is refused alike."""

    def refusal(self, call, path, *arguments) -> str:
        code, _, err = call("run", "darts-digits", "--out", path, *arguments)
        assert code == 2
        assert err.count("\n") == 1
        assert not path.exists()
        return err

    def test_no_cuda(self, call, tmp_path):
        assert "device cuda:77" in self.refusal(call, tmp_path / "s.h5", "--device", "cuda:77")

    def test_a_folder_without_data(self, call, tmp_path):
        (tmp_path / "empty").mkdir()
        for data in ("folder", "fashion-mnist", "cifar10", "cifar100"):
            line = self.refusal(call, tmp_path / "s.h5", "--set", f"data={data}", f"data.folder={tmp_path / 'empty'}")
            assert str(tmp_path / "empty") in line


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class FakeHost:
    def __init__(self, source, state: str = "running") -> None:
        self.source, self.state = source, state


class TestTerminal:
    """The progress bar, looked at in the text that a terminal gets."""

    @pytest.fixture
    def recorder(self):
        from engine.session import Header, Recorder

        recorder = Recorder(Header(), None)
        yield recorder
        recorder.close()

    @pytest.fixture
    def plan(self):
        return plans.override(plans.preset("darts-digits"), ["budget.epochs=10"])

    def test_the_bar_is_redrawn_in_place_and_gone_at_the_end(self, recorder, plan, monkeypatch):
        monkeypatch.setenv("COLUMNS", "100")
        screen = FakeTerminal()
        terminal = Terminal(screen, plan)
        recorder.progress(50, 100, remaining=65.0, memory=412_000_000)
        terminal.look(FakeHost(recorder))
        bar = screen.getvalue().split("\r")[-1]
        assert bar.startswith("█" * 12 + "░" * 12)
        assert "epoch 6 of 10, step 50 of 100 · 00:01:05 left · 412 MB" in bar
        terminal.close(FakeHost(recorder))
        assert screen.getvalue().endswith("\r" + " " * len(bar) + "\r")
        assert "\n" not in screen.getvalue()

    def test_the_bar_never_fills_more_than_the_line(self, recorder, plan, monkeypatch):
        monkeypatch.setenv("COLUMNS", "40")
        screen = FakeTerminal()
        recorder.progress(50, 100, remaining=65.0)
        Terminal(screen, plan).look(FakeHost(recorder))
        assert len(screen.getvalue().strip("\r")) == 39

    def test_log_lines_stand_above_the_bar(self, recorder, plan):
        screen = FakeTerminal()
        terminal = Terminal(screen, plan)
        terminal.look(FakeHost(recorder))
        recorder.log("epoch 1 · validation 87.4 %")
        terminal.look(FakeHost(recorder))
        assert "\r" in screen.getvalue()
        assert screen.getvalue().endswith("epoch 1 · validation 87.4 %\n")

    def test_elsewhere_a_line_about_every_ten_seconds(self, recorder, plan, monkeypatch):
        from engine.commands.run import time

        now = [100.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        paper = io.StringIO()
        terminal = Terminal(paper, plan)
        recorder.progress(50, 100, remaining=math.nan)
        for _ in range(250):
            terminal.look(FakeHost(recorder))
            now[0] += 0.1
        lines = paper.getvalue().splitlines()
        assert len(lines) == 2
        assert "step 50 of 100" in lines[0]
        assert "█" not in paper.getvalue()
        assert "\r" not in paper.getvalue()

    def test_a_state_other_than_running_is_told(self, recorder, plan):
        screen = FakeTerminal()
        Terminal(screen, plan).look(FakeHost(recorder, "stopping"))
        assert screen.getvalue().endswith("stopping")


class TestWindow:
    """What keeps the window from opening; `main.py` asks before it loads Qt."""

    @pytest.fixture(autouse=True)
    def _screenless(self, monkeypatch):
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr("sys.platform", "linux")

    def test_no_display_names_run(self):
        assert "python main.py run" in commands.obstacle([])

    def test_a_display_that_does_not_answer_is_none(self, monkeypatch):
        monkeypatch.setenv("DISPLAY", ":98765")
        assert "no display" in commands.obstacle([])
        monkeypatch.setenv("DISPLAY", "nonsense")
        assert "no display" in commands.obstacle([])

    def test_a_display_that_answers_will_do(self, monkeypatch, tmp_path):
        import socket

        with socket.create_server(("127.0.0.1", 0)) as server:
            number = server.getsockname()[1] - 6000
            monkeypatch.setenv("DISPLAY", f"127.0.0.1:{number}.0")
            assert commands.obstacle([]) is None
            monkeypatch.setenv("QT_QPA_PLATFORM", "wayland")
            assert "no display" in commands.obstacle([])

    def test_a_wayland_socket_will_do(self, monkeypatch, tmp_path):
        (tmp_path / "wayland-0").touch()
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
        assert commands.obstacle([]) is None
        monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
        assert "no display" in commands.obstacle([])

    def test_a_platform_that_needs_no_display_will_do(self, monkeypatch):
        monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen:size=800x600")
        assert commands.obstacle([]) is None

    def test_a_word_that_is_neither_command_nor_file_is_told(self, tmp_path):
        assert "persets is neither a command nor a file" in commands.obstacle(["persets"])
        assert "one session" in commands.obstacle(["a.h5", "b.h5"])

    def test_a_missing_library_of_the_system_is_told_and_a_bug_is_not_hidden(self):
        assert "libEGL.so.1" in commands.missing_library(ImportError("libEGL.so.1: cannot open shared object file"))
        assert commands.missing_library(ImportError("cannot import name 'x' from 'app'")) is None


def test_the_states_that_show_promises_are_the_session_s():
    assert {"running", "finished", "stopped", "interrupted", "failed"} <= set(STATES)
