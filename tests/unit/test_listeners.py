"""Listeners that break."""

from structlog.testing import capture_logs

from bridge.calls.listeners import guarded
from bridge.calls.timeline import Entry, Timeline


def test_a_listener_that_breaks_is_logged_and_costs_nobody_anything() -> None:
    def broken(entry: Entry) -> None:
        raise RuntimeError("no room on the screen")

    heard: list[Entry] = []
    timeline = Timeline("c1", "8990000001", 0.0, (guarded(broken), guarded(heard.append)))
    with capture_logs() as logged:
        timeline.add("answered", 1.0)
    assert [entry.what for entry in heard] == ["answered"]
    assert [(line["event"], line["call"], line["entry"]) for line in logged] == [("listener_fault", "c1", "answered")]
