"""The background thread and its session file."""

import os
import random
import subprocess
import sys
import threading
import time
from importlib import import_module

import pytest

from engine import plan as plans
from engine.run import RunError, host, launch
from engine.session import ORIGINS, STATES, SessionError, read, summary
from engine.space.architecture import from_bytes
from engine.space.decisions import OutsideSpace

LONG = "budget.epochs=100000"
PATIENCE = 600.0
"""Seconds that anything may take; what comes ends the wait, so that nothing but a failure takes as long."""


@pytest.fixture
def started():
    """Launches searches, and stops those that a test leaves running."""
    hosts = []

    def start(*arguments, **options):
        hosts.append(launch(*arguments, **options))
        return hosts[-1]

    yield start
    for running in hosts:
        running.stop()
        assert running.join(PATIENCE)


@pytest.fixture
def held(monkeypatch):
    """Keeps searches from starting until it is set."""
    go = threading.Event()

    def load(name):
        assert go.wait(PATIENCE)
        return import_module(name)

    monkeypatch.setattr(host, "import_module", load)
    return go


def wait_for(condition) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


def states(source) -> list[str]:
    return [STATES[row["state"]] for row in source.view().rows("status")]


def test_a_search_runs_to_its_end_and_closes_its_file(started, one_shot_plan, tmp_path):
    search = started(one_shot_plan, tmp_path / "s.h5")
    assert search.join(PATIENCE)
    assert (search.state, search.message, search.finished, search.started) == ("finished", "", True, True)
    file = read(tmp_path / "s.h5")
    assert file.packed
    assert summary(file.view()) == summary(search.source.view())
    assert [path.name for path in tmp_path.iterdir()] == ["s.h5"]


def test_a_session_may_stay_in_memory(started, sampling_plan):
    search = started(sampling_plan, None)
    assert search.join(PATIENCE)
    assert summary(search.source.view()).evaluations == 6


def test_pause_continue_and_stop_take_hold_within_a_step(started, held, one_shot_plan, tmp_path):
    search = started(plans.override(one_shot_plan, [LONG]), tmp_path / "s.h5")

    def step() -> int:
        """The last that was recorded; while this is asked, at most one more is under way."""
        return int(search.source.view().rows("scalars")["step"].max(initial=-1))

    assert search.state == "starting"
    held.set()
    wait_for(lambda: step() > 2)
    assert search.state == "running"

    search.pause()
    asked = step()
    wait_for(lambda: search.state == "paused")
    before = step()
    assert before <= asked + 1
    time.sleep(0.2)
    assert step() == before

    search.resume()
    wait_for(lambda: step() > before)
    search.stop()
    asked = step()
    wait_for(lambda: search.finished)  # the file is packed, too
    assert search.state == "stopped"
    assert step() <= asked + 1
    assert states(search.source) == ["running", "running", "paused", "running", "stopped"]
    assert read(tmp_path / "s.h5").packed


def test_a_paused_search_can_be_stopped(started, one_shot_plan):
    search = started(plans.override(one_shot_plan, [LONG]), None)
    wait_for(lambda: search.state == "running")
    search.pause()
    wait_for(lambda: search.state == "paused")
    search.stop()
    assert search.join(PATIENCE)
    assert states(search.source)[-2:] == ["paused", "stopped"]


def test_a_search_may_be_stopped_before_it_has_started(started, held, one_shot_plan, tmp_path):
    search = started(one_shot_plan, tmp_path / "s.h5")
    search.stop()
    held.set()
    assert search.join(PATIENCE)
    assert (search.state, search.started) == ("stopped", False)
    assert summary(read(tmp_path / "s.h5").view()).status == "stopped"


def test_marks_go_into_the_session_until_it_is_closed(started, one_shot_plan):
    search = started(plans.override(one_shot_plan, [LONG]), None)
    search.mark(1.5, "look here")
    search.stop()
    assert search.join(PATIENCE)
    view = search.source.view()
    assert [(row["at"], view.text(row["note"])) for row in view.rows("marks")] == [(1.5, "look here")]
    with pytest.raises(SessionError):
        search.mark(2.0, "too late")


def test_the_thread_is_named_and_keeps_the_program_alive(started, one_shot_plan):
    started(plans.override(one_shot_plan, [LONG]), None)
    engines = [thread for thread in threading.enumerate() if thread.name == "engine"]
    assert len(engines) == 1
    assert not engines[0].daemon


class TestFailedStarts:
    """A search that cannot start costs nothing: no new file, and the old one as it was."""

    def no_cuda(self, plan):
        return plans.override(plan, ["device=cuda:99"])

    def test_what_only_the_engine_can_know_ends_as_failed_with_one_line(self, started, one_shot_plan, tmp_path):
        search = started(self.no_cuda(one_shot_plan), tmp_path / "s.h5")
        assert search.join(PATIENCE)
        assert (search.state, search.started) == ("failed", False)
        assert search.message.startswith("device cuda:99: ")
        assert list(tmp_path.iterdir()) == []

    def test_the_old_session_is_kept(self, started, one_shot_plan, tmp_path):
        path = tmp_path / "s.h5"
        path.write_text("precious")
        search = started(self.no_cuda(one_shot_plan), path, overwrite=True)
        assert search.join(PATIENCE)
        assert path.read_text() == "precious"
        assert list(tmp_path.iterdir()) == [path]

    def test_an_existing_file_is_refused_at_once(self, one_shot_plan, tmp_path):
        path = tmp_path / "s.h5"
        path.write_text("precious")
        with pytest.raises(RunError, match="exists already"):
            launch(one_shot_plan, path)
        assert path.read_text() == "precious"

    @pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs a folder that nobody can write in")
    def test_an_unwritable_folder_is_refused_at_once(self, one_shot_plan):
        with pytest.raises(RunError, match="cannot be written"):
            launch(one_shot_plan, host.Path("/proc/s.h5"))

    def test_a_torch_that_does_not_load_is_told(self, started, one_shot_plan, monkeypatch):
        def broken(name):
            raise ImportError("libtorch_cpu.so: cannot open shared object file")

        monkeypatch.setattr(host, "import_module", broken)
        search = started(one_shot_plan, None)
        assert search.join(PATIENCE)
        assert search.state == "failed"
        assert search.message.startswith("ImportError: libtorch_cpu.so")
        assert states(search.source)[-1] == "failed"
        view = search.source.view()
        assert "Traceback" in view.text(view.rows("log")[-1]["text"])


def test_a_started_search_replaces_the_old_session(started, one_shot_plan, tmp_path):
    path = tmp_path / "s.h5"
    path.write_text("old")
    search = started(one_shot_plan, path, overwrite=True)
    assert search.join(PATIENCE)
    assert summary(read(path).view()).status == "finished"
    assert list(tmp_path.iterdir()) == [path]


def test_importing_the_room_loads_no_torch_and_no_hdf5():
    heavy = "{'torch', 'h5py', 'sklearn', 'PySide6'}"
    code = f"import sys, engine.run, engine.commands; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_an_architecture_is_handed_in_while_it_runs(started, sampling_plan):
    search = started(plans.override(sampling_plan, ["budget.evaluations=100000"]), None)

    def origins() -> list[str]:
        return [ORIGINS[row["origin"]] for row in search.source.view().rows("candidates")]

    wait_for(lambda: len(origins()) > 0)
    given = sampling_plan.space.decode(sampling_plan.space.sample(random.Random(5)))
    search.hand_in(given)
    asked = len(origins())
    wait_for(lambda: "handed in" in origins())
    search.stop()
    assert search.join(PATIENCE)
    assert origins().count("handed in") == 1
    number = origins().index("handed in")
    assert number <= asked + 1  # the next, but for one that was about to be asked for
    assert (
        from_bytes(search.source.view().bytes(search.source.view().rows("candidates")["architecture"][number])) == given
    )
    with pytest.raises(RunError, match="the search has ended"):
        search.hand_in(given)


def test_what_the_space_does_not_hold_is_refused_with_the_reason(started, sampling_plan):
    search = started(sampling_plan, None)
    space = sampling_plan.space.sized(3)
    with pytest.raises(OutsideSpace, match="it has 3 nodes, and the space's cells have 2"):
        search.hand_in(space.decode(space.sample(random.Random(0))))
    assert search.join(PATIENCE)
    assert summary(search.source.view()).evaluations == 6


def test_a_one_shot_search_takes_no_candidates(started, one_shot_plan):
    search = started(one_shot_plan, None)
    with pytest.raises(RunError, match="proposes no candidates, so it takes none"):
        search.hand_in(one_shot_plan.space.decode(one_shot_plan.space.sample(random.Random(0))))
