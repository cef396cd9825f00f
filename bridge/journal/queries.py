"""The journal as it is read: a connection that cannot write, beside the one that does, or when no bridge runs."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, Select, create_engine, func, or_, select, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from bridge.errors import JournalUnusable
from bridge.journal.call_rows import (
    ANY_TROUBLE,
    MAX_PAGE,
    ActionRow,
    CallPage,
    CallQuery,
    CallRow,
    CallRows,
    EntryRow,
    MessageRow,
    QualityRow,
    cursor_of,
)
from bridge.journal.open_call import ClosedCall
from bridge.journal.schema import VERSION, audit, calls, entries, messages, quality
from bridge.journal.store import read_call, steps_of


class JournalQueries:
    """One thread uses it at a time. Every method raises JournalUnusable."""

    def __init__(self, path: Path) -> None:
        """Open the file, which must be there."""
        self.path = path

        def connect() -> sqlite3.Connection:
            # quote: a "?" in the name would begin SQLite's parameters.
            address = f"file:{quote(str(path.absolute()))}?mode=ro"
            return sqlite3.connect(address, uri=True, check_same_thread=False, timeout=5.0)

        self._engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool, hide_parameters=True)
        try:
            with self._connection() as connection:
                version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version != VERSION:
                what = (
                    f"it has version {version}, this command reads {VERSION}: the bridge that runs with it brings it up"
                )
                raise JournalUnusable(str(path), what)
        except JournalUnusable:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def find(self, query: CallQuery) -> CallPage:
        """A page of calls."""
        limit = min(max(query.limit, 1), MAX_PAGE)
        with self._connection() as connection:
            found = connection.execute(_selected(query).limit(limit + 1)).all()
        rows = tuple(_call(row) for row in found[:limit])
        return CallPage(rows, cursor_of(rows[-1]) if len(found) > limit else "")

    def call(self, call: str) -> CallRows | None:
        """All of one call; None: the journal has none of this id."""
        with self._connection() as connection:
            row = connection.execute(select(calls).where(calls.c.call == call)).one_or_none()
            return None if row is None else _rows(connection, _call(row))

    def closed_call(self, call: str) -> ClosedCall | None:
        """What its disposition hangs on; None: the journal has none of this id."""
        with self._connection() as connection:
            row = connection.execute(select(calls).where(calls.c.call == call)).one_or_none()
            if row is None:
                return None
            later = select(calls.c.call).where(calls.c.agent == row.agent, calls.c.admitted_at > row.admitted_at)
            return ClosedCall(
                known=read_call(row, steps_of(connection, call)),
                closed=row.closed_at is not None,
                succeeded=connection.execute(later.limit(1)).one_or_none() is not None,
                line=json.loads(row.line) if row.line else {},
                trouble=tuple(json.loads(row.trouble)) if row.trouble else (),
            )

    def closed_call_shown(self, agent: str, transaction: str, session: str | None) -> ClosedCall | None:
        """The same of the latest call of an agent that LiveVox calls so, by session too where both sides say one."""
        of_ids = select(calls.c.call).where(calls.c.agent == agent, calls.c.transaction_id == transaction)
        if session is not None:
            of_ids = of_ids.where(or_(calls.c.session_id.is_(None), calls.c.session_id == session))
        with self._connection() as connection:
            call = connection.execute(of_ids.order_by(calls.c.admitted_at.desc()).limit(1)).scalar_one_or_none()
        return None if call is None else self.closed_call(call)

    def actions(self, limit: int) -> tuple[ActionRow, ...]:
        """What operators did, the latest first."""
        with self._connection() as connection:
            found = connection.execute(select(audit).order_by(audit.c.id.desc()).limit(min(limit, MAX_PAGE)))
            return tuple(ActionRow(row.at, row.who, row.did, row.about, row.result) for row in found)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except (DBAPIError, sqlite3.Error) as exc:
            raise JournalUnusable(str(self.path), str(getattr(exc, "orig", exc))) from exc
        except (ValueError, TypeError, KeyError) as exc:
            raise JournalUnusable(str(self.path), "what it says of a call cannot be read") from exc


def _selected(query: CallQuery) -> Select[Any]:
    wanted = select(calls).order_by(calls.c.admitted_at.desc(), calls.c.call.desc())
    if query.call:
        wanted = wanted.where(func.substr(calls.c.call, 1, len(query.call)) == query.call)
    if query.agent:
        wanted = wanted.where(calls.c.agent == query.agent)
    if digits := "".join(char for char in query.caller if char.isdecimal()):
        wanted = wanted.where(calls.c.caller.contains(digits, autoescape=True))
    if query.since is not None:
        wanted = wanted.where(calls.c.admitted_at >= query.since)
    if query.until is not None:
        wanted = wanted.where(calls.c.admitted_at < query.until)
    if query.outcome:
        said = query.outcome
        wanted = wanted.where(or_(calls.c.outcome == said, calls.c.fate == said, calls.c.term_code == said))
    if query.trouble == ANY_TROUBLE:
        wanted = wanted.where(calls.c.trouble.is_not(None))
    elif query.trouble:
        wanted = wanted.where(calls.c.trouble.contains(json.dumps(query.trouble), autoescape=True))
    if query.after is not None:
        wanted = wanted.where(tuple_(calls.c.admitted_at, calls.c.call) < query.after)
    return wanted


def _call(row: Row[Any]) -> CallRow:
    return CallRow(
        call=row.call,
        agent=row.agent,
        caller=row.caller,
        admitted_at=row.admitted_at,
        transaction_id=row.transaction_id or "",
        session_id=row.session_id or "",
        service_id=row.service_id or "",
        answered_at=row.answered_at,
        decided_at=row.decided_at,
        disposed_at=row.disposed_at,
        closed_at=row.closed_at,
        fate=row.fate or "",
        outcome=row.outcome or "",
        term_code=row.term_code or "",
        confirmation=row.confirmation or "",
        transferred_to=row.transferred_to or "",
        agent_state=row.agent_state or "",
        reason=row.reason or "",
        line=json.loads(row.line) if row.line else {},
        trouble=tuple(json.loads(row.trouble)) if row.trouble else (),
    )


def _rows(connection: Connection, call: CallRow) -> CallRows:
    told = connection.execute(select(entries).where(entries.c.call == call.call).order_by(entries.c.id))
    seen = connection.execute(
        select(messages).where(messages.c.call == call.call).order_by(messages.c.at, messages.c.id)
    )
    heard = connection.execute(select(quality).where(quality.c.call == call.call).order_by(quality.c.at))
    return CallRows(
        call,
        tuple(EntryRow(row.at, row.elapsed_ms, row.what, json.loads(row.facts)) for row in told),
        tuple(MessageRow(row.at, row.protocol, row.leg, bool(row.sent), row.peer, row.text) for row in seen),
        tuple(QualityRow(row.at, row.side, tuple(map(tuple, json.loads(row.samples)))) for row in heard),
    )
