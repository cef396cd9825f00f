"""The journal at work: nobody waits for it who need not, and what was waited for is on disk."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from bridge.errors import JournalUnusable
from bridge.journal import Journal
from bridge.journal.records import CallAdmitted, CallAnswered, CallClosed, EntryNoted, Record
from bridge.journal.writer import MAX_WAITING
from bridge.wrapup.plan import CallIds


def admitted(name: str) -> CallAdmitted:
    return CallAdmitted(name, 100.0, "8990000001", "2135550107", CallIds())


def on_disk(path: Path, table: str = "calls") -> int:
    """Read by another connection: what is not committed is not there."""
    database = sqlite3.connect(path)
    try:
        (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(count)
    finally:
        database.close()


def commits(path: Path) -> int:
    """Of the frames of SQLite's log those that end a transaction say how long the file is then."""
    log = path.with_name(path.name + "-wal").read_bytes()
    frame = 24 + int.from_bytes(log[8:12], "big")
    return sum(log[at + 4 : at + 8] != bytes(4) for at in range(32, len(log), frame))


async def committed(journal: Journal, record: Record) -> None:
    journal.note(record)
    await journal.on_disk(record.call)


async def written(journal: Journal) -> None:
    """All of it, without being waited for."""
    async with asyncio.timeout(5.0):
        while journal.lag:  # noqa: ASYNC110  # who asks to be told has it written at once
            await asyncio.sleep(0.01)


async def test_what_was_committed_is_on_disk(tmp_path: Path) -> None:
    async with Journal(tmp_path / "j.db", keep_days=1) as journal:
        await committed(journal, admitted("c1"))
        assert on_disk(tmp_path / "j.db") == 1
        assert journal.lag == 0


async def test_a_commit_takes_all_with_it_that_was_noted_before(tmp_path: Path) -> None:
    async with Journal(tmp_path / "j.db", keep_days=1) as journal:
        for number in range(700):
            journal.note(admitted(f"c{number}"))
        await committed(journal, CallClosed("c0", 101.0, {}))
        assert on_disk(tmp_path / "j.db") == 700


async def test_what_nobody_waits_for_is_written_soon_and_together(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    async with Journal(path, keep_days=1) as journal:
        for number in range(50):
            journal.note(EntryNoted("c1", 1.0, 1.0, "x", {}))
            journal.note(admitted(f"c{number}"))
            await asyncio.sleep(0.001)
        journal.note(EntryNoted("c1", 2.0, 1.0, "x", {}))
        await written(journal)
        assert (on_disk(path), on_disk(path, "entries")) == (50, 51)
        assert commits(path) < 25


async def test_what_is_waited_for_waits_for_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.journal.writer.FACT_S", 60.0)
    monkeypatch.setattr("bridge.journal.writer.TOLD_S", 60.0)
    path = tmp_path / "j.db"
    async with Journal(path, keep_days=1) as journal:
        for record in (EntryNoted("c1", 1.0, 1.0, "x", {}), admitted("c1")):
            await asyncio.wait_for(committed(journal, record), 5.0)
        assert (on_disk(path), on_disk(path, "entries")) == (1, 1)
        journal.note(admitted("c2"))
    assert on_disk(path) == 2, "closing waits for no others either"


async def test_a_decision_does_not_wait_as_long_as_the_story_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.journal.writer.TOLD_S", 60.0)
    async with Journal(tmp_path / "j.db", keep_days=1) as journal:
        journal.note(EntryNoted("c1", 1.0, 1.0, "x", {}))
        await asyncio.sleep(0.02)
        assert journal.lag == 1
        journal.note(admitted("c1"))
        await written(journal)


async def test_closing_writes_what_waits(tmp_path: Path) -> None:
    async with Journal(tmp_path / "j.db", keep_days=1) as journal:
        for number in range(1200):
            journal.note(admitted(f"c{number}"))
    assert on_disk(tmp_path / "j.db") == 1200


async def test_a_file_that_is_locked_for_a_while_costs_no_record(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    async with Journal(path, keep_days=1) as journal:
        await committed(journal, admitted("c1"))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        waiting = asyncio.create_task(committed(journal, admitted("c2")), name="commit")
        await asyncio.sleep(0.3)
        assert not waiting.done()
        other.execute("ROLLBACK")
        other.close()
        await asyncio.wait_for(waiting, 5.0)
        assert on_disk(path) == 2


async def test_timelines_are_left_out_when_the_disk_is_too_slow_and_decisions_are_not(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    entry = EntryNoted("c1", 1.0, 1.0, "x", {})
    async with Journal(path, keep_days=1) as journal:
        for _ in range(MAX_WAITING + 5):
            journal.note(entry)
        journal.note(admitted("c1"))
        assert journal.left_out == 5
    assert (on_disk(path), on_disk(path, "entries")) == (1, MAX_WAITING)


async def test_a_file_that_cannot_be_used_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "j.db").mkdir()
    with pytest.raises(JournalUnusable):
        async with Journal(tmp_path / "j.db", keep_days=1):
            raise AssertionError("must not open")


async def test_a_record_that_no_file_can_take_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    async with Journal(path, keep_days=1) as journal:
        journal.note(admitted("c1"))
        journal.note(CallAnswered("c1", object()))  # type: ignore[arg-type]
        await committed(journal, admitted("c2"))
        assert on_disk(path) == 2


async def test_nobody_waits_long_for_a_disk_that_fails(tmp_path: Path) -> None:
    path, clock = tmp_path / "j.db", asyncio.get_running_loop().time
    async with Journal(path, keep_days=1, patience_s=0.5) as journal:
        await committed(journal, admitted("c1"))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("ALTER TABLE calls RENAME TO gone")
        started = clock()
        await committed(journal, admitted("c2"))
        first, started = clock() - started, clock()
        await committed(journal, admitted("c3"))
        assert first >= 0.4, "it may be back in a moment"
        assert clock() - started < 0.3, "it was waited for already"
        other.execute("ALTER TABLE gone RENAME TO calls")
        other.close()
        await asyncio.sleep(1.2)
        await asyncio.wait_for(committed(journal, admitted("c4")), 5.0)
        assert journal.lag == 0
    assert on_disk(path) == 4
