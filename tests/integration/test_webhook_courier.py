"""What the journal has for webhooks reaches a receiver that fails in every way, in order and at least once."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import time

import pytest
from structlog.testing import capture_logs

from bridge.engines.http_client import EngineHttp
from bridge.journal import Journal
from bridge.journal.records import CallAdmitted, CallAnswered, CallClosed, ScreenPopCame
from bridge.settings.webhooks import WebhookEvent
from bridge.webhooks.courier import Courier
from bridge.webhooks.hook import Hook
from bridge.webhooks.retry import RetryPolicy
from bridge.wrapup.plan import CallIds
from tests.free_ports import free_port
from tests.webhook_receiver import SECRET, Receiver

ORDER = ["call.started", "call.answered", "call.screen_pop", "call.ended"]
QUICK = RetryPolicy(first_s=0.02, longest_s=0.2)


class Office:
    """A journal, who sends what it has, and who gets it."""

    journal: Journal
    courier: Courier

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self.folder = folder
        self.receiver = receiver
        self.policy = QUICK

    def hook(self, name: str = "crm", *, mask: bool = True, timeout_s: float = 0.3, url: str = "") -> Hook:
        return Hook(name, url or self.receiver.url, SECRET, frozenset(WebhookEvent), mask, timeout_s)

    @asynccontextmanager
    async def running(self, *hooks: Hook) -> AsyncIterator["Office"]:
        async with AsyncExitStack() as stack:
            self.journal = await stack.enter_async_context(Journal(self.folder / "journal.db", keep_days=30))
            http = EngineHttp()
            stack.push_async_callback(http.close)
            self.courier = Courier(self.journal, http.post, self.policy)
            stack.push_async_callback(self.courier.stop)
            self.courier.change(hooks or (self.hook(),))
            yield self

    def happens(self, call: str) -> None:
        """A whole call."""
        self.begins(call)
        self.journal.note(CallAnswered(call, time()))
        self.journal.note(ScreenPopCame(call, time(), (("First Name", "Jane"), ("Account", "123456789"))))
        line = {"fate": "finished", "outcome": "promised", "term_code": "PTP", "confirmation": "confirmed"}
        self.journal.note(CallClosed(call, time(), line | {"lasted_ms": 1234.5, "secret": "no"}, ("dead_air",)))

    def begins(self, call: str, *, stray: bool = False) -> None:
        ids = CallIds("T1", None, "46014")
        self.journal.note(CallAdmitted(call, time(), "8990000001", "+12134634007", ids, stray))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with Receiver() as receiver:
        yield Office(tmp_path, receiver)
        assert receiver.faults == [] and receiver.at_once <= 1


async def test_all_that_happens_to_a_call_is_told_in_order_and_signed(office: Office) -> None:
    async with office.running():
        office.happens("c1")
        await office.receiver.until(lambda: len(office.receiver.got) == 4)
    got = office.receiver.got
    assert [each.type for each in got] == ORDER
    assert len({each.id for each in got}) == 4 and all(each.id.startswith("msg_") for each in got)
    first, answered, pop, ended = (each.data for each in got)
    assert (first["call"], first["agent_number"], first["transaction_id"]) == ("c1", "8990000001", "T1")
    assert first["answered_at"] is None and answered["answered_at"] is not None
    assert first["caller"] == "+1213*****07" and pop["fields"] == ["First Name", "Account"]
    assert (ended["fate"], ended["outcome"], ended["term_code"]) == ("finished", "promised", "PTP")
    assert (ended["confirmation"], ended["lasted_ms"], ended["trouble"]) == ("confirmed", 1234.5, ["dead_air"])
    assert "secret" not in ended and b"4634007" not in b"".join(each.body for each in got)


async def test_without_the_mask_customers_are_told_as_they_are(office: Office) -> None:
    async with office.running(office.hook(mask=False)):
        office.happens("c1")
        await office.receiver.until(lambda: len(office.receiver.got) == 4)
    assert office.receiver.got[0].data["caller"] == "+12134634007"
    assert office.receiver.got[2].data["fields"] == [["First Name", "Jane"], ["Account", "123456789"]]


@pytest.mark.parametrize("fault", [500, 404, 302, 429, 0, -1])
async def test_a_message_that_is_not_taken_comes_again_under_its_id_and_the_later_ones_wait(
    office: Office, fault: int
) -> None:
    office.receiver.mood = lambda number: 200 if number >= 3 else fault
    async with office.running():
        office.happens("c1")
        await office.receiver.until(lambda: len(office.receiver.taken) == 4)
    got = office.receiver.got
    assert len({each.id for each in got[:4]}) == 1 and len(got) == 7
    assert [each.type for each in office.receiver.taken] == ORDER


async def test_calls_do_not_wait_for_each_other(office: Office) -> None:
    office.receiver.mood = lambda number: -1 if number == 0 else 204
    async with office.running(office.hook(timeout_s=30.0)):
        office.begins("c1")
        await office.receiver.until(lambda: len(office.receiver.got) == 1)
        for number in range(5):
            office.happens(f"d{number}")
        await office.receiver.until(lambda: len(office.receiver.taken) == 20)
    assert [got.data["call"] for got in office.receiver.got].count("c1") == 1


async def test_whatever_fails_every_message_arrives_and_each_calls_in_order(office: Office) -> None:
    chance = random.Random(7)
    office.receiver.mood = lambda number: chance.choice((204, 200, 500, 503, 0, 301))
    calls = [f"c{number}" for number in range(25)]
    async with office.running(office.hook(timeout_s=5.0)):
        for call in calls:
            office.happens(call)
            await asyncio.sleep(0)
        await office.receiver.until(lambda: len({got.id for got in office.receiver.taken}) == 100)
    for call in calls:
        of_call = [got for got in office.receiver.got if got.data["call"] == call]
        order = list(dict.fromkeys(got.type for got in of_call))
        assert order == ORDER and [got.type for got in of_call] == sorted(
            (got.type for got in of_call), key=ORDER.index
        )
    assert office.courier.rounds[0].tally.delivered >= 100


async def test_what_was_not_sent_is_sent_after_the_next_start(office: Office) -> None:
    down = free_port()
    async with office.running(office.hook(url=f"http://127.0.0.1:{down}/hooks/crm")):
        office.happens("c1")
        await office.receiver.until(lambda: office.courier.rounds[0].tally.failed >= 2)
        assert (await office.courier.rounds[0].backlog()).pending == 4
    async with office.running():
        await office.receiver.until(lambda: len(office.receiver.taken) == 4)
    async with office.running():
        assert (await office.courier.rounds[0].backlog()).pending == 0
    assert [got.type for got in office.receiver.got] == ORDER


async def test_a_message_nobody_takes_is_given_up_and_the_next_one_follows(office: Office) -> None:
    office.policy = RetryPolicy(first_s=0.02, longest_s=0.05, limit_s=0.2)
    office.receiver.mood = lambda number: 500
    with capture_logs() as logs:
        async with office.running():
            office.begins("c1")
            await office.receiver.until(lambda: office.courier.rounds[0].tally.given_up == 1)
            office.receiver.mood = lambda number: 204
            office.journal.note(CallAnswered("c1", time()))
            await office.receiver.until(lambda: len(office.receiver.taken) == 1)
            tally = office.courier.rounds[0].tally
            assert (tally.delivered, tally.failing_since, tally.last_error) == (1, None, "it answers 500")
    assert office.receiver.taken[0].type == "call.answered"
    said = [line["event"] for line in logs if line["event"].startswith("webhook_")]
    assert said[0] == "webhook_failing" and said[-2:] == ["webhook_given_up", "webhook_works_again"]
    assert "4634007" not in str(logs)


async def test_a_receiver_that_wants_a_message_no_more_is_not_asked_again(office: Office) -> None:
    office.receiver.mood = lambda number: 410 if number == 0 else 204
    async with office.running():
        office.happens("c1")
        await office.receiver.until(lambda: len(office.receiver.taken) == 3)
    assert [got.type for got in office.receiver.got] == ORDER


async def test_each_webhook_hears_what_it_wants_and_one_that_is_down_keeps_no_other_waiting(office: Office) -> None:
    down = office.hook("down", url=f"http://127.0.0.1:{free_port()}/hooks/crm")
    ends = Hook("ends", office.receiver.url, SECRET, frozenset({WebhookEvent.ENDED}), True, 1.0)
    async with office.running(down, ends):
        for number in range(10):
            office.happens(f"c{number}")
        await office.receiver.until(lambda: len(office.receiver.taken) == 10)
        assert {got.type for got in office.receiver.got} == {"call.ended"}
        assert [(await each.backlog()).pending for each in office.courier.rounds] == [40, 0]


async def test_other_webhooks_while_the_bridge_runs(office: Office) -> None:
    async with office.running(office.hook("old", url=f"http://127.0.0.1:{free_port()}/hooks/crm")):
        office.happens("c1")
        await office.receiver.until(lambda: office.courier.rounds[0].tally.failed)
        office.courier.change([office.hook("new")])
        office.happens("c2")
        await office.receiver.until(lambda: len(office.receiver.taken) == 4)
        office.courier.change([office.hook("old"), office.hook("new")])
        await office.receiver.until(lambda: len(office.receiver.taken) == 8)
        assert [got.data["call"] for got in office.receiver.got] == ["c2"] * 4 + ["c1"] * 4
        office.courier.change([])
        office.happens("c3")
        await office.journal.on_disk("c3")
    assert len(office.receiver.got) == 8


async def test_calls_that_are_none_of_ours_are_not_told(office: Office) -> None:
    async with office.running():
        office.begins("stray", stray=True)
        office.journal.note(CallClosed("stray", time(), {}, (), stray=True))
        office.happens("c1")
        await office.receiver.until(lambda: len(office.receiver.got) == 4)
    assert {got.data["call"] for got in office.receiver.got} == {"c1"}
