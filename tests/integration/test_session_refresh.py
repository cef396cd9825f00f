"""Session timers (RFC 4028) of calls of up to an hour, on both legs: real workers whose clock can jump."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.part_settings import pool_settings
from bridge.settings import Settings
from bridge.simulator.caller import CallerSettings
from bridge.simulator.calling_session import InviteWishes
from sip.edge import Edge
from sip.messages import HangUp, Leg, LegEnded
from sip.pool import PoolSettings
from tests.free_ports import free_port
from tests.integration.bridge_world import BridgeWorld
from tests.integration.jumping_clock import HourBench, Hours, JumpingClock, hour_bench
from tests.integration.sip_peer import Customer, Message, SipPeer, respond, sdp
from tests.integration.worker_bench import WorkerBench

pytestmark = pytest.mark.pjsua2

#: The product's own interval, and its half: when its refresher acts (RFC 4028 section 10).
INTERVAL_S, HALF_S = 1800, 900
BY_UPDATE = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE"
BY_INVITE = "Allow: INVITE, ACK, BYE, CANCEL"
ANSWERS = {"UPDATE": "", "INVITE": sdp(5000, "0 101")}


@pytest_asyncio.fixture
async def hours(tmp_path: Path) -> AsyncIterator[HourBench]:
    async with hour_bench(tmp_path) as hours:
        yield hours


def timer(refresher: str, seconds: int = INTERVAL_S) -> tuple[str, str]:
    return "Supported: timer", f"Session-Expires: {seconds};refresher={refresher}"


async def engine_of(bench: WorkerBench, call: Customer, refresher: str, allow: str = BY_UPDATE) -> Customer:
    """The engine's end of the second leg, up; `refresher` as its 200 has it."""
    invite = await bench.joined(call.call, "Require: timer", f"Session-Expires: 1800;refresher={refresher}", allow)
    engine = Customer(bench.peer, call.worker_port)
    engine.call_id, engine.contact = invite.header("Call-ID"), invite.header("Contact").strip("<>")
    engine.call, engine.to_tag = "peer", invite.header("From").partition(";tag=")[2]
    return engine


async def refreshed_by_us(end: Customer, method: str) -> Message:
    """The worker has just asked for a refresh; it is granted."""
    request = await end.expect(method)
    assert request.header("Session-Expires") == "1800;refresher=uac"
    end.respond(request, 200, "Require: timer", "Session-Expires: 1800;refresher=uac", body=ANSWERS[method])
    if method == "INVITE":
        await end.expect("ACK")
    return request


async def refresh(end: Customer, method: str, refresher: str = "uac") -> None:
    """The other side asks for a refresh, and gets it."""
    end.request(method, *timer(refresher), body=sdp(5000) if method == "INVITE" else "")
    answer = await end.expect(200)
    assert (answer.method, answer.header("Session-Expires")) == (method, f"1800;refresher={refresher}")
    if method == "INVITE":
        end.ack()


def asked_of(*ends: Customer) -> list[str]:
    """Requests of the worker's that nobody has looked at."""
    return [line for end in ends for line in end.peer.waiting(end.call_id) if not line.startswith("SIP/2.0")]


def endings(bench: WorkerBench) -> list[LegEnded]:
    return [event for event in bench.events if isinstance(event, LegEnded)]


@pytest.mark.parametrize(("minutes", "refreshes"), [(15, 1), (30, 2), (60, 4)])
@pytest.mark.parametrize(("method", "allow"), [("UPDATE", BY_UPDATE), ("INVITE", BY_INVITE)])
async def test_the_worker_refreshes_both_legs_of_a_call_every_quarter_of_an_hour(
    hours: HourBench, minutes: int, refreshes: int, method: str, allow: str
) -> None:
    customer = await hours.bench.answered(*timer("uas"), allow)
    engine = await engine_of(hours.bench, customer, "uac", allow)
    versions: dict[str, set[str]] = {customer.call_id: set(), engine.call_id: set()}
    for _ in range(refreshes):
        await hours.passing(HALF_S - 5)
        assert asked_of(customer, engine) == []
        await hours.passing(6)
        for end in (customer, engine):
            request = await refreshed_by_us(end, method)
            versions[end.call_id] |= {line for line in request.sdp if line.startswith("o=")}
    assert all(len(seen) <= 1 for seen in versions.values()), "a refresh changes nothing (RFC 3264 section 8)"
    await hours.passing(minutes * 60 - refreshes * (HALF_S + 1) + 60)
    assert (asked_of(customer, engine), endings(hours.bench)) == ([], [])
    customer.request("BYE")
    await customer.expect(200)
    hours.bench.tell(HangUp(customer.call, Leg.ENGINE))
    engine.respond(await engine.expect("BYE"), 200)
    assert (await hours.bench.ended(customer.call, Leg.CUSTOMER)).by_peer
    assert not (await hours.bench.ended(customer.call, Leg.ENGINE)).by_peer


@pytest.mark.parametrize("methods", [("UPDATE",), ("INVITE",), ("INVITE", "UPDATE")])
async def test_the_others_refreshes_keep_both_legs_up_for_an_hour_and_without_them_both_end_in_time(
    hours: HourBench, methods: tuple[str, ...]
) -> None:
    customer = await hours.bench.answered(*timer("uac"), BY_UPDATE)
    engine = await engine_of(hours.bench, customer, "uas")
    for number in range(4):
        await hours.passing(HALF_S)
        for end in (customer, engine):
            await refresh(end, methods[number % len(methods)])
    await hours.passing(INTERVAL_S - 32 - 10)
    assert (asked_of(customer, engine), endings(hours.bench)) == ([], [])
    await hours.passing(32)  # a third of the interval, or 32 s, before its end (RFC 4028 section 10)
    for end, leg in ((customer, Leg.CUSTOMER), (engine, Leg.ENGINE)):
        end.respond(await end.expect("BYE"), 200)
        ended = await hours.bench.ended(customer.call, leg)
        assert (ended.by_peer, ended.status, ended.reason) == (False, 408, "no session refresh")


async def test_the_other_side_may_refresh_as_often_as_it_likes_and_change_who_does(hours: HourBench) -> None:
    customer = await hours.bench.answered(*timer("uac", 90), BY_UPDATE)
    engine = await engine_of(hours.bench, customer, "uas")
    for number in range(30):
        for end in (customer, engine):
            await refresh(end, ("UPDATE", "INVITE")[number % 2])
    await hours.passing(INTERVAL_S - 50)
    for end in (customer, engine):
        await refresh(end, "UPDATE", refresher="uas")
    await hours.passing(HALF_S + 1)
    for end in (customer, engine):
        await refreshed_by_us(end, "UPDATE")
    assert (asked_of(customer, engine), endings(hours.bench)) == ([], [])


async def test_an_hour_of_the_shortest_interval_is_eighty_refreshes(hours: HourBench) -> None:
    customer = await hours.bench.answered(*timer("uas", 90), BY_UPDATE)
    for _ in range(80):
        await hours.passing(45.1)
        update = await customer.expect("UPDATE")
        customer.respond(update, 200, "Require: timer", "Session-Expires: 90;refresher=uac")
    await hours.passing(1)
    assert (asked_of(customer), endings(hours.bench)) == ([], [])


async def test_a_refresh_with_too_short_an_interval_is_asked_for_again_with_the_others(hours: HourBench) -> None:
    customer = await hours.bench.answered(*timer("uas"), BY_UPDATE)
    await hours.passing(HALF_S + 1)
    customer.respond(await customer.expect("UPDATE"), 422, "Min-SE: 3600")
    again = await customer.expect("UPDATE")
    assert (again.header("Session-Expires"), again.header("Min-SE")) == ("3600;refresher=uac", "3600")
    customer.respond(again, 200, "Require: timer", "Session-Expires: 3600;refresher=uac")
    await hours.passing(1800 - 5)
    assert asked_of(customer) == []
    await hours.passing(10)
    assert (await customer.expect("UPDATE")).header("Session-Expires") == "3600;refresher=uac"


@pytest.mark.parametrize(
    ("status", "by_peer", "told", "reason"),
    [
        (481, True, 481, "the other side knows no such dialog"),
        (408, False, 408, "no answer to a request"),
        (None, False, 408, "no answer to a request"),
    ],
)
async def test_a_leg_whose_refresh_shows_that_nobody_is_there_ends(
    hours: HourBench, status: int | None, by_peer: bool, told: int, reason: str
) -> None:
    customer = await hours.bench.answered(*timer("uas"), BY_UPDATE)
    await hours.passing(HALF_S + 1)
    update = await customer.expect("UPDATE")
    if status is None:
        await hours.passing(7)  # the transaction's 6 s
    else:
        customer.respond(update, status)
    customer.respond(await customer.expect("BYE"), 200)
    ended = await hours.bench.ended(customer.call, Leg.CUSTOMER)
    assert (ended.by_peer, ended.status, ended.reason) == (by_peer, told, reason)


@pytest.mark.parametrize("status", [405, 500, 503])
async def test_a_refresh_that_is_refused_is_tried_once_more_and_the_leg_lives_to_the_end_of_its_interval(
    hours: HourBench, status: int
) -> None:
    customer = await hours.bench.answered(*timer("uas"), BY_UPDATE)
    await hours.passing(HALF_S + 1)
    for _ in range(2):
        customer.respond(await customer.expect("UPDATE"), status)
    await hours.passing(HALF_S - 60)
    assert (asked_of(customer), endings(hours.bench)) == ([], [])
    await hours.passing(60)
    customer.respond(await customer.expect("BYE"), 200)
    ended = await hours.bench.ended(customer.call, Leg.CUSTOMER)
    assert (ended.by_peer, ended.reason) == (False, "no session refresh")


async def test_a_refresh_that_crosses_the_others_gets_491_and_is_done_all_the_same(hours: HourBench) -> None:
    customer = await hours.bench.answered(*timer("uas"), BY_INVITE)
    await hours.passing(HALF_S + 1)
    ours = await customer.expect("INVITE")
    assert "m=audio 4000 RTP/AVP 0 101" in ours.sdp
    customer.request("INVITE", body=sdp(5002))
    await customer.expect(491)
    customer.ack()
    respond(
        hours.bench.peer, ours, 200, "Require: timer", "Session-Expires: 1800;refresher=uac", body=sdp(5000, "0 101")
    )
    await customer.expect("ACK")
    await hours.passing(HALF_S + 1)
    await refreshed_by_us(customer, "INVITE")


async def test_an_hour_on_the_phone_costs_neither_the_call_nor_its_disposition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole bridge: its edge and both ends see the refreshes of both legs; audio goes on."""
    clock = JumpingClock(tmp_path)

    def by_the_clock(settings: Settings, edge: Edge) -> PoolSettings:
        return replace(pool_settings(settings, edge), python=clock.python)

    monkeypatch.setattr("bridge.service.pool_settings", by_the_clock)
    port = free_port()
    wishes = InviteWishes(session_expires_s=INTERVAL_S, we_refresh=False)
    caller = CallerSettings("127.0.0.1", port, wishes=wishes)
    async with BridgeWorld(["wait"], caller=caller) as world:
        peer = SipPeer()
        hours = Hours(clock, world.service._dispatch, peer)
        call = world.place()
        await world.seen("screen_pop")
        customer, engine = world.heard(call), world.bot_call()
        for number in range(1, 5):
            await hours.passing(HALF_S + 1)
            await world.until(lambda number=number: len(customer.refreshes) == len(engine.refreshes) == number)
            heard = (customer.heard.received, engine.heard.received)
            await world.until(
                lambda heard=heard: customer.heard.received > heard[0] and engine.heard.received > heard[1]
            )
        peer.close()
        assert {each.by_peer for each in (*customer.refreshes, *engine.refreshes)} == {True}
        world.livevox.customer_hangs_up(call)
        await world.over(call)
        assert world.dispositions(call) == ["Customer Hung Up"]
