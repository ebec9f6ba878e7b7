"""How the program begins and ends: quickly, with a word where there is no display, and cleanly on Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    """This process's environment with a home of its own."""
    kept = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    folders = {
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    return kept | folders | {"QT_QPA_PLATFORM": "offscreen"} | changes


def python(tmp_path: Path, code: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=environment(tmp_path, **changes), capture_output=True, text=True, timeout=600,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these always have a display")
def test_without_a_display_one_line_names_the_way_without(tmp_path):
    done = python(tmp_path, "import sys; from app.startup import main; sys.exit(main())", QT_QPA_PLATFORM="")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "main.py run" in done.stderr


def test_the_window_is_painted_before_anything_slow_is_imported(tmp_path):
    done = python(
        tmp_path,
        """
import sys
from PySide6.QtWidgets import QApplication
from app.settings import Settings
from app.window.main_window import MainWindow
application = QApplication([])
window = MainWindow(Settings())
slow = ("torch", "numpy", "pyqtgraph", "h5py", "networkx", "sklearn")
assert not [name for name in slow if name in sys.modules], "before it is shown"
window.completed.connect(window.close)
window.closed.connect(application.quit)
window.show()
application.exec()
assert window.complete
assert "torch" not in sys.modules, "when every panel is there"
""",
    )
    assert done.returncode == 0, done.stderr


TELLING = """
import sys
from app import startup
from app.window import main_window

class Telling(main_window.MainWindow):
    def __init__(self, settings):
        super().__init__(settings)
        self.completed.connect(lambda: print("complete", flush=True))

main_window.MainWindow = Telling
sys.exit(startup.main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on Unix")
def test_ctrl_c_closes_the_window_cleanly(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", TELLING],
        cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    log = tmp_path / "data" / "Cellwright" / "faults.log"
    try:
        assert process.stdout.readline() == "complete\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=600)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert log.read_text(encoding="utf-8") == ""
    assert (tmp_path / "config" / "Cellwright" / "Cellwright.ini").exists()  # the layout was saved on the way out
