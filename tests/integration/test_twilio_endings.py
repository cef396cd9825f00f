"""A bot for Media Streams, over real sockets: how its part of a call ends."""

import asyncio
from dataclasses import replace

import pytest

from bridge.media.stream_messages import (
    StreamEnded,
    StreamFailed,
    StreamNote,
    StreamVerdict,
    TellTransfer,
)
from bridge.simulator.stream_bot import BotScriptLine
from bridge.verdicts import Complete, Transfer
from tests.integration.stream_stage import CALL
from tests.integration.twilio_stage import stage


async def test_hanging_up_says_stop() -> None:
    async with stage() as world:
        await world.answer()
        assert not (await world.hang_up()).lost
        record = world.record
        assert record.goodbye and record.ended_by_bridge and record.faults == []


async def test_complete_is_carried_out_when_all_was_heard() -> None:
    async with stage("finish:paid", speak_s=0.8, hasty=True) as world:
        await world.answer()
        end = await world.event(StreamEnded)
        assert (end.lost, end.verdict) == (False, Complete("paid"))
        record = world.record
        assert bytes(record.spoken) in world.customer.audio()
        async with asyncio.timeout(8):
            await world.bot.wait_over(0)
        assert record.goodbye and record.faults == []


async def test_a_transfer_is_asked_for_when_all_was_heard_and_its_failure_is_told() -> None:
    async with stage("transfer:collections", speak_s=0.5, hasty=True) as world:
        await world.answer()
        verdict = await world.event(StreamVerdict)
        record = world.record
        assert bytes(record.spoken) in world.customer.audio()
        assert verdict == StreamVerdict(CALL, 1, transfer=Transfer("collections"))
        world.media.stream(TellTransfer(CALL, 1, 486))
        end = await world.event(StreamEnded)
        assert end.verdict == Complete("transfer_failed")
        assert record.said("event", "transfer_failed")[0]["status"] == 486


async def test_a_bot_that_closes_the_socket_ends_the_call_after_its_last_word() -> None:
    async with stage("bye", speak_s=0.6, hasty=True) as world:
        await world.answer()
        end = await world.event(StreamEnded)
        assert (end.lost, end.verdict) == (False, None)
        assert bytes(world.record.spoken) in world.customer.audio()


async def test_a_bot_that_vanishes_is_lost() -> None:
    async with stage("drop", speak_s=0.4) as world:
        await world.answer()
        assert (await world.event(StreamEnded)).lost


async def test_a_bot_that_vanished_is_called_again_when_the_settings_say_so() -> None:
    async with stage("drop", speak_s=0.4) as world:
        world.bot.settings = replace(
            world.bot.settings, scripts=(BotScriptLine.parse("drop"),), script=BotScriptLine.parse("finish:paid")
        )
        await world.answer(reconnect_s=5.0)
        end = await world.event(StreamEnded)
        assert (end.lost, end.verdict) == (False, Complete("paid"))
        first, second = world.bot.calls
        assert "resumed" not in first.facts and second.facts["resumed"] == "true"
        assert first.facts["streamSid"] != second.facts["streamSid"]
        assert first.faults == second.faults == []


@pytest.mark.parametrize(("script", "reason"), [("refuse:403", "403"), ("slow:5", "within")])
async def test_a_bot_that_does_not_take_the_call_has_failed(script: str, reason: str) -> None:
    async with stage(script) as world:
        await world.start(connect_timeout_s=0.3)
        assert reason in (await world.event(StreamFailed)).reason


async def test_nonsense_costs_the_call_nothing() -> None:
    async with stage("nonsense", speak_s=0.3) as world:
        await world.answer()
        end = await world.event(StreamEnded)
        assert (end.lost, end.verdict) == (False, Complete("completed"))
        assert bytes(world.record.spoken) in world.customer.audio()
        notes = {event.what for event in world.events(StreamNote)}
        assert {"engine_message_invalid", "engine_event_ignored"} <= notes
