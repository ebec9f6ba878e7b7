"""What goes wrong around a search loses nothing of it: terminals, signals, other programs; real processes all."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from engine.session import BenchmarkTable, read, summary, write_table
from engine.session.lock import held
from engine.space.nasbench201 import NasBench201Space

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals and terminals as on Unix")]

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
PATIENCE = 600.0  # seconds: no machine is as slow as that
ENDLESS = ("budget.evaluations=none", "budget.seconds=100000")


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    """Random search in a table: nothing but torch's import takes time."""
    folder = tmp_path_factory.mktemp("plan")
    cells = BenchmarkTable(
        NasBench201Space(), np.arange(15_625, dtype=np.uint64), {"s": np.arange(15_625.0)}, {"score": "s"}, {}
    )
    write_table(folder / "table.h5", cells)
    text = f"""\
name = "drawn"
threads = 1
[space]
kind = "nasbench201"
[method]
kind = "random"
[evaluator]
kind = "table"
file = "{folder / "table.h5"}"
[budget]
evaluations = 2000
"""
    (folder / "drawn.toml").write_text(text, encoding="utf-8")
    return folder / "drawn.toml"


def heeding() -> None:
    """In a new process: do not ignore signals, even where the tests run in the background or under nohup."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def start():
    """Starts the program; kills what a test leaves running."""
    started = []

    def begin(*arguments, code: str = "", **options) -> subprocess.Popen[str]:
        program = ["-c", code] if code else [str(ROOT / "main.py")]
        fixed = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": ENVIRONMENT}
        fixed["preexec_fn"] = heeding
        started.append(
            subprocess.Popen([sys.executable, *program, *(str(part) for part in arguments)], **(fixed | options))
        )
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def wait_for(condition, seconds: float = PATIENCE):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)
    return found


def scores(path: Path) -> int:
    return len(read(path).tables["scores"]) if path.exists() else 0


def state(path: Path) -> str:
    reader = read(path)
    assert reader.packed
    return summary(reader.view()).status


class TestTerminals:
    def test_a_full_disk_behind_stdout_ends_the_progress_and_not_the_search(self, start, plan, tmp_path):
        with open("/dev/full", "w") as full:
            process = start("run", plan, "--out", tmp_path / "s.h5", stdout=full)
            _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        assert err.count("\n") == 1
        assert "the search goes on (No space left on device)" in err
        assert (state(tmp_path / "s.h5"), scores(tmp_path / "s.h5")) == ("finished", 2000)

    def test_a_search_goes_on_when_nobody_reads_its_lines(self, start, plan, tmp_path):
        process = start("run", plan, "--out", tmp_path / "s.h5")
        process.stdout.readline()
        process.stdout.close()
        assert (process.stderr.read(), process.wait(PATIENCE)) == ("", 0)
        assert (state(tmp_path / "s.h5"), scores(tmp_path / "s.h5")) == ("finished", 2000)

    def test_a_program_started_without_streams_writes_into_no_file_of_its_own(self, start, plan, tmp_path):
        def close() -> None:
            for number in range(3):
                os.close(number)

        process = start("run", plan, "--out", tmp_path / "s.h5", preexec_fn=close)
        _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (0, "")
        assert (state(tmp_path / "s.h5"), scores(tmp_path / "s.h5")) == ("finished", 2000)

    def test_a_terminal_that_goes_away_does_not_take_the_search_along(self, start, plan, tmp_path):
        import pty

        path = tmp_path / "s.h5"
        terminal, end = pty.openpty()
        process = start("run", plan, "--out", path, "--set", *ENDLESS, stdout=end, stderr=end)
        os.close(end)
        wait_for(lambda: scores(path))
        os.close(terminal)
        before = scores(path)
        wait_for(lambda: scores(path) > before)
        time.sleep(1.0)  # the bar is drawn several times
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert state(path) == "stopped"

    def test_whatever_ends_the_main_thread_the_search_is_recorded_to_its_end(self, start, plan, tmp_path):
        code = (
            "import sys, main; from engine.commands.run import Terminal\n"
            "def fail(self, host): raise MemoryError\n"
            "Terminal.look = fail\n"
            "sys.exit(main.main(sys.argv[1:]))"
        )
        process = start("run", plan, "--out", tmp_path / "s.h5", code=code)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert (state(tmp_path / "s.h5"), scores(tmp_path / "s.h5")) == ("finished", 2000)

    def test_an_output_that_cannot_be_written_is_one_line(self, start):
        with open("/dev/full", "w") as full:
            process = start("presets", stdout=full)
            _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert err == f"cellwright: the output could not be written ({os.strerror(errno.ENOSPC)})\n"


class TestSignals:
    def test_it_ends_as_with_ctrl_c_where_the_terminal_is_closed(self, start, plan, tmp_path):
        path = tmp_path / "s.h5"
        process = start("run", plan, "--out", path, "--set", *ENDLESS)
        wait_for(lambda: scores(path))
        process.send_signal(signal.SIGHUP)
        _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (130, "")
        assert state(path) == "stopped"
        assert [file.name for file in tmp_path.iterdir()] == ["s.h5"]

    def test_nohup_is_heeded(self, start, plan, tmp_path):
        path = tmp_path / "s.h5"
        ignore = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)}
        process = start("run", plan, "--out", path, "--set", *ENDLESS, **ignore)
        before = wait_for(lambda: scores(path))
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: scores(path) > before)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err, state(path)) == (130, "", "stopped")

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_while_it_is_being_loaded_there_is_no_traceback(self, start, tmp_path, number):
        """A library that takes its time, and a signal just then."""
        slow = tmp_path / "msgspec.py"
        slow.write_text("print('loading', flush=True)\nimport time\ntime.sleep(100)\n")
        environment = ENVIRONMENT | {"PYTHONPATH": str(tmp_path)}
        process = start("run", "darts-digits", "--out", tmp_path / "s.h5", env=environment)
        assert process.stdout.readline() == "loading\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (130, "")

    def test_a_second_ctrl_c_ends_a_search_that_does_not_heed_the_first(self, start, plan, tmp_path):
        path = tmp_path / "s.h5"
        code = (
            "import sys, time, main; from engine.evaluate.table import TableEvaluator\n"
            "once = TableEvaluator.evaluate\n"
            "def evaluate(self, architecture, number, report, pulse):\n"
            "    if number == 30: print('stuck', file=sys.stderr, flush=True); time.sleep(1000)\n"
            "    return once(self, architecture, number, report, pulse)\n"
            "TableEvaluator.evaluate = evaluate\n"
            "sys.exit(main.main(sys.argv[1:]))"
        )
        process = start("run", plan, "--out", path, code=code)
        assert process.stderr.readline() == "stuck\n"
        process.send_signal(signal.SIGINT)
        time.sleep(1.0)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (130, "")
        reader = read(path)
        assert len(reader.tables["scores"]) == 30
        assert summary(reader.view()).status == "interrupted"
        assert not reader.live


class TestQueues:
    def queue(self, start, plan, folder, *more, **options):
        return start("queue", plan, "--out", folder, "--seeds", "0-1", *more, **options)

    def test_a_queue_begun_twice_and_killed_loses_nothing(self, start, plan, tmp_path):
        path = tmp_path / "drawn-0.h5"
        first = self.queue(start, plan, tmp_path, "--set", *ENDLESS)
        wait_for(lambda: scores(path))
        second = self.queue(start, plan, tmp_path, "--set", *ENDLESS)
        _, err = second.communicate(timeout=PATIENCE)
        assert second.returncode == 2
        assert err == f"cellwright: {path} is being written by another program; choose another name or wait\n"
        first.kill()
        first.communicate()
        wait_for(lambda: not held(path))  # its worker follows it
        done = scores(path)

        third = self.queue(start, plan, tmp_path, "--set", *ENDLESS, start_new_session=True)
        kept = tmp_path / "drawn-0.h5.previous"
        wait_for(lambda: kept.exists() and not kept.samefile(path) and scores(path))
        assert scores(kept) == done
        os.killpg(third.pid, signal.SIGTERM)  # as batch systems do
        out, err = third.communicate(timeout=PATIENCE)
        assert (third.returncode, err) == (130, "")
        assert "stopped" in out
        assert state(path) == "stopped"
        assert scores(kept) == done

    def test_what_was_half_done_goes_when_its_successor_has_finished(self, start, plan, tmp_path):
        from engine import plan as plans
        from engine.run.preflight import header_of
        from engine.session import Recorder

        for seed, status in ((0, "stopped"), (1, "finished")):
            seeded = plans.override(plans.load(plan), [f"seed={seed}"])
            recorder = Recorder(header_of(seeded), tmp_path / f"drawn-{seed}.h5")
            recorder.status(status)
            recorder.mark(0.0, "mine")
            recorder.close()
        process = self.queue(start, plan, tmp_path)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (0, "")
        assert [line.split()[1] for line in out.splitlines()] == ["skipped", "finished"]
        assert sorted(file.name for file in tmp_path.iterdir()) == ["drawn-0.h5", "drawn-1.h5"]
        assert (scores(tmp_path / "drawn-0.h5"), len(read(tmp_path / "drawn-1.h5").tables["marks"])) == (2000, 1)


def test_a_live_session_is_refused_and_a_killed_overwrite_keeps_the_old_one(start, plan, tmp_path):
    path = tmp_path / "s.h5"
    first = start("run", plan, "--out", path, "--set", *ENDLESS)
    wait_for(lambda: scores(path))
    for more in ((), ("--overwrite",)):
        other = start("run", plan, "--out", path, *more)
        _, err = other.communicate(timeout=PATIENCE)
        assert other.returncode == 2
        assert err == f"cellwright: {path} is being written by another program; choose another name or wait\n"
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=PATIENCE)
    content = path.read_bytes()

    again = start("run", plan, "--out", path, "--overwrite", "--set", *ENDLESS)
    kept = tmp_path / "s.h5.previous"
    wait_for(lambda: kept.exists() and not kept.samefile(path) and scores(path))
    again.kill()
    again.communicate()
    assert kept.read_bytes() == content
    shown = start("show", path)
    out, err = shown.communicate(timeout=PATIENCE)
    assert "interrupted" in out
    assert err.startswith("cellwright: s.h5.previous: kept from before")
    assert err.count("\n") == 1
