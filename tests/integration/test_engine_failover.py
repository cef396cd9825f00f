"""An engine fails, before the answer or while it talks: what the customer heard, and what LiveVox got."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bridge.engines.circuit import CircuitState
from bridge.simulator.caller import CallerSettings
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.deepgram_bot import DeepgramBot
from bridge.simulator.injections import Fault
from bridge.simulator.openai_server import OpenAIServer
from bridge.simulator.rtp_bot import RtpBot
from bridge.simulator.session_events import Refused
from bridge.simulator.speech import PROMPT, Voice
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings
from bridge.simulator.twilio_bot import TwilioBot
from bridge.simulator.url_bot import UrlBot
from tests.free_ports import free_port
from tests.integration.bridge_world import BridgeWorld, Engine
from tests.integration.test_call_failures import HUMANS, sip_workers

pytestmark = pytest.mark.pjsua2

BOTS: dict[str, Callable[[StreamBotSettings], UrlBot[Any]]] = {
    "twilio": TwilioBot,
    "openai": OpenAIServer,
    "deepgram": DeepgramBot,
    "rtp": RtpBot,
}
VA1, VA2, VA3, VA4 = (f"899000000{n}" for n in range(1, 5))
ANSWERED_ANYWAY = f'{HUMANS}\non_engine_unavailable = "transfer"'


def engine(kind: str, *scripts: str, lines: str = "", speak_s: float = 0.6) -> Engine:
    """A bot of this kind; its calls have these scripts, the last one for all further ones. It is not reconnected."""
    parsed = tuple(BotScriptLine.parse(script) for script in scripts)
    settings = StreamBotSettings(scripts=parsed, script=parsed[-1], speak_s=speak_s, after_s=0.1, payment_amount="5")
    return Engine(kind, BOTS[kind](settings), lines if kind == "rtp" else f"reconnect_s = 0\n{lines}")


def status(world: BridgeWorld, call: str) -> int:
    """The last response to LiveVox's INVITE."""
    return world.heard(call).statuses[-1][1]


def tried(world: BridgeWorld) -> list[object]:
    """The engines that were dialled, in order."""
    return [entry.facts["engine"] for entry in world.entries if entry.what == "engine_dialled"]


@dataclass(frozen=True)
class Ears:
    """What a customer has heard so far, in milliseconds."""

    prompt: int
    """Of the bots' recording, byte for byte."""
    sound: int
    """Of anything that is not silence."""

    @classmethod
    def of(cls, world: BridgeWorld, call: str) -> "Ears":
        heard = world.heard(call).heard
        return cls(heard.recognised.get(PROMPT, 0) * 20, heard.speech_frames * 20)


async def nth(world: BridgeWorld, what: str, count: int, timeout_s: float = 10.0) -> None:
    """Wait for so many entries of that name."""
    await world.until(lambda: world.whats().count(what) >= count, timeout_s)


# before the answer


@pytest.mark.parametrize(("first", "second"), [("twilio", "openai"), ("rtp", "deepgram"), ("openai", "rtp")])
async def test_the_second_engine_takes_a_call_that_the_first_refuses(first: str, second: str) -> None:
    others = {"first": engine(first, "refuse:503"), "second": engine(second, "finish:promised")}
    async with BridgeWorld(others=others) as world:
        call = await world.call()
        assert tried(world) == ["first", "second"]
        assert world.dispositions(call) == ["Payment Promised"]
        assert Ears.of(world, call).prompt >= 500
        closed = await world.seen("closed")
        assert (closed.facts["engine"], closed.facts["engine_tries"]) == ("second", 2)


async def test_an_engine_by_sip_takes_a_call_that_one_by_websocket_is_too_slow_for() -> None:
    others = {"first": engine("twilio", "slow:5", lines="connect_timeout_s = 0.4")}
    async with BridgeWorld(["finish:transfer_failed"], others=others, engines='"first", "bot"') as world:
        call = await world.call()
        assert tried(world) == ["first", "bot"]
        answered = await world.seen("answered")
        assert 400 <= answered.elapsed_ms < 2000
        assert world.dispositions(call) == ["Transfer Failed"]


async def test_an_engine_by_websocket_takes_a_call_that_one_by_sip_is_too_slow_for() -> None:
    others = {"second": engine("deepgram", "finish:promised")}
    async with BridgeWorld(["no-answer"], others=others, engines='"bot", "second"', connect_timeout_s=0.5) as world:
        call = await world.call()
        assert tried(world) == ["bot", "second"]
        assert world.dispositions(call) == ["Payment Promised"]


async def test_with_no_engine_left_livevox_may_route_on() -> None:
    others = {"first": engine("twilio", "refuse:503"), "second": engine("rtp", "refuse:486")}
    async with BridgeWorld(others=others) as world:
        call = await world.call()
        assert (tried(world), status(world, call)) == (["first", "second"], 503)
        assert world.dispositions(call) == []
        assert world.heard(call).heard.speech_frames == 0


@pytest.mark.parametrize("kind", BOTS)
async def test_with_no_engine_left_the_customer_hears_something_and_goes_to_a_human(kind: str) -> None:
    async with BridgeWorld(others={"only": engine(kind, "refuse:503")}, livevox=ANSWERED_ANYWAY) as world:
        world.livevox.fail("phonebook_ext", Fault.SLOW, delay_s=0.6, count=1)
        call = await world.call(timeout_s=25.0)
        assert status(world, call) == 200
        assert world.dispositions(call) == ["System Failure"]
        assert "transfer conferenced" in world.lifecycle(call)
        heard = Ears.of(world, call)
        assert heard.prompt == 0 and heard.sound >= 100
        closed = await world.seen("closed")
        assert (closed.facts["fate"], closed.facts["outcome"]) == ("engine_unavailable", "engine_unavailable")


# while talking


@pytest.mark.parametrize(
    ("first", "second"), [("twilio", "openai"), ("openai", "twilio"), ("deepgram", "rtp"), ("rtp", "deepgram")]
)
async def test_the_second_engine_goes_on_when_the_first_is_lost(first: str, second: str) -> None:
    others = {
        "first": engine(first, "drop", speak_s=2.0),
        "second": engine(second, "slow:0.8", lines="connect_timeout_s = 3"),
    }
    async with BridgeWorld(others=others, media="rtp_timeout_s = 1", livevox=HUMANS) as world:
        call = world.place()
        await world.seen("screen_pop")
        await nth(world, "engine_dialled", 2)
        lost = Ears.of(world, call)
        await nth(world, "engine_answered", 2)
        replaced = Ears.of(world, call)
        await world.over(call)
        done = Ears.of(world, call)
        # the first bot, then the tone of the bridge, then the second bot; never nothing
        assert lost.prompt >= 40
        assert replaced.prompt - lost.prompt <= 100
        assert replaced.sound - lost.sound >= 100
        assert done.prompt - replaced.prompt >= 500
        assert world.heard(call).heard.largest_gap_s < 0.3
        assert world.dispositions(call) == ["Completed"]
        (record,) = others["second"].bot.calls
        assert record.screen_pop
        assert "transfer conferenced" not in world.lifecycle(call)


async def test_an_engine_by_sip_goes_on_when_one_by_websocket_is_lost() -> None:
    others = {"first": engine("twilio", "drop", speak_s=1.0)}
    async with BridgeWorld(["finish:transfer_failed"], others=others, engines='"first", "bot"') as world:
        call = await world.call()
        assert tried(world) == ["first", "bot"]
        assert world.dispositions(call) == ["Transfer Failed"]
        assert Ears.of(world, call).prompt >= 500
        assert any(b'"screen_pop"' in info.body for info in world.bot_call().infos)


async def test_an_engine_by_websocket_goes_on_when_one_by_sip_falls_silent() -> None:
    others = {"second": engine("twilio", "finish:promised")}
    async with BridgeWorld(
        ["drop"], others=others, engines='"bot", "second"', media="rtp_timeout_s = 1", speak_s=0.6
    ) as world:
        call = await world.call()
        assert tried(world) == ["bot", "second"]
        assert world.dispositions(call) == ["Payment Promised"]
        (record,) = others["second"].bot.calls
        assert record.heard_from_ms is not None  # it has the customer's audio
        # The one that fell silent was hung up on, and is not missed again.
        assert [entry.what for entry in world.entries].count("rtp_timed_out") == 1


async def test_a_second_engine_that_cannot_be_had_leaves_the_customer_to_a_human() -> None:
    others = {"first": engine("twilio", "drop"), "second": engine("deepgram", "refuse:503")}
    async with BridgeWorld(others=others, livevox=HUMANS) as world:
        call = await world.call(timeout_s=25.0)
        assert tried(world) == ["first", "second"]
        assert world.dispositions(call) == ["System Failure"]
        assert "transfer conferenced" in world.lifecycle(call)
        closed = await world.seen("closed")
        assert closed.facts["fate"] == "engine_lost"


async def test_without_a_human_a_call_that_lost_all_engines_ends() -> None:
    others = {"first": engine("twilio", "drop"), "second": engine("deepgram", "refuse:503")}
    async with BridgeWorld(others=others) as world:
        call = await world.call()
        assert world.dispositions(call) == ["System Failure"]


async def test_a_customer_who_hangs_up_while_an_engine_is_replaced_is_gone() -> None:
    others = {"first": engine("twilio", "drop"), "second": engine("openai", "slow:4", lines="connect_timeout_s = 6")}
    async with BridgeWorld(others=others, livevox=HUMANS) as world:
        call = world.place()
        await nth(world, "engine_dialled", 2)
        world.livevox.customer_hangs_up(call)
        await world.over(call)
        assert world.dispositions(call) == ["Customer Hung Up"]
        assert "engine_answered" not in world.whats()[world.whats().index("customer_leg_ended") :]


async def test_a_media_process_killed_while_a_bot_talks_costs_the_bot_and_not_the_customer() -> None:
    others = {"first": engine("twilio", "wait"), "second": engine("openai", "finish:promised")}
    async with BridgeWorld(others=others, livevox=HUMANS) as world:
        call = world.place()
        await world.seen("screen_pop")
        assert world.service.media.pid is not None
        os.kill(world.service.media.pid, signal.SIGKILL)
        await world.livevox.closed(call, 20.0)
        assert tried(world) == ["first", "second"]
        assert world.dispositions(call) == ["Payment Promised"]
        assert world.heard(call).heard.largest_gap_s < 5.0  # 0.6; a busy machine starts processes slowly


async def test_a_worker_killed_while_a_bot_by_websocket_talks_ends_the_bots_part() -> None:
    others = {"first": engine("twilio", "wait")}
    async with BridgeWorld(others=others, livevox=HUMANS) as world:
        call = world.place()
        await world.seen("screen_pop")
        for worker in sip_workers():
            os.kill(worker, signal.SIGKILL)
        await world.livevox.closed(call, 20.0)
        await world.until(lambda: not world.service.controller.calls, 10.0)
        assert world.dispositions(call) == ["System Failure"]
        assert "transfer conferenced" in world.lifecycle(call)
        (record,) = others["first"].bot.calls
        assert record.ended_by_bridge


# circuits


async def test_an_engine_that_fails_calls_gets_no_more_of_them() -> None:
    lines = "circuit_failures = 2\ncircuit_open_s = 60"
    others = {"only": engine("twilio", "refuse:503", lines=lines)}
    async with BridgeWorld(others=others, agents=4) as world:
        for number in (VA1, VA2, VA3, VA4):
            call = await world.call(CustomerCall(agent=number))
            assert status(world, call) == 503
            ended = world.heard(call).ended
            assert isinstance(ended, Refused)
            assert [header.value for header in ended.headers if header.name == "Retry-After"] == ["5"]
        assert tried(world) == ["only", "only"]


async def test_an_engine_with_an_open_circuit_is_passed_over() -> None:
    lines = "circuit_failures = 1\ncircuit_open_s = 60"
    first = engine("twilio", "refuse:503", lines=lines)
    async with BridgeWorld(others={"first": first, "second": engine("openai", "finish")}, agents=2) as world:
        for number in (VA1, VA2):
            call = await world.call(CustomerCall(agent=number))
            assert world.dispositions(call) == ["Completed"]
        assert tried(world) == ["first", "second", "second"]
        assert (await world.seen("engine_passed_over")).facts == {"engine": "first"}


async def test_an_engine_that_is_well_again_gets_its_calls_back() -> None:
    lines = "circuit_failures = 1\ncircuit_open_s = 1.0"
    only = engine("deepgram", "refuse:503", "refuse:503", "finish:promised", lines=lines)
    async with BridgeWorld(others={"only": only}, agents=4) as world:
        assert status(world, await world.call(CustomerCall(agent=VA1))) == 503
        circuits = world.service.controller._parts.engines.circuits
        await world.until(lambda: circuits.allows("only"))
        assert status(world, await world.call(CustomerCall(agent=VA2))) == 503  # the probe
        assert circuits.state("only") is CircuitState.OPEN
        await world.until(lambda: circuits.allows("only"))
        for number in (VA3, VA4):
            call = await world.call(CustomerCall(agent=number))
            assert world.dispositions(call) == ["Payment Promised"]
            assert circuits.state("only") is CircuitState.CLOSED


async def test_slow_connects_open_the_circuit_too() -> None:
    lines = "circuit_failures = 1\nslow_connect_s = 0.2"
    async with BridgeWorld(others={"only": engine("twilio", "slow:0.5", lines=lines)}, agents=2) as world:
        assert status(world, await world.call(CustomerCall(agent=VA1))) == 200
        assert status(world, await world.call(CustomerCall(agent=VA2))) == 503
        assert tried(world) == ["only"]


async def test_with_an_open_circuit_the_customer_still_goes_to_a_human() -> None:
    lines = "circuit_failures = 1\ncircuit_open_s = 60"
    others = {"only": engine("rtp", "refuse:503", lines=lines)}
    async with BridgeWorld(others=others, agents=2, livevox=ANSWERED_ANYWAY) as world:
        for number in (VA1, VA2):
            call = await world.call(CustomerCall(agent=number), timeout_s=25.0)
            assert world.dispositions(call) == ["System Failure"]
        assert tried(world) == ["only"]


# dead air


async def test_a_bot_that_says_nothing_hears_of_it_and_loses_the_customer_to_a_human() -> None:
    async with BridgeWorld(["silent"], dead_air_s=0.7, livevox=HUMANS) as world:
        call = await world.call(timeout_s=25.0)
        assert [entry.facts["last"] for entry in world.entries if entry.what == "dead_air"] == [False, True]
        assert any(b'"dead_air"' in info.body for info in world.bot_call().infos)
        assert world.dispositions(call) == ["System Failure"]
        assert "transfer conferenced" in world.lifecycle(call)


@pytest.mark.parametrize("kind", ["twilio", "deepgram", "rtp"])
async def test_a_customer_who_says_nothing_any_more_is_let_go(kind: str) -> None:
    caller = CallerSettings("127.0.0.1", free_port(), voice=Voice.SILENCE)
    others = {"only": engine(kind, "wait", speak_s=1.6)}  # whether RTP is speech is looked at twice a second
    async with BridgeWorld(others=others, caller=caller, dead_air_s=0.7, livevox=HUMANS) as world:
        call = await world.call(timeout_s=25.0)
        facts = [entry.facts for entry in world.entries if entry.what == "dead_air"]
        assert [(fact["side"], fact["last"]) for fact in facts] == [("customer", False), ("customer", True)]
        assert world.dispositions(call) == ["System Failure"]
        assert "transfer conferenced" not in world.lifecycle(call)


async def test_a_bot_that_asks_whether_anybody_is_there_does_not_hold_the_line_for_ever() -> None:
    caller = CallerSettings("127.0.0.1", free_port(), voice=Voice.SILENCE)
    others = {"only": engine("openai", "wait")}
    async with BridgeWorld(others=others, caller=caller, dead_air_s=0.7, livevox=HUMANS) as world:
        call = await world.call(timeout_s=25.0)
        facts = [entry.facts for entry in world.entries if entry.what == "dead_air"]
        assert [(fact["side"], fact["last"]) for fact in facts][-1] == ("customer", True)
        assert [fact["last"] for fact in facts].count(False) == 2
        assert world.dispositions(call) == ["System Failure"]
