"""From records to rows of the journal's tables.

They go to SQLite's driver as they are, and most of them in one call for each table: this runs beside calls that are set
up, and to have statements built for each row takes three times as long.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from bridge.journal.announcements import Announced, Announcer
from bridge.journal.deliveries import announce, end_try
from bridge.journal.records import (
    ActionTaken,
    CallAdmitted,
    CallAnswered,
    CallClosed,
    CallCorrected,
    CallDisposed,
    DeliveryTried,
    EntryNoted,
    IdsLearned,
    MessageSeen,
    OutcomeDecided,
    OutcomeReopened,
    QualityNoted,
    Record,
    ScreenPopCame,
    StepBegun,
    StepEnded,
)
from bridge.journal.verdict_text import text_of_verdict
from bridge.wrapup.plan import CallIds

#: Values, in the order in which the statement names their columns.
Row = tuple[Any, ...]
#: What is only told: the order among other records does not matter.
Told = EntryNoted | MessageSeen | QualityNoted | ActionTaken
#: What changes the row of its call.
Change = CallAnswered | IdsLearned | OutcomeDecided | OutcomeReopened | CallDisposed | CallClosed | CallCorrected


def _insert(table: str, *columns: str) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _update_call(*columns: str) -> str:
    return f"UPDATE calls SET {', '.join(f'{column} = ?' for column in columns)} WHERE call = ?"


_IDS = ("transaction_id", "session_id", "service_id")
_RESULT = ("outcome", "term_code", "confirmation", "transferred_to", "agent_state", "reason")

_ENTRY = _insert("entries", "call", "at", "elapsed_ms", "what", "facts")
_MESSAGE = _insert("messages", "call", "at", "protocol", "leg", "sent", "peer", "text")
_QUALITY = _insert("quality", "call", "at", "side", "samples")
_ACTION = _insert("audit", "at", "who", "did", "about", "result")

_ADMITTED = _insert("calls", "call", "agent", "caller", "admitted_at", *_IDS) + " ON CONFLICT DO NOTHING"
_ANSWERED = _update_call("answered_at")
_LEARNED = _update_call(*_IDS)
_DECIDED = _update_call("decided_at", "fate", "verdict")
_DISPOSED = _update_call("disposed_at", *_RESULT)
_CLOSED = _update_call("closed_at", "line", "trouble")
_CORRECTED = _update_call("line", "trouble")

_STEP_BEGUN = _insert("steps", "call", "at", "step", "about")
#: The last one of that name that was begun.
_STEP_ENDED = (
    "UPDATE steps SET ended_at = ?, ms = ?, effect = ?, error = ? WHERE id = "
    "(SELECT id FROM steps WHERE call = ? AND step = ? AND ended_at IS NULL ORDER BY id DESC LIMIT 1)"
)

_as_json = json.JSONEncoder(default=str).encode


def write_rows(connection: Connection, records: Iterable[Record], announcer: Announcer | None = None) -> None:
    """Write each record; those of one call take effect in their order. What `announcer` makes of them is kept, too."""
    cursor = connection.connection.cursor()
    told: defaultdict[str, list[Row]] = defaultdict(list)
    for record in records:
        if isinstance(record, Told):
            statement, row = _told(record)
            told[statement].append(row)
            continue
        if isinstance(record, DeliveryTried):
            end_try(connection, record)
        else:
            _write(cursor, record)
        if isinstance(record, Announced):
            announce(connection, record, announcer)
    for statement, rows in told.items():  # most of what is written
        cursor.executemany(statement, rows)


def _told(record: Told) -> tuple[str, Row]:
    """Where it is written; what it is about need not be there."""
    match record:
        case MessageSeen():
            peer, text = _clean(record.peer), _clean(record.text)
            return _MESSAGE, (record.call, record.at, record.protocol, record.leg, record.sent, peer, text)
        case EntryNoted():
            return _ENTRY, (record.call, record.at, record.elapsed_ms, record.what, _as_json(record.facts))
        case QualityNoted(call, at, side, samples):
            return _QUALITY, (call, at, side, _as_json(samples))
        case ActionTaken(_, at, who, did, about, result):
            return _ACTION, _storable(at, who, did, about, result)


def _write(cursor: DBAPICursor, record: CallAdmitted | ScreenPopCame | StepBegun | StepEnded | Change) -> None:
    match record:
        case CallAdmitted(call, at, agent, caller, ids):
            cursor.execute(_ADMITTED, _storable(call, agent, caller, at, *_of_ids(ids)))
        case StepBegun(call, at, step, about):
            cursor.execute(_STEP_BEGUN, _storable(call, at, step, about))
        case StepEnded(call, at, step, ms, effect, error):
            cursor.execute(_STEP_ENDED, _storable(at, ms, effect.value, error, call, step))
        case ScreenPopCame():
            return
        case _:
            statement, row = _change(record)
            cursor.execute(statement, _storable(*row, record.call))


def _change(record: Change) -> tuple[str, Row]:
    match record:
        case CallAnswered(at=at):
            return _ANSWERED, (at,)
        case IdsLearned(ids=ids):
            return _LEARNED, _of_ids(ids)
        case OutcomeDecided(at=at, fate=fate, verdict=verdict):
            return _DECIDED, (at, fate, text_of_verdict(verdict))
        case OutcomeReopened():
            return _DECIDED, (None, None, None)
        case CallDisposed(at=at, result=result):
            return _DISPOSED, (
                at,
                result.disposition.outcome,
                result.term_code,
                result.confirmation.value,
                result.transferred_to,
                result.agent_state,
                result.reason,
            )
        case CallClosed(at=at, line=line, trouble=trouble):
            return _CLOSED, (at, _as_json(line), _as_json(trouble) if trouble else None)
        case CallCorrected(line=line, trouble=trouble):
            return _CORRECTED, (_as_json(line), _as_json(trouble) if trouble else None)


def _of_ids(ids: CallIds) -> Row:
    return ids.transaction_id, ids.session_id, ids.service_id


def _storable(*row: Any) -> Row:
    return tuple(_clean(value) if isinstance(value, str) else value for value in row)


def _clean(text: str) -> str:
    """Text that others sent may hold halves of surrogate pairs, which no UTF-8 file can have."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
