"""The SIP dialect: a speech engine that takes an INVITE, and says its verdict in BYE, INFO or REFER.

To the engine: X-Call-ID, X-Agent-Number, X-Caller, X-Transaction-ID and X-Session-ID on the INVITE; the screen pop as
INFO with `{"event": "screen_pop", "fields": {…}, "rows": […]}`, and "cut": true where that is too long for one; INFO
with `{"event": "dead_air", "seconds": 15}`; NOTIFYs for its REFER (RFC 3515); Reason (RFC 3326) and X-Fate on our BYE.
From the engine: X-Outcome, X-Notes, X-Payment-Amount on its BYE; INFO application/json, a verdict (which alone may have
a contact and a context) or `{"action": "recording", "state": "paused"}` (or "recording"); REFER whose Refer-To names a
target.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

import structlog

from bridge.call_facts import ScreenPopRows
from bridge.engines.connection import EngineCall
from bridge.engines.events import EngineEnded, EngineFailed, EngineReady, Fate, RecordingWanted, VerdictGiven
from bridge.errors import InvalidVerdict
from bridge.media.stream_messages import StreamEvent
from bridge.recording_words import wants_pause
from bridge.verdicts import Transfer, json_object, target_name, verdict_of_fields, verdict_of_headers
from sip.messages import (
    CommandFailed,
    Dial,
    Event,
    HangUp,
    Header,
    InfoReceived,
    Leg,
    LegAnswered,
    LegEnded,
    LegRinging,
    MediaOffer,
    ReferReceived,
    SendRequest,
)

log = structlog.get_logger()

#: A caller's name or number is no longer; what is longer is cut, lest it make the INVITE too long for a datagram.
MAX_CALLER = 128
#: A worker sends no request of more than 4,000 bytes, headers included (pjsip's PJSIP_MAX_PKT_LEN).
MAX_INFO = 2_800
#: INFOs that cannot be understood and are answered with what is wrong: two machines may misunderstand for ever.
MAX_COMPLAINTS = 3
#: What cannot stand in the user part of a URI (RFC 3261 section 25.1); an escape that is one stays.
_NOT_OF_A_USER = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-_.!~*'()&=+$,/%]")

PHRASES = {100: "Trying", 200: "OK", 404: "Not Found", 503: "Service Unavailable"}


@dataclass(frozen=True)
class SipEngineSettings:
    """[engines.NAME] with kind = "sip"."""

    uri: str
    public_host: str
    """The host of the From URI: our public address."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """More headers for the INVITE."""


class SipEngine:
    """The engine's leg of one call: commands to the worker out, the dialect's events in."""

    def __init__(self, settings: SipEngineSettings, call: EngineCall) -> None:
        self._settings = settings
        self._facts = call.facts
        self._leg_id = call.leg_id
        self._send = call.send
        self._report = call.report
        self._ready = False
        self._hung_up = False
        self._refer: ReferReceived | None = None
        self._complaints = 0

    def connect(self, media: MediaOffer) -> None:
        """Send the INVITE."""
        caller = self._facts.caller[:MAX_CALLER]
        user = _NOT_OF_A_USER.sub(lambda found: quote(found[0], safe="", errors="replace"), caller) or "anonymous"
        self._send(
            Dial(
                call=self._facts.call,
                uri=self._settings.uri,
                caller=f"sip:{user}@{self._settings.public_host}",
                display_name=_line(self._facts.caller_name),
                sip_call_id=self._leg_id,
                headers=self._invite_headers(),
                media=media,
            )
        )

    def answered(self) -> None:
        """The RTP says so."""

    def hang_up(self, fate: Fate) -> None:
        """CANCEL or BYE, with the reason."""
        self._hung_up = True
        text = fate.replace("_", " ")
        headers = (Header("Reason", f'SIP;cause=200;text="{text}"'), Header("X-Fate", fate))
        self._send(HangUp(self._facts.call, Leg.ENGINE, headers))

    def screen_pop(self, pop: ScreenPopRows) -> None:
        """INFO with the customer's data."""
        message = _screen_pop_message(pop)
        if "cut" in message:
            log.warning("screen_pop_cut", rows=len(pop.rows), bytes=MAX_INFO)
        self._info(message)

    def transfer_progress(self, status: int) -> None:
        """NOTIFY for a REFER; INFO for a transfer asked for otherwise, or without a subscription, when it failed."""
        if self._refer is not None and self._refer.subscribe:
            self._notify(self._refer, status)
        elif status >= 300:
            self._info({"event": "transfer_failed", "status": status})
        if status >= 200:
            self._refer = None

    def dead_air(self, silent_s: float) -> None:
        """INFO, so that the bot may say something."""
        self._info({"event": "dead_air", "seconds": round(silent_s, 1)})

    def on_stream(self, event: StreamEvent) -> None:
        """It has no WebSocket."""

    def on_sip(self, event: Event) -> None:
        """Something happened on the engine's leg."""
        match event:
            case LegAnswered() if not self._ready:
                self._ready = True
                self._report(EngineReady())
            case LegEnded():
                self._report(self._ending(event))
            case CommandFailed(command="Dial", error=error):
                self._report(EngineFailed(error))
            case InfoReceived():
                self._info_received(event)
            case ReferReceived():
                self._refer_received(event)
            case LegRinging(status=status):
                log.debug("engine_ringing", status=status)

    def _ending(self, event: LegEnded) -> EngineFailed | EngineEnded:
        reason = f"{event.status} {event.reason}".strip()
        if not self._ready:
            return EngineFailed(reason)
        said_goodbye = (
            event.by_peer and event.status == 200
        )  # 481 is the answer of a bot that knows of no call any more
        lost = not (said_goodbye or self._hung_up)
        return EngineEnded(verdict_of_headers(event.headers), lost=lost, reason=reason)

    def _info_received(self, event: InfoReceived) -> None:
        if event.content_type.split(";")[0].strip().lower() != "application/json":
            log.debug("engine_info_ignored", content_type=event.content_type)
            return
        try:
            said = json_object(event.body)
            if said.get("action") == "recording":
                wanted: RecordingWanted | VerdictGiven = RecordingWanted(wants_pause(said))
            else:
                wanted = VerdictGiven(verdict_of_fields(said.get("action"), said))
        except InvalidVerdict as exc:
            log.warning("engine_verdict_invalid", detail=exc.detail)
            self._complaints += 1
            if self._complaints <= MAX_COMPLAINTS:
                self._info({"event": "error", "message": exc.detail})
            return
        self._report(wanted)

    def _refer_received(self, event: ReferReceived) -> None:
        if self._refer is not None:
            self._notify(event, 491, "Request Pending")
            return
        self._refer = event
        self._report(VerdictGiven(Transfer(refer_target(event.refer_to))))

    def _invite_headers(self) -> tuple[Header, ...]:
        facts = {
            "X-Call-ID": self._facts.call,
            "X-Agent-Number": self._facts.agent_number,
            "X-Caller": self._facts.caller,
            "X-Transaction-ID": self._facts.transaction_id,
            "X-Session-ID": self._facts.session_id,
            **self._settings.headers,
        }
        return tuple(Header(name, line) for name, value in facts.items() if (line := _line(value)))

    def _info(self, message: Mapping[str, object]) -> None:
        body = _json(message)
        self._send(SendRequest(self._facts.call, Leg.ENGINE, "INFO", (), "application/json", body))

    def _notify(self, refer: ReferReceived, status: int, phrase: str = "") -> None:
        state = "active;expires=180" if status < 200 else "terminated;reason=noresource"
        headers = (Header("Event", f"refer;id={refer.cseq}"), Header("Subscription-State", state))
        body = f"SIP/2.0 {status} {phrase or PHRASES.get(status, 'Failed')}\r\n"
        command = SendRequest(self._facts.call, Leg.ENGINE, "NOTIFY", headers, "message/sipfrag;version=2.0", body)
        self._send(command)


def refer_target(refer_to: str) -> str:
    """The user part of a Refer-To URI (or the whole of a URI without one): an alias of a target."""
    uri = refer_to.strip().strip("<>")
    rest = uri.split(":", 1)[-1]
    user = rest.split("@", 1)[0] if "@" in rest else rest
    return target_name(unquote(user.split(";", 1)[0].split("?", 1)[0]))


def _line(text: str) -> str:
    """A header value: what cannot be printed would end the line, or worse."""
    text = text[:MAX_CALLER]
    if not text.isprintable():
        text = "".join(each if each.isprintable() else " " for each in text)
    return text.strip()


def _json(message: Mapping[str, object]) -> str:
    """Text that is UTF-8 on the wire: a lone surrogate, which JSON can name, is not."""
    return json.dumps(message, ensure_ascii=False).encode("utf-8", "replace").decode()


def _screen_pop_message(pop: ScreenPopRows) -> dict[str, object]:
    """The whole screen pop if an INFO can carry it, else as many of the fields as fit and "cut": true."""
    rows = [{"key": key, "value": value} for key, value in pop.rows]
    message: dict[str, object] = {"event": "screen_pop", "fields": dict(pop.fields), "rows": rows}
    if len(_json(message).encode()) <= MAX_INFO:
        return message
    fields: dict[str, str] = {}
    message = {"event": "screen_pop", "fields": fields, "rows": [], "cut": True}
    left = MAX_INFO - len(_json(message).encode())
    for key, value in pop.fields.items():
        left -= len(_json({key: value}).encode())  # its braces are more than the comma
        if left >= 0:
            fields[key] = value
    return message
