"""What the journal has of whole calls."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bridge.simulator.customer_call import CustomerCall
from tests.integration.bridge_world import BridgeWorld

pytestmark = pytest.mark.pjsua2


async def journalled(world: BridgeWorld, query: str) -> list[tuple[Any, ...]]:
    await world.service.journal.on_disk("")
    with closing(sqlite3.connect(world.service.settings.journal.path)) as database:
        return database.execute(query).fetchall()


async def test_a_finished_call_has_its_story_its_steps_and_its_end() -> None:
    async with BridgeWorld(["finish:completed"]) as world:
        call = await world.call()
        (row,) = await journalled(
            world,
            "SELECT agent, caller, fate, outcome, term_code, confirmation, answered_at < decided_at,"
            " decided_at < disposed_at, closed_at >= disposed_at FROM calls",
        )
        caller = world.livevox.platform.call(call).caller_number
        assert row == ("8990000001", caller, "finished", "completed", "Completed", "confirmed", 1, 1, 1)
        steps = await journalled(world, "SELECT step, about, effect FROM steps")
        assert steps == [("call/termCode", "Completed", "done")]
        entries = [what for (what,) in await journalled(world, "SELECT what FROM entries ORDER BY id")]
        assert entries == world.whats()
        assert await world.service.journal.open_calls() == []


async def test_a_call_that_the_bot_has_back_is_undecided_and_its_end_is_decided_anew() -> None:
    async with BridgeWorld(["transfer-refer:busy"]) as world:
        call = world.place(CustomerCall(agent="8990000001"))
        await world.seen("back_to_bot")
        assert await journalled(world, "SELECT fate, decided_at, verdict FROM calls") == [(None, None, None)]
        await world.over(call)
        ((fate, verdict),) = await journalled(world, "SELECT fate, verdict FROM calls")
        assert fate == "finished" and '"complete"' in verdict
        steps = await journalled(world, "SELECT step, about FROM steps")
        assert steps[0] == ("conference/phonebook", "After Hours Voicemail")
        assert steps[-1][0] == "call/termCode"


async def test_a_refused_call_is_not_left_open() -> None:
    async with BridgeWorld(["busy"]) as world:
        await world.call()
        ((fate, answered),) = await journalled(world, "SELECT fate, answered_at FROM calls")
        assert (fate, answered) == ("engine_unavailable", None)
        assert await world.service.journal.open_calls() == []
