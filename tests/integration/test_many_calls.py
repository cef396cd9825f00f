"""Many calls at once over two-leg SIP: every packet of both directions is accounted for."""

import asyncio

import pytest

from bridge.simulator.customer_call import CustomerCall
from tests.integration.bridge_world import BridgeWorld

pytestmark = pytest.mark.pjsua2

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
            bot = bots[str(book["call"])]
            # what one end sent is what the bridge took from it, but for what came before its SDP was agreed
            assert record.packets_sent == int(book["customer_packets"] or 0) + int(book["customer_strangers"] or 0)
            assert bot.packets_sent == int(book["engine_packets"] or 0) + int(book["engine_strangers"] or 0)
            # what the bridge took from one end is what it sent to the other
            assert book["customer_packets"] == book["engine_relayed"]
            assert book["engine_packets"] == book["customer_relayed"]
            # what the bridge sent is what each end got
            assert record.heard.received == int(book["customer_relayed"] or 0) + int(book["customer_silence"] or 0)
            assert bot.heard.received == int(book["engine_relayed"] or 0) + int(book["engine_silence"] or 0)
            assert (record.heard.lost, bot.heard.lost) == (0, 0)
            assert world.dispositions(call) == ["Customer Hung Up"]
