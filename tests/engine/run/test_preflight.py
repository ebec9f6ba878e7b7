import tomllib
from pathlib import Path

import pytest

from engine import plan as plans
from engine.plan import PlanError
from engine.run import RunError, prepare
from engine.run import preflight as start

ROOT = Path(__file__).parents[3]


def test_a_good_plan_and_a_new_file_are_no_trouble(one_shot_plan, tmp_path):
    prepare(one_shot_plan, tmp_path / "s.h5")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_refused_unless_it_may_be_replaced(one_shot_plan, tmp_path):
    path = tmp_path / "s.h5"
    path.write_text("precious")
    with pytest.raises(RunError, match=r"s\.h5 exists already"):
        prepare(one_shot_plan, path)
    prepare(one_shot_plan, path, overwrite=True)
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "is a folder"), ("no/such/place/s.h5", "cannot be written"), ("file/s.h5", "cannot be written")],
)
def test_an_output_that_cannot_be_written_is_refused(one_shot_plan, tmp_path, name, words):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=words) as fault:
        prepare(one_shot_plan, tmp_path / name)
    assert "\n" not in str(fault.value)


def test_a_plan_whose_parts_do_not_fit_is_refused(one_shot_plan):
    with pytest.raises(PlanError, match="epochs"):
        prepare(plans.override(one_shot_plan, ["budget.epochs=none"]), None)


def test_a_data_folder_that_is_not_there_is_refused(one_shot_plan, tmp_path):
    plan = plans.override(one_shot_plan, ["data=folder", f"data.folder={tmp_path / 'nowhere'}"])
    with pytest.raises(RunError, match=r"data\.folder: .*nowhere"):
        prepare(plan, None)


def test_the_header_holds_the_plan_and_names_the_weights(one_shot_plan):
    header = start.header_of(one_shot_plan)
    assert plans.loads(header.plan) == one_shot_plan
    assert (header.method, header.space, header.seed, header.device, header.threads) == ("darts", "darts", 0, "cpu", 1)
    assert header.cells == ("normal", "reduction")
    assert header.edges == ("k−2→0", "k−1→0", "k−2→1", "k−1→1", "0→1")
    assert header.operations == ("none", "skip_connect", "max_pool_3x3", "sep_conv_3x3")
    assert {"python", "torch", "numpy", "h5py"} <= set(header.versions)


def test_a_method_without_weights_names_none(sampling_plan):
    header = start.header_of(sampling_plan)
    assert (header.cells, header.edges, header.operations) == ((), (), ())


def test_threads_leave_a_core_to_the_window(one_shot_plan, monkeypatch):
    plan = plans.override(one_shot_plan, ["threads=0"])
    monkeypatch.setattr(start.os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    assert start.threads_of(plan) == 7
    monkeypatch.setattr(start.os, "sched_getaffinity", lambda process: {0}, raising=False)
    assert start.threads_of(plan) == 1
    assert start.threads_of(plans.override(plan, ["threads=3"])) == 3


def test_the_recorded_version_is_the_program_s():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"{project['name']} {project['version']}" == start.program()
    assert f"\nversion: {project['version']}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
