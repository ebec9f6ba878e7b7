"""The program without a screen, as a person or a script runs it: real processes, real files, real signals."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = (
    *("space.nodes=2", "space.operations=none,skip_connect,sep_conv_3x3", "data.test_share=0.9", "threads=1"),
    *("method.channels=2", "method.layers=3", "method.batch=30", "budget.seconds=none"),
)
LONG = (*TINY, "budget.epochs=100000")
SHORT = (*TINY, "budget.epochs=3")


ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # as people have it


def command(*arguments) -> list[str]:
    return [sys.executable, str(ROOT / "main.py"), *(str(argument) for argument in arguments)]


def run(*arguments, **options) -> subprocess.CompletedProcess[str]:
    fixed = {"capture_output": True, "text": True, "encoding": "utf-8", "timeout": 600, "env": ENVIRONMENT}
    return subprocess.run(command(*arguments), **(fixed | options))


@pytest.fixture
def background():
    """Starts the program without waiting for it, and ends what a test leaves running."""
    started = []

    def start(*arguments, **options) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        pipes["env"] = ENVIRONMENT
        started.append(subprocess.Popen(command(*arguments), **(pipes | options)))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def shown(path: Path, *more) -> dict:
    done = run("show", path, "--json", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def wait_for(condition, seconds: float = 600.0):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)
    return found


@pytest.mark.slow
def test_from_a_preset_to_a_genotype_and_the_same_again(tmp_path):
    """Run, look, take the architecture, take the plan, run that: the same search."""
    session, again, genotype, plan = (tmp_path / name for name in ("a.h5", "b.h5", "genotype.txt", "plan.toml"))
    done = run("run", "darts-digits", "--out", session, "--set", *SHORT)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"epoch 3 · validation \d+\.\d %", done.stdout)
    first = shown(session)
    assert (first["status"], first["steps"]) == ("finished", 9)

    assert run("export", session, "--as", "genotype", "--out", genotype).returncode == 0
    assert genotype.read_text(encoding="utf-8").strip() == first["architecture"]
    assert run("export", session, "--as", "toml", "--out", plan).returncode == 0
    assert run("run", plan, "--out", again).returncode == 0
    assert shown(again) | {"time": 0} == first | {"time": 0}

    middle = shown(session, "--at", first["time"] * 0.99)
    assert middle["status"] == "running"
    assert middle["steps"] <= 9


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_ctrl_c_while_it_starts_closes_the_session_too(background, tmp_path):
    session = tmp_path / "s.h5"
    process = background("run", "darts-digits", "--out", session, "--set", *LONG)
    wait_for(session.exists)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=600)
    assert (process.returncode, err) == (130, "")
    assert shown(session)["status"] == "stopped"


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise there")
def test_a_reader_that_goes_away_leaves_no_traceback(background):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as nowhere:
        process = background("presets", stdout=nowhere)
    assert (process.wait(600), process.stderr.read()) == (0, "")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_terminal_gets_a_progress_bar_and_ctrl_c_closes_the_session_cleanly(tmp_path):
    import pty

    session = tmp_path / "s.h5"
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command("run", "darts-digits", "--out", session, "--set", *LONG),
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    said, interrupted = b"", False

    def bars(text: bytes) -> list[str]:
        parts = [part for part in text.decode(errors="ignore").split("\r") if "░" in part or "█" in part]
        return [bar for bar in parts if re.search(r"epoch \d+ of 100000, step \d+ of 300000", bar)]

    try:
        while chunk := os.read(master, 4096):
            said += chunk
            if not interrupted and (len(bars(said)) > 1 or len(said) > 100_000):
                interrupted = True
                process.send_signal(signal.SIGINT)
    except OSError:
        pass  # how Linux says that the other end is closed
    finally:
        os.close(master)
    assert process.wait(600) == 130
    assert len(bars(said)) > 1
    assert "Genotype(" in said.decode().splitlines()[-1]
    found = shown(session)
    assert (found["status"], found["steps"] > 0) == ("stopped", True)
    assert found["architecture"].startswith("Genotype(")
    assert list(tmp_path.iterdir()) == [session]

    import h5py

    with h5py.File(session) as file:  # plainly: it is not marked as being written any more
        assert len(file["scalars"]) > 0


class TestRefusals:
    """One clear line, exit 2, nothing lost."""

    def refused(self, *arguments, **options) -> str:
        done = run(*arguments, **options)
        assert done.returncode == 2, done
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    def test_no_display_for_the_window(self):
        away = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
        screenless = {name: value for name, value in ENVIRONMENT.items() if name not in away}
        assert "python main.py run" in self.refused(env=screenless)

    def test_a_preset_that_is_none(self, tmp_path):
        assert "did you mean darts-digits" in self.refused("run", "dart-digits", "--out", tmp_path / "s.h5")

    def test_no_cuda(self, tmp_path):
        line = self.refused("run", "darts-digits", "--out", tmp_path / "s.h5", "--device", "cuda:77")
        assert "cuda:77" in line
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_is_no_session(self):
        assert "is not a session" in self.refused("show", ROOT / "main.py")

    def test_a_word_that_is_no_command(self):
        assert "neither a command nor a file" in self.refused("exprot")


@pytest.mark.parametrize("arguments", [("--help",), ("presets", "--json"), ("show", "--help")])
def test_asking_loads_neither_torch_nor_qt(arguments):
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import main; code = main.main({list(arguments)!r}); "
        "print(code, sorted({'torch', 'PySide6'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr.strip() == "0 []"
