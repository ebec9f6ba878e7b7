"""The program installed from its wheel, in an environment where another package is called `engine`."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("app", "engine", "resources", "main.py", "setup.py", "pyproject.toml", "README.md", "LICENSE")
SHORT = (
    *("space.nodes=2", "space.operations=none,skip_connect", "data.test_share=0.9", "threads=1", "evaluator.workers=2"),
    *("evaluator.channels=2", "evaluator.layers=3", "evaluator.epochs=1", "evaluator.batch=30", "budget.evaluations=2"),
)
OPENED = """
import sys
from cellwright.main import main
from app.window import main_window

class Closing(main_window.MainWindow):
    def __init__(self, settings):
        super().__init__(settings)
        self.completed.connect(lambda: print("opened"))
        self.completed.connect(self.close)

main_window.MainWindow = Closing
sys.exit(main([]))
"""

pytestmark = pytest.mark.slow


def called(*command: object, **options: object) -> str:
    """What a process printed that had to go well."""
    fixed = {"capture_output": True, "text": True, "encoding": "utf-8", "timeout": 600}
    done = subprocess.run([str(part) for part in command], **(fixed | options))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy, for a `build` folder beside the sources would lend files that are there no more."""
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    pip = (sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "wheel")
    called(*pip, "--no-build-isolation", "--no-deps", "--no-index", "-w", folder / "wheel", folder)
    return next((folder / "wheel").glob("*.whl"))


@pytest.fixture(scope="module")
def scripts(wheel, tmp_path_factory) -> Path:
    """The folder of the commands of a fresh environment: what this one has, another `engine`, and the wheel."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=os.name != "nt")
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    installed = Path(called(scripts / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    paths = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (installed / "dependencies.pth").write_text("\n".join(paths), encoding="utf-8")
    (installed / "engine.py").write_text("CYLINDERS = 4\n", encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "--python", scripts / "python", "install")
    called(*pip, "--no-deps", "--no-index", "--ignore-installed", wheel)
    return scripts


def test_all_of_the_wheel_lies_in_one_folder(wheel):
    with ZipFile(wheel) as file:
        names = [Path(name).parts for name in file.namelist()]
    information = next(parts[0] for parts in names if parts[0].endswith(".dist-info"))
    assert {parts[0] for parts in names} == {"cellwright", information}
    assert {parts[1] for parts in names if parts[0] == "cellwright"} == {"app", "engine", "main.py", "resources"}
    files = {path.relative_to(ROOT) for room in ("app", "engine", "resources") for path in (ROOT / room).rglob("*.*")}
    missing = {path for path in files if path.suffix != ".pyc" and ("cellwright", *path.parts) not in names}
    assert not missing, "files that the program has and the wheel has not"


def test_the_command_does_what_the_program_does(scripts, tmp_path):
    elsewhere = {"cwd": tmp_path}  # where no checkout lends its folders
    command = scripts / "cellwright"
    assert called(command, "--version", **elsewhere).startswith("cellwright 0")
    assert "\n       cellwright COMMAND" in called(command, "--help", **elsewhere)
    presets = json.loads(called(command, "presets", "--json", **elsewhere))
    assert "darts-digits" in {preset["name"] for preset in presets}
    assert json.loads(called(command, "count", "DARTS V2", "--json", **elsewhere))["params"] == 3_349_342
    called(command, "run", "random-digits", "--out", "s.h5", "--set", *SHORT, **elsewhere)
    shown = json.loads(called(command, "show", "s.h5", "--json", **elsewhere))
    assert (shown["status"], shown["evaluations"]) == ("finished", 2)
    assert shown["best_score"] > 0, "both workers found the engine"


def test_the_window_opens(scripts, tmp_path):
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    environment = os.environ | home | {"QT_QPA_PLATFORM": "offscreen"}
    assert called(scripts / "python", "-c", OPENED, cwd=tmp_path, env=environment) == "opened\n"


def test_the_other_engine_is_itself_and_no_module_is_there_twice(scripts, tmp_path):
    other = "import engine; print(engine.CYLINDERS)"
    assert called(scripts / "python", "-c", other, cwd=tmp_path) == "4\n"
    twice = """
import cellwright.main, engine.space
try:
    import cellwright.engine
except ImportError:
    print("once")
"""
    assert called(scripts / "python", "-c", twice, cwd=tmp_path) == "once\n"
