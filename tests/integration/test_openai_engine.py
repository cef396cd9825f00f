"""A call at a Realtime server over real sockets and a real media process: what the customer hears."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bridge.dialects.openai_section import OpenAISection
from bridge.media.stream_messages import (
    AnswerTool,
    ShowScreenPop,
    StreamEnded,
    StreamFailed,
    StreamReady,
    StreamTool,
    StreamTranscript,
    StreamVerdict,
    TellTransfer,
)
from bridge.simulator.openai_call import OpenAICall
from bridge.simulator.openai_response import Reply
from bridge.simulator.openai_server import OpenAIServer
from bridge.simulator.speech import CUSTOMER, FRAME_BYTES, SILENCE_FRAME, recording
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings, prompt
from bridge.verdicts import Complete, Transfer
from sip.messages import Codec
from tests.integration.media_bench import running, settings, until
from tests.integration.stream_stage import CALL, DefinedEngine, StreamStage

pytestmark = pytest.mark.alone

KEY = "sk-simulated"
VOICE = recording(CUSTOMER, Codec.PCMU)
QUIET = (SILENCE_FRAME[Codec.PCMU],) * 40


Stage = StreamStage[OpenAICall]


@asynccontextmanager
async def world(script: str = "wait", *, speak_s: float = 1.0, secret: str = KEY, **table: Any) -> AsyncIterator[Stage]:
    chosen = StreamBotSettings(script=BotScriptLine.parse(script), secret=KEY, speak_s=speak_s, outcome="paid")
    engine = DefinedEngine("openai", OpenAISection, secret, ("paid", "transfer_failed"), table)
    async with OpenAIServer(chosen) as server, running(settings()) as bench:
        yield StreamStage(bench, server, engine)


async def test_the_customer_hears_exactly_what_the_model_said_though_it_came_much_faster() -> None:
    async with world(speak_s=1.5) as there:
        await there.answer()
        await until(lambda: there.events(StreamTranscript))
        heard = there.customer.audio()
        assert len(there.record.spoken) == 12_000 and bytes(there.record.spoken) in heard
        end = await there.hang_up()
        assert (end.lost, end.verdict) == (False, None)
        assert there.record.faults == []


async def test_the_greeting_is_there_before_the_answer_and_is_heard_at_once() -> None:
    async with world(speak_s=0.4) as there:
        await there.start()
        await there.event(StreamReady)
        await until(lambda: len(there.record.spoken) == 3_200)
        assert there.customer.speech_frames() == 0
        answered = time.monotonic()
        there.answer_now()
        await until(lambda: there.customer.speech_frames())
        assert time.monotonic() - answered < 0.2


async def test_the_model_hears_the_customer_byte_for_byte() -> None:
    async with world(greet_first=False) as there:
        await there.answer()
        await there.customer.say(VOICE[:50])
        await until(lambda: VOICE[49] in bytes(there.record.heard))
        heard = bytes(there.record.heard)
        frames = {heard[start : start + FRAME_BYTES] for start in range(0, len(heard), FRAME_BYTES)}
        assert set(VOICE[:50]) <= frames


async def test_a_customer_who_interrupts_is_not_talked_over_and_the_server_learns_what_was_heard() -> None:
    async with world("barge-in") as there:
        await there.answer()
        await until(lambda: there.customer.speech_frames() >= 40)
        talk = asyncio.create_task(there.customer.say(VOICE[:25]), name="customer")
        await until(lambda: there.record.cleared_ms)
        told = time.monotonic()
        await talk
        await until(lambda: there.record.said("type", "conversation.item.truncate"))
        assert there.customer.last_speech_at() - told < 0.04
        (truncate,) = there.record.said("type", "conversation.item.truncate")
        heard = there.customer.audio()
        spoken = prompt(30.0)
        begin = heard.index(spoken[:FRAME_BYTES])
        really = 0
        while heard[begin + really : begin + really + FRAME_BYTES] == spoken[really : really + FRAME_BYTES]:
            really += FRAME_BYTES
        assert abs(truncate["audio_end_ms"] - really // 8) <= 20
        assert json.loads(there.notes("barge_in")[0])["played_ms"] == truncate["audio_end_ms"]
        assert there.record.faults == []


async def test_after_an_interruption_the_model_answers_and_is_heard() -> None:
    async with world("barge-in") as there:
        await there.answer()
        await until(lambda: there.customer.speech_frames() >= 20)
        await there.customer.say(VOICE[:25])
        asked = time.monotonic()
        await there.customer.say(QUIET)
        await until(lambda: there.customer.speech_frames(asked) >= 20)
        assert there.record.faults == []


async def test_end_call_lets_the_customer_hear_the_last_sentence() -> None:
    async with world("finish", speak_s=1.2) as there:
        await there.answer()
        end = await there.event(StreamEnded)
        assert (end.lost, end.verdict) == (False, Complete("paid"))
        assert bytes(there.record.spoken) in there.customer.audio()
        assert there.record.said("type", "response.create")[1:] == []
        assert json.loads(there.notes("usage")[0])["responses"] == 1
        await there.bot.wait_over(0)
        assert (there.record.faults, there.record.goodbye) == ([], True)


async def test_the_customer_who_hangs_up_during_the_goodbye_has_the_outcome_all_the_same() -> None:
    async with world("finish", speak_s=3.0) as there:
        await there.answer()
        await until(lambda: there.notes("usage"))
        end = await there.hang_up()
        assert end.verdict == Complete("paid")


async def test_a_transfer_is_asked_for_when_the_customer_has_heard_of_it_and_its_failure_is_told() -> None:
    async with world("transfer", speak_s=0.6) as there:
        await there.answer()
        verdict = await there.event(StreamVerdict)
        assert verdict.transfer == Transfer("collections")
        assert bytes(there.record.spoken) in there.customer.audio()
        there.media.stream(TellTransfer(CALL, 1, 486))
        end = await there.event(StreamEnded)
        assert there.record.said("type", "conversation.item.create")[1]["item"]["role"] == "system"
        assert end.verdict == Complete("transfer_failed")


async def test_the_screen_pop_is_in_the_greeting_that_waits_for_it() -> None:
    async with world(instructions="Talk to {First Name}.", greeting="Greet {First Name}.") as there:
        await there.answer()
        there.media.stream(ShowScreenPop(CALL, 1, (("First Name", "Jane"),), (("firstname", "Jane"),)))
        await until(lambda: there.record.said("type", "response.create"))
        (create,) = there.record.said("type", "response.create")
        assert create["response"]["instructions"] == "Talk to Jane.\n\nGreet Jane."
        assert there.record.facts["instructions"] == "Talk to Jane."


async def test_a_forwarded_function_is_used_and_answered() -> None:
    tools = [{"name": "find_order", "url": "http://127.0.0.1:9/order"}]
    async with world(greet_first=False, tools=tools) as there:
        await there.answer()
        await there.bot.call(0).respond(Reply(functions=(("find_order", {"number": 7}),)))
        use = await there.event(StreamTool)
        assert (use.name, json.loads(use.arguments)) == ("find_order", {"number": 7})
        there.media.stream(AnswerTool(CALL, 1, use.id, '{"status": "sent"}'))
        await until(lambda: there.record.said("type", "response.create"))
        (output,) = there.record.said("type", "conversation.item.create")
        assert output["item"]["output"] == '{"status": "sent"}'
        assert there.record.faults == []


async def test_a_server_that_echoes_another_format_is_not_talked_to() -> None:
    async with world("wrong-format") as there:
        await there.start()
        failed = await there.event(StreamFailed)
        said = "session.updated says input format audio/pcm, 24000; audio/pcmu was asked for"
        assert failed.reason == said
        assert there.events(StreamReady) == []


async def test_a_wrong_key_fails_with_the_servers_words() -> None:
    async with world(secret="sk-wrong") as there:
        await there.start()
        failed = await there.event(StreamFailed)
        assert failed.reason == "invalid_api_key: Incorrect API key provided."


@pytest.mark.parametrize("status", [401, 503])
async def test_a_server_that_refuses_fails(status: int) -> None:
    async with world(f"refuse:{status}") as there:
        await there.start()
        assert str(status) in (await there.event(StreamFailed)).reason


async def test_nonsense_between_the_events_costs_nothing() -> None:
    async with world("nonsense", speak_s=0.4) as there:
        await there.answer()
        end = await there.event(StreamEnded)
        assert end.verdict == Complete("paid")
        assert bytes(there.record.spoken) in there.customer.audio()
        assert len(there.notes("engine_message_invalid")) == 1


async def test_a_server_that_vanishes_in_mid_word_is_reached_again_and_told_what_was_said() -> None:
    async with world("drop", speak_s=0.8) as there:
        await there.answer()
        await until(lambda: len(there.bot.calls) == 2 and there.bot.calls[1].events)
        again = there.bot.calls[1]
        await until(lambda: again.said("type", "conversation.item.create"))
        items = again.said("type", "conversation.item.create")
        assert [item["item"]["role"] for item in items] == ["assistant"]
        assert again.faults == []


async def test_a_minute_of_speech_at_once_is_heard_in_order() -> None:
    async with world("flood:60") as there:
        await there.answer()
        await until(lambda: len(there.record.spoken) == 480_000)
        await until(lambda: there.customer.speech_frames() >= 60)
        heard = there.customer.audio()
        begin = heard.index(bytes(there.record.spoken[:FRAME_BYTES]))
        played = heard[begin:]
        assert played == bytes(there.record.spoken[: len(played)])


async def test_a_session_is_renewed_before_its_end_without_a_second_greeting() -> None:
    async with world(speak_s=0.2, session_limit_s=1.6) as there:
        await there.answer()
        await until(lambda: len(there.bot.calls) == 2 and there.bot.calls[1].events)
        renewed = there.bot.calls[1]
        await until(lambda: renewed.said("type", "conversation.item.create"))
        await there.customer.say(VOICE[:20])
        await until(lambda: VOICE[10] in bytes(renewed.heard))
        assert renewed.said("type", "response.create") == []
        assert (there.record.faults, renewed.faults) == ([], [])
        assert there.events(StreamEnded) == []
