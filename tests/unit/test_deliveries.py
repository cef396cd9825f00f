"""The journal's table of messages for webhooks."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, select
from structlog.testing import capture_logs

from bridge.journal.announcements import Announced, Announcement, KnownCall
from bridge.journal.records import CallAdmitted, CallAnswered, CallClosed, DeliveryTried, Record
from bridge.journal.schema import calls, deliveries
from bridge.journal.store import JournalStore
from bridge.wrapup.plan import CallIds


def two_hooks(fact: Announced, call: KnownCall) -> Sequence[Announcement]:
    """Both hear of everything."""
    event = type(fact).__name__
    return [Announcement(name, event, f"{event} {call.call} {call.answered_at:g}") for name in ("one", "two")]


def broken(fact: Announced, call: KnownCall) -> Sequence[Announcement]:
    raise RuntimeError("a fault of ours")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[JournalStore]:
    made = JournalStore(tmp_path / "journal.db")
    yield made
    made.close()


def admitted(call: str, at: float) -> CallAdmitted:
    return CallAdmitted(call, at, "8990000001", "2134634007", CallIds())


def rows(store: JournalStore, table: Any) -> list[Any]:
    engine = create_engine(f"sqlite:///{store.path}")
    with engine.connect() as connection:
        found = connection.execute(select(table)).all()
    engine.dispose()
    return list(found)


def sent(store: JournalStore, webhook: str, now: float) -> list[str]:
    return [delivery.body for delivery in store.due(webhook, now, 100)[0]]


def test_only_the_first_message_of_a_call_is_due_and_the_next_follows_when_it_is_done(store: JournalStore) -> None:
    store.write([admitted("c1", 1.0), CallAnswered("c1", 2.0), admitted("c2", 3.0)], two_hooks)
    assert sent(store, "one", 10.0) == ["CallAdmitted c1 0", "CallAdmitted c2 0"]
    first = store.due("one", 10.0, 1)[0][0]
    store.write([DeliveryTried("c1", 10.0, first.id, 15.0, "no")])
    assert sent(store, "one", 10.0) == ["CallAdmitted c2 0"] and store.due("one", 10.0, 9)[1] == 15.0
    again = store.due("one", 15.0, 9)[0][-1]
    assert (again.id, again.message, again.tries) == (first.id, first.message, 1)
    store.write([DeliveryTried("c1", 16.0, first.id, None, "")])
    assert sent(store, "one", 16.0) == ["CallAdmitted c2 0", "CallAnswered c1 2"]
    assert sent(store, "two", 16.0) == ["CallAdmitted c1 0", "CallAdmitted c2 0"]


def test_what_was_sent_leaves_no_text_behind(store: JournalStore) -> None:
    store.write([admitted("c1", 1.0)], two_hooks)
    (delivery,) = store.due("one", 2.0, 9)[0]
    store.write([DeliveryTried("c1", 2.0, delivery.id, None, "")])
    assert [(row.webhook, row.body, row.done_at) for row in rows(store, deliveries)] == [
        ("one", "", 2.0),
        ("two", "CallAdmitted c1 0", None),
    ]
    assert (store.backlog("one").pending, store.backlog("two").pending) == (0, 1)
    assert (store.backlog("one").oldest_at, store.backlog("two").oldest_at) == (None, 1.0)


def test_what_is_left_is_counted_without_a_look_at_what_was_sent(store: JournalStore) -> None:
    asked: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    event.listen(store._engine, "before_cursor_execute", hear)
    store.backlog("one")
    statement, values = asked[-1]
    with store._engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).one()
    assert "USING COVERING INDEX deliveries_left" in plan[-1]


def test_a_fact_that_cannot_be_written_leaves_no_message(store: JournalStore) -> None:
    unwritable = CallClosed("c1", 2.0, {}, trouble=())
    with pytest.raises(sqlite3.ProgrammingError):
        store.write([admitted("c1", 1.0), CallAnswered("c1", {}), unwritable], two_hooks)  # type: ignore[arg-type]
    assert rows(store, calls) == [] and rows(store, deliveries) == []


def test_an_announcer_that_breaks_costs_no_fact(store: JournalStore) -> None:
    with capture_logs() as logs:
        store.write([admitted("c1", 1.0)], broken)
    assert len(rows(store, calls)) == 1 and rows(store, deliveries) == []
    assert [line["event"] for line in logs] == ["webhook_message_not_made"]


def test_what_is_old_is_forgotten_sent_or_not_and_nobody_waits_for_it(store: JournalStore) -> None:
    store.write([admitted("c1", 1.0), CallAnswered("c1", 100.0)], two_hooks)
    assert store.prune_deliveries(50.0) == 2
    assert sent(store, "one", 200.0) == ["CallAnswered c1 100"]
    assert store.prune_deliveries(150.0) == 2 and rows(store, deliveries) == []


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["admit", "answer", "close", "taken", "fails", "prune"]), st.integers(0, 3), st.integers(0, 5)
    ),
    max_size=30,
)


@given(ACTS)
@hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_exactly_the_first_message_left_of_each_call_has_its_time(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int, int]]
) -> None:
    store = JournalStore(tmp_path_factory.mktemp("journal") / "journal.db")
    try:
        for now, (act, which, more) in enumerate(acts, 1):
            happen(store, act, f"c{which}", float(now), more)
            left: dict[tuple[str, str], list[Any]] = {}
            for row in rows(store, deliveries):
                assert (row.done_at is not None) <= (row.next_at is None)
                if row.done_at is None:
                    left.setdefault((row.webhook, row.call), []).append(row.next_at)
            for times in left.values():
                assert times[0] is not None and times[1:] == [None] * len(times[1:])
    finally:
        store.close()


def happen(store: JournalStore, act: str, call: str, now: float, more: int) -> None:
    facts: dict[str, Record] = {
        "admit": admitted(call, now),
        "answer": CallAnswered(call, now),
        "close": CallClosed(call, now, {}),
    }
    if act in facts:
        store.write([facts[act]], two_hooks)
    elif act == "prune":
        store.prune_deliveries(now - more)
    elif found := store.due("one", now + 10, 9)[0]:
        delivery = found[more % len(found)]
        next_at = now + more if act == "fails" else None
        store.write([DeliveryTried(delivery.call, now, delivery.id, next_at, "")])
