"""Sessions from before spaces took the operations of their authors' code open, and say and give what they were."""

import json

import pytest

from engine import commands
from engine import plan as plans
from engine.session import Header, Recorder, read
from engine.space import SPACES
from engine.space.architecture import to_bytes
from engine.space.former import FORMER

PLAN = 'name = "old"\n[space]\nkind = "{kind}"\n{operations}[method]\nkind = "random"\n[evaluator]\nkind = "proxy"\n'


@pytest.fixture(params=[(kind, named) for kind in FORMER for named in (True, False)], ids=str)
def old(request, tmp_path):
    """The kind of the space, the file of a session with one scored candidate, and this one's architecture."""
    kind, named = request.param
    space = SPACES[kind](operations=FORMER[kind])
    operations = f"operations = {json.dumps(FORMER[kind])}\n" if named else ""
    path, architecture = tmp_path / "old.h5", space.decode(space.at(space.size() // 3))
    header = Header(plan=PLAN.format(kind=kind, operations=operations), method="random", space=kind)
    recorder = Recorder(header, path)
    number = recorder.candidate(to_bytes(architecture))
    recorder.score(number, 50.0, seconds=1.0, parameters=9)
    recorder.status("finished", "the end")
    recorder.close()
    return kind, path, architecture


def said(capsys, *arguments) -> str:
    assert commands.main([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def test_show_and_export_give_the_networks_that_were_searched(old, capsys, tmp_path):
    kind, path, architecture = old
    found = json.loads(said(capsys, "show", path, "--json"))
    assert (found["plan"], found["space"], found["best_score"]) == ("old", kind, 50.0)
    nodes = (*architecture.normal.nodes, *architecture.reduction.nodes)
    used = {edge.operation for node in nodes for edge in node.inputs}
    assert used <= set(FORMER[kind])
    assert all(name in found["architecture"] for name in used)
    said(capsys, "export", path, "--as", "toml", "--out", tmp_path / "again.toml")
    again = plans.load(tmp_path / "again.toml")
    assert again.space == SPACES[kind](operations=FORMER[kind])
    assert again.space.decode(again.space.encode(architecture)) == architecture
    assert read(path).header.plan.startswith('name = "old"')  # the file itself is left as it is
