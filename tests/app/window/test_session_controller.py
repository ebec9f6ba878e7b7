"""What the window says of a search that ends while the window is busy with something else."""

from engine.session import Header, Recorder


class Ending:
    """A host of a search that ends when the test says so, as one in a thread may at any moment."""

    def __init__(self) -> None:
        self.source = Recorder(Header(), None)
        self.state, self.message, self.finished, self.started = "running", "", False, True

    def fail(self, why: str) -> None:
        self.state, self.message, self.finished = "failed", why, True


def test_nothing_says_that_a_search_failed_before_it_is_said_why(window):
    controller, host = window.controller, Ending()
    controller.search.host = host
    controller.playback.show(host.source)
    controller.search.poll()
    controller._own = True
    controller.changed.emit()
    assert " · running " in window.windowTitle()

    host.fail("no such device: cuda:77")
    controller.changed.emit()  # something else has changed, and all is shown anew
    assert " · running " in window.windowTitle()
    assert not window.top.start.isEnabled()

    controller.search.poll()
    assert " · failed " in window.windowTitle()
    assert window.top.notice.text == "The search failed: no such device: cuda:77"
    assert window.top.start.isEnabled()
    host.source.close()
