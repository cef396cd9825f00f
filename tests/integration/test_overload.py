"""More INVITEs at once than the bridge takes: those that are too many are refused, and the others notice nothing."""

import asyncio
from collections import Counter

import pytest

from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.states import AgentState
from tests.integration.bridge_world import BridgeWorld

pytestmark = [pytest.mark.pjsua2, pytest.mark.long]

CAP, TOO_MANY = 20, 10


def last_status(world: BridgeWorld, call: str) -> int:
    return world.heard(call).statuses[-1][1]


async def test_of_thirty_invites_at_once_twenty_are_taken_and_stay_so_whatever_else_comes() -> None:
    total = CAP + TOO_MANY
    # A slow machine, on which engines and customers live too, is not what is tried here.
    patient = f"max_calls = {CAP}\ntransaction_timeout_s = 32"
    async with BridgeWorld(["wait"] * total, agents=total, sip=patient, connect_timeout_s=30.0) as world:
        world.service.pool.change(spare_calls=CAP, max_calls=CAP)
        await world.until(lambda: world.service._dispatch.room(2) >= CAP, 60.0)  # it is the cap that is tried here
        calls = [world.place(CustomerCall(agent=f"899{number:07d}")) for number in range(1, total + 1)]
        await world.until(lambda: all(call in world.caller.calls for call in calls), 30.0)
        await world.until(lambda: all(_is_decided(world, call) for call in calls), 60.0)
        assert Counter(last_status(world, call) for call in calls) == {200: CAP, 503: TOO_MANY}
        taken = [call for call in calls if last_status(world, call) == 200]
        free = [number for number, call in enumerate(calls, 1) if last_status(world, call) == 503]
        await world.until(lambda: all(world.heard(call).heard.received for call in taken), 30.0)
        assert world.service.controller.on_line == CAP
        # The refused agents' next calls come while the others talk.
        heard = {call: world.heard(call).heard.received for call in taken}
        for number in free:
            await world.until(lambda number=number: _is_ready(world, number), 30.0)
        again = [world.place(CustomerCall(agent=f"899{number:07d}")) for number in free]
        await world.until(lambda: all(call in world.caller.calls for call in again), 30.0)
        await world.until(lambda: all(_is_decided(world, call) for call in again), 60.0)
        assert Counter(last_status(world, call) for call in again) == {503: TOO_MANY}
        await world.until(lambda: all(world.heard(call).heard.received > heard[call] + 5 for call in taken), 30.0)
        assert [world.heard(call).ended for call in taken] == [None] * CAP
        for call in taken:
            world.livevox.customer_hangs_up(call)
        await asyncio.gather(*(world.livevox.closed(call, 60.0) for call in calls))
        assert {call: world.dispositions(call) for call in calls} == {
            call: ["Customer Hung Up"] if call in taken else [] for call in calls
        }
        await world.until(lambda: world.service.controller.on_line == 0, 30.0)


def _is_decided(world: BridgeWorld, call: str) -> bool:
    record = world.heard(call)
    return bool(record.statuses) and record.statuses[-1][1] >= 200


def _is_ready(world: BridgeWorld, number: int) -> bool:
    agent = world.livevox.platform.agent(f"899{number:07d}")
    return agent.state is AgentState.READY and agent.call is None
