"""Which cell the canvas shows at a moment, and what it says about it."""

import pytest

from app.canvas.subject import NO_SCORE, NOTHING, Subjects
from engine.session import Header, Recorder
from engine.space.architecture import CellArchitecture, to_bytes


@pytest.fixture
def subjects() -> Subjects:
    return Subjects()


def test_nothing_before_a_search(subjects: Subjects):
    assert subjects.find(None, None).caption == NOTHING
    empty = Recorder(Header(), None).view()
    assert subjects.find(empty, None).architecture is None
    assert subjects.find(empty, 7).caption == NOTHING  # a selection from another session


def test_last_derived_cell_and_the_one_before(subjects: Subjects, one_shot: Recorder, darts, earlier):
    subject = subjects.find(one_shot.view(), None)
    assert subject.architecture == darts
    assert subject.before == earlier
    assert subject.caption == "derived at step 1,240 · epoch 2 validation 87.4 %"


def test_earlier_moments_show_what_was_known_then(subjects: Subjects, one_shot: Recorder, earlier):
    first, last = one_shot.tables["derived"].published[0]["time"][:2]
    at_first = subjects.find(one_shot.view(first), None)
    assert at_first.architecture == earlier
    assert at_first.before is None
    assert at_first.caption == "derived at step 100"
    epochs = subjects.find(one_shot.view(last - 1e-9), None)
    assert epochs.architecture == earlier
    assert epochs.caption == "derived at step 100 · epoch 2 validation 87.4 %"


def test_best_candidate_is_compared_with_its_parent(subjects: Subjects, sampling: Recorder, darts, earlier):
    subject = subjects.find(sampling.view(), None)
    assert subject.architecture == darts
    assert subject.before == earlier
    assert subject.caption == "best so far: candidate #1 · 91.6 % · child of #0 · normal node 2: skip → sep 3×3"


def test_selection_goes_before_everything(subjects: Subjects, sampling: Recorder, earlier):
    subject = subjects.find(sampling.view(), 0)
    assert subject.architecture == earlier
    assert subject.before is None
    assert subject.caption == "candidate #0 · 90.0 %"
    assert subjects.find(sampling.view(), 2).caption == "candidate #2 · out of memory"
    assert subjects.find(sampling.view(), 3).caption == "candidate #3 · not scored yet"


def test_candidate_that_is_not_born_yet_is_not_shown(subjects: Subjects, sampling: Recorder):
    births = sampling.tables["candidates"].published[0]["time"]
    assert subjects.find(sampling.view(births[1] - 1e-9), 1).caption == "best so far: candidate #0 · 90.0 %"
    assert subjects.find(sampling.view(births[0]), None).caption == NO_SCORE


def test_answers_do_not_depend_on_what_was_asked_before(sampling: Recorder, one_shot: Recorder):
    """Replay equals live: one that has looked at everything in any order says the same as one that looks first."""
    used = Subjects()
    views = [s.view(t) for s in (sampling, one_shot) for t in (*s.tables["candidates"].published[0]["time"][:3], s.end)]
    for view in (*views, *reversed(views)):
        for selection in (None, 0, 1):
            assert used.find(view, selection) == Subjects().find(view, selection)


def test_architecture_from_a_damaged_file_is_a_sentence(subjects: Subjects, darts: CellArchitecture):
    recorder = Recorder(Header(), None)
    recorder.derived(to_bytes(darts).replace(b"skip_connect", b"skip_the_rest"), step=0)
    subject = subjects.find(recorder.view(), None)
    assert subject.architecture is None
    assert subject.caption.startswith(
        "This architecture cannot be drawn: normal cell: node 2, input 2: unknown operation"
    )
