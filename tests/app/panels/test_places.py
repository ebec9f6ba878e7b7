"""What the window reads of a panel before it imports it is what the class says."""

import pytest

from app import panels
from app.widgets.panel import Panel


@pytest.mark.parametrize("spec", panels.specs(), ids=lambda spec: spec.name)
def test_what_is_read_of_a_file_is_what_its_class_says(spec):
    kind = spec.panel_class()
    assert issubclass(kind, Panel)
    assert kind.__module__ == f"app.panels.{spec.file.stem}"
    said = (kind.name, kind.title, kind.dock, kind.opens, kind.order, kind.shortcut)
    assert said == (spec.name, spec.title, spec.dock, spec.opens, spec.order, spec.shortcut)
    assert spec.own


def test_every_panel_has_a_place_and_a_number_and_a_shortcut_of_its_own():
    found = panels.specs()
    assert [spec.name for spec in found] == [spec.name for spec in sorted(found, key=lambda spec: spec.order)]
    for each in ("name", "title", "dock", "order", "shortcut"):
        assert len({getattr(spec, each) for spec in found}) == len(found)


def test_a_place_that_there_is_not_is_refused(tmp_path):
    file = tmp_path / "lost.py"
    file.write_text('class Lost(Panel):\n    name = "lost"\n    title = "Lost"\n    dock = ("nowhere", 1)\n')
    with pytest.raises(ValueError, match=r"lost\.py: a panel stands among plan, learnt, candidates, curves, log"):
        panels.add(file)
