"""What the demo prints."""

from bridge.calls.timeline import Entry
from bridge.demo.text import LINES, Row, line, masked, table


def entry(what: str, **facts: str | float | bool) -> Entry:
    return Entry("c1", "8990000001", 1.0, 12.34, what, facts)


def test_a_line_has_the_milliseconds_since_the_invite() -> None:
    text = line(entry("invite_received", caller="2134634007", source="127.0.0.1"), LINES)
    assert text == "       12.3 ms  INVITE from 2134****07 by 127.0.0.1"


def test_what_is_not_for_people_has_no_line() -> None:
    assert "admitted" not in LINES
    assert line(entry("admitted", worker=3), LINES) is None


def test_a_rest_step_that_failed_says_why() -> None:
    text = line(entry("rest_step", step="call/termCode", ms=3.0, error="refused with 500"), LINES)
    assert text is not None and text.endswith("REST call/termCode  3.0 ms  refused with 500")


def test_short_numbers_are_hidden_whole() -> None:
    assert masked("12345") == "****"


def test_the_table_aligns_its_columns_and_shows_what_is_wrong() -> None:
    good = Row("the bot finishes", "VA0001", 8.0, 11.0, "150 / 150 / 0", "Completed", "READY", True)
    bad = Row("x", "VA0002", None, None, "0 / 0 / 0", "none", "unknown", False)
    lines = table([good, bad]).splitlines()
    assert lines[0].startswith("call              agent ")
    assert lines[2].endswith("as expected")
    assert "never" in lines[3] and lines[3].endswith("WRONG")
