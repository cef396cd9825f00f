"""The simulated LiveVox with its real telephony, and as a command."""

import argparse
import asyncio
import os
import re
import signal

import aiohttp
import pytest

from bridge.simulator import livevox
from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.caller import Caller, CallerSettings
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.states import AgentState
from bridge.simulator.world import World
from sip.errors import AddressInUse, AddressUnusable
from tests.simulated_desk import Desk


@pytest.mark.parametrize(
    ("script", "hang_up_after_s", "end"), [("finish", None, "bridge_hung_up"), ("wait", 0.3, "leg_ended")]
)
async def test_a_real_call_moves_the_agent_through_its_states(
    script: str, hang_up_after_s: float | None, end: str
) -> None:
    # The bot stands where the bridge will: it answers the INVITE and sends RTP.
    settings = BotSettings(listen_port=0, script=ScriptLine.parse(script), speak_s=0.2, after_s=0.1)
    async with SipBot(settings) as bot, aiohttp.ClientSession() as http:
        async with (
            Caller(CallerSettings("127.0.0.1", bot.port)) as caller,
            LiveVoxSimulator(World.default(1), caller) as simulator,
        ):
            desk = Desk(http, simulator.url, "simulated", "simulated")
            await desk.go_ready()
            call_id = simulator.place_call(CustomerCall(hang_up_after_s=hang_up_after_s))
            await simulator.until(lambda: simulator.platform.agent("VA0001").state is AgentState.WRAPUP)
            steps = simulator.ledger.lifecycle(call_id)
            assert steps[:5] == ["placed", "RESERVED", "answered", "INCALL", end]
            assert "audio" in simulator.ledger.lifecycle(call_id, without=())
            assert await desk.set_term_code((await desk.line())["call"], "101416228") == (204, None)
            assert (await simulator.closed(call_id)).result == "Completed"


async def test_a_refused_invite_shows_in_the_agents_status() -> None:
    async with SipBot(BotSettings(listen_port=0, script=ScriptLine.parse("busy"))) as bot:
        async with (
            aiohttp.ClientSession() as http,
            Caller(CallerSettings("127.0.0.1", bot.port)) as caller,
            LiveVoxSimulator(World.default(1), caller) as simulator,
        ):
            desk = Desk(http, simulator.url, "simulated", "simulated")
            await desk.go_ready()
            await simulator.closed(simulator.place_call(CustomerCall()))
            _, answer = await desk.ask("POST", "/callControl/agent/status", {})
            status = answer["agentStatus"][0]
            assert (status["lines"][0]["state"], status["agentCallFailedErrorCode"]) == ("NOTREADY", 486)


async def test_a_customer_who_hangs_up_at_once_is_cancelled() -> None:
    async with SipBot(BotSettings(listen_port=0, script=ScriptLine.parse("slow:5"))) as bot:
        async with (
            aiohttp.ClientSession() as http,
            Caller(CallerSettings("127.0.0.1", bot.port)) as caller,
            LiveVoxSimulator(World.default(1), caller) as simulator,
        ):
            desk = Desk(http, simulator.url, "simulated", "simulated")
            await desk.go_ready()
            call_id = simulator.place_call(CustomerCall())
            simulator.customer_hangs_up(call_id)
            assert (await simulator.closed(call_id)).result is None
            assert "answered" not in simulator.ledger.lifecycle(call_id)
            assert (await desk.line())["state"] == "READY"


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    livevox.add_arguments(parser)
    return parser.parse_args(words)


async def test_the_command_serves_until_it_is_interrupted(capsys: pytest.CaptureFixture[str]) -> None:
    running = asyncio.create_task(livevox.run(parse("--listen", "127.0.0.1:0")), name="simulate livevox")
    said = ""
    async with asyncio.timeout(20):
        while (found := re.search(r"simulated at (http://[\d.:]+): ", said)) is None:
            await asyncio.sleep(0.01)
            said += capsys.readouterr().out
    async with aiohttp.ClientSession() as http, http.get(f"{found[1]}/simulator/agents") as answer:
        assert len(await answer.json()) == 3
    async with aiohttp.ClientSession() as http:
        await Desk(http, found[1], "simulated", "simulated").go_ready("VA0002", "8990000002")
    async with asyncio.timeout(20):
        while "READY" not in said:
            await asyncio.sleep(0.01)
            said += capsys.readouterr().out
    assert "VA0002" in said
    os.kill(os.getpid(), signal.SIGINT)
    async with asyncio.timeout(20):
        assert await running == 0


async def test_the_command_says_which_address_it_cannot_use() -> None:
    async with LiveVoxSimulator(World.default(1)) as simulator:
        with pytest.raises(AddressInUse, match=r"TCP 127.0.0.1:\d+ is in use by process \d+"):
            await livevox.run(parse("--listen", simulator.url.removeprefix("http://")))
    with pytest.raises(AddressUnusable, match="192.0.2.1"):
        await livevox.run(parse("--listen", "127.0.0.1:0", "--sip-host", "192.0.2.1"))
