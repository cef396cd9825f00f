"""The journal as tables: SQLite, in which a transaction that was committed survives a power failure."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, create_engine, delete, event, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError
from sqlalchemy.pool import StaticPool

from bridge.errors import JournalUnusable
from bridge.journal import deliveries
from bridge.journal.announcements import Announcer, Backlog, Delivery
from bridge.journal.journal_file import JournalFile
from bridge.journal.open_call import JournalledStep, OpenCall
from bridge.journal.records import Effect, Record
from bridge.journal.rows import write_rows
from bridge.journal.schema import MIGRATIONS, VERSION, calls, entries, messages, metadata, quality, steps
from bridge.journal.verdict_text import verdict_of_text
from bridge.wrapup.plan import CallIds, Disposition
from bridge.wrapup.steps import Confirmation, Finished

#: What is wrong with a record, and not with the file, as SQLAlchemy says it and as SQLite's driver does.
UNWRITABLE = (
    *(DataError, IntegrityError, InterfaceError, ProgrammingError),
    *(sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError),
)


class JournalStore:
    """One thread uses it at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it; raises JournalUnusable."""
        self.path = path
        self._file = JournalFile(path)
        self._engine = _engine(path)
        try:
            with self._transaction() as connection:
                _bring_up_to_date(connection, path)
        except JournalUnusable:
            self.close()
            raise

    def close(self) -> None:
        """Everything committed is on disk already."""
        self._engine.dispose()
        self._file.release()

    def write(self, records: Iterable[Record], announcer: Announcer | None = None) -> None:
        """All of them, in order, in one transaction; raises JournalUnusable, and then none is written.

        A record that no file could take raises something else. What `announcer` makes of them is written with them.
        """
        with self._transaction() as connection:
            write_rows(connection, records, announcer)

    def due(self, webhook: str, now: float, limit: int) -> tuple[list[Delivery], float | None]:
        """What is to be sent to a webhook now, and when the next is; raises JournalUnusable."""
        with self._transaction() as connection:
            return deliveries.due(connection, webhook, now, limit)

    def backlog(self, webhook: str) -> Backlog:
        """How much is left to be sent to a webhook; raises JournalUnusable."""
        with self._transaction() as connection:
            return deliveries.backlog(connection, webhook)

    def open_calls(self) -> list[OpenCall]:
        """The calls that were not closed, the oldest first; raises JournalUnusable."""
        open_ones = select(calls).where(calls.c.closed_at.is_(None)).order_by(calls.c.admitted_at)
        with self._transaction() as connection:
            rows = connection.execute(open_ones).all()
            return [self._open_call(row, steps_of(connection, row.call)) for row in rows]

    def prune(self, before: float) -> int:
        """Forget calls that were closed before then; how many. Raises JournalUnusable."""
        old = select(calls.c.call).where(calls.c.closed_at < before)
        with self._transaction() as connection:
            for table in (steps, entries, messages, quality):
                connection.execute(delete(table).where(table.c.call.in_(old)))
            return connection.execute(delete(calls).where(calls.c.closed_at < before)).rowcount

    def prune_deliveries(self, before: float) -> int:
        """Forget messages for webhooks that were made before then; how many were never sent. Raises JournalUnusable."""
        with self._transaction() as connection:
            return deliveries.prune(connection, before)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except UNWRITABLE:
            raise
        except (DBAPIError, sqlite3.Error) as exc:
            raise JournalUnusable(str(self.path), str(getattr(exc, "orig", exc))) from exc

    def _open_call(self, row: Row[Any], done: Sequence[JournalledStep]) -> OpenCall:
        try:
            return read_call(row, done)
        except (ValueError, KeyError, TypeError) as exc:
            raise JournalUnusable(str(self.path), f"what it says of call {row.call} cannot be read") from exc


def _engine(path: Path) -> Engine:
    # One connection, used by whoever holds the store; transactions are begun by us (sqlite3 would begin them late).
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": 5.0},
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # a commit waits for the disk

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _bring_up_to_date(connection: Connection, path: Path) -> None:
    version: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version > VERSION:
        what = f"it has version {version}, this bridge knows up to {VERSION}: a newer bridge wrote it"
        raise JournalUnusable(str(path), what)
    metadata.create_all(connection)
    if version > 0:
        for number in range(version + 1, VERSION + 1):
            for statement in MIGRATIONS[number]:
                connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA user_version={VERSION}")


def steps_of(connection: Connection, call: str) -> list[JournalledStep]:
    """What LiveVox was asked for in a call, in the order in which it was begun."""
    rows = connection.execute(select(steps).where(steps.c.call == call).order_by(steps.c.id))
    return [JournalledStep(row.step, row.about, row.at, Effect(row.effect or Effect.UNKNOWN)) for row in rows]


def read_call(row: Row[Any], done: Sequence[JournalledStep]) -> OpenCall:
    """A row of the calls; raises ValueError, KeyError or TypeError for one that no bridge wrote."""
    return OpenCall(
        call=row.call,
        agent=row.agent,
        caller=row.caller,
        admitted_at=row.admitted_at,
        ids=CallIds(row.transaction_id, row.session_id, row.service_id),
        answered_at=row.answered_at or 0.0,
        decided_at=row.decided_at or 0.0,
        fate=row.fate or "",
        verdict=verdict_of_text(row.verdict),
        steps=tuple(done),
        result=_read_result(row) if row.disposed_at is not None else None,
    )


def _read_result(row: Row[Any]) -> Finished:
    return Finished(
        confirmation=Confirmation(row.confirmation),
        disposition=Disposition(row.outcome, row.term_code),
        term_code=row.term_code,
        transferred_to=row.transferred_to,
        agent_state=row.agent_state,
        reason=row.reason,
    )
