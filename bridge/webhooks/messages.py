"""[sans-IO] What webhooks are told of a call: JSON with type, timestamp and data."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bridge.journal.announcements import Announced, Announcement, KnownCall
from bridge.journal.records import CallAdmitted, CallAnswered, CallClosed, ScreenPopCame
from bridge.masks import mask_number
from bridge.settings.webhooks import WebhookEvent
from bridge.webhooks.hook import Hook

_EVENTS = {
    CallAdmitted: WebhookEvent.STARTED,
    CallAnswered: WebhookEvent.ANSWERED,
    ScreenPopCame: WebhookEvent.SCREEN_POP,
    CallClosed: WebhookEvent.ENDED,
}
#: Of a call's canonical line: what is told of its end.
_OF_THE_END = ("fate", "outcome", "term_code", "confirmation", "transferred_to", "agent_state", "engine")


class MessageMaker:
    """The Announcer of these webhooks."""

    def __init__(self, hooks: Sequence[Hook]) -> None:
        self._hooks = tuple(hooks)

    def __call__(self, fact: Announced, call: KnownCall) -> Sequence[Announcement]:
        """A message for each webhook that wants to hear of it."""
        event = _EVENTS[type(fact)]
        if not isinstance(fact, ScreenPopCame) and fact.stray:
            return ()
        return [
            Announcement(hook.name, event.value, _body(event, fact, call, mask=hook.mask))
            for hook in self._hooks
            if event in hook.events
        ]


def _body(event: WebhookEvent, fact: Announced, call: KnownCall, *, mask: bool) -> str:
    data: dict[str, Any] = {
        "call": call.call,
        "agent_number": call.agent,
        "caller": mask_number(call.caller) if mask else call.caller,
        "transaction_id": call.ids.transaction_id,
        "session_id": call.ids.session_id,
        "service_id": call.ids.service_id,
        "started_at": _instant(call.admitted_at),
        "answered_at": _instant(call.answered_at) if call.answered_at else None,
    }
    if isinstance(fact, ScreenPopCame):
        data["fields"] = [key for key, _ in fact.rows] if mask else [list(row) for row in fact.rows]
    elif isinstance(fact, CallClosed):
        data |= {name: fact.line.get(name) for name in _OF_THE_END}
        data |= {"lasted_ms": fact.line.get("lasted_ms"), "trouble": list(fact.trouble)}
    return json.dumps({"type": event.value, "timestamp": _instant(fact.at), "data": data})


def _instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
