"""What a signal, and a second one, do to a search."""

import pytest

from engine.run import interruptions as room


class Search:
    def __init__(self) -> None:
        self.said: list[str] = []

    def stop(self) -> None:
        self.said.append("stop")

    def abandon(self) -> None:
        self.said.append("abandon")


class Left(BaseException):
    """The program has ended."""


@pytest.fixture
def now(monkeypatch):
    moment = [100.0]
    monkeypatch.setattr(room, "monotonic", lambda: moment[0])

    def leave(code: int) -> None:
        raise Left(code)

    monkeypatch.setattr(room.os, "_exit", leave)
    return moment


def test_the_first_stops_and_the_second_ends_the_program(now):
    search, heeded = Search(), room.Interruptions()
    heeded.watch(search)
    heeded.heed(2, None)
    now[0] += room.TOGETHER / 2
    heeded.heed(1, None)  # as `timeout` does, and terminals that go: no second wish
    assert search.said == ["stop"]
    now[0] += room.TOGETHER
    with pytest.raises(Left, match="130"):
        heeded.heed(2, None)
    assert search.said == ["stop", "abandon"]


def test_one_that_came_before_the_search_is_not_forgotten(now):
    search, heeded = Search(), room.Interruptions()
    heeded.heed(15, None)
    heeded.watch(search)
    assert search.said == ["stop"]


def test_after_a_stop_that_was_wished_a_signal_is_the_second(now):
    search, heeded = Search(), room.Interruptions()
    heeded.watch(search)
    heeded.stop()
    with pytest.raises(Left):
        heeded.heed(15, None)
