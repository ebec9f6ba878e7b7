"""Which cell the canvas shows at a moment, and what it says about it."""

import pytest

from app.panels.displayed_architecture import NO_SCORE, NOTHING, ArchitectureFinder
from engine.session import Header, Recorder
from engine.space.architecture import CellArchitecture, to_bytes


@pytest.fixture
def finder() -> ArchitectureFinder:
    return ArchitectureFinder()


def test_nothing_before_a_search(finder: ArchitectureFinder):
    assert finder.find(None, None).caption == NOTHING
    empty = Recorder(Header(), None).view()
    assert finder.find(empty, None).architecture is None
    assert finder.find(empty, 7).caption == NOTHING  # a selection from another session


def test_last_derived_cell_and_the_one_before(finder: ArchitectureFinder, derived_session: Recorder, darts, earlier):
    displayed = finder.find(derived_session.view(), None)
    assert displayed.architecture == darts
    assert displayed.before == earlier
    assert displayed.caption == "derived at step 1,240 · shared network 87.4\u00a0% after epoch 2"


def test_earlier_moments_show_what_was_known_then(finder: ArchitectureFinder, derived_session: Recorder, earlier):
    first, last = derived_session.tables["derived"].published[0]["time"][:2]
    at_first = finder.find(derived_session.view(first), None)
    assert at_first.architecture == earlier
    assert at_first.before is None
    assert at_first.caption == "derived at step 100"
    epochs = finder.find(derived_session.view(last - 1e-9), None)
    assert epochs.architecture == earlier
    assert epochs.caption == "derived at step 100 · shared network 87.4\u00a0% after epoch 2"


def test_best_candidate_is_compared_with_its_parent(
    finder: ArchitectureFinder, scored_session: Recorder, darts, earlier
):
    displayed = finder.find(scored_session.view(), None)
    assert displayed.architecture == darts
    assert displayed.before == earlier
    assert displayed.caption == "best so far: candidate #1 · 91.6\u00a0% · child of #0 · normal node 2: skip → sep 3×3"


def test_selection_goes_before_everything(finder: ArchitectureFinder, scored_session: Recorder, earlier):
    displayed = finder.find(scored_session.view(), 0)
    assert displayed.architecture == earlier
    assert displayed.before is None
    assert displayed.caption == "candidate #0 · 90.0\u00a0%"
    assert finder.find(scored_session.view(), 2).caption == "candidate #2 · out of memory"
    assert finder.find(scored_session.view(), 3).caption == "candidate #3 · not scored yet"


def test_candidate_that_is_not_born_yet_is_not_shown(finder: ArchitectureFinder, scored_session: Recorder):
    births = scored_session.tables["candidates"].published[0]["time"]
    assert finder.find(scored_session.view(births[1] - 1e-9), 1).caption == "best so far: candidate #0 · 90.0\u00a0%"
    assert finder.find(scored_session.view(births[0]), None).caption == NO_SCORE


def test_answers_do_not_depend_on_what_was_asked_before(scored_session: Recorder, derived_session: Recorder):
    """Replay equals live: one that has looked at everything in any order says the same as one that looks first."""
    used = ArchitectureFinder()
    views = [
        s.view(t)
        for s in (scored_session, derived_session)
        for t in (*s.tables["candidates"].published[0]["time"][:3], s.end)
    ]
    for view in (*views, *reversed(views)):
        for selection in (None, 0, 1):
            assert used.find(view, selection) == ArchitectureFinder().find(view, selection)


def test_architecture_from_a_damaged_file_is_a_sentence(finder: ArchitectureFinder, darts: CellArchitecture):
    recorder = Recorder(Header(), None)
    recorder.derived(to_bytes(darts).replace(b"skip_connect", b"skip_the_rest"), step=0)
    displayed = finder.find(recorder.view(), None)
    assert displayed.architecture is None
    assert displayed.caption.startswith(
        "This architecture cannot be drawn: normal cell: node 2, input 2: unknown operation"
    )
