"""What a bot for Media Streams may say, and what becomes of it."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import InvalidEngineMessage
from bridge.verdicts import Complete, Remarks, Transfer
from tests.unit.twilio_stage import FRAME, Stage


def test_what_the_bot_says_is_played() -> None:
    stage = Stage()
    stage.connect()
    stage.tell(event="media", streamSid=stage.sid, media={"payload": base64.b64encode(FRAME + b"xyz").decode()})
    stage.tell(event="media", streamSid=stage.sid, media={"payload": ""})
    assert bytes(stage.speaker.played) == FRAME + b"xyz"


def test_a_mark_comes_back_when_all_before_it_was_heard() -> None:
    stage = Stage()
    stage.connect()
    stage.play(100)
    stage.mark("a b")
    stage.play(40)
    stage.mark("c")
    stage.speaker.hear(80)
    assert stage.speaker.said() == []
    stage.speaker.hear(20)
    assert stage.speaker.said() == [
        {"event": "mark", "sequenceNumber": "2", "streamSid": stage.sid, "mark": {"name": "a b"}}
    ]
    stage.speaker.hear(40)
    assert [said["mark"]["name"] for said in stage.speaker.said()] == ["c"]


def test_a_mark_with_nothing_before_it_comes_back_at_once() -> None:
    stage = Stage()
    stage.connect()
    stage.mark("now")
    assert [said["mark"]["name"] for said in stage.speaker.said()] == ["now"]


def test_clear_empties_the_queue_and_gives_the_marks_back_in_order() -> None:
    stage = Stage()
    stage.connect()
    for name in ("1", "2", "3"):
        stage.play(1_000)
        stage.mark(name)
    stage.speaker.hear(500)
    stage.tell(event="clear", streamSid=stage.sid)
    assert stage.speaker.waiting_ms == 0
    assert [said["mark"]["name"] for said in stage.speaker.said()] == ["1", "2", "3"]


def test_keys_reach_the_bot_and_its_keys_the_customer() -> None:
    stage = Stage()
    stage.connect()
    stage.dialect.key("#", 0.0)
    assert stage.speaker.said() == [
        {
            "event": "dtmf",
            "streamSid": stage.sid,
            "sequenceNumber": "2",
            "dtmf": {"track": "inbound_track", "digit": "#"},
        }
    ]
    stage.tell(event="send_digits", digits="12#")
    assert stage.speaker.pressed == "12#"


def test_the_recording_is_paused_and_goes_on() -> None:
    stage = Stage()
    stage.connect()
    stage.tell(event="recording", state="paused")
    stage.tell(event="recording", streamSid=stage.sid, state="recording")
    assert stage.speaker.recorded == [False, True]


def test_complete_lets_the_sentence_finish() -> None:
    stage = Stage()
    stage.connect()
    stage.tell(event="complete", outcome="paid", notes="thanks", payment_amount=12.5, other=1)
    assert stage.speaker.goodbyes == [Complete("paid", Remarks("thanks", "12.5"))]
    assert stage.speaker.verdicts == []


def test_a_transfer_waits_until_what_was_said_before_it_was_heard() -> None:
    stage = Stage()
    stage.connect()
    stage.play(100)
    stage.tell(event="transfer", streamSid=stage.sid, target="collections")
    stage.speaker.hear(80)
    assert stage.speaker.verdicts == []
    stage.speaker.hear(20)
    assert stage.speaker.verdicts == [Transfer("collections")]
    stage.tell(event="transfer", target="billing", outcome="busy")
    assert stage.speaker.verdicts[1:] == [Transfer("billing", "busy")]
    assert stage.speaker.said() == []


@pytest.mark.parametrize("code", [1000, 1006])
def test_a_transfer_is_not_lost_with_the_bot(code: int) -> None:
    stage = Stage()
    stage.connect()
    stage.play(100)
    stage.tell(event="transfer", target="collections")
    stage.dialect.closed(code, 0.0)
    assert stage.speaker.verdicts == [Transfer("collections")]
    stage.speaker.hear(100)
    assert stage.speaker.verdicts == [Transfer("collections")]


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        ("{", "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ('{"event": 7}', '"event" is not text'),
        ('{"event": "clear", "streamSid": "MZ1"}', '"streamSid" of clear is not MZ'),
        ('{"event": "media"}', '"media" is not an object'),
        ('{"event": "media", "media": {"payload": 1}}', '"payload" is not text'),
        ('{"event": "media", "media": {"payload": "not base64"}}', '"payload" is not base64'),
        ('{"event": "media", "media": {"payload": "\\u00ff///"}}', '"payload" is not base64'),
        ('{"event": "mark", "mark": {}}', '"name" is not text'),
        ('{"event": "mark", "mark": {"name": ""}}', '"name" of a mark has 0 characters'),
        ('{"event": "transfer"}', "transfer: a transfer names no target"),
        ('{"event": "complete", "outcome": []}', 'complete: "outcome" must be text'),
        ('{"event": "send_digits", "digits": "1x"}', '"digits" is not 1 to 64 keys'),
        ('{"event": "send_digits", "digits": ""}', '"digits" is not 1 to 64 keys'),
        ('{"event": "recording"}', 'recording: "state" must be "paused" or "recording"'),
    ],
)
def test_what_cannot_be_used_is_named(message: str, detail: str) -> None:
    stage = Stage()
    stage.connect()
    with pytest.raises(InvalidEngineMessage) as caught:
        stage.dialect.text(message, 0.0)
    assert caught.value.detail.startswith(detail)
    assert stage.speaker.played == b"" and not stage.speaker.verdicts and not stage.speaker.goodbyes


def test_binary_messages_are_none_of_twilios() -> None:
    with pytest.raises(InvalidEngineMessage, match="binary"):
        Stage().dialect.binary(b"\x00", 0.0)


def test_an_unknown_event_is_noted_once() -> None:
    stage = Stage()
    stage.connect()
    for _ in range(3):
        stage.tell(event="speech_probability", value=0.5)
        stage.tell(event="Mr Doe said: my number is 1234")
    assert stage.speaker.notes == [
        ("engine_event_ignored", {"unknown": "speech_probability"}),
        ("engine_event_ignored", {"unknown": "unnamed"}),
    ]


@given(st.text(max_size=80) | st.dictionaries(st.sampled_from(["event", "media", "mark"]), st.text()).map(json.dumps))
def test_any_text_is_read_or_a_named_error(message: str) -> None:
    stage = Stage()
    stage.connect()
    try:
        stage.dialect.text(message, 0.0)
    except InvalidEngineMessage:
        pass
