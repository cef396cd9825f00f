"""The scripts of simulated bots that are reached over HTTP, and what they keep of a call."""

import pytest

from bridge.errors import CommandUnusable
from bridge.simulator.speech import CUSTOMER, FRAME_BYTES, PROMPT, SILENCE_FRAME, recording
from bridge.simulator.stream_bot import (
    BOT_SCRIPT_HELP,
    BotScript,
    BotScriptLine,
    StreamBotRecord,
    StreamBotSettings,
    pieces,
    prompt,
)
from sip.messages import Codec


def test_every_script_is_explained() -> None:
    assert set(BOT_SCRIPT_HELP) == set(BotScript)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("finish", BotScriptLine(BotScript.FINISH)),
        (" Finish:paid ", BotScriptLine(BotScript.FINISH, "paid")),
        ("wrong-format", BotScriptLine(BotScript.WRONG_FORMAT)),
        ("slow:0.5", BotScriptLine(BotScript.SLOW, "0.5")),
    ],
)
def test_a_script_is_read_with_its_argument(text: str, line: BotScriptLine) -> None:
    assert BotScriptLine.parse(text) == line


@pytest.mark.parametrize(
    "text", ["", "sing", "slow:late", "slow:-1", "slow:nan", "flood:99999", "refuse:200", "refuse:x", "dtmf:12x"]
)
def test_a_script_that_cannot_be_meant_is_refused_with_the_choice(text: str) -> None:
    with pytest.raises(CommandUnusable, match="finish, transfer"):
        BotScriptLine.parse(text)


def test_arguments_have_defaults() -> None:
    assert BotScriptLine(BotScript.SLOW).seconds == 3.0
    assert BotScriptLine(BotScript.FLOOD, "5").seconds == 5.0
    assert BotScriptLine(BotScript.FINISH, "paid").seconds == 0.0
    assert BotScriptLine(BotScript.REFUSE).status == 503
    assert BotScriptLine(BotScript.REFUSE, "404").status == 404
    assert BotScriptLine(BotScript.DTMF, "1a#").keys == "1A#"
    assert BotScriptLine(BotScript.DTMF).keys == "1234"


def test_a_call_takes_the_script_asked_for_then_by_order_then_the_default() -> None:
    wait, drop = BotScriptLine(BotScript.WAIT), BotScriptLine(BotScript.DROP)
    settings = StreamBotSettings(script=wait, scripts=(drop,))
    assert settings.script_for(0, "bye") == BotScriptLine(BotScript.BYE)
    assert settings.script_for(0) == drop
    assert settings.script_for(1, "media") == wait


def test_the_record_tells_when_the_customer_was_heard_and_when_he_spoke() -> None:
    record = StreamBotRecord(0, 10.0)
    speech = max(recording(CUSTOMER, Codec.PCMU), key=lambda frame: len(set(frame)))
    record.hear(SILENCE_FRAME[Codec.PCMU], 10.1)
    record.hear(speech, 10.25)
    record.hear(speech, 11.0)
    assert (record.heard_from_ms, record.speech_from_ms) == (100, 250)
    assert bytes(record.heard) == SILENCE_FRAME[Codec.PCMU] + speech + speech


def test_the_record_keeps_what_was_said_and_the_events() -> None:
    record = StreamBotRecord(0, 10.0)
    record.speak(b"ab", 10.5)
    record.speak(b"c", 11.0)
    record.event({"event": "stop"}, 12.0)
    record.event({"event": "dtmf"}, 12.0)
    assert (bytes(record.spoken), record.spoke_from_ms) == (b"abc", 500)
    assert record.said("event", "stop") == [{"event": "stop"}]
    assert record.events[0].ms == 2000


def test_the_prompt_is_whole_frames_over_and_over() -> None:
    frames = recording(PROMPT, Codec.PCMU)
    assert prompt(0.04) == frames[0] + frames[1]
    assert prompt(0.02, 40) == frames[2]
    whole = len(frames) * 0.02
    assert prompt(whole + 0.02)[-FRAME_BYTES:] == frames[0]


def test_audio_is_cut_into_pieces_of_so_many_milliseconds() -> None:
    assert [len(piece) for piece in pieces(prompt(0.5), 200)] == [1600, 1600, 800]
    assert pieces(b"", 200) == []
