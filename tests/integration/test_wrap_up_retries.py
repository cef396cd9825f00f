"""An operator has a wrap-up tried again: at once while it is pending, and never twice once it was given up."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bridge.agents.policy import AgentPolicy
from bridge.part_settings import agent_pool_settings
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from tests.integration.bridge_world import BridgeWorld
from tests.integration.test_operators_api import Operator

pytestmark = pytest.mark.pjsua2

VA1 = "8990000001"
#: A wrap-up is given up so soon that a test can wait for it.
IMPATIENT = "give_up_after_s = 0.5\nreconcile_s = 2.0"

#: An agent that stays in wrap-up is found so soon.
WATCHFUL = AgentPolicy(stuck_wrap_up_s=0.5, busy_poll_s=0.1, reconcile_s=2.0)


async def given_up(world: BridgeWorld, fault: Fault, **fields: object) -> tuple[str, str]:
    """A call whose disposition is unconfirmed: the simulator's id of it, and ours."""
    before = len(world.entries)
    call = world.place(CustomerCall(agent=VA1, hang_up_after_s=0.3))
    world.livevox.fail("set_term_code", fault, count=1, **fields)
    await world.livevox.until(lambda: bool(world.livevox.ledger.requests("set_term_code")), 20.0)
    world.livevox.fail("any", Fault.STATUS, status=503, count=None)
    await world.until(lambda: "closed" in [entry.what for entry in world.entries[before:]])
    world.livevox.platform.injections.clear()
    return call, world.entries[before].call


async def audited(world: BridgeWorld, operator: Operator) -> list[tuple[str, str, str]]:
    await world.service.journal.on_disk("")
    actions = (await operator.ask("GET", "/v1/audit"))[1]["actions"]
    return [(each["did"], each["about"], each["result"]) for each in actions]


async def known(world: BridgeWorld, operator: Operator, id: str) -> dict[str, Any]:
    """What the journal has of a call."""
    await world.service.journal.on_disk(id)
    (row,) = (await operator.ask("GET", f"/v1/calls?id={id}"))[1]["calls"]
    return dict(row)


async def test_a_pending_wrap_up_is_tried_at_once() -> None:
    async with BridgeWorld(["wait"]) as world, Operator(world) as operator:
        call = world.place(CustomerCall(agent=VA1))
        await world.seen("screen_pop")
        world.livevox.fail("status", Fault.STATUS, status=503, count=None)
        world.livevox.customer_hangs_up(call)
        async with asyncio.timeout(30):
            while True:
                rows: list[dict[str, Any]] = (await operator.ask("GET", "/v1/wrap_ups"))[1]["wrap_ups"]
                if rows and rows[0]["failing"] and (rows[0]["next_try_s"] or 0) > 1.5:
                    break
                await asyncio.sleep(0.02)
        id, (row,) = world.entries[0].call, rows
        assert (row["call"], row["agent_number"], row["caller"], row["kind"]) == (id, VA1, "2134634007", "call")
        assert "503" in row["failing"]
        world.livevox.platform.injections.clear()
        asked_at = world.livevox.clock()
        status, body = await operator.ask("POST", f"/v1/calls/{id}/retry")
        assert (status, body) == (202, {"call": id, "accepted": True, "retry": "now"})
        await world.over(call)
        (sent,) = world.livevox.ledger.requests("set_term_code")
        assert sent.at - asked_at < row["next_try_s"], "it did not wait"
        assert world.dispositions(call) == ["Customer Hung Up"]
        assert (await operator.ask("GET", "/v1/wrap_ups"))[1]["wrap_ups"] == []
        assert ("retry_wrap_up", id, "done") in await audited(world, operator)
        status, body = await operator.ask("POST", f"/v1/calls/{id}/retry")
        assert (status, body["error"]["code"]) == (409, "already_disposed")
        assert "Customer Hung Up" in body["error"]["message"]
        assert world.dispositions(call) == ["Customer Hung Up"]


@pytest.mark.parametrize("fault", [Fault.STATUS, Fault.DROP_BEFORE])
async def test_a_wrap_up_that_was_given_up_is_repeated_while_livevox_waits_for_it(fault: Fault) -> None:
    async with BridgeWorld(["wait"], livevox=IMPATIENT) as world, Operator(world) as operator:
        call, id = await given_up(world, fault)
        assert (await operator.ask("GET", "/v1/status"))[1]["wrap_ups"]["unconfirmed"] == 1
        first, second = await asyncio.gather(*(operator.ask("POST", f"/v1/calls/{id}/retry") for _ in range(2)))
        (accepted,) = [body for status, body in (first, second) if status == 202 and body["retry"] == "repeated"]
        assert accepted["call"] == id
        assert {first[0], second[0]} <= {202, 409}, "one of them begins it, the other finds it begun"
        await world.livevox.closed(call)
        await world.until(lambda: not world.service.overview.wrap_ups())
        assert world.dispositions(call) == ["Customer Hung Up"]
        assert world.livevox.platform.agent("VA0001").state.name == "READY"
        assert (await operator.ask("GET", "/v1/status"))[1]["wrap_ups"]["unconfirmed"] == 0
        assert ("retry_wrap_up", id, "done") in await audited(world, operator)
        row = await known(world, operator, id)
        assert (row["confirmation"], row["term_code"]) == ("confirmed", "Customer Hung Up")
        assert "disposition_unconfirmed" not in row["trouble"]
        assert (await operator.ask("POST", f"/v1/calls/{id}/retry"))[1]["error"]["code"] == "already_disposed"
        await world.call(CustomerCall(agent=VA1, hang_up_after_s=0.3))  # the agent takes calls as ever
        assert len(world.dispositions(call)) == 1


async def test_a_code_that_livevox_took_without_saying_so_is_not_set_twice() -> None:
    async with BridgeWorld(["wait"], livevox=IMPATIENT) as world, Operator(world) as operator:
        call, id = await given_up(world, Fault.DROP_AFTER)
        assert world.dispositions(call) == ["Customer Hung Up"]
        requests = len(world.livevox.ledger.requests("set_term_code"))
        status, body = await operator.ask("POST", f"/v1/calls/{id}/retry")
        assert (status, body["error"]["code"]) == (409, "not_in_wrap_up")
        transaction = world.livevox.platform.call(call).transaction_id
        for said in ("nothing was sent", "LiveVox's reports", transaction, "had sent Customer Hung Up"):
            assert said in body["error"]["message"]
        assert len(world.livevox.ledger.requests("set_term_code")) == requests
        assert world.dispositions(call) == ["Customer Hung Up"]
        assert ("retry_wrap_up", id, "not_in_wrap_up") in await audited(world, operator)
        row = await known(world, operator, id)
        assert (row["confirmation"], "disposition_unconfirmed" in row["trouble"]) == ("unconfirmed", True)


async def test_what_livevox_wrote_down_itself_meanwhile_stays() -> None:
    async with BridgeWorld(["wait"], livevox=IMPATIENT) as world, Operator(world) as operator:
        call, id = await given_up(world, Fault.STATUS)
        agent, platform = world.livevox.platform.agent("VA0001"), world.livevox.platform
        world.livevox.perform(lambda now: platform.agents.expire_wrap_up(agent, now))
        assert world.dispositions(call) == ["Operator Transfer"]
        status, body = await operator.ask("POST", f"/v1/calls/{id}/retry")
        assert (status, body["error"]["code"]) == (409, "not_in_wrap_up")
        await world.livevox.until(lambda: agent.state.name == "READY", 20.0)
        later = await world.call(CustomerCall(agent=VA1, hang_up_after_s=0.3))
        status, body = await operator.ask("POST", f"/v1/calls/{id}/retry")
        assert (status, body["error"]["code"]) == (409, "not_in_wrap_up")
        assert "a later call" in body["error"]["message"]
        assert (world.dispositions(call), world.dispositions(later)) == (["Operator Transfer"], ["Customer Hung Up"])


async def test_where_livevox_does_not_say_how_it_stands_nothing_is_sent() -> None:
    async with BridgeWorld(["wait"], livevox=IMPATIENT) as world, Operator(world) as operator:
        call, id = await given_up(world, Fault.STATUS)
        world.livevox.fail("status", Fault.STATUS, status=503, count=None)
        status, body = await operator.ask("POST", f"/v1/calls/{id}/retry")
        assert (status, body["error"]["code"]) == (503, "livevox_silent")
        assert "try again" in body["error"]["message"]
        assert world.dispositions(call) == []
        world.livevox.platform.injections.clear()
        assert (await operator.ask("POST", f"/v1/calls/{id}/retry"))[0] == 202
        await world.livevox.closed(call)
        assert world.dispositions(call) == ["Customer Hung Up"]


async def test_only_a_call_that_is_over_and_only_for_the_admin() -> None:
    environ = {"BRIDGE_VIEW_TOKEN": "viewer"}
    async with (
        BridgeWorld(["wait"], environ=environ) as world,
        Operator(world) as operator,
        Operator(world, "viewer") as viewer,
    ):
        status, body = await operator.ask("POST", "/v1/calls/0123456789abcdef0123/retry")
        assert (status, body["error"]["code"]) == (404, "unknown_call")
        call = world.place(CustomerCall(agent=VA1))
        await world.seen("screen_pop")
        id = world.entries[0].call
        status, body = await operator.ask("POST", f"/v1/calls/{id}/retry")
        assert (status, body["error"]["code"]) == (409, "not_wrapping_up")
        assert (await viewer.ask("POST", f"/v1/calls/{id}/retry"))[0] == 403
        status, body = await operator.ask("POST", f"/v1/calls/{id}/retry", {"term_code": "Paid"})
        assert (status, body["error"]["code"]) == (400, "unknown_field")
        world.livevox.fail("set_term_code", Fault.STATUS, status=503, count=1)
        world.livevox.customer_hangs_up(call)
        await world.livevox.until(lambda: bool(world.livevox.ledger.requests("set_term_code")), 20.0)
        rows = (await viewer.ask("GET", "/v1/wrap_ups"))[1]["wrap_ups"]
        assert [row["caller"] for row in rows] == ["2134****07"]
        await world.over(call)


@pytest.mark.parametrize("fault", [Fault.STATUS, Fault.DROP_BEFORE])
async def test_an_agent_kept_in_wrap_up_for_a_call_given_up_gets_the_code_that_was_meant(fault: Fault) -> None:
    async with BridgeWorld(["wait"], livevox=IMPATIENT) as world, Operator(world) as operator:
        agents = world.service.agents
        agents.change(replace(agent_pool_settings(world.service.settings), policy=WATCHFUL))
        call, id = await given_up(world, fault)
        assert world.dispositions(call) == []
        await world.livevox.closed(call)
        await world.until(lambda: not world.service.overview.wrap_ups())
        assert world.dispositions(call) == ["Customer Hung Up"], "not what a call of nobody gets"
        row = await known(world, operator, id)
        assert (row["confirmation"], row["term_code"]) == ("confirmed", "Customer Hung Up")
        assert (await operator.ask("GET", "/v1/status"))[1]["wrap_ups"]["unconfirmed"] == 0
        (action,) = (await operator.ask("GET", "/v1/audit"))[1]["actions"]
        told = {name: action[name] for name in ("who", "did", "about", "result")}
        assert told == {"who": "bridge", "did": "retry_wrap_up", "about": id, "result": "done"}
        story = (await operator.ask("GET", f"/v1/calls/{id}/story"))[1]
        (begun,) = [moment for moment in story["timeline"] if moment.get("name") == "repeat_begun"]
        assert "The bridge tries again by itself" in begun["title"]
        calls = (await operator.ask("GET", "/v1/calls?agent=" + VA1))[1]["calls"]
        assert [each["call"] for each in calls] == [id], "no stray call"
        await world.call(CustomerCall(agent=VA1, hang_up_after_s=0.3))  # the agent takes calls as ever
        assert world.dispositions(call) == ["Customer Hung Up"]
