"""The bridge as Twilio is: what a bot for Media Streams is told."""

import base64
import json

import pytest

from bridge.call_facts import ScreenPopRows
from bridge.dialects.dialect import Opening
from bridge.dialects.twilio import call_of_sid, call_sid, signature
from bridge.errors import InvalidEngineMessage
from bridge.simulator.stream_bot import StreamBotRecord
from bridge.simulator.twilio_stream import TwilioStream
from tests.unit.twilio_stage import CALL, FRAME, URL, Stage


def test_the_bot_is_greeted_as_twilio_does() -> None:
    stage = Stage(parameters={"tenant": "north", "empty": ""})
    start = stage.connect()
    assert start.pop("streamSid") == start["start"].pop("streamSid") == stage.sid
    assert stage.sid.startswith("MZ") and len(stage.sid) == 34
    assert start == {
        "event": "start",
        "sequenceNumber": "1",
        "start": {
            "accountSid": "AC" + "0" * 32,
            "callSid": f"CA000000000000{CALL}",
            "tracks": ["inbound"],
            "customParameters": {
                "from_number": "+15550100",
                "to_number": "8990000001",
                "call_id": CALL,
                "agent_number": "8990000001",
                "caller_name": "J. Doe",
                "transaction_id": "t-1",
                "service_id": "1001",
                "tenant": "north",
            },
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        },
    }


def test_what_bots_read_of_the_first_two_messages_is_there() -> None:
    """Some take any message with event, start.streamSid and start.callSid for Twilio's, within the first two."""
    stage = Stage()
    stage.dialect.connected(0.0)
    assert [type(message) for message in stage.speaker.sent] == [str, str]
    first, second = stage.speaker.said()
    assert "start" not in first
    assert second["event"] == "start" and {"streamSid", "callSid", "customParameters"} <= set(second["start"])
    assert {"from_number", "to_number"} <= set(second["start"]["customParameters"])
    assert all(isinstance(value, str) for value in second["start"]["customParameters"].values())


def test_the_bot_is_ready_once_the_socket_is_open() -> None:
    stage = Stage()
    stage.connect()
    assert stage.speaker.readies == 1
    stage.play(20)
    assert stage.speaker.readies == 1


def test_a_bot_may_have_to_say_something_before_it_counts_as_ready() -> None:
    stage = Stage(ready_on="first_message")
    stage.connect()
    with pytest.raises(InvalidEngineMessage):
        stage.dialect.text("{", 0.0)
    assert stage.speaker.readies == 0
    stage.tell(event="hello")
    assert stage.speaker.readies == 1


def test_the_customer_is_heard_from_the_answer_on_in_frames_that_count() -> None:
    stage = Stage()
    stage.connect(100.0)
    stage.dialect.hear(FRAME, 100.02)
    assert stage.speaker.said() == []
    stage.dialect.answered(100.5)
    stage.dialect.hear(FRAME, 100.52)
    stage.dialect.hear(FRAME, 100.549)
    first, second = stage.speaker.said()
    assert first == {
        "event": "media",
        "sequenceNumber": "2",
        "streamSid": stage.sid,
        "media": {
            "track": "inbound",
            "chunk": "1",
            "timestamp": "520",
            "payload": base64.b64encode(FRAME).decode(),
        },
    }
    assert second["sequenceNumber"] == "3"
    assert (second["media"]["chunk"], second["media"]["timestamp"]) == ("2", "540")


def test_a_strict_bot_finds_nothing_to_complain_about_in_a_whole_call() -> None:
    record = StreamBotRecord(0, 0.0)
    stream = TwilioStream(record)
    stage = Stage()
    stage.dialect.connected(0.0)
    stage.sid = json.loads(str(stage.speaker.sent[1]))["streamSid"]
    stage.dialect.screen_pop(ScreenPopRows((), {}), 0.0)
    stage.dialect.answered(1.0)
    for number in range(50):
        stage.dialect.hear(FRAME, 1.02 + number / 50)
        stage.dialect.key("5", 1.02 + number / 50)
    stage.mark("one")
    stage.dialect.transfer_progress(486, 2.0)
    stage.dialect.dead_air(15.0, 2.0)
    stage.dialect.hang_up("customer_hung_up")
    stream.waiting_marks.append("one")
    for message in stage.speaker.sent:
        stream.take(str(message), 0.0)
    assert record.faults == []


def test_a_transfer_that_failed_is_told_and_no_other() -> None:
    stage = Stage()
    stage.connect()
    stage.dialect.transfer_progress(100, 0.0)
    stage.dialect.transfer_progress(200, 0.0)
    assert stage.speaker.said() == []
    stage.dialect.transfer_progress(486, 0.0)
    assert stage.speaker.said() == [{"event": "transfer_failed", "streamSid": stage.sid, "status": 486}]


def test_the_screen_pop_and_dead_air_are_told_without_a_number_of_twilios() -> None:
    stage = Stage()
    stage.connect()
    stage.dialect.screen_pop(ScreenPopRows((("Balance", "12"),), {"balance": "12"}), 0.0)
    stage.dialect.dead_air(15.04, 0.0)
    assert stage.speaker.said() == [
        {
            "event": "screenpop",
            "streamSid": stage.sid,
            "screenpop": {"fields": {"balance": "12"}, "rows": [["Balance", "12"]]},
        },
        {"event": "dead_air", "streamSid": stage.sid, "seconds": 15.0},
    ]


def test_hanging_up_says_stop_and_nothing_after_it() -> None:
    stage = Stage()
    stage.connect()
    stage.dialect.answered(0.0)
    stage.play(20)
    stage.mark("late")
    stage.dialect.hang_up("customer_hung_up")
    stage.dialect.hear(FRAME, 0.02)
    stage.dialect.key("1", 0.02)
    stage.dialect.dead_air(1.0, 0.02)
    stage.speaker.hear(20)
    assert stage.speaker.said() == [
        {
            "event": "stop",
            "sequenceNumber": "2",
            "streamSid": stage.sid,
            "stop": {"accountSid": "AC" + "0" * 32, "callSid": f"CA000000000000{CALL}"},
        }
    ]


@pytest.mark.parametrize(("code", "ended"), [(1000, True), (1005, True), (1001, False), (1006, False), (1011, False)])
def test_a_bot_that_closes_ends_the_call_and_one_that_vanishes_does_not(code: int, ended: bool) -> None:
    stage = Stage()
    stage.connect()
    assert stage.dialect.closed(code, 0.0) is ended


def test_a_new_connection_is_a_new_stream_of_the_same_call() -> None:
    stage = Stage()
    first = stage.connect(0.0)
    stage.dialect.screen_pop(ScreenPopRows((), {"balance": "12"}), 0.0)
    stage.dialect.answered(1.0)
    stage.dialect.hear(FRAME, 1.02)
    stage.play(40)
    stage.mark("of the first stream")
    stage.speaker.said()
    stage.dialect.connected(5.0)
    second, pop = stage.speaker.said()[1:]
    assert second["sequenceNumber"] == "1" and second["streamSid"] != first["streamSid"]
    assert second["start"]["callSid"] == first["start"]["callSid"]
    assert "resumed" not in first["start"]["customParameters"]
    assert second["start"]["customParameters"]["resumed"] == "true"
    assert pop["screenpop"]["fields"] == {"balance": "12"} and pop["streamSid"] == second["streamSid"]
    stage.speaker.hear(40)
    stage.dialect.hear(FRAME, 5.1)
    (media,) = stage.speaker.said()
    assert (media["sequenceNumber"], media["media"]["chunk"], media["media"]["timestamp"]) == ("2", "1", "100")
    assert stage.speaker.readies == 2


def test_the_handshake_is_signed_over_the_url_as_it_is_written() -> None:
    opening = Stage(secret="12345", headers={"X-Tenant": "north"}).dialect.opening()
    assert opening == Opening(URL, (("X-Tenant", "north"), ("X-Twilio-Signature", "/wAl+WqMkvPvBcVutOs5CBheh4o=")))
    assert signature("12345", "wss://bot.example.com:8443/media?x=1") == "VHT86zodTgY39fUI+jIw7+PFO5w="


def test_nothing_is_signed_without_a_secret() -> None:
    assert Stage().dialect.opening() == Opening(URL)


def test_a_call_and_its_sid_name_each_other() -> None:
    sid = call_sid(CALL)
    assert len(sid) == 34 and call_of_sid(sid) == CALL
    other = call_sid("call-1")
    assert len(other) == 34 and other.startswith("CAf") and call_of_sid(other) is None
    assert call_of_sid("CA" + "g" * 32) is None and call_of_sid(f"{sid}0") is None and call_of_sid("") is None
