"""[sans-IO] What the bridge sends a Twilio bot, read strictly: each deviation from Twilio's Media Streams is a fault.

Source: Twilio's pages voice/media-streams/websocket-messages and usage/webhooks/webhooks-security.
"""

import base64
import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from bridge.simulator.rtp_packet import KEYS
from bridge.simulator.speech import FRAME_BYTES, FRAME_MS
from bridge.simulator.stream_bot import StreamBotRecord

_STREAM_SID = re.compile(r"MZ[0-9a-f]{32}")
_CALL_SID = re.compile(r"CA[0-9a-f]{32}")
_ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")
_FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
#: The bridge's own events: they are not counted.
_EXTENSIONS = frozenset({"screenpop", "transfer_failed", "dead_air"})


def expected_signature(token: str, url: str) -> str:
    """The X-Twilio-Signature of a handshake."""
    return base64.b64encode(hmac.new(token.encode(), url.encode(), hashlib.sha1).digest()).decode()


class TwilioStream:
    """The bridge's side of one stream, message by message; what it learns and misses goes into the record."""

    def __init__(self, record: StreamBotRecord) -> None:
        self.stream_sid = ""
        self.call_sid = ""
        self.account_sid = ""
        self.waiting_marks: deque[str] = deque()
        """Marks of ours that have not come back."""
        self._record = record
        self._stage = "connected"
        """The event that must come next, while only one may; then "media"; then "" after stop."""
        self._sequence = 0
        self._chunk = 0
        self._timestamp: int | None = None
        self._checks: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "media": self._media,
            "mark": self._mark,
            "dtmf": self._dtmf,
            "stop": self._stop,
        }

    def take(self, text: str, now: float) -> Mapping[str, Any]:
        """Read a message; one that is at fault is empty."""
        try:
            said = json.loads(text)
        except ValueError:
            return self._fault("a message is not JSON")
        if not isinstance(said, dict):
            return self._fault("a message is not an object")
        faults = len(self._record.faults)
        self._read(said, now)
        return said if len(self._record.faults) == faults else {}

    def text_only(self) -> None:
        """A binary message came."""
        self._fault("a binary message")

    # private

    def _read(self, said: Mapping[str, Any], now: float) -> None:
        event = str(said.get("event"))
        if event != "media":
            self._record.event(said, now)
        if self._stage in ("connected", "start"):
            self._begin(event, said)
        elif not self._stage:
            self._fault(f"{event} after stop")
        elif event in _EXTENSIONS:
            self._match(said, "streamSid", self.stream_sid)
        elif event in self._checks:
            self._count(said)
            self._checks[event](said)
        else:
            self._fault(f"an unknown event: {event}")

    def _begin(self, event: str, said: Mapping[str, Any]) -> None:
        if event != self._stage:
            self._fault(f"{event} instead of {self._stage}")
        elif event == "connected":
            self._match(said, "protocol", "Call")
            self._match(said, "version", "1.0.0")
            self._stage = "start"
        else:
            self._start(said)
            self._stage = "media"

    def _start(self, said: Mapping[str, Any]) -> None:
        start = self._object(said, "start")
        self.stream_sid = self._sid(start, "streamSid", _STREAM_SID)
        self.call_sid = self._sid(start, "callSid", _CALL_SID)
        self.account_sid = self._sid(start, "accountSid", _ACCOUNT_SID)
        self._count(said)
        self._match(start, "tracks", ["inbound"])
        self._match(start, "mediaFormat", _FORMAT)
        parameters = self._object(start, "customParameters")
        if any(not isinstance(value, str) or not value for value in parameters.values()):
            self._fault("a customParameter is not text, or empty")
        self._record.facts = {
            **{name: str(value) for name, value in parameters.items()},
            "streamSid": self.stream_sid,
            "callSid": self.call_sid,
            "accountSid": self.account_sid,
        }

    def _count(self, said: Mapping[str, Any]) -> None:
        self._sequence += 1
        self._match(said, "sequenceNumber", str(self._sequence))
        self._match(said, "streamSid", self.stream_sid)

    def _media(self, said: Mapping[str, Any]) -> None:
        media = self._object(said, "media")
        self._chunk += 1
        self._match(media, "track", "inbound")
        self._match(media, "chunk", str(self._chunk))
        timestamp = media.get("timestamp")
        if not isinstance(timestamp, str) or not timestamp.isdecimal():
            self._fault(f"media: timestamp is {timestamp!r}")
        else:
            if self._timestamp is not None and int(timestamp) != self._timestamp + FRAME_MS:
                self._fault(f"media: timestamp {timestamp} after {self._timestamp}")
            self._timestamp = int(timestamp)
        try:
            size = len(base64.b64decode(media.get("payload", ""), validate=True))
        except (ValueError, TypeError):
            self._fault("media: payload is not base64")
        else:
            if size != FRAME_BYTES:
                self._fault(f"media: {size} bytes of audio")

    def _mark(self, said: Mapping[str, Any]) -> None:
        name = self._object(said, "mark").get("name")
        expected = self.waiting_marks.popleft() if self.waiting_marks else None
        if name != expected:
            self._fault(f"mark {name} instead of {expected}")

    def _dtmf(self, said: Mapping[str, Any]) -> None:
        dtmf = self._object(said, "dtmf")
        self._match(dtmf, "track", "inbound_track")
        if dtmf.get("digit") not in set(KEYS):
            self._fault("dtmf: digit is no key")

    def _stop(self, said: Mapping[str, Any]) -> None:
        self._match(said, "stop", {"accountSid": self.account_sid, "callSid": self.call_sid})
        self._stage = ""

    def _sid(self, said: Mapping[str, Any], key: str, shape: re.Pattern[str]) -> str:
        value = str(said.get(key))
        if not shape.fullmatch(value):
            self._fault(f"{key} is {value[:40]}")
        return value

    def _object(self, said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = said.get(key)
        return value if isinstance(value, dict) else self._fault(f"{key} is not an object")

    def _match(self, said: Mapping[str, Any], key: str, value: object) -> None:
        if said.get(key) != value:
            self._fault(f"{key} is {str(said.get(key))[:60]} instead of {value}")

    def _fault(self, what: str) -> Mapping[str, Any]:
        self._record.faults.append(what)
        return {}
