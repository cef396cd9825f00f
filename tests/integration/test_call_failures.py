"""What dies while a call is up, and what becomes of the customer and the disposition."""

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import cast

import pytest

from bridge.agents.messages import AgentPhase
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.faults import Faults
from bridge.simulator.injections import Fault
from tests.integration.bridge_world import BridgeWorld

pytestmark = pytest.mark.pjsua2

HUMANS = 'on_failure = "collections"'


def children_of(pid: int) -> list[int]:
    """The processes that this one started and that live."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def sip_workers() -> list[int]:
    """Our SIP workers: the children of the zygote."""
    zygotes = [pid for pid in children_of(os.getpid()) if b"sip.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return [worker for zygote in zygotes for worker in children_of(zygote)]


async def test_a_killed_worker_leaves_the_customer_to_a_human() -> None:
    async with BridgeWorld(["wait"], livevox=HUMANS) as world:
        call = world.place()
        await world.seen("screen_pop")
        for worker in sip_workers():
            os.kill(worker, signal.SIGKILL)
        await world.over(call)
        assert world.dispositions(call) == ["System Failure"]
        assert "transfer conferenced" in world.lifecycle(call)
        # and the next call works
        again = await world.call(CustomerCall(agent="8990000001", hang_up_after_s=0.3))
        assert world.dispositions(again) == ["Customer Hung Up"]


async def test_a_killed_worker_without_a_human_ends_the_call_by_rest() -> None:
    async with BridgeWorld(["wait"]) as world:
        call = world.place()
        await world.seen("screen_pop")
        for worker in sip_workers():
            os.kill(worker, signal.SIGKILL)
        await world.over(call)
        assert world.dispositions(call) == ["System Failure"]
        assert "call_end 204" in world.lifecycle(call)


@pytest.mark.alone
async def test_a_killed_media_process_is_back_with_the_same_ports() -> None:
    async with BridgeWorld(["wait"]) as world:
        call = world.place()
        await world.seen("screen_pop")
        assert world.service.media.pid is not None
        os.kill(world.service.media.pid, signal.SIGKILL)
        before = world.heard(call).heard.received
        await world.until(lambda: world.heard(call).heard.received > before + 25, 5.0)
        world.livevox.customer_hangs_up(call)
        await world.over(call)
        assert world.dispositions(call) == ["Customer Hung Up"]
        assert world.heard(call).heard.largest_gap_s < 1.0


async def test_an_engine_that_stops_sending_is_lost_and_the_customer_goes_to_a_human() -> None:
    async with BridgeWorld(["drop"], livevox=HUMANS, media="rtp_timeout_s = 1") as world:
        call = await world.call()
        assert world.dispositions(call) == ["System Failure"]
        assert "transfer conferenced" in world.lifecycle(call)
        assert any(entry.facts.get("side") == "engine" for entry in world.entries if entry.what == "rtp_timed_out")


async def test_an_engine_that_never_speaks_leaves_no_customer_in_silence() -> None:
    async with BridgeWorld(["silent"], livevox=HUMANS, media="rtp_timeout_s = 1") as world:
        call = await world.call()
        assert world.dispositions(call) == ["System Failure"]
        heard = world.heard(call).heard
        assert heard.received > 40  # silence is sent, not nothing
        assert heard.largest_gap_s < 0.5


async def test_livevox_refusing_for_a_while_delays_the_disposition_and_loses_nothing() -> None:
    async with BridgeWorld(["wait"]) as world:
        call = world.place(CustomerCall(agent="8990000001", hang_up_after_s=0.3))
        await world.seen("screen_pop")
        world.livevox.fail("set_term_code", Fault.STATUS, status=500, count=2)
        world.livevox.fail("status", Fault.TRUNCATED, count=1)
        await world.over(call)
        assert world.dispositions(call) == ["Customer Hung Up"]


async def test_a_term_code_whose_answer_is_lost_is_not_set_twice() -> None:
    async with BridgeWorld(["wait"]) as world:
        call = world.place(CustomerCall(agent="8990000001", hang_up_after_s=0.3))
        await world.seen("screen_pop")
        world.livevox.fail("set_term_code", Fault.DROP_AFTER, count=1)
        await world.over(call)
        assert world.dispositions(call) == ["Customer Hung Up"]
        assert len(world.livevox.ledger.requests("set_term_code")) == 1


async def test_a_session_lost_during_the_call_is_replaced_and_the_step_replayed() -> None:
    async with BridgeWorld(["wait"]) as world:
        call = world.place()
        await world.seen("screen_pop")
        world.livevox.fail("status", Fault.EXPIRE, count=1)
        world.livevox.customer_hangs_up(call)
        await world.over(call)
        assert world.dispositions(call) == ["Customer Hung Up"]
        assert len(world.livevox.ledger.requests("login")) == 2


async def test_a_slow_livevox_delays_no_audio() -> None:
    async with BridgeWorld(["wait"]) as world:
        world.livevox.fail("screenpop", Fault.SLOW, delay_s=8.0, count=1)
        call = world.place(CustomerCall(agent="8990000001", hang_up_after_s=1.8))
        await world.over(call)
        heard = world.heard(call)
        assert heard.answered_ms is not None and heard.answered_ms < 4000
        assert heard.heard.recognised["prompt"] >= 10


async def test_an_agent_set_not_ready_by_a_supervisor_is_ready_again() -> None:
    async with BridgeWorld(["wait"], livevox="reconcile_s = 10") as world:
        platform = world.livevox.platform
        world.livevox.perform(lambda now: platform.agents.supervisor_not_ready(platform.agent("VA0001"), now))
        # LiveVox routes no call to it, but one already on its way is taken: trust LiveVox
        await world.until(lambda: world.livevox.platform.agent("VA0001").state.name == "READY", 20.0)


@pytest.mark.parametrize("end_call", ["bye", "call_end", "term_code"])
async def test_the_call_is_ended_as_livevox_insists(end_call: str) -> None:
    faults = Faults().changed({"require_end_call": end_call})
    async with BridgeWorld(["bye"], livevox=f'end_call = "{end_call}"', faults=faults) as world:
        call = await world.call()
        assert world.dispositions(call) == ["Completed"]
        agent = world.service.agents.find("8990000001")
        assert agent is not None and agent.state is AgentPhase.READY


async def test_a_dead_engine_gives_way_to_the_next_within_its_time_limit() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        uri = f"sip:bot@127.0.0.1:{deaf.getsockname()[1]}"
        dead = f'[engines.dead]\nkind = "sip"\nuri = "{uri}"\nconnect_timeout_s = 0.5'
        async with BridgeWorld(["bye"], more=dead, engines='"dead", "bot"') as world:
            call = await world.call()
            answered = world.heard(call).answered_ms
            assert answered is not None and 500 <= answered < 1500
            assert world.dispositions(call) == ["Completed"]


class RingsForEver(asyncio.DatagramProtocol):
    """A SIP peer that rings and then answers nothing any more, CANCEL included."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        head, *lines = data.decode().partition("\r\n\r\n")[0].split("\r\n")
        if head.startswith("INVITE "):
            kept = [line for line in lines if line.split(":")[0] in ("Via", "From", "Call-ID", "CSeq")]
            to = next(line for line in lines if line.startswith("To:"))
            answer = ["SIP/2.0 180 Ringing", *kept, f"{to};tag=ringing", "Content-Length: 0", "", ""]
            self.transport.sendto("\r\n".join(answer).encode(), addr)


async def test_an_engine_that_rings_and_dies_gives_way_to_the_next() -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(RingsForEver, ("127.0.0.1", 0))
    uri = f"sip:bot@127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    dying = f'[engines.dying]\nkind = "sip"\nuri = "{uri}"\nconnect_timeout_s = 0.5'
    async with BridgeWorld(["bye", "bye"], more=dying, engines='"dying", "bot"') as world:
        call = await world.call()
        assert world.dispositions(call) == ["Completed"]
        again = await world.call()
        assert world.dispositions(again) == ["Completed"]
    transport.close()
