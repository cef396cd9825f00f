"""How the audio of calls is, from packets on a wire to the journal."""

import json
import sqlite3
from contextlib import closing

import pytest

from bridge.media.messages import CallQuality, QualityTick, Side
from bridge.simulator.customer_call import CustomerCall
from tests.integration.bridge_world import BridgeWorld
from tests.integration.media_bench import Bench, running, settings, until, voice


def told(bench: Bench, call: str) -> list[CallQuality]:
    ticks = [event for event in bench.events if isinstance(event, QualityTick)]
    return [each for tick in ticks for each in tick.calls if each.call == call]


async def test_the_media_process_tells_each_second_what_came_and_what_was_lost() -> None:
    async with running(settings()) as bench:
        opened, customer, _ = await bench.call()
        await bench.call("silent")
        for number in range(30):
            if number % 5:
                customer.send(voice(number, 77), opened.customer_port)
        await until(lambda: sum(each.customer.received for each in told(bench, "c1") if each.customer) == 24)
        closed = await bench.media.close("c1")
        samples = [each.customer for each in told(bench, "c1") if each.customer is not None]
        # The stream begins with the second packet: what was before the first that came is not missed.
        assert sum(sample.lost for sample in samples) == 5
        assert 1.0 <= min(sample.mos for sample in samples if sample.mos) < 3.6
        assert all(each.engine is None for each in told(bench, "c1"))
        assert told(bench, "silent") == []
        assert closed.customer.mos_worst is not None and closed.customer.mos_worst < 3.6
        assert closed.engine.mos is None


@pytest.mark.pjsua2
async def test_a_call_shows_its_latest_second_and_the_journal_has_all_of_them() -> None:
    async with BridgeWorld(["finish"], speak_s=2.5) as world:
        call = world.place(CustomerCall(agent="8990000001"))
        await world.until(lambda: any(len(live.quality) == 2 for live in world.service.controller.calls), 10.0)
        (live,) = world.service.controller.calls
        assert live.view().quality == live.quality
        assert live.quality[Side.CUSTOMER].mos > 4.0
        await world.over(call)
        await world.service.journal.on_disk("")
        with closing(sqlite3.connect(world.service.settings.journal.path)) as database:
            rows = database.execute("SELECT side, samples FROM quality").fetchall()
            ((line,),) = database.execute("SELECT line FROM calls").fetchall()
        assert {side for side, _ in rows} == {"customer", "engine"}
        for _, samples in rows:
            for received, lost, jitter_ms, late_ms, level_dbfs, mos in json.loads(samples):
                assert received >= 0 and lost == 0 and jitter_ms >= 0 and late_ms >= 0
                assert -96 <= level_dbfs <= 0 and 0 <= mos < 4.5
        said = json.loads(line)
        for side in ("customer", "engine"):
            assert 1.0 <= said[f"{side}_mos_worst"] <= said[f"{side}_mos"] < 4.5
