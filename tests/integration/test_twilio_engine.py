"""A bot for Media Streams, over real sockets: what the customer hears of it, and what it is told."""

import asyncio
import time
from dataclasses import replace

import pytest

from bridge.dialects.twilio import call_sid
from bridge.media.messages import Side
from bridge.media.rtp import HEADER_SIZE, payload
from bridge.media.stream_messages import ShowScreenPop, StreamReady
from bridge.simulator.speech import CUSTOMER, SILENCE_BYTE, decode_alaw, decode_ulaw, is_speech, recording
from bridge.simulator.stream_bot import prompt
from sip.messages import Codec
from tests.integration.media_bench import until
from tests.integration.stream_stage import CALL
from tests.integration.twilio_stage import stage

pytestmark = pytest.mark.alone


async def test_the_customer_hears_exactly_what_the_bot_sent() -> None:
    async with stage(speak_s=1.5) as world:
        await world.answer()
        record = world.record
        await until(lambda: record.marks)
        assert len(record.spoken) == 12_000 and bytes(record.spoken) in world.customer.audio()
        await world.hang_up()
        assert record.faults == []
        closed = await world.close()
        assert closed.playout is not None
        assert (closed.playout.played_ms, closed.playout.dropped_ms, closed.playout.cleared_ms) == (1500, 0, 0)


async def test_a_customer_on_a_law_hears_the_same_in_a_law() -> None:
    async with stage(speak_s=1.0, codec=Codec.PCMA) as world:
        await world.answer()
        record = world.record
        await until(lambda: record.marks)
        assert {packet[1] & 0x7F for packet in world.customer.heard} == {8}
        heard = world.customer.audio().lstrip(bytes([SILENCE_BYTE[Codec.PCMA]]))[: len(record.spoken)]
        off = [abs(decode_alaw(code) - decode_ulaw(sent)) for code, sent in zip(heard, record.spoken, strict=True)]
        least = [min(abs(decode_alaw(code) - decode_ulaw(sent)) for code in range(256)) for sent in range(256)]
        assert off == [least[sent] for sent in record.spoken]


async def test_what_is_said_before_the_answer_waits_for_it() -> None:
    async with stage(speak_s=0.4) as world:
        await world.start()
        await world.event(StreamReady)
        record = world.record
        await until(lambda: len(record.spoken) == 3200)
        await asyncio.sleep(0.2)
        assert set(world.customer.audio()) <= {0xFF} and record.heard == b""
        world.answer_now()
        await until(lambda: record.marks)
        assert bytes(record.spoken) in world.customer.audio()


async def test_the_bot_hears_the_customer_byte_for_byte_in_frames_that_count() -> None:
    async with stage() as world:
        await world.answer()
        record = world.record
        spoken = recording(CUSTOMER, Codec.PCMU)[:50]
        await world.customer.say(spoken)
        await until(lambda: spoken[-1] in bytes(record.heard))
        await world.hang_up()
        frames = {bytes(record.heard[start : start + 160]) for start in range(0, len(record.heard), 160)}
        assert [frame for frame in spoken if frame not in frames] == []
        assert record.faults == []


async def test_the_bot_learns_the_calls_facts_and_the_handshake_is_signed() -> None:
    async with stage() as world:
        await world.answer(parameters={"tenant": "north"}, headers={"X-Tenant": "north"})
        world.media.stream(ShowScreenPop(CALL, 1, (("Balance", "12"),), (("balance", "12"),)))
        record = world.record
        await until(lambda: record.screen_pop is not None)
        assert record.screen_pop == {"balance": "12"}
        assert record.facts["call_id"] == CALL and record.facts["from_number"] == "+15550100"
        assert record.facts["tenant"] == "north" and record.headers["x-tenant"] == "north"
        assert record.facts["callSid"] == call_sid(CALL)
        assert record.faults == [] and "x-twilio-signature" in record.headers


async def test_a_bot_with_another_token_sees_a_wrong_signature() -> None:
    async with stage() as world:
        world.bot.settings = replace(world.bot.settings, secret="other")
        await world.answer()
        assert world.record.faults == ["X-Twilio-Signature is missing or wrong"]


async def test_marks_come_back_in_order_when_the_audio_before_them_was_heard() -> None:
    async with stage("marks", speak_s=0.9) as world:
        await world.answer()
        record = world.record
        await until(lambda: len(record.marks) == 3)
        assert [name for _, name in record.marks] == ["piece-1", "piece-2", "piece-3"]
        starts = world.customer.audio().index(bytes(record.spoken)) // 160
        for number, (ms, _) in enumerate(record.marks, start=1):
            last = world.customer.times[starts + 15 * number - 1]
            late_ms = (record.began_at + ms / 1000 - last) * 1000
            assert -1 <= late_ms <= 60
        assert record.faults == []


async def test_clear_silences_the_bot_at_once_and_gives_its_marks_back() -> None:
    async with stage() as world:
        await world.answer()
        call = await world.by_hand()
        for name in ("a", "b"):
            await call.say(prompt(5.0))
            await call.mark(name)
        await until(lambda: any(is_speech(payload(packet), Codec.PCMU) for packet in world.customer.heard))
        await asyncio.sleep(0.3)
        asked = time.monotonic()
        await call.clear()
        record = world.record
        await until(lambda: len(record.marks) == 2)
        await asyncio.sleep(0.1)
        assert world.customer.last_speech_at() - asked < 0.06
        assert [name for _, name in record.marks] == ["a", "b"]
        await call.say(prompt(0.1))
        await until(lambda: prompt(0.1) in world.customer.audio()[-8000:])
        closed = await world.close()
        assert closed.playout is not None and closed.playout.barge_ins == 1
        assert closed.playout.barge_in_max_ms is not None and closed.playout.barge_in_max_ms <= 40


async def test_a_bot_that_is_interrupted_is_silent_while_the_customer_speaks() -> None:
    async with stage("barge-in") as world:
        await world.answer()
        await asyncio.sleep(0.3)
        record = world.record
        await world.customer.say(recording(CUSTOMER, Codec.PCMU)[:30])
        await until(lambda: record.marks)
        await asyncio.sleep(0.1)
        cleared_at = record.began_at + record.cleared_ms[0] / 1000
        assert world.customer.last_speech_at() - cleared_at < 0.06
        assert record.faults == []


async def test_keys_go_both_ways() -> None:
    async with stage("dtmf:12#") as world:
        await world.answer()
        record = world.record
        await until(lambda: sum(packet[1] & 0x7F == 101 for packet in world.customer.heard) >= 21)
        events = [packet[HEADER_SIZE] for packet in world.customer.heard if packet[1] & 0x7F == 101]
        assert list(dict.fromkeys(events)) == [1, 2, 11]
        assert world.media.send_digits(CALL, Side.ENGINE, "9*")
        await until(lambda: record.keys == "9*")
        assert record.faults == []


async def test_a_flood_of_a_minute_plays_whole_and_can_be_cleared() -> None:
    async with stage("flood:60") as world:
        await world.answer()
        call = await world.by_hand()
        record = world.record
        await until(lambda: len(record.spoken) == 480_000)
        await asyncio.sleep(1.0)
        assert bytes(record.spoken)[:6400] in world.customer.audio()
        await call.clear()
        await until(lambda: record.marks)
        closed = await world.close()
        assert closed.playout is not None and closed.playout.dropped_ms == 0
        assert 57_000 < closed.playout.cleared_ms < 60_000


async def test_an_echo_comes_back_whole_and_soon() -> None:
    async with stage("echo") as world:
        await world.answer()
        spoken = recording(CUSTOMER, Codec.PCMU)[:60]
        begun = time.monotonic()
        await world.customer.say(spoken)
        await until(lambda: spoken[-1] in [payload(packet) for packet in world.customer.heard])
        assert time.monotonic() - begun < 1.2 + 0.3
        heard = [payload(packet) for packet in world.customer.heard if payload(packet) in spoken]
        assert heard == list(spoken)
        assert world.record.faults == []
