"""The end of the service, by whomever it is asked for: calls end or go to a human, agents leave."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.integration.bridge_world import TOKEN, BridgeWorld
from tests.integration.sip_peer import SipPeer
from tests.sip_texts import SDP, request

pytestmark = pytest.mark.pjsua2

HUMANS = 'on_failure = "collections"'


@asynccontextmanager
async def api(world: BridgeWorld) -> AsyncIterator[ClientSession]:
    async with ClientSession(world.admin_url, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


async def ask(client: ClientSession, method: str, path: str, json: object = None) -> tuple[int, Any]:
    async with client.request(method, path, json=json) as response:
        return response.status, await response.json()


async def turned_away(world: BridgeWorld, method: str) -> tuple[int, str]:
    """Status and Retry-After of what a stranger to all calls is answered."""
    peer = SipPeer()
    call_id, body = f"{method}@127.0.0.1", SDP if method == "INVITE" else ""
    peer.send(
        request(method, f"127.0.0.1:{peer.port}", call_id=call_id, branch=f"z9hG4bK{method}", body=body), world.sip_port
    )
    answer = await peer.expect(call_id, 503)
    peer.close()
    return answer.status, answer.header("Retry-After")


def serving(world: BridgeWorld) -> asyncio.Task[bool]:
    return asyncio.create_task(world.service.serve(), name="serve")


async def test_at_the_limit_the_customer_goes_to_a_human_and_the_agent_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    # A human takes longer to answer than LiveVox may take to hear of it: the customer is waited for all the same.
    monkeypatch.setattr("bridge.service.CLOSING_S", 1.0)
    async with BridgeWorld(["wait"], livevox=HUMANS, sip="drain_s = 0.5") as world:
        call = world.place()
        await world.seen("screen_pop")
        world.service.draining.ask("SIGTERM")
        assert not await world.service.serve()
        lifecycle, whats = world.lifecycle(call), world.whats()
        assert "transfer conferenced" in lifecycle
        assert whats.index("transfer_succeeded") < whats.index("customer_leg_ended")
        assert world.dispositions(call) == ["System Failure"]
        # Ready for a moment, it would have got another customer.
        assert lifecycle[-2:] == ["NOTREADY", "closed"]
        assert world.livevox.platform.agent("VA0001").state.name == "LOGOFF"
        assert len(world.livevox.ledger.requests("logout")) == 1
        assert world.heard(call).faults == []


async def test_an_order_by_http_turns_readiness_at_once_and_calls_away_and_can_be_hurried() -> None:
    async with BridgeWorld(["wait"], livevox=HUMANS) as world, api(world) as client:
        call = world.place()
        await world.seen("screen_pop")
        served = serving(world)
        assert (await ask(client, "GET", "/ready"))[0] == 200
        status, body = await ask(client, "POST", "/v1/drain")
        assert (status, body["draining"]["calls"], body["draining"]["hurried"]) == (202, 1, False)
        assert (body["draining"]["by"], body["draining"]["limit_s"]) == ("operator", 300)
        status, body = await ask(client, "GET", "/ready")
        assert (status, [reason["code"] for reason in body["reasons"]]) == (503, ["draining"])
        assert await turned_away(world, "INVITE") == await turned_away(world, "OPTIONS") == (503, "5")
        assert (await ask(client, "POST", "/v1/drain"))[1]["draining"]["hurried"] is False
        assert (await ask(client, "GET", "/v1/calls"))[1]["calls"][0]["state"] == "talking"
        assert not served.done()
        assert (await ask(client, "POST", "/v1/drain", {"hurry": True}))[1]["draining"]["hurried"] is True
        assert not await served
        assert "transfer conferenced" in world.lifecycle(call)
        assert world.dispositions(call) == ["System Failure"]


async def test_without_a_human_the_call_ends_at_the_limit_with_its_disposition() -> None:
    async with BridgeWorld(["wait"], sip="drain_s = 0") as world:
        call = world.place()
        await world.seen("screen_pop")
        assert not await world.service.drain()
        assert world.dispositions(call) == ["System Failure"]
        assert world.livevox.platform.agent("VA0001").state.name == "LOGOFF"
