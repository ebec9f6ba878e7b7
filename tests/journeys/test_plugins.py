"""What is not part of the program: a method, a space, an evaluator, a data set and a panel from a folder outside it."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app import panels
from app.settings import Settings
from engine import plugins
from engine.data import load as load_data
from engine.evaluate import SCORERS
from engine.plan import READERS, PlanError, dumps, faults, loads, override, preset, presets
from engine.plan.plan import REGISTRIES
from engine.run import launch
from engine.search import SEARCHES
from engine.session import read, summary
from tests.journeys.test_headless import run

FOLDER = Path(__file__).parents[1] / "plugin"
ALL = FOLDER / "all_of_it.py"
CHANGES = ("space=ladder", "data=stripes", "evaluator=size", "budget.evaluations=25", "threads=1")


@pytest.fixture
def apart(monkeypatch):
    """Whatever is registered in a test is gone after it."""
    for registry in (*REGISTRIES.values(), SEARCHES, SCORERS, READERS):
        registry.fill()
        monkeypatch.setattr(registry, "_known", dict(registry._known))
    monkeypatch.setattr(sys.modules["engine.plan.presets"], "_further", [])
    monkeypatch.setattr(panels, "_further", [])
    monkeypatch.setattr(plugins, "_loaded", [])
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(FOLDER) in str(getattr(sys.modules[name], "__file__", "")) or name.startswith("cellwright_plugin"):
            del sys.modules[name]


@pytest.fixture
def loaded(apart):
    return plugins.load(ALL)


class TestWindow:
    pytestmark = pytest.mark.slow

    @pytest.fixture
    def window(self, loaded, window):
        """Made after the plug-ins were loaded."""
        return window

    def test_a_search_by_strangers_is_chosen_started_watched_and_replayed(self, window, qtbot):
        offered = [action for family in window.top.preset_menu.actions() for action in family.menu().actions()]
        next(action for action in offered if action.text() == "hill-climbing-digits").trigger()
        dock = window.docks["climb"]
        assert not dock.isHidden()
        assert window.dockWidgetArea(dock) == Qt.DockWidgetArea.RightDockWidgetArea
        assert dock.keys.key().toString() == "Ctrl+Alt+Shift+H"
        form = window.plan.form
        for change in CHANGES:
            key, _, text = change.partition("=")
            form.rows[key].editor.set_text(text)
            form.rows[key].editor.edited.emit(text)
        assert window.plan.fault == ""
        assert form.text("method.patience") == "50"
        assert form.text("evaluator.wanted") == "100000"
        qtbot.mouseClick(window.top.start, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: " · finished" in window.windowTitle() or " · failed" in window.windowTitle())
        assert window.top.notice.text.startswith("The search finished")
        qtbot.waitUntil(lambda: window.playback.settled)

        panel = window.panel("climb")
        live = panel.data()
        best = summary(window.playback.source.view())
        assert best.evaluations == 25
        assert live[1][-1] == (f"#{best.best_candidate}", f"{best.best_score:.6g}")

        path = window.controller.path
        window.controller.open(path)
        qtbot.waitUntil(lambda: window.plan.locked == "opened")
        assert window.plan.plan.method.title == "Hill climbing"
        window.timeline.go_first()
        qtbot.waitUntil(lambda: window.playback.settled)
        assert panel.data() != live
        window.timeline.go_live()
        qtbot.waitUntil(lambda: window.playback.settled)
        assert panel.data() == live

    def test_without_the_plug_in_its_session_is_shown_and_what_is_missing_is_said(self, qtbot, tmp_path, recorded):
        from app.window.main_window import MainWindow

        window = MainWindow(Settings(tmp_path / "settings.ini"))
        qtbot.addWidget(window)
        with qtbot.waitSignal(window.completed):
            window.show()
        window.controller.open(recorded)
        qtbot.waitUntil(lambda: window.playback.source is not None)
        qtbot.waitUntil(lambda: window.playback.settled)
        assert "Not known here: space ladder, method hill-climbing, evaluator size" in window.top.notice.text
        assert "climb" not in window.docks
        assert not window.docks["candidates"].isHidden()
        window.docks["candidates"].bring_to_front()
        qtbot.waitUntil(lambda: len(window.panel("candidates").data()[1]) == 25)
        assert window.parts.cell.data()[1]
        assert " · finished" in window.windowTitle()

    def test_a_panel_that_cannot_be_made_is_said_and_the_window_goes_on(self, apart, qtbot, tmp_path):
        from app.window.main_window import MainWindow

        file = tmp_path / "broken_panel.py"
        said = 'name = "broken"\n    title = "Broken"\n    dock = ("curves", 9)\n    opens = "every"\n'
        file.write_text(f"from app.widgets.panel import Panel\n\nclass Broken(Panel):\n    {said}\n1 / 0\n")
        panels.add(file)
        window = MainWindow(Settings(tmp_path / "settings.ini"))
        qtbot.addWidget(window)
        with qtbot.waitSignal(window.completed):
            window.show()
        assert "The panel Broken of broken_panel.py cannot be shown" in window.top.notice.text
        assert "(line 9)" in window.top.notice.text
        assert window.docks["broken"].isHidden()
        assert window.top.start.isEnabled()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    """A session that a process with the plug-ins has made, with two workers that know them too."""
    path = tmp_path_factory.mktemp("plugin") / "s.h5"
    changes = ("--set", *CHANGES, "evaluator.workers=2")
    done = run("run", "hill-climbing-digits", "--out", path, *changes, "--plugin", ALL)
    assert done.returncode == 0, done.stderr
    return path


@pytest.mark.slow
def test_two_worker_processes_know_the_plug_ins(recorded):
    view = read(recorded).view()
    assert list(view.rows("scores")["outcome"]) == [0] * 25
    assert view.source.header.versions["plug-in all_of_it.py"]
    assert (view.source.header.method, view.source.header.space) == ("hill-climbing", "ladder")


@pytest.mark.slow
def test_without_the_plug_in_show_and_export_give_what_there_is(recorded):
    shown = run("show", recorded, "--json")
    assert shown.returncode == 0
    found = json.loads(shown.stdout)
    assert (found["plan"], found["method"], found["evaluations"]) == ("hill-climbing-digits", "hill-climbing", 25)
    assert found["architecture"].startswith("Genotype(")
    assert shown.stderr.count("\n") == 1
    assert "not known here: space ladder, method hill-climbing, evaluator size, data set stripes" in shown.stderr
    table = run("export", recorded, "--as", "csv", "--out", "-")
    assert table.returncode == 0
    assert len(table.stdout.splitlines()) == 26
    assert "Traceback" not in table.stderr
    with_it = run("--plugin", ALL, "show", recorded)
    assert (with_it.returncode, with_it.stderr) == (0, "")


@pytest.mark.slow
def test_no_file_brings_a_plug_in_with_it(recorded, tmp_path):
    """What a session or a plan names, however it is called, is never loaded."""
    trap = tmp_path / "trap.py"
    trap.write_text("from pathlib import Path\nPath(__file__).with_suffix('.sprung').touch()\n")
    plan = tmp_path / "plan.toml"
    plan.write_text(f'plugin = "{trap}"\n[method]\nkind = "{trap}"\n')
    done = run("run", plan, "--out", tmp_path / "s.h5")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not trap.with_suffix(".sprung").exists()


def test_form_toml_and_overrides_know_what_it_brings(loaded):
    assert "hill-climbing-digits" in presets()
    plan = override(preset("hill-climbing-digits"), [*CHANGES, "method.patience=3"])
    assert faults(plan) == []
    assert loads(dumps(plan)) == plan
    with pytest.raises(PlanError, match="did you mean hill-climbing"):
        override(plan, ["method=hill-climbin"])
    with pytest.raises(PlanError, match="patience must be a whole number from 1 to 10000"):
        override(plan, ["method.patience=many"])


def test_a_network_of_all_cells_holds_a_space_that_has_the_properties(loaded):
    assert faults(override(preset("darts-digits"), ["space=ladder", "data=stripes"])) == []


@pytest.mark.slow
def test_darts_searches_it(loaded, tmp_path):
    small = ("method.channels=2", "method.layers=3", "method.batch=40", "budget.epochs=1", "budget.seconds=none")
    plan = override(preset("darts-digits"), ["space=ladder", "data=stripes", "threads=1", *small])
    host = launch(plan, tmp_path / "s.h5")
    host.join()
    assert (host.state, host.message) == ("finished", "")
    found = summary(host.source.view()).architecture
    assert len(plan.space.encode(found)) == 16


def test_the_data_set_is_read(loaded):
    data = load_data(override(preset("darts-digits"), ["data=stripes"]).data)
    assert (len(data.train), len(data.validation), len(data.test)) == (160, 160, 80)
    assert data.classes == ("across", "down", "rising", "falling")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1 / 0\n", r"ZeroDivisionError: division by zero \(line 1\)"),
        ("\nimport nowhere_to_be_found\n", r"ModuleNotFoundError: No module named 'nowhere_to_be_found' \(line 2\)"),
        ("if\n", r"SyntaxError: .* \(line 1\)"),
        (
            "from engine.space.darts import DartsSpace\nfrom engine.space.spaces import SPACES\n"
            "@SPACES.register()\nclass Mine(DartsSpace, frozen=True, tag='darts'): pass\n",
            r"NameTakenError: there is a space named darts already: DartsSpace \(line 3\)",
        ),
        (
            "from app import panels\npanels.add(__file__)\nclass P(object):\n"
            "    name = 'log'\n    title = 'Log'\n    dock = ('log', 1)\n",
            r"NameTakenError: there is a panel named log already: Log \(line 2\)",
        ),
        ("from app import panels\npanels.add(__file__)\n", r"ValueError: p.py holds no panel"),
    ],
)
def test_what_is_wrong_with_a_plug_in_is_one_line(apart, tmp_path, text, line):
    file = tmp_path / "p.py"
    file.write_text(text)
    with pytest.raises(plugins.PluginError, match=line) as caught:
        plugins.load(file)
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)
    assert plugins.loaded() == ()


def test_the_option_stands_anywhere_and_must_name_a_file(apart, tmp_path):
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    for file in (one, other):
        file.write_text("")
    words = plugins.load_named(["--plugin", str(one), "show", "s.h5", f"--plugin={other}", "--json"])
    assert words == ["show", "s.h5", "--json"]
    assert plugins.loaded() == (str(one), str(other))
    for words, line in ((["show", "--plugin"], "needs the name"), (["--plugin", "no.py"], "there is no such file")):
        with pytest.raises(plugins.PluginError, match=line):
            plugins.load_named(words)


def test_installed_packages_bring_theirs(apart, tmp_path, monkeypatch):
    (tmp_path / "brought_by_package.py").write_text((FOLDER / "ladder_space.py").read_text())
    info = tmp_path / "brought-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[cellwright.plugins]\nbrought = brought_by_package\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    plugins.load_named([])
    assert "ladder" in REGISTRIES["space"]
    (info / "entry_points.txt").write_text("[cellwright.plugins]\nbrought = not_there_at_all\n")
    with pytest.raises(plugins.PluginError, match=r"plug-in brought \(not_there_at_all\): ModuleNotFound"):
        plugins.load_named([])


def test_it_loads_neither_torch_nor_qt_until_they_are_needed():
    what = "print('torch' in sys.modules, 'PySide6' in sys.modules)"
    code = f"import sys; from engine import plugins; plugins.load({str(ALL)!r}); {what}"
    root = FOLDER.parents[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.split() == ["False", "False"]
