"""A burst of INVITEs goes before what LiveVox is asked."""

import asyncio

import pytest

from tests.integration.bridge_world import BridgeWorld

pytestmark = pytest.mark.pjsua2

VA1 = "8990000001"


async def test_livevox_is_asked_a_second_later_while_invites_come_fast() -> None:
    async with BridgeWorld(["wait"]) as world:
        clock = asyncio.get_running_loop().time
        for _ in range(8):
            world.service._door.burst.came(clock() + 3600)  # it goes on as long as this test, however slow the machine
        began = clock()
        status = await world.service.agents.request(VA1, lambda client, session: client.status(session))
        assert clock() - began >= 0.95
        assert status is not None
