"""Many calls at once over two-leg SIP: every packet of both directions is accounted for."""

import asyncio
from collections.abc import Mapping

import pytest

from bridge.calls.timeline import Fact
from bridge.simulator.call_record import CallRecord
from bridge.simulator.customer_call import CustomerCall
from tests.integration.bridge_world import BridgeWorld

pytestmark = [pytest.mark.pjsua2, pytest.mark.alone]

CALLS = 40


async def test_forty_calls_at_once_lose_no_packet() -> None:
    async with BridgeWorld(["wait"], agents=CALLS, speak_s=1.0, sip="max_calls = 45") as world:
        orders = [CustomerCall(agent=f"899{n:07d}", hang_up_after_s=4.0) for n in range(1, CALLS + 1)]
        calls = [world.place(order) for order in orders]
        await asyncio.gather(*(world.livevox.closed(call, 30.0) for call in calls))
        await world.until(lambda: not world.service.controller.calls, 10.0)
        books = {str(e.facts["transaction_id"]): e.facts for e in world.entries if e.what == "closed"}
        bots = {call.sip_call_id.split("-")[0]: call for call in world.bot.calls}
        assert len(books) == len(bots) == CALLS
        for call in calls:
            record = world.heard(call)
            assert record.placed is not None
            book = books[record.placed.transaction_id]
            account_for(book, record, bots[str(book["call"])])
            assert world.dispositions(call) == ["Customer Hung Up"]


def account_for(book: Mapping[str, Fact], customer: CallRecord, engine: CallRecord) -> None:
    """What was sent, taken, relayed and received agrees, in both directions and to the packet."""

    def counted(name: str) -> int:
        value = book[name]
        assert isinstance(value, int)
        return value

    def all_but_the_last(most: int, least: int) -> bool:
        """What is still sent while an end learns of the BYE cannot arrive: on a busy machine that takes a while."""
        return 0 <= most - least <= 50

    # what one end sent is what the bridge took from it, but for what came before its SDP was agreed
    assert customer.packets_sent == counted("customer_packets") + counted("customer_strangers")
    assert all_but_the_last(engine.packets_sent, counted("engine_packets") + counted("engine_strangers"))
    # what the bridge took from one end it sent to the other, once there was another
    assert counted("customer_packets") == counted("engine_relayed") + counted("customer_unheard")
    assert counted("engine_packets") == counted("customer_relayed") + counted("engine_unheard")
    # what the bridge sent is what each end got, without a gap
    assert all_but_the_last(counted("customer_relayed") + counted("customer_silence"), customer.heard.received)
    assert all_but_the_last(counted("engine_relayed") + counted("engine_silence"), engine.heard.received)
    assert (customer.heard.lost, engine.heard.lost) == (0, 0)
    # and without a gap by RTP sequence numbers the bridge heard each end, for the 4 s that the call was up
    assert (counted("customer_lost"), counted("engine_lost")) == (0, 0)
    assert min(counted("customer_packets"), counted("engine_packets")) > 150
