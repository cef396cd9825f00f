"""[sans-IO] A story as JSON."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bridge.journal.call_rows import CallRow
from bridge.story.moments import Moment
from bridge.story.story import Story


def story_body(story: Story) -> dict[str, Any]:
    """All of it."""
    row = story.row
    return {
        "call": story.call,
        "agent_number": story.agent,
        "caller": story.caller,
        "masked": not story.whole,
        "over": story.over,
        "began_at": instant(story.began_at),
        "closed_at": _instant(row.closed_at),
        "lasted_ms": story.lasted_ms,
        "engine": story.engine,
        "transaction_id": row.transaction_id,
        "session_id": row.session_id,
        "service_id": row.service_id,
        "fate": row.fate,
        "outcome": row.outcome,
        "term_code": row.term_code,
        "confirmation": row.confirmation,
        "transferred_to": row.transferred_to,
        "headline": story.headline,
        "summary": story.summary,
        "trouble": [asdict(finding) for finding in story.findings],
        "latencies": [asdict(latency) for latency in story.latencies],
        "timeline": [_moment(moment) for moment in story.moments],
        "quality": {
            side: [{"elapsed_ms": second.elapsed_ms, **second.values} for second in told]
            for side, told in story.quality.items()
        },
        "line": dict(story.line),
    }


def call_body(row: CallRow, caller: str) -> dict[str, Any]:
    """A call in a list; `caller`: as it may be shown."""
    return {
        "call": row.call,
        "agent_number": row.agent,
        "caller": caller,
        "transaction_id": row.transaction_id,
        "started_at": instant(row.admitted_at),
        "answered_at": _instant(row.answered_at),
        "closed_at": _instant(row.closed_at),
        "fate": row.fate,
        "outcome": row.outcome,
        "term_code": row.term_code,
        "confirmation": row.confirmation,
        "trouble": list(row.trouble),
    }


def instant(epoch: float) -> str:
    """Seconds since the epoch as ISO 8601, UTC, to the millisecond: 2026-03-01T14:03:00.250Z."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instant(epoch: float | None) -> str | None:
    return None if epoch is None else instant(epoch)


def _moment(moment: Moment) -> dict[str, Any]:
    told: dict[str, Any] = {
        "at": instant(moment.at),
        "elapsed_ms": moment.elapsed_ms,
        "kind": moment.kind,
        "from": moment.source,
        "to": moment.target,
        "title": moment.title,
        "grave": moment.grave,
    }
    if moment.name:
        told |= {"name": moment.name, "facts": dict(moment.facts)}
    if moment.text:
        told |= {"peer": moment.peer, "message": moment.text}
    return told
