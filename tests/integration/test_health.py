"""What service managers and load balancers ask of a whole bridge."""

import asyncio
import os
import signal
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge import __version__
from bridge.livevox.errors import LiveVoxError
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from tests.integration.bridge_world import BridgeWorld

pytestmark = pytest.mark.pjsua2

AGENT = "8990000001"


class Probe:
    """A load balancer: it has no token."""

    def __init__(self, client: ClientSession) -> None:
        self._client = client

    async def ask(self, path: str) -> tuple[int, Any]:
        async with self._client.get(path) as response:
            return response.status, await response.json()

    async def codes(self) -> tuple[int, list[str], list[str]]:
        """The status, reasons and warnings of /ready."""
        status, body = await self.ask("/ready")
        assert body["ready"] is (status == 200)
        reasons, warnings = ([each["code"] for each in body[key]] for key in ("reasons", "warnings"))
        return status, reasons, warnings

    async def until(self, status: int, reasons: list[str]) -> None:
        async with asyncio.timeout(10.0):
            while (await self.codes())[:2] != (status, reasons):  # noqa: ASYNC110  # as a load balancer: it polls
                await asyncio.sleep(0.01)


async def test_a_bridge_at_work_is_live_and_ready_and_needs_no_token() -> None:
    async with BridgeWorld() as world, ClientSession(world.admin_url) as client:
        probe = Probe(client)
        assert await probe.ask("/live") == (200, {"live": True, "version": __version__})
        assert await probe.ask("/ready") == (200, {"ready": True, "reasons": [], "warnings": []})
        for path in ("/live", "/ready"):
            async with client.head(path) as response:
                assert (response.status, await response.read()) == (200, b"")


async def test_a_bridge_without_an_agent_in_service_is_not_ready() -> None:
    async with BridgeWorld() as world, ClientSession(world.admin_url) as client:
        probe = Probe(client)
        world.service.agents.pause(AGENT)
        await probe.until(503, ["no_agent_in_service"])
        assert "1 paused" in (await probe.ask("/ready"))[1]["reasons"][0]["message"]
        world.service.agents.resume(AGENT)
        await probe.until(200, [])


async def test_a_bridge_whose_media_process_is_gone_is_not_ready_until_there_is_another() -> None:
    async with BridgeWorld() as world, ClientSession(world.admin_url) as client:
        probe, pid = Probe(client), world.service.media.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await probe.until(503, ["no_media_process"])
        await probe.until(200, [])
        assert world.service.media.pid != pid


async def test_a_bridge_whose_workers_are_gone_is_not_ready_until_there_are_others() -> None:
    async with BridgeWorld() as world, ClientSession(world.admin_url) as client:
        probe, dispatch = Probe(client), world.service.overview.parts.dispatch
        for worker in dispatch.idle_workers():
            dispatch.remove_worker(worker)
        assert await probe.codes() == (503, ["no_sip_worker"], [])


async def test_livevox_that_fails_is_a_warning_until_it_answers() -> None:
    async with BridgeWorld() as world, ClientSession(world.admin_url) as client:
        probe = Probe(client)
        world.livevox.fail("any", Fault.STATUS, status=503, count=None)
        for _ in range(3):
            with pytest.raises(LiveVoxError):
                await world.service.agents.request(AGENT, lambda livevox, session: livevox.status(session))
        assert await probe.codes() == (200, [], ["livevox_unreachable"])
        world.livevox.platform.injections.clear()
        await world.service.agents.request(AGENT, lambda livevox, session: livevox.status(session))
        assert await probe.codes() == (200, [], [])


async def test_an_engine_that_is_out_and_a_full_bridge_are_warnings() -> None:
    two = BridgeWorld(["wait"] * 2, agents=2, sip="max_calls = 2")
    async with two as world, ClientSession(world.admin_url) as client:
        probe = Probe(client)
        calls = [world.place(CustomerCall(agent=number)) for number in (AGENT, "8990000002")]
        await world.until(lambda: world.whats().count("screen_pop") == 2)
        assert await probe.codes() == (200, [], ["full"])
        for _ in range(5):
            world.service.controller.circuits.begin("bot").failed()
        assert await probe.codes() == (200, [], ["full", "engines_out"])
        for call in calls:
            world.livevox.customer_hangs_up(call)
        for call in calls:
            await world.over(call)
        assert await probe.codes() == (200, [], ["engines_out"])
