"""The journal on disk: what is written is there after a restart, and what cannot be used is named."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from bridge.errors import JournalUnusable
from bridge.journal.open_call import JournalledStep, OpenCall
from bridge.journal.records import (
    ActionTaken,
    CallAdmitted,
    CallAnswered,
    CallClosed,
    CallDisposed,
    Effect,
    EntryNoted,
    IdsLearned,
    MessageSeen,
    OutcomeDecided,
    OutcomeReopened,
    QualityNoted,
    StepBegun,
    StepEnded,
)
from bridge.journal.schema import VERSION
from bridge.journal.store import JournalStore
from bridge.journal.verdict_text import verdict_of_text
from bridge.verdicts import Complete, Remarks, Transfer
from bridge.wrapup.plan import CallIds, Disposition
from bridge.wrapup.steps import Confirmation, Finished

ADMITTED = CallAdmitted("c1", 100.0, "8990000001", "2135550107", CallIds("T1"))
DISPOSED = CallDisposed(
    "c1", 130.0, Finished(Confirmation.CONFIRMED, Disposition("paid", "Paid"), "Paid", "", "READY", "")
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


#: The tables as version 1 had them.
FIRST_VERSION = """
CREATE TABLE calls (call TEXT NOT NULL, agent TEXT NOT NULL, caller TEXT NOT NULL, admitted_at FLOAT NOT NULL,
    transaction_id TEXT, session_id TEXT, service_id TEXT, answered_at FLOAT, decided_at FLOAT, fate TEXT, verdict TEXT,
    disposed_at FLOAT, outcome TEXT, term_code TEXT, confirmation TEXT, transferred_to TEXT, agent_state TEXT,
    reason TEXT, closed_at FLOAT, line TEXT, PRIMARY KEY (call));
CREATE TABLE steps (id INTEGER NOT NULL, call TEXT NOT NULL, at FLOAT NOT NULL, step TEXT NOT NULL, about TEXT NOT NULL,
    ended_at FLOAT, ms FLOAT, effect TEXT, error TEXT, PRIMARY KEY (id));
CREATE TABLE entries (id INTEGER NOT NULL, call TEXT NOT NULL, at FLOAT NOT NULL, elapsed_ms FLOAT NOT NULL,
    what TEXT NOT NULL, facts TEXT NOT NULL, PRIMARY KEY (id));
INSERT INTO calls (call, agent, caller, admitted_at) VALUES ('c1', '8990000001', '2135550107', 100.0);
PRAGMA user_version=1;
"""


def reopened(path: Path) -> list[OpenCall]:
    store = JournalStore(path)
    try:
        return store.open_calls()
    finally:
        store.close()


def written(path: Path, *records: object) -> None:
    store = JournalStore(path)
    store.write(records)  # type: ignore[arg-type]
    store.close()


def test_a_call_is_open_from_its_admission_to_its_end(path: Path) -> None:
    written(path, ADMITTED)
    assert [call.call for call in reopened(path)] == ["c1"]
    written(path, DISPOSED, CallClosed("c1", 131.0, {"fate": "finished"}))
    assert reopened(path) == []


def test_all_that_was_decided_is_there_after_a_restart(path: Path) -> None:
    verdict = Transfer("collections", "promised", Remarks("call back", "12.50"))
    written(
        path,
        ADMITTED,
        CallAnswered("c1", 101.0),
        IdsLearned("c1", CallIds("T1", "S1", "46014")),
        OutcomeDecided("c1", 120.0, "transferred", verdict),
        StepBegun("c1", 121.0, "conference/phonebook", "Collections Queue"),
        StepEnded("c1", 121.2, "conference/phonebook", 200.0, Effect.DONE, ""),
        StepBegun("c1", 122.0, "call/termCode", "Transferred to Agent"),
    )
    assert reopened(path) == [
        OpenCall(
            call="c1",
            agent="8990000001",
            caller="2135550107",
            admitted_at=100.0,
            ids=CallIds("T1", "S1", "46014"),
            answered_at=101.0,
            decided_at=120.0,
            fate="transferred",
            verdict=verdict,
            steps=(
                JournalledStep("conference/phonebook", "Collections Queue", 121.0, Effect.DONE),
                JournalledStep("call/termCode", "Transferred to Agent", 122.0, Effect.UNKNOWN),
            ),
            result=None,
        )
    ]


def test_an_answer_belongs_to_the_last_step_of_its_name(path: Path) -> None:
    begun = StepBegun("c1", 121.0, "call/termCode", "Paid")
    refused = StepEnded("c1", 122.0, "call/termCode", 900.0, Effect.NONE, "refused with 400")
    written(path, ADMITTED, begun, refused, begun)
    assert [step.effect for step in reopened(path)[0].steps] == [Effect.NONE, Effect.UNKNOWN]


def test_a_call_whose_bot_has_the_customer_back_is_undecided_again(path: Path) -> None:
    verdict = Transfer("collections")
    written(path, ADMITTED, OutcomeDecided("c1", 120.0, "transferred", verdict), OutcomeReopened("c1"))
    (call,) = reopened(path)
    assert (call.decided_at, call.fate, call.verdict) == (0.0, "", None)


def test_what_the_wrap_up_came_to_is_there_until_the_call_is_closed(path: Path) -> None:
    written(path, ADMITTED, DISPOSED)
    assert reopened(path)[0].result == DISPOSED.result


@pytest.mark.parametrize("verdict", [None, Complete(), Complete("paid", Remarks("a\nb"))])
def test_a_verdict_comes_back_as_it_was(path: Path, verdict: Complete | None) -> None:
    written(path, ADMITTED, OutcomeDecided("c1", 120.0, "finished", verdict))
    assert reopened(path)[0].verdict == verdict


def test_text_that_is_no_unicode_is_written_all_the_same(path: Path) -> None:
    refused = Finished(Confirmation.UNCONFIRMED, Disposition("paid", "Paid"), "", "", "", "refused: \ud800")
    entry = EntryNoted("c1", 1.0, 1.0, "x", {"reason": "\ud800"})
    written(path, CallAdmitted("c1", 1.0, "8990000001", "\udcff", CallIds()), CallDisposed("c1", 2.0, refused), entry)
    assert reopened(path)[0].caller == "\\udcff"


def test_what_is_not_what_we_wrote_is_named(path: Path) -> None:
    written(path, ADMITTED)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE calls SET verdict = '{}'")
    database.close()
    with pytest.raises(JournalUnusable, match="what it says of call c1 cannot be read"):
        reopened(path)


def test_one_bridge_has_the_file_at_a_time(path: Path) -> None:
    store = JournalStore(path)
    with pytest.raises(JournalUnusable, match="another bridge is at work with it"):
        JournalStore(path)
    store.close()
    assert reopened(path) == []


def test_only_its_owner_may_read_it(path: Path) -> None:
    store = JournalStore(path)
    store.write([ADMITTED])
    modes = {stat.S_IMODE(os.stat(file).st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}
    store.close()


def test_the_oldest_call_comes_first(path: Path) -> None:
    written(path, CallAdmitted("late", 200.0, "8990000002", "", CallIds()), ADMITTED)
    assert [call.call for call in reopened(path)] == ["c1", "late"]


def test_a_batch_is_written_wholly_or_not_at_all(path: Path) -> None:
    store = JournalStore(path)
    unwritable = CallAnswered("c1", object())  # type: ignore[arg-type]
    with pytest.raises(sqlite3.ProgrammingError):
        store.write([ADMITTED, unwritable])
    assert store.open_calls() == []
    store.close()


def test_old_calls_are_forgotten_with_all_that_belongs_to_them(path: Path) -> None:
    store = JournalStore(path)
    store.write([ADMITTED, StepBegun("c1", 1.0, "x", ""), EntryNoted("c1", 1.0, 1.0, "x", {}), DISPOSED])
    assert store.prune(1000.0) == 0, "an open call is never forgotten"
    store.write([CallClosed("c1", 131.0, {})])
    assert store.prune(131.0) == 0
    assert store.prune(132.0) == 1
    store.close()
    with sqlite3.connect(path) as database:
        for table in ("calls", "steps", "entries"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    database.close()


def test_a_commit_waits_for_the_disk_and_readers_do_not_wait_for_it(path: Path) -> None:
    written(path, ADMITTED)
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA user_version").fetchone() == (VERSION,)
    database.close()


def test_a_file_of_a_newer_bridge_is_left_alone(path: Path) -> None:
    written(path, ADMITTED)
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version={VERSION + 1}")
    database.close()
    with pytest.raises(JournalUnusable, match="a newer bridge wrote it"):
        JournalStore(path)


def shape(path: Path) -> dict[str, set[str]]:
    """Each table's columns."""
    with sqlite3.connect(path) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {table: {row[1] for row in database.execute(f"PRAGMA table_info({table})")} for table in tables}
    database.close()
    return columns


def test_a_file_of_the_first_version_becomes_what_a_new_one_is_and_keeps_its_calls(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.executescript(FIRST_VERSION)
    database.close()
    assert [(call.call, call.caller) for call in reopened(path)] == [("c1", "2135550107")]
    reopened(path.with_name("new.db"))
    assert shape(path) == shape(path.with_name("new.db"))
    assert [call.call for call in reopened(path)] == ["c1"], "and is not changed once more"


def test_what_a_story_tells_is_kept_as_long_as_its_call_and_what_operators_did_for_good(path: Path) -> None:
    written(
        path,
        ADMITTED,
        MessageSeen("c1", 100.1, "sip", "customer", False, "192.0.2.1:5060", "INVITE sip:\udc80 SIP/2.0"),
        QualityNoted("c1", 101.0, "customer", ((50, 0, 1.5), (49, 1, 2.5))),
        ActionTaken("c1", 102.0, "admin 127.0.0.1", "hang up", "c1", "done"),
        CallClosed("c1", 131.0, {}, ("dead_air",)),
    )
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT peer, sent FROM messages").fetchall() == [("192.0.2.1:5060", 0)]
        assert database.execute("SELECT samples FROM quality").fetchall() == [("[[50, 0, 1.5], [49, 1, 2.5]]",)]
        assert database.execute("SELECT trouble FROM calls").fetchall() == [('["dead_air"]',)]
    database.close()
    store = JournalStore(path)
    assert store.prune(132.0) == 1
    store.close()
    with sqlite3.connect(path) as database:
        counts = [
            database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("messages", "quality", "audit")
        ]
    database.close()
    assert counts == [0, 0, 1]


def test_what_is_no_database_is_named(path: Path) -> None:
    path.write_text("not a database, and longer than its header would be" * 10)
    with pytest.raises(JournalUnusable, match="journal.db.*not a database"):
        JournalStore(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnusable, match="journal.db"):
        JournalStore(tmp_path / "file" / "journal.db")


def test_an_error_does_not_show_what_was_to_be_written(path: Path) -> None:
    store = JournalStore(path)
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE calls")
    database.close()
    with pytest.raises(JournalUnusable) as caught:
        store.write([ADMITTED])
    assert "2135550107" not in str(caught.value)
    store.close()


def test_of_what_is_to_be_written_of_the_customer_no_value_is_kept(path: Path) -> None:
    said = Remarks("x", "1", (("email", "a@example.com"), ("city", "Oxnard")), (("promise", "Friday"),))
    written(path, ADMITTED, OutcomeDecided("c1", 120.0, "finished", Complete("paid", said)))
    names = Remarks("x", "1", (("email", ""), ("city", "")), (("promise", ""),))
    assert reopened(path)[0].verdict == Complete("paid", names)


def test_a_verdict_of_an_earlier_version_has_nothing_for_the_customers_record() -> None:
    text = '{"action": "complete", "outcome": "paid", "remarks": {"notes": "x", "payment_amount": ""}}'
    assert verdict_of_text(text) == Complete("paid", Remarks("x"))
