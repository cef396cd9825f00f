"""LiveVox's REST API is away while calls begin, talk and end: nobody on the telephone notices, and nothing is lost."""

import asyncio
from collections import Counter

import pytest

from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from bridge.simulator.ledger import Kind
from bridge.simulator.states import AgentState
from tests.integration.bridge_world import BridgeWorld

pytestmark = [pytest.mark.pjsua2, pytest.mark.long]

#: How long it is away, in seconds: some tries of every wrap-up fall into it.
AWAY_S = 8.0
AGENTS = 8
#: In the order the bot takes calls; the last one is for the calls that begin before.
SCRIPTS = ["finish:engine_lost", "wait", "bye", "finish-info:completed", "wait", "bye"]


def agent(number: int) -> str:
    return f"899{number:07d}"


async def test_calls_begin_talk_and_end_without_rest_and_each_gets_its_disposition_afterwards() -> None:
    async with BridgeWorld(["wait", "wait", *SCRIPTS], agents=AGENTS, livevox="reconcile_s = 5.0") as world:
        talking = [world.place(CustomerCall(agent=agent(number))) for number in (1, 2)]
        await world.until(lambda: world.whats().count("screen_pop") == 2, 20.0)
        world.livevox.fail("any", Fault.DROP_BEFORE, count=None)
        # One at a time, so that the bot's scripts find their calls.
        during = []
        for number, script in enumerate(SCRIPTS, 3):
            stays_s = 1.0 if script == "wait" else None
            during.append(world.place(CustomerCall(agent=agent(number), hang_up_after_s=stays_s)))
            await world.until(lambda: world.whats().count("acknowledged") == len(talking) + len(during), 20.0)
        world.livevox.customer_hangs_up(talking[0])
        await world.until(lambda: all(world.heard(call).ended is not None for call in (talking[0], *during)), 20.0)
        for call in during:
            assert world.heard(call).heard.recognised["prompt"] >= 10, "the bot was heard as ever"
        heard = world.heard(talking[1]).heard
        so_far = heard.received
        await asyncio.sleep(AWAY_S)
        assert heard.received - so_far >= 0.7 * AWAY_S * 50, "the other call goes on"
        assert world.whats().count("disposition") == 0
        assert [world.dispositions(call) for call in (*talking, *during)] == [[]] * (2 + len(during))
        world.livevox.platform.injections.clear()
        back = world.livevox.clock()
        world.livevox.customer_hangs_up(talking[1])
        await world.until(lambda: not world.service.controller.calls, 60.0)
        for call in talking:
            assert world.dispositions(call) == ["Customer Hung Up"]
        expected = ["System Failure", "Customer Hung Up", "Completed", "Completed", "Customer Hung Up", "Completed"]
        assert [world.dispositions(call) for call in during] == [[each] for each in expected]
        said = [entry.facts["confirmation"] for entry in world.entries if entry.what == "disposition"]
        assert said == ["confirmed"] * AGENTS
        agents = world.livevox.platform.floor.agents.values()
        await world.until(lambda: all(each.state is AgentState.READY for each in agents), 60.0)
        requests = [entry for entry in world.livevox.ledger.entries if entry.kind is Kind.REQUEST and entry.at >= back]
        assert Counter(each.name for each in requests)["set_term_code"] == AGENTS, "once each"
        assert Counter(each.name for each in requests)["login"] == 0, "the same sessions go on"
        firsts = {each.agent: int((each.at - back) * 4) for each in reversed(requests)}
        assert max(Counter(firsts.values()).values()) <= AGENTS / 2, "they do not come back all in one quarter second"
