"""Whole calls over every kind of engine, good and bad: what the customer heard and what LiveVox got."""

from collections.abc import Callable
from typing import Any

import pytest

from bridge.simulator.caller import CallerSettings
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.deepgram_bot import DeepgramBot
from bridge.simulator.openai_server import OpenAIServer
from bridge.simulator.rtp_bot import RtpBot
from bridge.simulator.speech import PROMPT, Voice
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings
from bridge.simulator.twilio_bot import TwilioBot
from bridge.simulator.url_bot import UrlBot
from tests.free_ports import free_port
from tests.integration.bridge_world import BridgeWorld, Engine

BOTS: dict[str, Callable[[StreamBotSettings], UrlBot[Any]]] = {
    "twilio": TwilioBot,
    "openai": OpenAIServer,
    "deepgram": DeepgramBot,
    "rtp": RtpBot,
}
#: Those whose audio goes over the WebSocket.
STREAMED = ("twilio", "openai", "deepgram")
every_kind = pytest.mark.parametrize("kind", BOTS)
every_stream = pytest.mark.parametrize("kind", STREAMED)
#: Where the dialect makes no difference: one that is reached by WebSocket, and one by HTTP.
both_ways = pytest.mark.parametrize("kind", ("twilio", "rtp"))


def world(kind: str, *scripts: str, lines: str = "", speaks: bool = False, **more: Any) -> BridgeWorld:
    """A bridge whose agents have one engine of this kind, which follows these scripts, the last one from then on.

    A customer who speaks barges in.
    """
    read = tuple(BotScriptLine.parse(script) for script in scripts)
    settings = StreamBotSettings(scripts=read, script=read[-1], speak_s=0.6, after_s=0.1, payment_amount="12.50")
    voice = Voice.RECORDING if speaks else Voice.SILENCE
    caller = CallerSettings("127.0.0.1", free_port(), voice=voice)
    return BridgeWorld(others={"engine": Engine(kind, BOTS[kind](settings), lines)}, caller=caller, **more)


def heard_prompt_ms(world: BridgeWorld, call: str) -> int:
    """How much of the bot's recording the customer heard, byte for byte."""
    return world.heard(call).heard.recognised.get(PROMPT, 0) * 20


def refused_with(world: BridgeWorld, call: str) -> int:
    """The last response to LiveVox's INVITE."""
    return world.heard(call).statuses[-1][1]


@every_kind
async def test_the_bot_speaks_and_names_an_outcome(kind: str) -> None:
    async with world(kind, "finish:promised") as there:
        call = await there.call()
        assert there.dispositions(call) == ["Payment Promised"]
        assert heard_prompt_ms(there, call) >= 500
        assert there.heard(call).heard.lost == 0
        assert there.lifecycle(call)[-2:] == ["READY", "closed"]


@every_kind
async def test_the_bot_hands_the_customer_to_a_human(kind: str) -> None:
    async with world(kind, "transfer:collections") as there:
        call = await there.call(timeout_s=20.0)
        assert there.dispositions(call) == ["Transferred to Agent"]
        assert "transfer answered" in there.lifecycle(call)


@every_kind
async def test_the_customer_hangs_up(kind: str) -> None:
    async with world(kind, "wait") as there:
        call = await there.call(CustomerCall(agent="8990000001", hang_up_after_s=1.2))
        assert there.dispositions(call) == ["Customer Hung Up"]
        (record,) = there.others["engine"].bot.calls
        assert record.ended_by_bridge


@every_stream
async def test_a_customer_with_a_law_hears_the_bot(kind: str) -> None:
    async with world(kind, "wait", media='codecs = ["PCMA"]') as there:
        call = await there.call(CustomerCall(agent="8990000001", hang_up_after_s=1.5, codec="PCMA"))
        assert there.heard(call).heard.speech_frames >= 20


@every_stream
async def test_a_customer_with_a_law_is_heard_by_the_bot(kind: str) -> None:
    async with world(kind, "wait", speaks=True, media='codecs = ["PCMA"]') as there:
        await there.call(CustomerCall(agent="8990000001", hang_up_after_s=1.5, codec="PCMA"))
        (record,) = there.others["engine"].bot.calls
        assert record.speech_from_ms is not None


@every_kind
async def test_the_customers_keys_reach_the_bot(kind: str) -> None:
    async with world(kind, "wait") as there:
        await there.call(CustomerCall(agent="8990000001", digits="42", hang_up_after_s=3.5))
        (record,) = there.others["engine"].bot.calls
        assert record.keys == "42"


# faults


@both_ways
async def test_an_engine_that_refuses_leaves_the_customer_to_livevox(kind: str) -> None:
    async with world(kind, "refuse:503") as there:
        call = await there.call()
        assert refused_with(there, call) == 503
        assert there.dispositions(call) == []


@both_ways
async def test_an_engine_that_is_slow_to_accept_is_answered_for_only_then(kind: str) -> None:
    async with world(kind, "slow:0.7") as there:
        await there.call()
        answered = await there.seen("answered")
        assert answered.elapsed_ms >= 700


@both_ways
async def test_an_engine_that_is_too_slow_is_as_good_as_none(kind: str) -> None:
    async with world(kind, "slow:5", connect_timeout_s=0.5) as there:
        call = await there.call()
        assert refused_with(there, call) == 503


async def test_an_engine_that_speaks_another_format_never_talks_to_the_customer() -> None:
    async with world("openai", "wrong-format") as there:
        call = await there.call()
        assert refused_with(there, call) == 503
        assert there.heard(call).heard.speech_frames == 0


@every_stream
async def test_an_engine_that_vanishes_in_mid_word_leaves_the_customer_to_a_human(kind: str) -> None:
    to_human = 'on_failure = "collections"'
    async with world(kind, "drop", "refuse", livevox=to_human, lines="reconnect_s = 0.3") as there:
        call = await there.call(timeout_s=25.0)
        assert there.dispositions(call) == ["System Failure"]
        assert "transfer answered" in there.lifecycle(call)
        assert heard_prompt_ms(there, call) > 0
        assert there.heard(call).heard.largest_gap_s < 0.5


@every_stream
async def test_an_engine_that_vanishes_and_can_be_had_again_goes_on_with_the_call(kind: str) -> None:
    async with world(kind, "drop", "finish", lines="reconnect_s = 3.0", speaks=True) as there:
        call = await there.call(timeout_s=25.0)
        assert "engine_reconnected" in there.whats()
        assert there.dispositions(call) == ["Completed"]
        assert len(there.others["engine"].bot.calls) == 2


@every_stream
async def test_a_flood_of_speech_is_played_in_its_time(kind: str) -> None:
    async with world(kind, "flood:60") as there:
        call = await there.call(CustomerCall(agent="8990000001", hang_up_after_s=3.0))
        assert 2000 <= heard_prompt_ms(there, call) <= 3200
        assert there.heard(call).heard.largest_gap_s < 0.2


@both_ways
async def test_a_bot_that_never_speaks_is_dead_air_and_the_customer_goes_to_a_human(kind: str) -> None:
    async with world(kind, "silent", dead_air_s=1.0, livevox='on_failure = "collections"') as there:
        call = await there.call(timeout_s=25.0)
        assert "dead_air" in there.whats()
        assert there.dispositions(call) == ["System Failure"]
        assert "transfer answered" in there.lifecycle(call)


@every_stream
async def test_nonsense_between_the_messages_costs_the_call_nothing(kind: str) -> None:
    async with world(kind, "nonsense") as there:
        call = await there.call()
        assert there.dispositions(call) == ["Completed"]
        assert heard_prompt_ms(there, call) >= 500
