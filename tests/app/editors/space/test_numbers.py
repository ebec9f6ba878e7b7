"""The numbers beside the picture: what they say, how they are known, and that limits change them and the space."""

import random
import re

import pytest
from PySide6.QtCore import Qt

from app.editors.space.space_labels import error, within
from app.editors.space.space_limits import frame_of_plan, frames, limit_text, read_amount
from app.graph.kinds import EdgeRef
from engine.plan import override, preset
from engine.space import size_and_cost as statistics
from engine.space.amoebanet import AmoebaNetSpace
from engine.space.counts import PUBLISHED, Skeleton, count
from engine.space.darts import DartsSpace
from engine.space.limits import Limit
from engine.space.nasbench201 import NasBench201Space
from engine.space.size_and_cost import Share
from engine.space.text import presets
from engine.words import plain, power
from tests.app.editors.space.conftest import plan_of

DIGITS = Skeleton(channels=4, layers=3, image=8, in_channels=1)


def texts(figure) -> tuple[str, str]:
    return plain(figure.value.text()), plain(figure.note.text())


def test_a_closed_form_is_said_to_be_exact(hands_on):
    hands = hands_on(DartsSpace())
    hands.wait()
    figures = hands.page.statistics
    assert texts(figures.size_value) == ("1.1 × 10¹⁸", "exactly counted")
    assert figures.size_value.value.toolTip() == "1,076,746,950,455,072,400 architectures, exactly"
    value, note = texts(figures.costs["params"])
    assert note == "least – median – most, exact"
    assert re.fullmatch(r"\S+ k – \S+ k – \S+ k", value)
    counts = [count(hands.space.decode(hands.space.sample(random.Random(n))), DIGITS).params for n in range(200)]
    least, median, most = map(read_amount, value.split(" – "))
    assert least <= min(counts)
    assert most >= max(counts)
    assert sorted(counts)[70] < median < sorted(counts)[130]


def test_what_comes_from_samples_says_from_how_many(hands_on):
    hands = hands_on(AmoebaNetSpace())
    hands.wait()
    assert texts(hands.page.statistics.costs["macs"])[1] == "least – median – most of 3,000 drawn"
    assert texts(hands.page.statistics.size_value)[1] == "exactly counted"


def test_a_limit_leaves_a_part_of_the_space(hands_on):
    hands = hands_on(DartsSpace())
    hands.wait()
    hands.type_limit("params", "most", "8 k")
    assert hands.space.limits == (Limit(counts="params", most=8000, skeleton=DIGITS),)
    hands.wait()
    value, note = texts(hands.page.statistics.size_value)
    assert value.startswith("≈ ")
    share, half = map(float, re.match(r"([\d.]+) % ± ([\d.]+) of 1.1 × 10¹⁸", note).groups())
    assert 30 < share < 60
    assert 0 < half < 4
    most = texts(hands.page.statistics.costs["params"])[0].split(" – ")[2]
    assert read_amount(most) <= 8000
    assert all(sample.counted.params <= 8000 for sample in hands.page.samples.samples)
    hands.view.setFocus()
    hands.undo()
    assert hands.space.limits == ()
    assert hands.page.limits.fields["params", "most"].text() == ""


def test_limits_on_both_ends_and_both_quantities(hands):
    hands.type_limit("params", "least", "1500")
    hands.type_limit("macs", "most", "0.09 M")
    assert hands.space.limits == (
        Limit(counts="params", least=1500, skeleton=DIGITS),
        Limit(counts="macs", most=90_000, skeleton=DIGITS),
    )
    assert hands.page.limits.fields["params", "least"].text() == "1.50\u00a0k"
    hands.type_limit("params", "least", " ")
    assert hands.space.limits == (Limit(counts="macs", most=90_000, skeleton=DIGITS),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("many", "Many is no number; write a number such as 500,000, 500 k or 0.5 M, or nothing for no limit"),
        ("-3", "-3 is out of the question; write"),
        ("1e400", "1e400 is no number; write"),
        ("nan", "Nan is no number; write"),
    ],
)
def test_a_limit_that_is_no_number_is_refused_in_place(hands, text, reason):
    hands.type_limit("params", "most", text)
    assert hands.space.limits == ()
    assert hands.page.limits.fault.isVisible()
    assert hands.page.limits.fault.text().startswith(reason)
    assert hands.page.limits.fields["params", "most"].property("fault")
    hands.type_limit("params", "most", "9k")
    assert not hands.page.limits.fault.isVisible()
    assert hands.space.limits[0].most == 9000


def test_limits_that_exclude_each_other_are_refused_in_place(hands):
    hands.type_limit("params", "most", "5 k")
    hands.type_limit("params", "least", "6 k")
    assert hands.page.limits.fault.text() == "Least parameters (6,000) exceed the most (5,000)"
    assert hands.space.limits == (Limit(counts="params", most=5000, skeleton=DIGITS),)


def test_where_nothing_fits_it_is_said_in_words(hands):
    hands.type_limit("params", "most", "10")
    hands.wait()
    assert hands.page.samples.sentence.startswith("none of 10,000 architectures drawn has up to 10 parameters")
    assert hands.page.samples.samples == []
    assert texts(hands.page.statistics.size_value)[0].startswith("fewer than ")
    assert texts(hands.page.statistics.costs["params"]) == ("—", "none is within the limits")


def test_small_spaces_are_counted_one_by_one_within_limits(hands_on):
    hands = hands_on(DartsSpace(nodes=2, operations=("skip_connect", "sep_conv_3x3")))
    space = hands.space
    counts = [count(space.decode(space.at(rank)), DIGITS).params for rank in range(space.size())]
    most = sorted(counts)[len(counts) // 3]
    hands.type_limit("params", "most", str(most))
    hands.wait()
    kept = [params for params in counts if params <= most]
    assert 0 < len(kept) < space.size()
    assert texts(hands.page.statistics.size_value) == (f"{len(kept):,}", f"counted one by one of {space.size():,}")
    assert texts(hands.page.statistics.costs["params"])[1] == "least – median – most, exact"


def test_numbers_follow_an_edit_and_outdated_ones_never_show(hands):
    hands.wait()
    before = texts(hands.page.statistics.size_value)[0]
    hands.click(EdgeRef("normal", 3))
    hands.only("sep_conv_3x3")
    assert texts(hands.page.statistics.size_value)[0] == power(hands.space.size()) != before  # at once
    assert texts(hands.page.statistics.costs["params"])[0] == "…"
    hands.undo()
    hands.wait()
    assert texts(hands.page.statistics.size_value)[0] == before


def test_a_thread_that_is_outdated_ends(hands_on, monkeypatch):
    monkeypatch.setattr(statistics, "DRAWS", 10**9)  # would take days
    hands = hands_on(AmoebaNetSpace())
    hands.qtbot.waitUntil(lambda: hands.page.worker._thread is not None)
    thread = hands.page.worker._thread
    hands.page.worker.stop()
    thread.join(600)
    assert not thread.is_alive()
    assert not hands.page.worker.busy


def test_nothing_is_worked_out_while_nobody_looks(hands):
    hands.wait()
    hands.page.hide()
    hands.page.document.set("nodes", 4, "Nodes")
    assert not hands.page.worker.busy
    hands.page.show()
    hands.wait()
    assert texts(hands.page.statistics.costs["params"])[1].endswith("exact")


def test_the_frame_is_that_of_the_plan_until_another_is_chosen(hands):
    assert hands.page.frame == DIGITS
    assert hands.page.limits.words.text().startswith("as the plan trains them: cifar, 3 layers, 4 channels, 8 px")
    hands.page.show_plan(override(plan_of(hands.space), ["evaluator.channels=6"]))
    assert hands.page.frame.channels == 6
    hands.page.limits.menu.aboutToShow.emit()
    actions = {action.text().partition(":")[0]: action for action in hands.page.limits.menu.actions()}
    assert list(actions) == ["as the plan trains them", "as published", "imagenet"]
    actions["imagenet"].trigger()
    assert hands.page.frame == PUBLISHED["imagenet"]
    hands.wait()
    assert texts(hands.page.statistics.costs["macs"])[0].endswith(" M")
    hands.page.show_plan(override(plan_of(hands.space), ["evaluator.channels=5"]))
    assert hands.page.frame == PUBLISHED["imagenet"]


def test_limits_move_to_another_frame(hands):
    hands.type_limit("params", "most", "9 k")
    hands.page.choose_frame(Skeleton(channels=16, layers=8))
    assert hands.space.limits == (Limit(counts="params", most=9000, skeleton=Skeleton(channels=16, layers=8)),)
    assert hands.page.frame == Skeleton(channels=16, layers=8)
    hands.view.setFocus()
    hands.undo()
    assert hands.page.frame == DIGITS


def test_a_number_of_the_frame_is_set_by_hand(hands):
    spin = hands.page.limits.form.rows["layers"].editor.face
    spin.setValue(8)
    assert hands.page.frame.layers == 8


def test_a_space_takes_a_frame_that_it_fits_into():
    plan = plan_of(NasBench201Space())
    assert frame_of_plan(plan) == Skeleton(kind="nasbench201", channels=4, layers=3, image=8, in_channels=1)
    assert frame_of_plan(plan_of(presets()["darts-rnn"])) is None  # no language model is trained
    assert list(frames(NasBench201Space())) == ["as published"]
    one_shot = preset("darts-digits")
    assert frame_of_plan(one_shot).channels == one_shot.method.channels
    staged = override(one_shot, ["method=pdarts", "method.layers=[5, 11, 17]"])
    assert frame_of_plan(staged).layers == 17, "of stages, the last"


def test_recurrent_cells_have_no_limits_and_the_same_size(hands_on):
    hands = hands_on(presets()["enas-rnn"])
    hands.wait()
    assert not hands.page.limits.fields["params", "most"].isVisible()
    assert texts(hands.page.statistics.costs["params"])[1] == "the same for all"


def test_samples_are_drawn_anew_and_open(hands, qtbot):
    hands.wait()
    before = [sample.architecture for sample in hands.page.samples.samples]
    assert len(before) == 8
    assert all(hands.space.encode(architecture) for architecture in before)
    hands.key(Qt.Key.Key_R)
    hands.wait()
    after = [sample.architecture for sample in hands.page.samples.samples]
    assert before != after
    with qtbot.waitSignal(hands.page.opened) as opened:
        hands.press(hands.page.samples.tiles[2])
    assert opened.args == [after[2]]
    with qtbot.waitSignal(hands.page.opened) as opened:
        hands.page.samples.tiles[5].setFocus()
        qtbot.keyClick(hands.page.samples.tiles[5], Qt.Key.Key_Space)
    assert opened.args == [after[5]]


def test_samples_obey_the_edits(hands):
    hands.click(EdgeRef("normal", 0))
    hands.only("sep_conv_3x3")
    hands.wait()
    for sample in hands.page.samples.samples:
        first = sample.architecture.normal.nodes[0].inputs
        assert (0, "sep_conv_3x3") in [(edge.source, edge.operation) for edge in first]
    assert hands.page.samples.tiles[0].accessibleName().startswith("Random architecture 1: ")


def test_shares_in_words():
    assert (within(10**40, Share(0, 3000)), error(Share(0, 3000))) == ("fewer than 1.3 × 10³⁷", "0.0 % ± 0.1")
    assert within(10**40, Share(3000, 3000)) == "more than 1.0 × 10⁴⁰"
    assert (within(10**20, Share(1500, 3000)), error(Share(1500, 3000))) == ("≈ 5.0 × 10¹⁹", "50 % ± 2")
    assert (within(100, Share(25, 100, True)), error(Share(25, 100, True))) == ("25", "")


@pytest.mark.parametrize(
    ("text", "value"),
    [("", None), ("500,000", 500_000), ("500 k", 500_000), ("0.5M", 500_000), ("1.2 G", 1_200_000_000), ("7", 7)],
)
def test_amounts_are_read_as_people_write_them(text, value):
    assert read_amount(text) == value
    assert read_amount(limit_text(value)) == value


def test_a_frame_that_does_not_fit_is_refused_with_the_reason(hands):
    combo = hands.page.limits.form.rows["kind"].editor.face
    combo.setCurrentIndex(combo.findData("nasbench201"))
    combo.activated.emit(combo.currentIndex())
    assert hands.page.frame == DIGITS
    assert combo.currentData() == "cifar"
    assert hands.page.limits.fault.text().startswith("A normal and a reduction cell do not fit into the skeleton")
