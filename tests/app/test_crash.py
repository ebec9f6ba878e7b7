"""A fault nobody caught: written once in full, told once in one line, whichever thread it comes from."""

import sys
import threading

import pytest

from app.startup import LARGEST, watching


@pytest.fixture
def watched(tmp_path):
    log, told = tmp_path / "new" / "faults.log", []
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    with watching(log, told.append):
        yield log, told
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def fail(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        sys.excepthook(*sys.exc_info())


def test_a_fault_is_logged_in_full_and_told_in_one_line(watched):
    log, told = watched
    fail("first line\nsecond line")
    text = log.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "in fail" in text
    assert "second line" in text
    (line,) = told
    assert "ValueError: first line" in line
    assert "\n" not in line
    assert str(log) in line


def test_the_same_fault_again_is_told_once(watched):
    log, told = watched
    for number in range(30):
        fail(f"drawing {number}")
    assert len(told) == 1
    assert log.read_text(encoding="utf-8").count("Traceback") == 1


def test_a_fault_in_a_thread_is_told_with_its_thread(watched):
    log, told = watched
    thread = threading.Thread(target=lambda: 1 / 0, name="files")
    thread.start()
    thread.join()
    assert "ZeroDivisionError" in told[0]
    assert "in thread files" in log.read_text(encoding="utf-8")


def test_a_fault_that_python_cannot_raise_is_told_too(watched):
    _, told = watched

    class Noisy:
        def __del__(self) -> None:
            raise RuntimeError("while it was deleted")

    noisy = Noisy()
    del noisy
    assert "while it was deleted" in told[0]


def test_a_long_log_is_set_aside(tmp_path):
    log = tmp_path / "faults.log"
    log.write_text("x" * (LARGEST + 1), encoding="utf-8")
    with watching(log, lambda line: None):
        pass
    assert log.read_text(encoding="utf-8") == ""
    assert (tmp_path / "faults.old.log").stat().st_size == LARGEST + 1


def test_no_place_for_a_log_is_no_fault(tmp_path):
    (tmp_path / "file").touch()
    told = []
    with watching(tmp_path / "file" / "faults.log", told.append):
        fail("still told")
    assert len(told) == 1
