"""A call's entries."""

from bridge.calls.timeline import MAX_ENTRIES, Entry, Timeline


def test_entries_count_milliseconds_from_the_invite() -> None:
    timeline = Timeline("c1", "8990000001", started=100.0)
    entry = timeline.add("answered", 100.25, status=200)
    assert entry == Entry("c1", "8990000001", 100.25, 250.0, "answered", {"status": 200})
    assert timeline.entries == [entry]


def test_the_first_entry_of_a_name_is_remembered() -> None:
    timeline = Timeline("c1", "8990000001", started=0.0)
    timeline.add("audio", 1.0)
    timeline.add("audio", 2.0)
    assert timeline.first("audio") == 1000.0
    assert timeline.first("screen_pop") is None


def test_listeners_hear_every_entry_even_when_no_more_are_kept() -> None:
    heard: list[Entry] = []
    timeline = Timeline("c1", "8990000001", started=0.0, listeners=(heard.append,))
    for at in range(MAX_ENTRIES + 3):
        timeline.add("dtmf", float(at))
    assert (len(heard), len(timeline.entries), timeline.dropped) == (MAX_ENTRIES + 3, MAX_ENTRIES, 3)
