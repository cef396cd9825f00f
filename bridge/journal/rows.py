"""From records to rows of the journal's tables."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from bridge.journal.announcements import Announced, Announcer
from bridge.journal.deliveries import announce, end_try
from bridge.journal.records import (
    ActionTaken,
    CallAdmitted,
    CallAnswered,
    CallClosed,
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
from bridge.journal.schema import audit, calls, entries, messages, quality, steps
from bridge.journal.verdict_text import text_of_verdict
from bridge.wrapup.plan import CallIds

Row = dict[str, Any]
#: What is more than told.
Fact = (
    CallAdmitted
    | CallAnswered
    | ScreenPopCame
    | DeliveryTried
    | IdsLearned
    | OutcomeDecided
    | OutcomeReopened
    | StepBegun
    | StepEnded
    | CallDisposed
    | CallClosed
)


def write_rows(connection: Connection, records: Iterable[Record], announcer: Announcer | None = None) -> None:
    """Write each record; those of one call take effect in their order. What `announcer` makes of them is kept, too."""
    told: dict[Table, list[Row]] = {entries: [], messages: [], quality: [], audit: []}
    for record in records:
        if isinstance(record, EntryNoted | MessageSeen | QualityNoted | ActionTaken):
            table, row = _told(record)
            told[table].append(_storable(row))
            continue
        _write(connection, record)
        if isinstance(record, Announced):
            announce(connection, record, announcer)
    for table, rows in told.items():
        if rows:  # most of what is written: one statement for all
            connection.execute(insert(table), rows)


def _write(connection: Connection, record: Fact) -> None:
    match record:
        case CallAdmitted(call, at, agent, caller, ids):
            row = {"call": call, "agent": agent, "caller": caller, "admitted_at": at} | _ids(ids)
            connection.execute(insert(calls).prefix_with("OR IGNORE"), _storable(row))
        case StepBegun(call, at, step, about):
            row = {"call": call, "at": at, "step": step, "about": about}
            connection.execute(insert(steps), _storable(row))
        case StepEnded(call, at, step, ms, effect, error):
            row = {"ended_at": at, "ms": ms, "effect": effect.value, "error": error}
            _end_step(connection, call, step, _storable(row))
        case DeliveryTried():
            end_try(connection, record)
        case ScreenPopCame():
            return
        case _:
            changed = update(calls).where(calls.c.call == record.call)
            connection.execute(changed, _storable(_changes(record)))


def _told(record: EntryNoted | MessageSeen | QualityNoted | ActionTaken) -> tuple[Table, Row]:
    """Where it is written; what it is about need not be there."""
    match record:
        case EntryNoted(call, at, elapsed_ms, what, facts):
            return entries, {"call": call, "at": at, "elapsed_ms": elapsed_ms, "what": what, "facts": _json(facts)}
        case MessageSeen():
            return messages, vars(record)
        case QualityNoted(call, at, side, samples):
            return quality, {"call": call, "at": at, "side": side, "samples": json.dumps(samples)}
        case ActionTaken(_, at, who, did, about, result):
            return audit, {"at": at, "who": who, "did": did, "about": about, "result": result}


def _changes(
    record: CallAnswered | IdsLearned | OutcomeDecided | OutcomeReopened | CallDisposed | CallClosed,
) -> Row:
    match record:
        case CallAnswered(at=at):
            return {"answered_at": at}
        case IdsLearned(ids=ids):
            return _ids(ids)
        case OutcomeDecided(at=at, fate=fate, verdict=verdict):
            return {"decided_at": at, "fate": fate, "verdict": text_of_verdict(verdict)}
        case OutcomeReopened():
            return {"decided_at": None, "fate": None, "verdict": None}
        case CallDisposed(at=at, result=result):
            return {
                "disposed_at": at,
                "outcome": result.disposition.outcome,
                "term_code": result.term_code,
                "confirmation": result.confirmation.value,
                "transferred_to": result.transferred_to,
                "agent_state": result.agent_state,
                "reason": result.reason,
            }
        case CallClosed(at=at, line=line, trouble=trouble):
            return {"closed_at": at, "line": _json(line), "trouble": json.dumps(trouble) if trouble else None}


def _end_step(connection: Connection, call: str, step: str, values: Row) -> None:
    """The last one of that name that was begun."""
    last = (
        select(steps.c.id)
        .where(steps.c.call == call, steps.c.step == step, steps.c.ended_at.is_(None))
        .order_by(steps.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    connection.execute(update(steps).where(steps.c.id == last), values)


def _ids(ids: CallIds) -> Row:
    return {"transaction_id": ids.transaction_id, "session_id": ids.session_id, "service_id": ids.service_id}


def _json(facts: Mapping[str, object]) -> str:
    return json.dumps(facts, default=str)


def _storable(row: Row) -> Row:
    """Text that others sent may hold halves of surrogate pairs, which no UTF-8 file can have."""
    return {name: _clean(value) if isinstance(value, str) else value for name, value in row.items()}


def _clean(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
