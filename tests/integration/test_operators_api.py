"""What operators ask and order by HTTP, of a whole bridge."""

from datetime import datetime
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge import __version__
from bridge.admin.access import Scope
from bridge.admin.audit import Audit
from bridge.admin.operators import OperatorEndpoints
from bridge.agents.messages import AgentPhase
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from tests.integration.bridge_world import TOKEN, BridgeWorld

pytestmark = pytest.mark.pjsua2

VA1, VA2 = "8990000001", "8990000002"


class Operator:
    """`async with Operator(world) as operator: status, body = await operator.ask("GET", "/v1/agents")`."""

    def __init__(self, world: BridgeWorld, token: str = TOKEN) -> None:
        self._world = world
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def __aenter__(self) -> "Operator":
        self._client = ClientSession(self._world.admin_url, headers=self._headers)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def ask(self, method: str, path: str, json: object = None) -> tuple[int, Any]:
        async with self._client.request(method, path, json=json) as response:
            return response.status, await response.json()


def is_recent(text: str) -> bool:
    return abs(datetime.now().timestamp() - datetime.fromisoformat(text).timestamp()) < 60


async def test_the_calls_agents_engines_and_numbers_of_a_bridge_at_work() -> None:
    async with BridgeWorld(["wait"], agents=2) as world, Operator(world) as operator:
        assert (await operator.ask("GET", "/v1/calls"))[1]["calls"] == []
        call = world.place(CustomerCall(agent=VA1))
        await world.seen("screen_pop")
        id = world.entries[0].call
        _, body = await operator.ask("GET", "/v1/calls")
        (row,) = body["calls"]
        assert (row["call"], row["agent_number"], row["caller"]) == (id, VA1, "2134634007")
        assert (row["state"], row["engine"], bool(row["transaction_id"])) == ("talking", "bot", True)
        assert row["started_at"] < row["since"] < body["at"]
        assert is_recent(row["started_at"])
        _, one = await operator.ask("GET", f"/v1/calls/{id}")
        assert (one["started_at"][:19], one["since"]) == (row["started_at"][:19], row["since"])
        _, body = await operator.ask("GET", "/v1/agents")
        assert [(row["number"], row["user_name"], row["state"], row["call"]) for row in body["agents"]] == [
            (VA1, "VA0001", "on_call", id),
            (VA2, "VA0002", "ready", None),
        ]
        assert [row["waits_for"] for row in body["agents"]] == [f"the end of call {id}", "a call"]
        assert (await operator.ask("GET", f"/v1/agents/+1{VA2}"))[1] == body["agents"][1]
        _, body = await operator.ask("GET", "/v1/engines")
        assert body["engines"] == [
            {"name": "bot", "kind": "sip", "circuit": "closed", "next_try_s": 0, "agents": 2, "calls": 1}
        ]
        _, body = await operator.ask("GET", "/v1/status")
        assert (body["version"], body["ready"], body["draining"]) == (__version__, True, None)
        assert body["calls"] == {"on_line": 1, "max": 100, "by_state": {"talking": 1}}
        assert body["agents"] == {"in_service": 2, "by_state": {"on_call": 1, "ready": 1}}
        assert body["workers"]["running"] >= 1
        assert 0 < body["uptime_s"] < 60
        world.livevox.customer_hangs_up(call)
        await world.over(call)


async def test_a_disposition_that_livevox_does_not_take_shows_as_pending() -> None:
    async with BridgeWorld(["wait"]) as world, Operator(world) as operator:
        call = world.place(CustomerCall(agent=VA1, hang_up_after_s=0.3))
        world.livevox.fail("set_term_code", Fault.STATUS, status=503, count=None)
        await world.livevox.until(lambda: bool(world.livevox.ledger.requests("set_term_code")))
        await world.until(lambda: world.service.controller.wrapping_up == 1, 20.0)  # the bot has answered its BYE too
        _, body = await operator.ask("GET", "/v1/status")
        assert (body["calls"]["on_line"], body["wrap_ups"]["pending"]) == (0, 1)
        assert (await operator.ask("GET", "/v1/calls"))[1]["calls"][0]["state"] == "ending"
        assert "disposition of call" in (await operator.ask("GET", f"/v1/agents/{VA1}"))[1]["waits_for"]
        world.livevox.platform.injections.clear()
        await world.over(call)
        assert (await operator.ask("GET", "/v1/status"))[1]["wrap_ups"]["pending"] == 0


async def test_an_engine_that_fails_shows_when_it_is_tried_again() -> None:
    async with BridgeWorld() as world, Operator(world) as operator:
        for _ in range(5):
            world.service.controller.circuits.begin("bot").failed()
        (engine,) = (await operator.ask("GET", "/v1/engines"))[1]["engines"]
        assert engine["circuit"] == "open"
        assert 10 < engine["next_try_s"] <= 15


async def test_a_pause_waits_for_the_call_and_lasts_until_it_is_resumed() -> None:
    async with BridgeWorld(["wait"]) as world, Operator(world) as operator:
        call = world.place(CustomerCall(agent=VA1))
        await world.seen("screen_pop")
        status, body = await operator.ask("POST", f"/v1/agents/{VA1}/pause")
        assert (status, body["state"], body["paused"]) == (200, "on_call", True)
        assert body["waits_for"].endswith(", then to be paused")
        world.livevox.customer_hangs_up(call)
        await world.over(call)
        await world.until(lambda: world.service.agents.snapshot()[0].state is AgentPhase.PAUSED)
        # Not Ready by the term code itself: Ready for a moment, it would have got another customer.
        assert world.lifecycle(call)[-2:] == ["NOTREADY", "closed"]
        assert world.livevox.platform.agent("VA0001").state.name == "NOTREADY"
        status, body = await operator.ask("GET", f"/v1/agents/{VA1}")
        assert (body["state"], body["paused"], body["takes_calls"]) == ("paused", True, False)
        assert body["waits_for"] == "an operator to resume it"
        status, body = await operator.ask("POST", f"/v1/agents/{VA1}/resume")
        assert (status, body["paused"]) == (200, False)
        await world.until(lambda: world.service.agents.snapshot()[0].state is AgentPhase.READY)
        assert world.livevox.platform.agent("VA0001").state.name == "READY"


async def test_an_agent_that_is_not_there_is_not_found() -> None:
    async with BridgeWorld() as world, Operator(world) as operator:
        for number in ("8990000009", "x", "%00"):
            for method, verb in (("GET", ""), ("POST", "/pause"), ("POST", "/resume")):
                status, body = await operator.ask(method, f"/v1/agents/{number}{verb}")
                assert (status, body["error"]["code"]) == (404, "unknown_agent")


async def test_who_may_only_look_sees_customers_masked_and_changes_nothing() -> None:
    async with (
        BridgeWorld(["wait"], environ={"BRIDGE_VIEW_TOKEN": "viewer"}) as world,
        Operator(world, "viewer") as viewer,
    ):
        call = world.place(CustomerCall(agent=VA1))
        await world.seen("screen_pop")
        status, body = await viewer.ask("GET", "/v1/calls")
        assert (status, body["calls"][0]["caller"]) == (200, "2134****07")
        for path in ("/v1/status", "/v1/agents", f"/v1/agents/{VA1}", "/v1/engines"):
            assert (await viewer.ask("GET", path))[0] == 200
        for path in (f"/v1/agents/{VA1}/pause", f"/v1/agents/{VA1}/resume", "/v1/drain"):
            status, body = await viewer.ask("POST", path)
            assert (status, body["error"]["code"]) == (403, "forbidden")
        assert world.service.draining.since is None
        world.livevox.customer_hangs_up(call)
        await world.over(call)


async def test_nobody_gets_in_without_a_token_and_only_what_they_know_may_be_asked() -> None:
    async with BridgeWorld() as world, Operator(world) as operator, Operator(world, "") as nobody:
        routes = OperatorEndpoints(world.service.overview, Audit(world.service.journal)).routes()
        assert {(route.method, route.scope) for route in routes} == {("GET", Scope.VIEW), ("POST", Scope.ADMIN)}
        for route in routes:
            path = route.path.format(number=VA1)
            status, body = await nobody.ask(route.method, path)
            assert (status, body["error"]["code"]) == (401, "unauthorized")
            if route.method == "GET":
                status, body = await operator.ask("GET", f"{path}?agnet=1")
                assert (status, body["error"]["code"]) == (400, "unknown_parameter")
            else:
                status, body = await operator.ask("POST", path, {"force": True})
                assert (status, body["error"]["code"]) == (400, "unknown_field")
        assert world.service.draining.since is None
        assert world.service.agents.snapshot()[0].state is AgentPhase.READY
