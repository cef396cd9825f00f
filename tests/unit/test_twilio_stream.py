"""A simulated Twilio bot notices what Twilio would not do."""

import base64
import json
from typing import Any

import pytest

from bridge.simulator.stream_bot import StreamBotRecord
from bridge.simulator.twilio_stream import TwilioStream, expected_signature

STREAM, CALL, ACCOUNT = "MZ" + "1" * 32, "CA" + "2" * 32, "AC" + "3" * 32
CONNECTED = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
START: dict[str, Any] = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": STREAM,
    "start": {
        "accountSid": ACCOUNT,
        "streamSid": STREAM,
        "callSid": CALL,
        "tracks": ["inbound"],
        "customParameters": {"from_number": "+15550100"},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    },
}
STOP = {"accountSid": ACCOUNT, "callSid": CALL}


class Bridge:
    """What the bridge says, read by the bot."""

    def __init__(self, *beginning: dict[str, Any]) -> None:
        self.record = StreamBotRecord(0, 0.0)
        self.stream = TwilioStream(self.record)
        self.sequence = 1
        for said in beginning:
            self.stream.take(json.dumps(said), 0.0)

    def says(self, event: str, **said: Any) -> None:
        self.sequence += 1
        whole = {"event": event, "sequenceNumber": str(self.sequence), "streamSid": STREAM, **said}
        self.stream.take(json.dumps(whole), 0.0)

    def media(self, chunk: int, ms: int, size: int = 160, **changed: Any) -> None:
        payload = base64.b64encode(bytes(size)).decode()
        media = {"track": "inbound", "chunk": str(chunk), "timestamp": str(ms), "payload": payload}
        self.says("media", media={**media, **changed})


def test_a_call_as_twilio_makes_it_has_no_faults() -> None:
    bridge = Bridge(CONNECTED, START)
    bridge.media(1, 480)
    bridge.media(2, 500)
    bridge.says("dtmf", dtmf={"track": "inbound_track", "digit": "#"})
    bridge.stream.waiting_marks.extend(["a", "b"])
    bridge.says("mark", mark={"name": "a"})
    bridge.says("mark", mark={"name": "b"})
    bridge.stream.take(json.dumps({"event": "screenpop", "streamSid": STREAM, "screenpop": {}}), 0.0)
    bridge.says("stop", stop=STOP)
    assert bridge.record.faults == []
    assert bridge.record.facts["from_number"] == "+15550100" and bridge.record.facts["callSid"] == CALL


@pytest.mark.parametrize(
    ("beginning", "fault"),
    [
        ((START,), "start instead of connected"),
        ((CONNECTED, CONNECTED), "connected instead of start"),
        (({**CONNECTED, "version": "2"},), "version is 2 instead of 1.0.0"),
        ((CONNECTED, {**START, "sequenceNumber": 1}), "sequenceNumber is 1 instead of 1"),
        ((CONNECTED, {**START, "streamSid": "MZ"}), f"streamSid is MZ instead of {STREAM}"),
        ((CONNECTED, {**START, "start": {**START["start"], "callSid": "1"}}), "callSid is 1"),
        ((CONNECTED, {**START, "start": {**START["start"], "tracks": []}}), "tracks is [] instead of ['inbound']"),
        (
            (CONNECTED, {**START, "start": {**START["start"], "customParameters": {"caller_name": ""}}}),
            "a customParameter is not text, or empty",
        ),
    ],
)
def test_a_beginning_that_is_not_twilios_is_a_fault(beginning: tuple[dict[str, Any], ...], fault: str) -> None:
    assert Bridge(*beginning).record.faults == [fault]


def test_media_out_of_step_is_a_fault() -> None:
    bridge = Bridge(CONNECTED, START)
    bridge.media(1, 20)
    bridge.media(3, 40)
    bridge.media(3, 80)
    bridge.media(4, 100, size=80)
    bridge.media(5, 120, payload="?")
    bridge.media(6, 140, timestamp=140)
    bridge.media(7, 160, track="outbound")
    assert bridge.record.faults == [
        "chunk is 3 instead of 2",
        "media: timestamp 80 after 40",
        "media: 80 bytes of audio",
        "media: payload is not base64",
        "media: timestamp is 140",
        "track is outbound instead of inbound",
        "media: timestamp 160 after 120",
    ]


def test_a_message_that_was_lost_shows_in_the_numbers() -> None:
    bridge = Bridge(CONNECTED, START)
    bridge.sequence += 1
    bridge.media(1, 20)
    assert bridge.record.faults == ["sequenceNumber is 3 instead of 2"]


def test_marks_must_come_back_in_order_and_once() -> None:
    bridge = Bridge(CONNECTED, START)
    bridge.stream.waiting_marks.extend(["a", "b"])
    bridge.says("mark", mark={"name": "b"})
    bridge.says("mark", mark={"name": "b"})
    bridge.says("mark", mark={"name": "b"})
    assert bridge.record.faults == ["mark b instead of a", "mark b instead of None"]


def test_what_twilio_never_says_is_a_fault() -> None:
    bridge = Bridge(CONNECTED, START)
    bridge.stream.take("{", 0.0)
    bridge.stream.take("[]", 0.0)
    bridge.stream.take('{"event": "hello"}', 0.0)
    bridge.stream.text_only()
    bridge.says("stop", stop={**STOP, "callSid": "x"})
    bridge.media(1, 20)
    assert [fault[:30] for fault in bridge.record.faults] == [
        "a message is not JSON",
        "a message is not an object",
        "an unknown event: hello",
        "a binary message",
        "stop is {'accountSid': 'AC3333",
        "media after stop",
    ]


def test_the_signature_is_what_twilios_own_validator_computes() -> None:
    assert expected_signature("12345", "wss://bot.example.com/media") == "/wAl+WqMkvPvBcVutOs5CBheh4o="
