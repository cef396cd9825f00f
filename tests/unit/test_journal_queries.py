"""The journal read again: calls found, page by page, and one call whole."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.errors import JournalUnusable
from bridge.journal.call_rows import ANY_TROUBLE, CallQuery, cursor_of, read_cursor
from bridge.journal.queries import JournalQueries
from bridge.journal.records import (
    ActionTaken,
    CallAdmitted,
    CallClosed,
    CallCorrected,
    CallDisposed,
    EntryNoted,
    MessageSeen,
    OutcomeDecided,
    QualityNoted,
    Record,
)
from bridge.journal.store import JournalStore
from bridge.wrapup.plan import CallIds, Disposition
from bridge.wrapup.steps import Confirmation, Finished


def call(
    number: int, *, agent: str = "8990000001", caller: str = "2135550107", trouble: tuple[str, ...] = ()
) -> list[Record]:
    id, at = f"call{number:02d}", 1_000.0 + number
    done = Finished(Confirmation.CONFIRMED, Disposition("paid", "Paid"), "Paid", "", "READY", "")
    return [
        CallAdmitted(id, at, agent, caller, CallIds("T1")),
        OutcomeDecided(id, at + 1, "finished", None),
        CallDisposed(id, at + 2, done),
        CallClosed(id, at + 3, {"fate": "finished"}, trouble),
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Twelve calls: one of another agent and customer, one in trouble, one that goes on."""
    path = tmp_path / "journal?with#odd name.db"
    store = JournalStore(path)
    for number in range(10):
        store.write(call(number))
    store.write(call(10, agent="8990000002", caller="+13105550199", trouble=("dead_air", "engine_lost")))
    store.write([CallAdmitted("call11", 1_011.0, "8990000001", "2135550107", CallIds())])
    store.close()
    return path


@pytest.fixture
def queries(path: Path) -> Iterator[JournalQueries]:
    opened = JournalQueries(path)
    yield opened
    opened.close()


def found(queries: JournalQueries, query: CallQuery) -> list[str]:
    return [row.call for row in queries.find(query).calls]


def test_the_latest_call_comes_first_and_one_that_goes_on_is_among_them(queries: JournalQueries) -> None:
    assert found(queries, CallQuery(limit=3)) == ["call11", "call10", "call09"]


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        (CallQuery(call="call03"), ["call03"]),
        (CallQuery(call="call1"), ["call11", "call10"]),
        (CallQuery(call="call%"), []),
        (CallQuery(agent="8990000002"), ["call10"]),
        (CallQuery(caller="310-555-01"), ["call10"]),
        (CallQuery(caller="%"), None),
        (CallQuery(since=1_009.0), ["call11", "call10", "call09"]),
        (CallQuery(until=1_001.0), ["call00"]),
        (CallQuery(since=1_003.0, until=1_005.0), ["call04", "call03"]),
        (CallQuery(outcome="nothing"), []),
        (CallQuery(trouble=ANY_TROUBLE), ["call10"]),
        (CallQuery(trouble="engine_lost"), ["call10"]),
        (CallQuery(trouble="engine"), []),
        (CallQuery(trouble="dead%"), []),
        (CallQuery(agent="8990000001", trouble=ANY_TROUBLE), []),
    ],
)
def test_calls_are_found_by_all_that_is_asked(
    queries: JournalQueries, query: CallQuery, calls: list[str] | None
) -> None:
    assert found(queries, query) == (calls if calls is not None else found(queries, CallQuery()))


@pytest.mark.parametrize("outcome", ["paid", "Paid", "finished"])
def test_an_outcome_is_that_of_the_bot_the_fate_or_the_term_code(queries: JournalQueries, outcome: str) -> None:
    assert len(found(queries, CallQuery(outcome=outcome))) == 11


def test_pages_follow_each_other_without_a_gap_whatever_comes_meanwhile(queries: JournalQueries, path: Path) -> None:
    seen, after = [], None
    for _ in range(4):
        page = queries.find(CallQuery(limit=3, after=after))
        seen += [row.call for row in page.calls]
        with sqlite3.connect(path) as other:
            other.execute(
                "INSERT INTO calls (call, agent, caller, admitted_at) VALUES (?, 'a', 'c', 9e9)", (str(len(seen)),)
            )
        after = read_cursor(page.cursor)
    assert seen == [f"call{number:02d}" for number in reversed(range(12))]
    assert page.cursor == ""


def test_calls_of_the_same_moment_are_not_lost_between_pages(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("UPDATE calls SET admitted_at = 1000.5")
    queries = JournalQueries(path)
    seen: list[str] = []
    after = None
    while after is not None or not seen:
        page = queries.find(CallQuery(limit=5, after=after))
        seen += [row.call for row in page.calls]
        after = read_cursor(page.cursor) if page.cursor else None
    queries.close()
    assert sorted(seen) == [f"call{number:02d}" for number in range(12)]


@pytest.mark.parametrize("text", ["", "x", "e30", "WzFd", "W3RydWUsICJhIl0", "\udc80", "WzFlOTk5LCAiYSJd" * 9])
def test_what_is_no_cursor_names_no_place(text: str) -> None:
    assert read_cursor(text) is None


def test_a_cursor_names_the_place_it_was_made_for(queries: JournalQueries) -> None:
    row = queries.find(CallQuery(limit=1)).calls[0]
    assert read_cursor(cursor_of(row)) == (row.admitted_at, row.call)


def test_all_of_one_call_is_read_in_its_order(path: Path) -> None:
    store = JournalStore(path)
    store.write(
        [
            EntryNoted("call10", 1_010.0, 0.0, "invite_received", {"caller": "c"}),
            MessageSeen("call10", 1_010.2, "sip", "customer", True, "192.0.2.7:5060", "200"),
            MessageSeen("call10", 1_010.1, "sip", "customer", False, "192.0.2.7:5060", "INVITE"),
            QualityNoted("call10", 1_011.0, "engine", ((50.0, 0.0, 1.0, 0.0, -20.0, 4.4),)),
            ActionTaken("", 1_012.0, "admin from 192.0.2.9", "drain", "", "done"),
        ]
    )
    store.close()
    queries = JournalQueries(path)
    rows = queries.call("call10")
    assert rows is not None
    assert (rows.call.trouble, rows.call.transaction_id) == (("dead_air", "engine_lost"), "T1")
    assert [entry.what for entry in rows.entries] == ["invite_received"]
    assert [(message.text, message.sent) for message in rows.messages] == [("INVITE", False), ("200", True)]
    assert rows.quality[0].samples == ((50.0, 0.0, 1.0, 0.0, -20.0, 4.4),)
    assert [action.did for action in queries.actions(5)] == ["drain"]
    assert queries.call("another") is None
    queries.close()


def test_the_file_can_be_read_while_a_bridge_writes_it_and_is_never_written(path: Path) -> None:
    store = JournalStore(path)
    queries = JournalQueries(path)
    store.write(call(20))
    assert found(queries, CallQuery(limit=1)) == ["call20"]
    with pytest.raises(Exception, match="readonly"), queries._connection() as connection:
        connection.exec_driver_sql("DELETE FROM calls")
    queries.close()
    store.close()


def test_a_file_that_is_no_journal_of_this_version_says_so(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    with sqlite3.connect(old) as database:
        database.execute("PRAGMA user_version=1")
    with pytest.raises(JournalUnusable, match="version 1"):
        JournalQueries(old)
    text = tmp_path / "text.db"
    text.write_text("no database, but long enough to have a header of one" * 9)
    for path in (text, tmp_path / "missing.db"):
        with pytest.raises(JournalUnusable):
            JournalQueries(path)


def test_a_row_that_cannot_be_read_is_named_so(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("UPDATE calls SET line = 'no JSON' WHERE call = 'call03'")
    queries = JournalQueries(path)
    with pytest.raises(JournalUnusable, match="cannot be read"):
        queries.call("call03")
    queries.close()


def test_what_a_retry_needs_of_a_closed_call(queries: JournalQueries) -> None:
    call = queries.closed_call("call10")
    assert call is not None and call.known.result is not None
    assert (call.closed, call.succeeded, call.trouble) == (True, False, ("dead_air", "engine_lost"))
    assert (call.known.ids.transaction_id, call.known.result.term_code, call.line["fate"]) == ("T1", "Paid", "finished")
    earlier, going_on = queries.closed_call("call09"), queries.closed_call("call11")
    assert earlier is not None and (earlier.closed, earlier.succeeded) == (True, True), "its agent has had another"
    assert going_on is not None and (going_on.closed, going_on.succeeded) == (False, False)
    assert queries.closed_call("call") is None


def test_the_call_that_livevox_shows_on_an_agent(path: Path, queries: JournalQueries) -> None:
    store = JournalStore(path)
    store.write([CallAdmitted("call12", 1_012.0, "8990000001", "2135550107", CallIds("T2", "S2"))])
    store.write([CallAdmitted("call13", 1_013.0, "8990000001", "2135550107", CallIds("T2", "S3"))])
    store.close()

    def shown(agent: str, transaction: str, session: str | None) -> str | None:
        call = queries.closed_call_shown(agent, transaction, session)
        return call.known.call if call else None

    assert shown("8990000001", "T1", None) == "call09", "the latest"
    assert shown("8990000001", "T1", "S1") == "call09", "whose session nobody has told us"
    assert shown("8990000002", "T1", None) == "call10"
    assert [shown("8990000001", "T2", session) for session in ("S2", "S3", None)] == ["call12", "call13", "call13"]
    assert shown("8990000001", "T2", "S4") is None
    assert shown("8990000001", "T3", None) is None


def test_a_repeated_wrap_up_corrects_the_line_and_nothing_else(path: Path, queries: JournalQueries) -> None:
    store = JournalStore(path)
    store.write([CallCorrected("call10", {"fate": "finished", "term_code": "Paid"}, ("dead_air",))])
    store.close()
    (row,) = queries.find(CallQuery(call="call10")).calls
    assert (row.trouble, row.line["term_code"], row.closed_at) == (("dead_air",), "Paid", 1_013.0)
