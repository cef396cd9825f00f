"""The table of messages for webhooks: a call's are sent one after the other, so only the first of them has a time."""

import secrets
from collections.abc import Sequence

import structlog
from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from bridge.journal.announcements import Announced, Announcement, Announcer, Backlog, Delivery, KnownCall
from bridge.journal.records import DeliveryTried
from bridge.journal.schema import calls, deliveries
from bridge.wrapup.plan import CallIds

log = structlog.get_logger()


def announce(connection: Connection, fact: Announced, announcer: Announcer | None) -> None:
    """Add what webhooks are to be told of a fact that was just written."""
    known = _known(connection, fact.call) if announcer is not None else None
    if announcer is None or known is None:
        return
    for announcement in _made(announcer, fact, known):
        earlier = select(deliveries.c.id).where(_is_pending(announcement.webhook, fact.call)).limit(1)
        row = {
            "message": f"msg_{secrets.token_hex(12)}",
            "webhook": announcement.webhook,
            "call": fact.call,
            "event": announcement.event,
            "at": fact.at,
            "body": announcement.body,
            "tries": 0,
            "next_at": None if connection.execute(earlier).first() else fact.at,
        }
        connection.execute(insert(deliveries), row)


def end_try(connection: Connection, tried: DeliveryTried) -> None:
    """It was taken, given up, or is to be tried again; the next one of its call follows."""
    is_it = deliveries.c.id == tried.delivery
    if tried.next_at is not None:
        again = {"tries": deliveries.c.tries + 1, "next_at": tried.next_at, "error": tried.error}
        connection.execute(update(deliveries).where(is_it).values(again))
        return
    # What it said is not kept: customers' numbers may be in it.
    done = {"tries": deliveries.c.tries + 1, "next_at": None, "done_at": tried.at, "error": tried.error, "body": ""}
    connection.execute(update(deliveries).where(is_it).values(done))
    row = connection.execute(select(deliveries.c.webhook, deliveries.c.call).where(is_it)).first()
    if row is not None:
        first = select(func.min(deliveries.c.id)).where(_is_pending(row.webhook, row.call)).scalar_subquery()
        connection.execute(update(deliveries).where(deliveries.c.id == first).values(next_at=tried.at))


def due(connection: Connection, webhook: str, now: float, limit: int) -> tuple[list[Delivery], float | None]:
    """What is to be sent to a webhook now, the longest due first; and when the next one is, None: nobody knows."""
    is_of = deliveries.c.webhook == webhook
    rows = connection.execute(
        select(deliveries).where(is_of, deliveries.c.next_at <= now).order_by(deliveries.c.next_at).limit(limit)
    )
    found = [
        Delivery(row.id, row.message, row.webhook, row.call, row.event, row.body, row.at, row.tries) for row in rows
    ]
    later = select(func.min(deliveries.c.next_at)).where(is_of, deliveries.c.next_at > now)
    return found, connection.execute(later).scalar_one()


def backlog(connection: Connection, webhook: str) -> Backlog:
    """How much is left to be sent to a webhook."""
    left = select(func.count(), func.min(deliveries.c.at)).where(_is_left(), deliveries.c.webhook == webhook)
    pending, oldest_at = connection.execute(left).one()
    return Backlog(pending, oldest_at)


def prune(connection: Connection, before: float) -> int:
    """Forget what was made before then, sent or not; how many were never sent."""
    old = deliveries.c.at < before
    lost: int = connection.execute(select(func.count()).where(old, _is_left())).scalar_one()
    heads = select(deliveries.c.webhook, deliveries.c.call).where(old, _is_left()).distinct()
    cut = connection.execute(heads).all() if lost else []
    connection.execute(delete(deliveries).where(old))
    for webhook, call in cut:  # what came later of such a call must not wait for ever
        first = select(func.min(deliveries.c.id)).where(_is_pending(webhook, call)).scalar_subquery()
        connection.execute(update(deliveries).where(deliveries.c.id == first).values(next_at=before))
    return lost


def _made(announcer: Announcer, fact: Announced, known: KnownCall) -> Sequence[Announcement]:
    try:
        return announcer(fact, known)
    except Exception:  # the announcer's outermost level: no fault of it may cost the journal the fact
        log.exception("webhook_message_not_made", call=known.call)
        return ()


def _is_left() -> ColumnElement[bool]:
    return deliveries.c.done_at.is_(None)


def _is_pending(webhook: str, call: str) -> ColumnElement[bool]:
    return and_(_is_left(), deliveries.c.webhook == webhook, deliveries.c.call == call)


def _known(connection: Connection, call: str) -> KnownCall | None:
    row = connection.execute(select(calls).where(calls.c.call == call)).first()
    if row is None:
        return None
    ids = CallIds(row.transaction_id, row.session_id, row.service_id)
    return KnownCall(row.call, row.agent, row.caller, ids, row.admitted_at, row.answered_at or 0.0)
