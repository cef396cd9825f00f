"""[sans-IO] What the bridge POSTs to an RTP bot, read strictly: each deviation from its own description is a fault."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from bridge.simulator.stream_bot import StreamBotRecord
from sip.messages import Codec

#: A request with an older or newer time may be an old one, sent again by somebody who overheard it.
_MAX_AGE_S = 300

_TEXTS = ("agent_number", "caller", "caller_name", "transaction_id", "session_id", "service_id")


def read_request(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> tuple[dict[str, Any], list[str]]:
    """The JSON object, empty when it is none, and what is at fault. Names of `headers` in lower case, Unix time."""
    faults = []
    if headers.get("content-type") != "application/json":
        faults.append(f"Content-Type is {headers.get('content-type')}")
    if secret:
        faults += _signature_faults(headers, body, secret, now)
    try:
        said = json.loads(body)
    except ValueError:
        return {}, [*faults, "a request is not JSON"]
    if not isinstance(said, dict) or not isinstance(said.get("call"), str):
        return {}, [*faults, "a request is not an object with a call"]
    return said, faults


def _signature_faults(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> list[str]:
    timestamp = headers.get("x-bridge-timestamp", "")
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > _MAX_AGE_S:
        return ["X-Bridge-Timestamp is missing or not now"]
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(headers.get("x-bridge-signature", ""), f"sha256={digest}"):
        return ["X-Bridge-Signature is missing or wrong"]
    return []


class RtpRequests:
    """The bridge's requests for one call, one after the other; what is learned and missed goes into the record."""

    def __init__(self, record: StreamBotRecord) -> None:
        self.codec = Codec.PCMU
        self.bridge: tuple[str, int] = ("", 0)
        """Where the bridge has its RTP."""
        self.telephone_event: int | None = None
        self.api = ""
        """The URL of the call at the bridge's API."""
        self._record = record
        self._answered = False
        self._checks: Mapping[object, Callable[[Mapping[str, Any]], None]] = {
            "answered": self._take_answered,
            "screen_pop": self._take_screen_pop,
            "dead_air": lambda said: self._need(said, "silent_s", (int, float)),
            "transfer_failed": self._take_failure,
            "ended": self._take_end,
        }

    def take_call(self, said: Mapping[str, Any]) -> bool:
        """The first request; False when there is no endpoint in it."""
        record = self._record
        record.facts = {name: str(said[name]) for name in ("call", *_TEXTS) if isinstance(said.get(name), str)}
        for name in _TEXTS:
            self._need(said, name, (str,))
        self.api = str(said.get("api"))
        if not self.api.startswith("http") or not self.api.endswith(f"/v1/calls/{said['call']}"):
            self._fault("api is not the URL of the call")
        rtp = said.get("rtp")
        if not isinstance(rtp, dict) or said.get("codec") not in list(Codec):
            self._fault("no rtp or no codec we speak")
            return False
        self.codec = Codec(said["codec"])
        self.bridge = (str(rtp.get("address")), int(rtp.get("port") or 0))
        self.telephone_event = rtp.get("telephone_event")
        if rtp.get("payload_type") != self.codec.payload_type or rtp.get("ptime") != 20:
            self._fault("payload_type or ptime does not fit the codec")
        return True

    def take(self, said: Mapping[str, Any], now: float) -> str:
        """A later request: its event."""
        self._record.event(said, now)
        event = said.get("event")
        if self._record.goodbye:
            self._fault(f"{event} after ended")
        elif event in self._checks:
            self._checks[event](said)
        else:
            self._fault(f"an unknown event: {event}")
        return str(event)

    def _take_answered(self, _said: Mapping[str, Any]) -> None:
        if self._answered:
            self._fault("answered again")
        self._answered = True

    def _take_screen_pop(self, said: Mapping[str, Any]) -> None:
        fields, rows = said.get("fields"), said.get("rows")
        if not isinstance(fields, dict) or not isinstance(rows, list):
            self._fault("screen_pop without fields or rows")
            return
        if any(not isinstance(row, dict) or set(row) != {"key", "value"} for row in rows):
            self._fault("screen_pop: a row is not key and value")
        self._record.screen_pop = fields

    def _take_failure(self, said: Mapping[str, Any]) -> None:
        status = said.get("status")
        if not isinstance(status, int) or not 300 <= status < 700:
            self._fault(f"transfer_failed: status is {status}")

    def _take_end(self, said: Mapping[str, Any]) -> None:
        self._need(said, "fate", (str,))
        self._record.goodbye = True

    def _need(self, said: Mapping[str, Any], name: str, types: tuple[type, ...]) -> None:
        if not isinstance(said.get(name), types):
            self._fault(f"{said.get('event')}: {name} is missing or of another type")

    def _fault(self, what: str) -> None:
        self._record.faults.append(what)
