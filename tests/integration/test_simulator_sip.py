"""Caller and bot, each other's other side: real SIP and real RTP on 127.0.0.1, no bridge between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import ScriptLine
from bridge.simulator.caller import Caller, CallerRecord, CallerSettings
from bridge.simulator.calling_session import InviteWishes
from bridge.simulator.session_events import Ended, NotifyArrived, Refreshed, Refused
from bridge.simulator.speech import CUSTOMER, PROMPT, Voice
from sip.messages import Codec, Direction
from tests.integration.scripted_peer import ScriptedPeer
from tests.integration.simulator_ends import QUICK, bot_with, to_place

PLAIN = InviteWishes()


@dataclass
class Listener:
    """Notes what became of the calls."""

    heard: list[tuple[object, ...]] = field(default_factory=list)

    def answered(self, call_id: str) -> None:
        self.heard.append(("answered", call_id))

    def refused(self, call_id: str, status: int) -> None:
        self.heard.append(("refused", call_id, status))

    def ended(self, call_id: str, by_bridge: bool) -> None:
        self.heard.append(("ended", call_id, by_bridge))

    def audio(self, call_id: str) -> None:
        self.heard.append(("audio", call_id))


@asynccontextmanager
async def ends(script: str, wishes: InviteWishes = PLAIN, **caller: object) -> AsyncIterator[tuple[Caller, SipBot]]:
    """A bot with this script and a caller that calls it."""
    async with bot_with(script) as bot:
        settings = CallerSettings("127.0.0.1", bot.port, wishes=wishes, timers=QUICK, **caller)  # type: ignore[arg-type]
        async with Caller(settings) as calling, asyncio.timeout(10):
            yield calling, bot


async def over(caller: Caller, call_id: str = "a") -> CallerRecord:
    record = await caller.wait_over(call_id)
    assert record.faults == []
    return record


# Calls and their ends


@pytest.mark.parametrize("codec", list(Codec))
async def test_audio_flows_both_ways_and_every_packet_is_accounted_for(codec: Codec) -> None:
    listener = Listener()
    async with ends("wait") as (caller, bot):
        await caller.place(to_place(after=0.6, codec=codec), listener)
        ours, theirs = await over(caller), await bot.wait_over(0)
    assert [status for _, status in ours.statuses] == [180, 200]
    assert ours.packets_sent == theirs.heard.received >= 25
    assert theirs.packets_sent == ours.heard.received >= 25
    assert theirs.heard.recognised == {CUSTOMER: ours.packets_sent}
    assert ours.heard.recognised[PROMPT] == 10  # 0.2 s of the prompt
    assert ours.heard.recognised[CUSTOMER] > 5  # and then the echo
    assert (ours.heard.lost, theirs.heard.lost, ours.heard.invalid, theirs.heard.invalid) == (0, 0, 0, 0)
    assert ours.first_audio_ms is not None and ours.first_audio_ms < 500
    assert theirs.ended_by_peer and not ours.ended_by_peer
    assert listener.heard[0] == ("answered", "a") or listener.heard[1] == ("answered", "a")
    assert ("audio", "a") in listener.heard and listener.heard[-1] == ("ended", "a", False)


async def test_the_bot_finishes_with_an_outcome_and_notes() -> None:
    listener = Listener()
    async with bot_with("finish:promise_to_pay", notes="on Friday") as bot:
        async with Caller(CallerSettings("127.0.0.1", bot.port)) as caller:
            await caller.place(to_place(), listener)
            record = await over(caller)
    assert record.ended_by_peer
    assert (record.end_header("X-Outcome"), record.end_header("X-Notes")) == ("promise_to_pay", "on Friday")
    assert listener.heard[-1] == ("ended", "a", True)


async def test_the_bot_sees_what_the_invite_says() -> None:
    async with ends("bye") as (caller, bot):
        await caller.place(to_place())
        await over(caller)
        record = bot.calls[0]
    assert record.header("LV-Transaction-Id") == "147516594361"
    assert record.header("DNIS") == "+18990000001"
    assert record.called.startswith("sip:+18990000001@127.0.0.1:")


@pytest.mark.parametrize(("script", "status"), [("busy", 486), ("decline", 603), ("decline:480", 480)])
async def test_a_refused_call_says_so(script: str, status: int) -> None:
    listener = Listener()
    async with ends(script) as (caller, bot):
        await caller.place(to_place(), listener)
        record = await over(caller)
        assert (await bot.wait_over(0)).ended == Refused(status)
    assert [code for _, code in record.statuses] == [status]
    assert listener.heard == [("refused", "a", status)]


async def test_hanging_up_while_it_rings_cancels() -> None:
    listener = Listener()
    async with ends("no-answer") as (caller, bot):
        await caller.place(to_place(), listener)
        await bot.wait_call(0)
        caller.hang_up("a")
        record = await over(caller)
        assert (await bot.wait_over(0)).ended == Refused(487)
    assert [status for _, status in record.statuses] == [180, 487]
    assert listener.heard == [("refused", "a", 487)]


async def test_a_slow_bot_answers_late() -> None:
    async with ends("slow:0.3") as (caller, _bot):
        await caller.place(to_place())
        record = await over(caller)
    assert record.answered_ms is not None and 290 <= record.answered_ms < 1000
    assert record.end_header("X-Outcome") == "completed"


async def test_a_bot_that_nobody_hears_is_given_up() -> None:
    with ScriptedPeer() as nobody:
        async with Caller(CallerSettings("127.0.0.1", nobody.port, timers=QUICK)) as caller, asyncio.timeout(10):
            await caller.place(to_place())
            assert (await over(caller)).ended == Refused(408)


async def test_a_bot_that_drops_the_call_hears_no_bye() -> None:
    async with ends("drop") as (caller, bot):
        await caller.place(to_place())
        dropped = await bot.wait_over(0)
        caller.hang_up("a")
        record = await over(caller)
    assert dropped.dropped and dropped.ended is None
    assert isinstance(record.ended, Ended) and record.ended_ms is not None and record.answered_ms is not None
    assert record.ended_ms - record.answered_ms > 1280  # 64 x T1 after the BYE


async def test_a_bot_that_crashes_takes_every_call_with_it() -> None:
    async with ends("crash") as (caller, bot):
        for call_id in ("a", "b"):
            await caller.place(to_place(call_id))
        crashed = asyncio.Event()
        bot.on_crash = crashed.set
        await crashed.wait()
        heard = [record.heard.received for record in caller.calls.values()]
        await asyncio.sleep(0.1)
        assert [record.heard.received for record in caller.calls.values()] == heard


async def test_a_silent_bot_answers_and_sends_nothing() -> None:
    async with ends("silent") as (caller, bot):
        await caller.place(to_place(after=0.3))
        record = await over(caller)
        theirs = await bot.wait_over(0)
    assert (record.heard.received, theirs.packets_sent) == (0, 0)
    assert theirs.heard.received > 10 and record.first_audio_ms is None


@pytest.mark.alone
async def test_twenty_calls_at_once_lose_nothing() -> None:
    async with ends("wait") as (caller, bot):
        for number in range(20):
            await caller.place(to_place(f"c{number}", after=0.5))
        ours = [await over(caller, f"c{number}") for number in range(20)]
        theirs = [await bot.wait_over(number) for number in range(20)]
    assert sum(record.heard.lost for record in (*ours, *theirs)) == 0
    assert sum(record.packets_sent for record in ours) == sum(record.heard.received for record in theirs)
    assert sum(record.packets_sent for record in theirs) == sum(record.heard.received for record in ours)


# Scripts


async def test_scripts_go_by_the_order_of_calls() -> None:
    async with bot_with("wait", scripts=(ScriptLine.parse("bye"), ScriptLine.parse("busy"))) as bot:
        async with Caller(CallerSettings("127.0.0.1", bot.port)) as caller:
            for call_id in ("a", "b", "c"):
                await caller.place(to_place(call_id, after=0.5))
                await caller.wait_answered(call_id)
            records = [await over(caller, call_id) for call_id in ("a", "b", "c")]
    assert [record.ended_by_peer for record in records] == [True, False, False]
    assert records[1].ended == Refused(486)


async def test_a_key_starts_another_script() -> None:
    async with bot_with("wait", digits={"2": ScriptLine.parse("finish:chosen")}) as bot:
        async with Caller(CallerSettings("127.0.0.1", bot.port)) as caller:
            await caller.place(to_place(digits="12"))
            record = await over(caller)
    assert bot.calls[0].heard.digits == "12"
    assert record.end_header("X-Outcome") == "chosen"


async def test_keys_are_heard_both_ways() -> None:
    async with ends("dtmf:90*#A") as (caller, bot):
        await caller.place(to_place(digits="55", after=1.8))
        record = await over(caller)
        assert (await bot.wait_over(0)).heard.digits == "55"
    assert record.heard.digits == "90*#A"
    assert record.heard.lost == 0


async def test_outcome_and_transfer_are_said_by_info() -> None:
    for script, said in (
        ("finish-info:paid", {"action": "complete", "outcome": "paid"}),
        ("transfer-info", {"action": "transfer", "target": "collections"}),
    ):
        async with ends(script) as (caller, bot):
            await caller.place(to_place(after=0.7))
            record = await over(caller)
            assert (await bot.wait_over(0)).answers_to_us == [("INFO", 200)]
        assert record.messages == [said]
        assert not record.ended_by_peer


async def test_the_bot_hears_the_screen_pop() -> None:
    async with ends("wait") as (caller, bot):
        await caller.place(to_place())
        await caller.wait_answered("a")
        assert await caller.session("a").info(b'{"event":"screen_pop","fields":{"account":"1"},"rows":[]}') == 200
        assert bot.calls[0].screen_pop == {"event": "screen_pop", "fields": {"account": "1"}, "rows": []}


async def test_a_transfer_that_succeeds_ends_with_the_bot_s_bye() -> None:
    async with ends("transfer-refer:supervisor", refer_answers=(100, 200)) as (caller, bot):
        await caller.place(to_place())
        record = await over(caller)
        theirs = await bot.wait_over(0)
    assert [refer.refer_to for refer in record.refers] == [f"sip:supervisor@127.0.0.1:{bot.port}"]
    assert theirs.notifies == [NotifyArrived(100, False), NotifyArrived(200, True)]
    assert theirs.answers_to_us == [("REFER", 202)]
    assert record.ended_by_peer and record.end_header("X-Outcome") is None


async def test_a_transfer_that_fails_goes_on_and_finishes() -> None:
    async with ends("transfer-refer") as (caller, bot):
        await caller.place(to_place())
        record = await over(caller)
        theirs = await bot.wait_over(0)
    assert [notify.status for notify in theirs.notifies] == [100, 603]
    assert record.end_header("X-Outcome") == "transfer_failed"
    assert record.heard.recognised[PROMPT] > 50  # it spoke once more


async def test_the_bot_holds_and_resumes() -> None:
    async with ends("hold:0.2") as (caller, bot):
        await caller.place(to_place())
        record = await over(caller)
        theirs = await bot.wait_over(0)
    assert [agreed.direction for agreed in record.directions] == ["sendrecv", "recvonly", "sendrecv"]
    assert [agreed.direction for agreed in theirs.directions] == ["sendrecv", "sendonly", "sendrecv"]
    assert theirs.heard.received < record.heard.received - 5  # nothing came while it held
    assert (theirs.heard.lost, record.heard.lost) == (0, 0)
    assert record.heard.largest_gap_s < 0.15
    assert record.packets_sent == theirs.heard.received


# What the caller can ask for


async def test_the_customer_holds_and_resumes() -> None:
    async with ends("wait") as (caller, bot):
        await caller.place(to_place())
        record = await caller.wait_answered("a")
        session = caller.session("a")
        for direction, theirs in ((Direction.SENDONLY, Direction.RECVONLY), (Direction.SENDRECV, Direction.SENDRECV)):
            assert await session.reoffer(direction) == 200
            assert bot.calls[0].directions[-1].direction is theirs
            assert record.directions[-1].direction is direction


async def test_a_late_offer_is_answered_in_the_ack() -> None:
    async with ends("finish", InviteWishes(late_offer=True)) as (caller, bot):
        await caller.place(to_place(codec=Codec.PCMA))
        record = await over(caller)
        theirs = await bot.wait_over(0)
    assert record.heard.recognised[PROMPT] == 10
    assert theirs.heard.received == record.packets_sent > 0


async def test_a_required_100rel_is_acknowledged_with_prack() -> None:
    async with ends("finish", InviteWishes(reliable=True)) as (caller, bot):
        await caller.place(to_place())
        record = await over(caller)
    assert [status for _, status in record.statuses] == [180, 200]
    assert bot.agent.ignored == caller.agent.ignored == 0
    assert record.end_header("X-Outcome") == "completed"


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
async def test_the_session_is_refreshed_at_half_time(method: str) -> None:
    wishes = InviteWishes(session_expires_s=1)
    async with ends("wait", wishes, refresh_method=method) as (caller, bot):
        await caller.place(to_place(after=1.3))
        record = await over(caller)
        theirs = await bot.wait_over(0)
    assert record.refreshes == [Refreshed(method, by_peer=False)] * 2
    assert theirs.refreshes == [Refreshed(method, by_peer=True)] * 2


async def test_the_other_side_refreshes_when_it_is_asked_to() -> None:
    async with ends("wait", InviteWishes(session_expires_s=1, we_refresh=False)) as (caller, bot):
        await caller.place(to_place(after=0.8))
        record = await over(caller)
        assert (await bot.wait_over(0)).refreshes == [Refreshed("UPDATE", by_peer=False)]
    assert record.refreshes == [Refreshed("UPDATE", by_peer=True)]


async def test_a_muted_customer_sends_nothing() -> None:
    async with ends("bye", voice=Voice.MUTE) as (caller, bot):
        await caller.place(to_place())
        await over(caller)
        assert (await bot.wait_over(0)).heard.received == 0


async def test_leaving_hangs_up_what_is_still_up() -> None:
    async with bot_with("wait") as bot:
        async with Caller(CallerSettings("127.0.0.1", bot.port)) as caller:
            await caller.place(to_place())
            await caller.wait_answered("a")
        record = await bot.wait_over(0)
    assert record.ended_by_peer
