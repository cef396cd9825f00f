"""Events that cross: many INVITEs at once, workers and media dying in each state, calls that overlap on one agent."""

import asyncio
import os
import signal
import socket
from collections import Counter

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bridge.agents.messages import AgentPhase
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings
from bridge.simulator.telephony import HeaderStyle
from bridge.simulator.twilio_bot import TwilioBot
from sip.messages import Direction
from tests.integration.bridge_world import BridgeWorld, Engine
from tests.integration.test_call_failures import HUMANS, sip_workers

pytestmark = pytest.mark.pjsua2

VA1, VA2 = "8990000001", "8990000002"


def kill_workers() -> None:
    for worker in sip_workers():
        os.kill(worker, signal.SIGKILL)


def is_ready(world: BridgeWorld, number: str = VA1) -> bool:
    agent = world.service.agents.find(number)
    return agent is not None and agent.state is AgentPhase.READY


async def free_again(world: BridgeWorld) -> None:
    """Nothing of any call is left: no ports, no dialogs, no call."""
    pool, media = world.service.pool, world.service.media
    await world.until(lambda: not world.service.controller.calls, 30.0)
    assert (pool._dispatch.calls, media._sessions) == (0, {})


# admission


@pytest.mark.parametrize("cap", [2, 7])
async def test_of_n_plus_k_invites_at_once_exactly_k_are_refused(cap: int) -> None:
    async with BridgeWorld(["wait"] * cap, agents=12, sip=f"max_calls = {cap}") as world:
        orders = [CustomerCall(agent=f"89900000{n:02d}", hang_up_after_s=1.0) for n in range(1, 13)]
        calls = [world.place(order) for order in orders]
        await asyncio.gather(*(world.livevox.closed(call, 30.0) for call in calls))
        finals = Counter(world.heard(call).statuses[-1][1] for call in calls)
        assert finals == {200: cap, 503: 12 - cap}
        for call in calls:
            answered = world.heard(call).statuses[-1][1] == 200
            assert world.dispositions(call) == (["Customer Hung Up"] if answered else [])
            assert not answered or world.heard(call).heard.recognised["prompt"] > 5
        await free_again(world)


async def test_capacity_is_back_when_the_calls_are_over() -> None:
    async with BridgeWorld(["wait"] * 8, agents=4, sip="max_calls = 2") as world:
        for _ in range(2):
            calls = [world.place(CustomerCall(agent=f"899000000{n}", hang_up_after_s=0.4)) for n in range(1, 5)]
            await asyncio.gather(*(world.livevox.closed(call, 30.0) for call in calls))
            statuses = sorted(world.heard(call).statuses[-1][1] for call in calls)
            assert statuses == [200, 200, 503, 503]
            await free_again(world)
            await world.until(lambda: all(is_ready(world, f"899000000{n}") for n in range(1, 5)), 30.0)


async def test_dispositions_that_wait_for_livevox_hold_no_capacity() -> None:
    async with BridgeWorld(["wait"] * 3, agents=3, sip="max_calls = 2") as world:
        waiting = [world.place(CustomerCall(agent=number, hang_up_after_s=0.8)) for number in (VA1, VA2)]
        await world.until(lambda: world.whats().count("screen_pop") == 2)
        for name in ("VA0001", "VA0002"):
            world.livevox.fail("any", Fault.STATUS, status=503, count=None, agent=name)
        await world.until(lambda: all(world.heard(call).ended for call in waiting))
        await world.until(lambda: not world.service.pool._dispatch.calls)
        third = world.place(CustomerCall(agent="8990000003", hang_up_after_s=0.3))
        await world.livevox.closed(third)
        assert world.dispositions(third) == ["Customer Hung Up"]
        assert [world.dispositions(call) for call in waiting] == [[], []]
        world.livevox.platform.injections.clear()
        for call in waiting:
            await world.over(call)
            assert world.dispositions(call) == ["Customer Hung Up"]
        await free_again(world)


# one agent, two calls


async def test_the_next_call_comes_while_the_last_disposition_is_being_verified() -> None:
    async with BridgeWorld(["wait"] * 2) as world:
        first = world.place(CustomerCall(agent=VA1, hang_up_after_s=0.4))
        await world.seen("screen_pop")
        await world.livevox.until(lambda: world.dispositions(first) == ["Customer Hung Up"])
        second = world.place(CustomerCall(agent=VA1, hang_up_after_s=1.0))
        await world.over(first)
        await world.over(second)
        assert (world.dispositions(first), world.dispositions(second)) == (["Customer Hung Up"], ["Customer Hung Up"])
        assert len(world.livevox.ledger.requests("set_term_code")) == 2


async def test_a_cancelled_call_without_ids_leaves_the_agents_next_call_alone() -> None:
    async with BridgeWorld(["no-answer", "finish:transfer_failed"], connect_timeout_s=5.0, speak_s=2.5) as world:
        first = world.place(CustomerCall(agent=VA1, header_style=HeaderStyle.NONE))
        await world.seen("engine_dialled")
        world.livevox.customer_hangs_up(first)
        await world.until(lambda: world.heard(first).ended is not None)
        await world.livevox.until(lambda: world.livevox.platform.agent("VA0001").state.name == "READY")
        second = world.place(CustomerCall(agent=VA1, header_style=HeaderStyle.NONE))
        await world.over(second)
        assert world.dispositions(second) == ["Transfer Failed"]
        assert len(world.livevox.ledger.requests("set_term_code")) == 1
        assert "customer_call_end" not in " ".join(world.lifecycle(second))


async def test_the_log_of_one_call_never_carries_the_name_of_another() -> None:
    async with BridgeWorld(["wait"] * 6, agents=2, livevox="reconcile_s = 1") as world:
        with capture_logs(processors=[merge_contextvars]) as logged:
            for _ in range(2):
                orders = [CustomerCall(agent=number, hang_up_after_s=0.4) for number in (VA1, VA2)]
                for call in [world.place(order) for order in orders]:
                    await world.livevox.closed(call)
                await free_again(world)
                await world.until(lambda: is_ready(world) and is_ready(world, VA2), 30.0)
            over = len(logged)
            await asyncio.sleep(1.2)
        agents = {entry.call: entry.agent for entry in world.entries}
        assert len(agents) == 4
        for line in logged:
            if line.get("call") in agents and "agent" in line:
                assert line["agent"] == agents[line["call"]], line
        assert [line for line in logged[over:] if line.get("call") in agents] == []


# what dies in which state


async def test_a_worker_killed_while_the_engine_is_reached_lets_livevox_route_on() -> None:
    async with BridgeWorld(["no-answer", "bye"], connect_timeout_s=5.0) as world:
        call = world.place()
        await world.until(lambda: len(world.bot.calls) == 1)
        kill_workers()
        await world.livevox.closed(call)
        assert world.heard(call).statuses[-1][1] == 503
        await free_again(world)
        await world.until(lambda: is_ready(world), 30.0)
        again = await world.call()
        assert world.dispositions(again) == ["Completed"]


async def test_a_worker_killed_during_a_transfer_does_not_stop_it() -> None:
    async with BridgeWorld(["transfer-info:collections"]) as world:
        call = world.place()
        await world.seen("transfer_under_way")
        kill_workers()
        await world.livevox.closed(call)
        await free_again(world)
        assert world.dispositions(call) == ["Transferred to Agent"]


async def test_a_worker_killed_while_the_disposition_is_set_costs_none() -> None:
    async with BridgeWorld(["finish:transfer_failed"]) as world:
        world.livevox.fail("set_term_code", Fault.STATUS, status=500, count=1)
        call = world.place()
        await world.livevox.until(lambda: bool(world.livevox.ledger.requests("set_term_code")))
        kill_workers()
        await world.livevox.closed(call)
        await free_again(world)
        assert world.dispositions(call) == ["Transfer Failed"]


@pytest.mark.alone
async def test_a_media_process_killed_during_a_transfer_does_not_stop_it() -> None:
    async with BridgeWorld(["transfer-refer:collections"]) as world:
        call = world.place()
        await world.seen("transfer_under_way")
        assert world.service.media.pid is not None
        os.kill(world.service.media.pid, signal.SIGKILL)
        await world.over(call)
        assert world.dispositions(call) == ["Transferred to Agent"]
        assert world.heard(call).heard.largest_gap_s < 1.0
        await free_again(world)


async def test_ports_that_cannot_be_had_again_send_the_customer_to_a_human() -> None:
    async with BridgeWorld(["wait"], livevox=HUMANS) as world:
        call = world.place()
        await world.seen("screen_pop")
        ports = world.service.media._sessions[world.entries[0].call].ports
        assert world.service.media.pid is not None
        os.kill(world.service.media.pid, signal.SIGKILL)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
            async with asyncio.timeout(2.0):
                while True:
                    try:
                        thief.bind(("127.0.0.1", ports[0]))
                        break
                    except OSError:
                        await asyncio.sleep(0.001)
            await world.seen("audio_lost")
            await world.over(call)
        assert world.dispositions(call) == ["System Failure"]
        assert "transfer conferenced" in world.lifecycle(call)
        await free_again(world)


async def test_an_engine_that_crashes_takes_no_customer_along() -> None:
    async with BridgeWorld(["crash"], livevox=HUMANS, media="rtp_timeout_s = 1") as world:
        call = await world.call()
        assert world.dispositions(call) == ["System Failure"]
        assert "transfer conferenced" in world.lifecycle(call)


async def test_livevox_without_rest_for_the_whole_call_gets_its_disposition_afterwards() -> None:
    async with BridgeWorld(["wait"], livevox=HUMANS) as world:
        world.livevox.fail("any", Fault.DROP_BEFORE, count=None)
        call = world.place(CustomerCall(agent=VA1, hang_up_after_s=1.0))
        await world.seen("customer_leg_ended")
        assert world.heard(call).heard.recognised["prompt"] >= 10
        assert world.dispositions(call) == []
        world.livevox.platform.injections.clear()
        await world.over(call)
        assert world.dispositions(call) == ["Customer Hung Up"]


async def test_a_customer_on_hold_is_transferred_all_the_same() -> None:
    async with BridgeWorld(["transfer-refer:collections"], speak_s=1.0) as world:
        call = world.place()
        await world.seen("screen_pop")
        assert await world.caller.session(call).reoffer(Direction.SENDONLY) == 200
        await world.over(call)
        assert world.dispositions(call) == ["Transferred to Agent"]


# keys


@pytest.mark.parametrize(("body", "content_type"), [(b"Signal=5\r\nDuration=160\r\n", "application/dtmf-relay")])
async def test_keys_that_come_by_info_go_on_as_rfc_4733(body: bytes, content_type: str) -> None:
    async with BridgeWorld(["wait"], speak_s=0.5) as world:
        call = world.place()
        await world.seen("screen_pop")
        assert await world.caller.session(call).info(body, content_type) == 200
        await world.until(lambda: world.bot_call().heard.digits == "5")
        assert await world.bot.call(0).session.info(body, content_type) == 200
        await world.until(lambda: world.heard(call).heard.digits == "5")
        facts = [entry.facts for entry in world.entries if entry.what == "dtmf_info"]
        assert facts == [{"leg": "customer", "played": True}, {"leg": "engine", "played": True}]
        world.livevox.customer_hangs_up(call)
        await world.over(call)


async def test_keys_that_come_by_info_reach_an_engine_by_websocket() -> None:
    settings = StreamBotSettings(script=BotScriptLine.parse("wait"), speak_s=0.3)
    async with BridgeWorld(others={"only": Engine("twilio", TwilioBot(settings))}) as world:
        call = world.place()
        await world.seen("screen_pop")
        assert await world.caller.session(call).info(b"Signal=5\r\nDuration=160\r\n", "application/dtmf-relay") == 200
        (record,) = world.others["only"].bot.calls
        await world.until(lambda: record.keys == "5")
        world.livevox.customer_hangs_up(call)
        await world.over(call)


# the end of the service


async def test_on_a_signal_idle_agents_leave_at_once_and_calls_come_to_their_end() -> None:
    async with BridgeWorld(["finish:transfer_failed"], agents=2, speak_s=1.5) as world:
        call = world.place(CustomerCall(agent=VA1))
        await world.seen("screen_pop")
        drain = asyncio.create_task(world.service.drain())
        platform = world.livevox.platform
        await world.livevox.until(lambda: platform.agent("VA0002").state.name not in ("READY", "NOT_READY"))
        assert world.dispositions(call) == []
        assert await drain
        assert world.dispositions(call) == ["Transfer Failed"]
        assert [agent.session_id for agent in world.service.agents.snapshot()] == [None, None]
        assert len(world.livevox.ledger.requests("logout")) == 2


async def test_a_second_signal_brings_customers_to_a_human_at_once() -> None:
    async with BridgeWorld(["wait"], livevox=HUMANS) as world:
        call = world.place()
        await world.seen("screen_pop")
        drain = asyncio.create_task(world.service.drain())
        await asyncio.sleep(0.1)
        world.service.draining.hurry("SIGTERM")
        assert not await drain
        assert "transfer conferenced" in world.lifecycle(call)
        assert world.dispositions(call) == ["System Failure"]


async def test_a_second_signal_during_a_transfer_that_fails_does_not_give_the_customer_back() -> None:
    async with BridgeWorld(["transfer-info:busy"], livevox=HUMANS) as world:
        call = world.place()
        await world.seen("transfer_asked")
        world.service.draining.hurry("SIGTERM")
        assert not await world.service.drain()
        assert world.dispositions(call) == ["System Failure"]
        assert "transfer conferenced" in world.lifecycle(call)


async def test_a_call_in_wrap_up_at_the_signal_gets_its_disposition() -> None:
    async with BridgeWorld(["finish:transfer_failed"]) as world:
        world.livevox.fail("set_term_code", Fault.STATUS, status=500, count=2)
        call = world.place()
        await world.livevox.until(lambda: bool(world.livevox.ledger.requests("set_term_code")))
        assert await world.service.drain()
        assert world.dispositions(call) == ["Transfer Failed"]


async def test_what_is_left_when_the_service_stops_leaves_no_task_behind() -> None:
    async with BridgeWorld(["wait"]) as world:
        call = world.place()
        await world.seen("screen_pop")
        controller = world.service.controller
        name = world.entries[0].call
        world.livevox.fail("status", Fault.SLOW, delay_s=5.0)
        world.livevox.customer_hangs_up(call)
        await world.seen("customer_leg_ended")

        def tasks() -> list[str]:
            return [task.get_name() for task in asyncio.all_tasks() if task.get_name().endswith(f" of {name}")]

        await world.until(lambda: tasks() == [f"wrap-up of {name}"])
        await controller.stop()
        await asyncio.sleep(0)
        assert (tasks(), controller.calls) == ([], ())
        world.service.agents.call_closed(VA1, name, None)  # so that the agent need not be waited for
