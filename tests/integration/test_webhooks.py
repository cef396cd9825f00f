"""Webhooks of the whole bridge: of calls that go well, of a bridge that dies, and over the API."""

import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bridge.simulator.customer_call import CustomerCall
from tests.free_ports import free_port
from tests.integration.bridge_world import TOKEN, BridgeWorld
from tests.integration.crash_world import CrashWorld
from tests.integration.scrape import scrape
from tests.webhook_receiver import Receiver

pytestmark = pytest.mark.pjsua2

ORDER = ["call.started", "call.answered", "call.screen_pop", "call.ended"]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver(free_port(socket.SOCK_STREAM)) as made:
        yield made
        assert made.faults == []


def hook(receiver: Receiver, more: str = "") -> str:
    return f'[webhooks.crm]\nurl = "{receiver.url}"\nsecret_env = "WEBHOOK_SECRET"\n{more}'


async def test_a_whole_call_is_told(receiver: Receiver) -> None:
    async with BridgeWorld(["transfer-refer:collections"], more=hook(receiver)) as world:
        await world.call()
        await receiver.until(lambda: len(receiver.got) == 4)
        await world.until(lambda: world.service.courier.rounds[0].tally.delivered == 4)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        seen = await scrape(world.admin_url)
        async with ClientSession() as http, http.get(f"{world.admin_url}/v1/webhooks", headers=headers) as response:
            (told,) = (await response.json())["webhooks"]
    assert [got.type for got in receiver.got] == ORDER
    ended = receiver.got[-1].data
    assert (ended["fate"], ended["outcome"], ended["term_code"]) == (
        "transferred",
        "transferred",
        "Transferred to Agent",
    )
    assert (ended["confirmation"], ended["transferred_to"]) == ("confirmed", "Collections Queue")
    assert ended["transaction_id"] and ended["engine"] == "bot" and ended["answered_at"] > ended["started_at"]
    assert "FIRST NAME" in receiver.got[2].data["fields"]
    assert (told["name"], told["pending"], told["delivered"], told["given_up"]) == ("crm", 0, 4, 0)
    assert seen.value("webhook_messages_total", webhook="crm", result="delivered") == 4
    assert (seen.value("webhook_failing_seconds", webhook="crm"), seen.value("settings_generation")) == (0, 1)
    assert seen.value("webhook_pending_messages", webhook="crm") == seen.value("webhook_oldest_seconds", webhook="crm")
    assert seen.value("webhook_oldest_seconds", webhook="crm") == 0
    assert (told["failing_since"], told["oldest_at"], told["last_error"]) == (None, None, "")


async def test_what_a_receiver_does_not_take_is_seen(receiver: Receiver) -> None:
    receiver.mood = lambda number: 500
    async with BridgeWorld(["finish"], more=hook(receiver)) as world:
        await world.call()
        await world.until(lambda: world.service.courier.rounds[0].tally.failed > 0)
        await world.service.journal.on_disk("test")
        seen = await scrape(world.admin_url)
        assert seen.value("webhook_pending_messages", webhook="crm") == 4
        assert 0 < seen.value("webhook_oldest_seconds", webhook="crm") < 60
        assert seen.value("webhook_messages_total", webhook="crm", result="failed") >= 1
        status = world.service.overview.status()
        assert status["webhooks"] == {"count": 1, "failing": ["crm"]} and status["warnings"] == []


async def test_a_journal_that_does_not_answer_keeps_no_scrape_waiting(receiver: Receiver) -> None:
    async with BridgeWorld(more=hook(receiver)) as world:
        free = threading.Event()
        world.service.journal._thread.submit(free.wait)
        try:
            seen = await scrape(world.admin_url)
        finally:
            free.set()
        assert seen.families["webhook_pending_messages"].samples == []
        assert seen.value("webhook_failing_seconds", webhook="crm") == 0


async def test_a_receiver_that_hangs_delays_no_call(receiver: Receiver) -> None:
    receiver.mood = lambda number: -1
    async with BridgeWorld(["finish"], more=hook(receiver)) as world:
        await world.call()
        await world.call()
        assert len(world.livevox.ledger.dispositions()) == 2
        assert {got.type for got in receiver.got} <= {"call.started"}


async def test_messages_that_a_killed_bridge_was_sending_are_sent_by_the_next_one(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.mood = lambda number: -1
    async with CrashWorld(tmp_path, "finish", more=hook(receiver)) as world:
        await world.start()
        await world.until(lambda: world.state == "READY")
        world.livevox.place_call(CustomerCall(agent="8990000001"))
        await world.until(lambda: world.journalled == [("finished", "confirmed", True)])
        await receiver.until(lambda: len(receiver.got) == 1)
        await world.kill()
        receiver.mood = lambda number: 204
        await world.start()
        await receiver.until(lambda: len(receiver.taken) == 4)
        assert await world.terminate() == 0
    assert [got.type for got in receiver.taken] == ORDER
    assert receiver.got[0].id == receiver.got[1].id and not receiver.got[0].taken
