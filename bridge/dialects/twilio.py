"""[sans-IO] The dialect "twilio": Twilio's Media Streams, with the bridge as the WebSocket client that Twilio is.

Twilio's pages: voice/media-streams/websocket-messages and usage/webhooks/webhooks-security. A bot that serves Twilio's
bidirectional streams runs unchanged. Differences it may notice: `connected` and `start` come while the customer still
rings, so that what the bot says at once is heard from the first moment; `media` starts with the answer.

Beyond Twilio's messages a bot may send

    {"event": "complete", "outcome": "paid", "notes": "…", "payment_amount": "12.50"}   likewise; all but event optional
    {"event": "transfer", "target": "collections", "outcome": …, "notes": …}            once what is queued was heard
        both also with "contact" and "context", objects of names and values: bridge.verdicts
    {"event": "send_digits", "digits": "12#"}                                           keys for the customer's side
    {"event": "recording", "state": "paused"}                                           or "recording", to go on

and it is told

    {"event": "screenpop", "streamSid": …, "screenpop": {"fields": {key: value}, "rows": [[name, value]]}}
    {"event": "transfer_failed", "streamSid": …, "status": 486}
    {"event": "dead_air", "streamSid": …, "seconds": 15.0}

`streamSid` may be left out of what the bot sends. Closing the WebSocket (code 1000, or none) ends the call when what is
queued has been played; any other end of the connection is a loss.
"""

import binascii
import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.dialects.dialect import Dialect, Opening, Speaker
from bridge.dialects.incoming import json_object, object_of, text_of
from bridge.dialects.kinds import DialectTerms, Kind
from bridge.dialects.twilio_section import FACTS, RESUMED, TwilioSection
from bridge.errors import InvalidEngineMessage, InvalidVerdict
from bridge.recording_words import wants_pause
from bridge.verdicts import Verdict, verdict_of_fields

_FRAME_MS = 20
_KEYS = frozenset("0123456789*#ABCD")
_MAX_KEYS = 64
_MAX_MARK = 1_000
#: Our own mark; those of bots have a space in them.
_TRANSFER = "transfer"
_OUR_CALL = re.compile(r"[0-9a-f]{20}")
_OUR_CALL_SID = re.compile(r"CA0{12}([0-9a-f]{20})")
_EVENT_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,40}")


def call_sid(call: str) -> str:
    """The callSid of a call of ours: "CA" and 32 hexadecimal digits."""
    if _OUR_CALL.fullmatch(call):
        return f"CA{'0' * 12}{call}"
    return f"CAf{hashlib.sha256(call.encode()).hexdigest()[:31]}"


def call_of_sid(sid: str) -> str | None:
    """The call that `call_sid` made this of; None when it cannot be told."""
    found = _OUR_CALL_SID.fullmatch(sid)
    return found[1] if found else None


def signature(token: str, url: str) -> str:
    """X-Twilio-Signature of a WebSocket's handshake: HMAC-SHA1 of the URL as it is configured, ws:// or wss:// too."""
    digest = hmac.new(token.encode(), url.encode(), hashlib.sha1).digest()
    return binascii.b2a_base64(digest, newline=False).decode()


class TwilioDialect(Dialect):
    """One call over Media Streams."""

    def __init__(
        self, settings: TwilioSection, secret: str, facts: CallFacts, _terms: DialectTerms, speaker: Speaker
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._facts = facts
        self._speaker = speaker
        self._call_sid = call_sid(facts.call)
        self._connections = 0
        self._stream_sid = ""
        self._sequence = 0
        """Of the last message."""
        self._chunk = 0
        """Of the last frame of media."""
        self._began = 0.0
        self._first_ms = 0
        """When the first frame of this stream began, counted from the stream's start."""
        self._answered = False
        self._is_ready = False
        self._is_over = False
        self._pop: ScreenPopRows | None = None
        self._ignored: set[str] = set()
        self._transfers: deque[Verdict] = deque()
        """Asked for, while something is still to be heard."""
        self._read: Mapping[str, Callable[[dict[str, Any]], None]] = {
            "media": self._media,
            "mark": self._mark,
            "clear": self._clear,
            "complete": self._complete,
            "transfer": self._transfer,
            "send_digits": self._send_digits,
            "recording": self._recording,
        }

    def opening(self) -> Opening:
        headers = tuple(self._settings.headers.items())
        if self._secret:
            headers += (("X-Twilio-Signature", signature(self._secret, self._settings.url)),)
        return Opening(self._settings.url, headers)

    def connected(self, now: float) -> None:
        self._connections += 1
        digest = hashlib.sha256(f"{self._facts.call} {self._connections}".encode()).hexdigest()
        self._stream_sid = f"MZ{digest[:32]}"
        self._began = now
        self._sequence = self._chunk = self._first_ms = 0
        self._is_ready = False
        self._speaker.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
        self._say("start", start=self._start())
        if self._pop is not None:
            self.screen_pop(self._pop, now)
        if self._settings.ready_on == "open":
            self._get_ready()

    def text(self, message: str, now: float) -> None:
        said = json_object(message)
        event, sid = text_of(said, "event"), said.get("streamSid")
        if sid is not None and sid != self._stream_sid:
            raise InvalidEngineMessage(f'"streamSid" of {_shown(event)} is not {self._stream_sid}')
        read = self._read.get(event)
        if read is None:
            self._ignore(event)
        else:
            read(said)
        self._get_ready()

    def binary(self, message: bytes, now: float) -> None:
        raise InvalidEngineMessage("it is binary; audio comes as base64 in the event media")

    # What the customer and the bridge do

    def hear(self, audio: bytes, now: float) -> None:
        if not self._answered or self._is_over:
            return
        if self._chunk == 0:
            self._first_ms = max(0, round((now - self._began) * 1000))
        self._sequence += 1
        self._chunk += 1
        payload = binascii.b2a_base64(audio, newline=False).decode("ascii")
        # Fifty times a second for each call: written by hand.
        self._speaker.send(
            f'{{"event":"media","sequenceNumber":"{self._sequence}","streamSid":"{self._stream_sid}",'
            f'"media":{{"track":"inbound","chunk":"{self._chunk}",'
            f'"timestamp":"{self._first_ms + (self._chunk - 1) * _FRAME_MS}","payload":"{payload}"}}}}'
        )

    def answered(self, now: float) -> None:
        self._answered = True

    def mark_played(self, name: str, now: float) -> None:
        if name == _TRANSFER:
            self._say_transfer()
            return
        connection, _, mark = name.partition(" ")
        if connection == str(self._connections):
            self._say("mark", mark={"name": mark})

    def key(self, digit: str, now: float) -> None:
        self._say("dtmf", dtmf={"track": "inbound_track", "digit": digit})

    def screen_pop(self, pop: ScreenPopRows, now: float) -> None:
        self._pop = pop
        rows = [list(row) for row in pop.rows]
        self._tell("screenpop", screenpop={"fields": dict(pop.fields), "rows": rows})

    def transfer_progress(self, status: int, now: float) -> None:
        if status >= 300:
            self._tell("transfer_failed", status=status)

    def dead_air(self, silent_s: float, now: float) -> None:
        self._tell("dead_air", seconds=round(silent_s, 1))

    def hang_up(self, fate: str) -> None:
        self._say("stop", stop={"accountSid": self._settings.account_sid, "callSid": self._call_sid})
        self._is_over = True

    def closed(self, code: int, now: float) -> bool:
        while self._transfers:
            self._say_transfer()  # asked for is asked for, though the bot did not wait
        return code in (1000, 1005)

    # What the bot says

    def _media(self, said: dict[str, Any]) -> None:
        try:
            audio = binascii.a2b_base64(text_of(object_of(said, "media"), "payload"), strict_mode=True)
        except ValueError as exc:
            raise InvalidEngineMessage('"payload" is not base64') from exc
        self._speaker.play(audio)

    def _mark(self, said: dict[str, Any]) -> None:
        name = text_of(object_of(said, "mark"), "name")
        if not 0 < len(name) <= _MAX_MARK:
            raise InvalidEngineMessage(f'"name" of a mark has {len(name)} characters, not 1 to {_MAX_MARK}')
        # A mark of a connection that was lost must not come up on the next one.
        self._speaker.mark(f"{self._connections} {name}")

    def _clear(self, _said: dict[str, Any]) -> None:
        self._speaker.clear()

    def _complete(self, said: dict[str, Any]) -> None:
        try:
            verdict = verdict_of_fields("complete", said)
        except InvalidVerdict as exc:
            raise InvalidEngineMessage(f"complete: {exc.detail}") from exc
        self._speaker.goodbye(verdict)

    def _transfer(self, said: dict[str, Any]) -> None:
        try:
            verdict = verdict_of_fields("transfer", said)
        except InvalidVerdict as exc:
            raise InvalidEngineMessage(f"transfer: {exc.detail}") from exc
        self._transfers.append(verdict)
        self._speaker.mark(_TRANSFER)

    def _say_transfer(self) -> None:
        if self._transfers:
            self._speaker.say(self._transfers.popleft())

    def _send_digits(self, said: dict[str, Any]) -> None:
        digits = text_of(said, "digits")
        if not 0 < len(digits) <= _MAX_KEYS or not set(digits) <= _KEYS:
            raise InvalidEngineMessage(f'"digits" is not 1 to {_MAX_KEYS} keys of 0-9, *, #, A-D')
        self._speaker.press(digits)

    def _recording(self, said: dict[str, Any]) -> None:
        try:
            self._speaker.record(not wants_pause(said))
        except InvalidVerdict as exc:
            raise InvalidEngineMessage(f"recording: {exc.detail}") from exc

    def _ignore(self, event: str) -> None:
        """Twilio's bots send events of other vendors, too: worth one note each, no more."""
        shown = _shown(event)
        if shown not in self._ignored and len(self._ignored) < 20:
            self._ignored.add(shown)
            self._speaker.note("engine_event_ignored", unknown=shown)

    # What is said to the bot

    def _get_ready(self) -> None:
        if not self._is_ready:
            self._is_ready = True
            self._speaker.ready()

    def _start(self) -> dict[str, Any]:
        facts = {name: getattr(self._facts, fact) for name, fact in FACTS.items()}
        parameters = {name: value for name, value in (facts | dict(self._settings.parameters)).items() if value}
        if self._connections > 1:
            parameters[RESUMED] = "true"
        return {
            "accountSid": self._settings.account_sid,
            "streamSid": self._stream_sid,
            "callSid": self._call_sid,
            "tracks": ["inbound"],
            "customParameters": parameters,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }

    def _say(self, event: str, **said: Any) -> None:
        """A message of Twilio's: they are counted."""
        if not self._is_over:
            self._sequence += 1
            self._tell(event, sequenceNumber=str(self._sequence), **said)

    def _tell(self, event: str, **said: Any) -> None:
        """Any message; those without a number are ours, and Twilio's bots ignore them."""
        if not self._is_over and self._stream_sid:
            self._speaker.send(json.dumps({"event": event, "streamSid": self._stream_sid, **said}))


def _shown(event: str) -> str:
    return event if _EVENT_NAME.fullmatch(event) else "unnamed"


KIND = Kind("twilio", TwilioSection, TwilioDialect)
