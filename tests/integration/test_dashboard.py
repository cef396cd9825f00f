"""The dashboard over HTTP: who may open it, what it is told and when."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientSession, encode_basic_auth

from bridge.simulator.customer_call import CustomerCall
from tests.integration.bridge_world import BridgeWorld

PAGES = ("/", "/dashboard.js", "/dashboard.css", "/v1/events")


@pytest.fixture
async def world() -> AsyncIterator[BridgeWorld]:
    async with BridgeWorld(["wait"], agents=2) as running:
        yield running


class Viewer:
    """A browser's EventSource: the latest of each section, and how often each came."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.latest: dict[str, Any] = {}
        self.came: list[str] = []

    async def until(self, name: str, met: Any, within_s: float = 10.0) -> Any:
        """Read on until that section is so."""
        async with asyncio.timeout(within_s):
            while name not in self.latest or not met(self.latest[name]):
                await self.next()
        return self.latest[name]

    async def next(self) -> str:
        lines = [await self._response.content.readline() for _ in range(3)]
        event, data, end = (line.decode().rstrip("\n") for line in lines)
        assert end == ""
        name = event.removeprefix("event: ")
        self.latest[name] = json.loads(data.removeprefix("data: "))
        self.came.append(name)
        return name


def browser(world: BridgeWorld, password: str = "simulated") -> ClientSession:
    return ClientSession(world.admin_url, headers={"Authorization": encode_basic_auth("anybody", password)})


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_of_it_is_shown_without_a_token(world: BridgeWorld, path: str) -> None:
    async with browser(world, "wrong") as client, client.get(path) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic")


async def test_the_page_and_what_it_loads_come_from_the_bridge_alone(world: BridgeWorld) -> None:
    async with browser(world) as client:
        for path in PAGES[:3]:
            async with client.get(path) as response:
                text = await response.text()
                assert response.status == 200
                assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
                assert "https://" not in text
                policy = response.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy and "unsafe" not in policy


async def test_a_viewer_gets_every_section_at_once_and_then_what_changes(world: BridgeWorld) -> None:
    async with browser(world) as client, client.get("/v1/events") as response:
        assert response.content_type == "text/event-stream"
        viewer = Viewer(response)
        sections = {"bridge", "alarms", "calls", "wrap_ups", "agents", "engines", "hour", "recent"}
        assert {await viewer.next() for _ in sections} == sections
        assert viewer.latest["calls"] == []
        assert viewer.latest["bridge"]["ready"] is True
        call_id = world.place(CustomerCall(agent="8990000001"))
        (call,) = await viewer.until("calls", lambda calls: calls and calls[0]["state"] == "talking")
        assert call["caller"] == "2134634007", "the admin token sees it whole"
        await viewer.until("agents", lambda agents: [agent["state"] for agent in agents] == ["on_call", "ready"])
        world.livevox.customer_hangs_up(call_id)
        (ended,) = await viewer.until("recent", bool)
        assert (ended["call"], ended["outcome"], ended["confirmed"]) == (call["call"], "customer_hung_up", True)
        assert viewer.latest["hour"][-1]["started"] + viewer.latest["hour"][0]["started"] >= 1
        await world.over(call_id)


async def test_who_may_only_look_sees_no_customers_number() -> None:
    async with BridgeWorld(["wait"], environ={"BRIDGE_VIEW_TOKEN": "look"}) as world:
        call_id = world.place(CustomerCall(agent="8990000001"))
        async with browser(world, "look") as client, client.get("/v1/events") as response:
            viewer = Viewer(response)
            (call,) = await viewer.until("calls", bool)
            assert call["caller"] == "2134****07"
            world.livevox.customer_hangs_up(call_id)
            (ended,) = await viewer.until("recent", bool)
            assert ended["caller"] == "2134****07"
        await world.over(call_id)


async def test_what_does_not_change_is_not_sent_again(world: BridgeWorld) -> None:
    async with browser(world) as client, client.get("/v1/events") as response:
        viewer = Viewer(response)
        await viewer.until("alive", lambda _: True)
        assert viewer.came[-1] == "alive"
        assert [viewer.came.count(name) for name in ("engines", "recent")] == [1, 1]


async def test_viewers_that_go_leave_nothing_behind(world: BridgeWorld) -> None:
    before = len(asyncio.all_tasks())
    async with browser(world) as client:
        for _ in range(3):
            async with client.get("/v1/events") as response:
                await Viewer(response).next()
    await world.until(lambda: len(asyncio.all_tasks()) <= before, 10.0)


async def test_an_open_dashboard_does_not_hold_up_the_end() -> None:
    async with BridgeWorld(["wait"]) as world:
        client = browser(world)
        response = await client.get("/v1/events")
        await Viewer(response).next()
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 8
    response.close()
    await client.close()
