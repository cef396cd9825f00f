"""The bridge is killed and started again: each call gets one disposition, and its customer a human."""

import sqlite3
from pathlib import Path

import pytest

from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from tests.integration.crash_world import CrashWorld

pytestmark = [pytest.mark.pjsua2, pytest.mark.long]


async def recovered(world: CrashWorld) -> dict[str, object]:
    """Start again, and wait until the call is brought to its end and the agent is Ready; the line that says so."""
    await world.start()
    await world.until(lambda: bool(world.logged("call_recovered")))
    await world.until(lambda: world.state == "READY")
    await world.until(lambda: all(closed for _, _, closed in world.journalled))
    (line,) = world.logged("call_recovered")
    assert world.logged("call_recovery_fault") == []
    assert world.requests("login") == 2, "the same login gives the same session: one a start"
    assert world.requests("join") == 1, "the agent is taken over where it stands"
    return line


async def test_a_customer_who_was_talking_goes_to_a_human(tmp_path: Path) -> None:
    async with CrashWorld(tmp_path, "wait") as world:
        await world.start()
        call = await world.call()
        await world.kill()
        assert world.state == "INCALL", "LiveVox holds the customer"
        line = await recovered(world)
        assert world.transfers(call) == ["started", "answered", "conferenced", "left"]
        assert world.dispositions(call) == ["System Failure"]
        assert (line["found"], line["confirmation"], line["transferred_to"]) == (
            "INCALL",
            "confirmed",
            "Collections Queue",
        )


async def test_what_the_bot_said_is_set_though_the_bridge_died_before_its_term_code(tmp_path: Path) -> None:
    async with CrashWorld(tmp_path, "finish:completed") as world:
        has_come = world.delay("term_codes")
        await world.start()
        call = await world.call()
        await world.until(has_come)
        assert world.journalled == [("finished", None, 0)], "decided before LiveVox is asked for anything"
        await world.kill()
        assert (world.state, world.dispositions(call)) == ("WRAPUP", [])
        line = await recovered(world)
        assert world.dispositions(call) == ["Completed"]
        assert (line["found"], line["outcome"], line["confirmation"]) == ("WRAPUP", "completed", "confirmed")


async def test_a_term_code_whose_answer_the_bridge_did_not_live_to_see_is_not_set_again(tmp_path: Path) -> None:
    async with CrashWorld(tmp_path, "finish:completed") as world:
        has_come = world.delay("set_term_code")
        await world.start()
        call = await world.call()
        await world.until(has_come)
        await world.kill()
        line = await recovered(world)
        assert world.dispositions(call) == ["Completed"]
        assert world.requests("set_term_code") == 1
        assert (line["found"], line["term_code"], line["confirmation"]) == ("no call", "Completed", "confirmed")


@pytest.mark.parametrize("lost", ["conference_phonebook", "conference_leave"])
async def test_a_transfer_that_was_under_way_is_brought_to_its_end_and_not_begun_again(
    tmp_path: Path, lost: str
) -> None:
    async with CrashWorld(tmp_path, "transfer-refer:collections") as world:
        has_come = world.delay(lost)
        await world.start()
        call = await world.call()
        await world.until(has_come)
        await world.kill()
        line = await recovered(world)
        assert world.requests("conference_phonebook") == 1
        assert world.transfers(call) == ["started", "answered", "conferenced", "left"]
        assert world.dispositions(call) == ["Transferred to Agent"]
        assert (line["confirmation"], line["transferred_to"]) == ("confirmed", "Collections Queue")


async def test_a_customer_who_has_gone_meanwhile_is_disposed_of(tmp_path: Path) -> None:
    async with CrashWorld(tmp_path, "wait") as world:
        await world.start()
        call = await world.call()
        await world.kill()
        world.livevox.customer_hangs_up(call)
        line = await recovered(world)
        assert world.transfers(call) == []
        assert world.dispositions(call) == ["System Failure"]
        assert (line["found"], line["outcome"], line["confirmation"]) == ("WRAPUP", "bridge_failure", "confirmed")


async def test_a_call_that_livevox_has_closed_itself_is_no_success_and_gets_no_second_result(tmp_path: Path) -> None:
    async with CrashWorld(tmp_path, "wait") as world:
        await world.start()
        call = await world.call()
        await world.kill()
        world.livevox.platform.agent("VA0001").wrap_up_s = 0.1
        world.livevox.customer_hangs_up(call)
        await world.until(lambda: world.state == "NOTREADY")
        line = await recovered(world)
        assert world.dispositions(call) == ["Operator Transfer"]
        assert world.requests("set_term_code") == 0
        assert (line["found"], line["confirmation"]) == ("no call", "unconfirmed")


async def test_a_bridge_that_dies_again_while_it_recovers_a_call_goes_on_where_it_was(tmp_path: Path) -> None:
    async with CrashWorld(tmp_path, "wait") as world:
        await world.start()
        call = await world.call()
        await world.kill()
        has_come = world.delay("conference_phonebook")
        await world.start()
        await world.until(has_come)
        await world.kill()
        await world.start()
        await world.until(lambda: bool(world.logged("call_recovered")))
        await world.until(lambda: world.state == "READY")
        assert world.transfers(call) == ["started", "answered", "conferenced", "left"]
        assert world.dispositions(call) == ["System Failure"]


async def test_a_call_that_comes_while_the_bridge_starts_again_is_taken(tmp_path: Path) -> None:
    async with CrashWorld(tmp_path, "finish:completed") as world:
        await world.start()
        await world.until(lambda: world.state == "READY")
        await world.kill()
        world.livevox.fail("login", Fault.SLOW, delay_s=1.0)
        call = world.livevox.place_call(CustomerCall(agent="8990000001"))
        await world.start()
        await world.until(lambda: world.dispositions(call) == ["Completed"])
        assert world.logged("bridge_started")
        assert world.requests("login") == 2


async def test_after_a_clean_stop_there_is_nothing_to_recover(tmp_path: Path) -> None:
    async with CrashWorld(tmp_path, "finish:completed") as world:
        await world.start()
        call = await world.call()
        await world.until(lambda: world.dispositions(call) == ["Completed"])
        assert await world.terminate() == 0
        assert world.journalled == [("finished", "confirmed", 1)]
        asked = world.requests("set_term_code")
        await world.start()
        await world.until(lambda: world.state == "READY")
        assert (world.logged("calls_left_open"), world.logged("call_recovered")) == ([], [])
        assert world.requests("set_term_code") == asked


async def test_a_journal_that_cannot_be_used_is_said_and_nothing_is_started(tmp_path: Path) -> None:
    async with CrashWorld(tmp_path, "wait") as world:
        database = sqlite3.connect(world.journal)
        database.execute("PRAGMA user_version=99")
        database.close()
        await world.start()
        assert await world.ended() == 1
        assert "a newer bridge wrote it" in world.log
        assert world.requests("login") == 0
