"""Deepgram's Voice Agent over real sockets: what the customer hears of it, and what it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bridge.dialects.deepgram import DeepgramSection
from bridge.media.messages import Side
from bridge.media.stream_messages import (
    ShowScreenPop,
    StreamEnded,
    StreamFailed,
    StreamReady,
    StreamTranscript,
    StreamVerdict,
    TellTransfer,
)
from bridge.simulator.deepgram_bot import DeepgramBot
from bridge.simulator.deepgram_call import DeepgramCall
from bridge.simulator.speech import CUSTOMER, recording
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings
from bridge.verdicts import Complete, Transfer
from sip.messages import Codec
from tests.integration.media_bench import running, settings, until
from tests.integration.stream_stage import CALL, DefinedEngine, StreamStage

pytestmark = pytest.mark.alone

KEY = "simulated"
ENGINE = DefinedEngine("deepgram", DeepgramSection, KEY, ("paid", "no_answer"))
Stage = StreamStage[DeepgramCall]


@asynccontextmanager
async def stage(script: str = "wait", *, speak_s: float = 0.0, hasty: bool = False) -> AsyncIterator[Stage]:
    line = BotScriptLine.parse(script)
    chosen = StreamBotSettings(script=line, secret=KEY, speak_s=speak_s, after_s=0.05, hasty=hasty)
    async with DeepgramBot(chosen) as bot, running(settings()) as bench:
        yield StreamStage(bench, bot, ENGINE)
        assert [record.faults for record in bot.calls if record.faults] == []


async def test_the_customer_hears_exactly_what_the_agent_said_the_greeting_before_the_answer_too() -> None:
    async with stage(speak_s=1.5) as world:
        await world.start()
        await until(lambda: world.events(StreamReady) and len(world.record.spoken) == 12_000)
        assert set(world.customer.audio()) <= {0xFF}
        world.answer_now()
        await until(lambda: bytes(world.record.spoken) in world.customer.audio())
        closed = await world.close()
        assert closed.playout is not None
        assert (closed.playout.played_ms, closed.playout.dropped_ms, closed.playout.cleared_ms) == (1500, 0, 0)


async def test_the_agent_hears_the_customer_byte_for_byte() -> None:
    async with stage() as world:
        await world.answer()
        spoken = recording(CUSTOMER, Codec.PCMU)[:50]
        await world.customer.say(spoken)
        await until(lambda: spoken[-1] in bytes(world.record.heard))
        frames = {bytes(world.record.heard[start : start + 160]) for start in range(0, len(world.record.heard), 160)}
        assert [frame for frame in spoken if frame not in frames] == []


async def test_the_agent_learns_the_facts_the_screen_pop_and_the_keys() -> None:
    async with stage() as world:
        await world.answer(think={"provider": {"type": "open_ai"}, "prompt": "{caller_name} calls from {caller}."})
        world.media.stream(ShowScreenPop(CALL, 1, (("Balance", "12"),), (("balance", "12"),)))
        world.media.send_digits(CALL, Side.ENGINE, "4")
        world.media.send_digits(CALL, Side.ENGINE, "2")
        await until(lambda: world.record.keys)
        assert world.record.facts["prompt"] == "J. Doe calls from +15550100."
        assert (world.record.screen_pop, world.record.keys) == ({"Balance": "12"}, "42")


async def test_what_was_said_comes_to_the_call() -> None:
    async with stage(speak_s=0.2) as world:
        await world.answer()
        await until(lambda: world.events(StreamTranscript))
        assert world.events(StreamTranscript) == [StreamTranscript(CALL, 1, "bot", "The recorded prompt.")]


async def test_an_agent_that_is_interrupted_is_silent_at_once() -> None:
    async with stage("barge-in") as world:
        await world.answer()
        await asyncio.sleep(0.3)
        await world.customer.say(recording(CUSTOMER, Codec.PCMU)[:30])
        await until(lambda: world.record.cleared_ms)
        await asyncio.sleep(0.2)
        cleared_at = world.record.began_at + world.record.cleared_ms[0] / 1000
        assert world.customer.last_speech_at() - cleared_at < 0.06
        closed = await world.close()
        assert closed.playout is not None and closed.playout.barge_ins == 1
        assert closed.playout.barge_in_max_ms is not None and closed.playout.barge_in_max_ms <= 40


async def test_the_call_ends_when_the_goodbye_was_heard() -> None:
    async with stage("finish:paid", speak_s=2.0, hasty=True) as world:
        await world.answer()
        end = await world.event(StreamEnded)
        assert (end.lost, end.verdict) == (False, Complete("paid"))
        assert bytes(world.record.spoken) in world.customer.audio()


async def test_a_transfer_is_asked_for_when_all_was_heard_and_its_failure_is_told() -> None:
    async with stage("transfer:collections", speak_s=1.8, hasty=True) as world:
        await world.answer()
        verdict = await world.event(StreamVerdict)
        assert bytes(world.record.spoken) in world.customer.audio()
        assert verdict == StreamVerdict(CALL, 1, transfer=Transfer("collections"))
        world.media.stream(TellTransfer(CALL, 1, 486))
        assert (await world.event(StreamEnded)).verdict == Complete(
            "paid"
        )  # transfer_failed is no outcome it was told of
        assert world.record.said("type", "FunctionCallResponse")[0]["content"] == "it failed (486)"


async def test_nonsense_between_the_messages_costs_the_call_nothing() -> None:
    async with stage("nonsense", speak_s=0.4, hasty=True) as world:
        await world.answer()
        assert (await world.event(StreamEnded)).verdict == Complete("paid")
        assert bytes(world.record.spoken) in world.customer.audio()


async def test_an_agent_that_vanishes_is_called_again_and_learns_what_was_said() -> None:
    async with stage("drop", speak_s=0.6) as world:
        await world.answer(greeting="Hello")
        await until(lambda: world.bot.calls and world.bot.call(0).stream.applied)
        await world.bot.call(0).send("ConversationText", role="user", content="Hi")
        await until(lambda: world.notes("engine_reconnected"))
        first, second = (record.said("type", "Settings")[0]["agent"] for record in world.bot.calls[:2])
        assert first["greeting"] == "Hello"
        assert "greeting" not in second
        assert second["context"]["messages"] == [{"type": "History", "role": "user", "content": "Hi"}]
        assert not (await world.hang_up()).lost


async def test_an_agent_that_refuses_the_settings_is_no_engine() -> None:
    async with stage("wrong-format") as world:
        await world.start()
        assert await world.event(StreamFailed) == StreamFailed(CALL, 1, "Deepgram says INVALID_SETTINGS")


async def test_an_agent_that_dies_without_a_word_and_stays_away_is_lost() -> None:
    async with stage("drop", speak_s=0.4) as world:
        await world.answer(reconnect_s=0.0)
        assert (await world.event(StreamEnded)).lost


async def test_hanging_up_closes_the_connection_properly() -> None:
    async with stage() as world:
        await world.answer()
        await world.hang_up()
        assert (world.record.ended_by_bridge, world.record.goodbye) == (True, True)
