"""The simulator's two ends against a peer that follows a script, right or wrong, datagram by datagram."""

import argparse
import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bridge.simulator import engine
from bridge.simulator.bot import SipBot
from bridge.simulator.caller import Caller, CallerSettings
from bridge.simulator.calling_session import InviteWishes
from bridge.simulator.session_events import Ended, Refused
from bridge.simulator.session_timer import SessionInterval
from bridge.simulator.telephony import HeaderStyle
from bridge.simulator.user_agent import ALLOW
from sip.errors import AddressInUse
from sip.messages import Direction
from tests.integration.scripted_peer import SDP, ScriptedPeer, header, to_tag
from tests.integration.simulator_ends import QUICK, bot_with, to_place

# The bot, called by the peer


@asynccontextmanager
async def called_bot(script: str = "wait") -> AsyncIterator[tuple[SipBot, ScriptedPeer]]:
    async with bot_with(script) as bot, asyncio.timeout(10):
        with ScriptedPeer(bot.port) as peer:
            yield bot, peer


async def set_up(peer: ScriptedPeer) -> str:
    """A call from INVITE to ACK; returns the bot's tag."""
    peer.send(peer.request("INVITE", cseq=1, body=SDP))
    tag = to_tag(await peer.receive("SIP/2.0 200"))
    peer.send(peer.request("ACK", cseq=1, to_tag=tag))
    return tag


async def test_garbage_is_ignored_and_the_next_call_works() -> None:
    async with called_bot() as (bot, peer):
        invite = peer.request("INVITE", cseq=1, body=SDP)
        for garbage in (b"\r\n\r\n", b"\x00" * 40, b"\xff" * 1500, invite[:200], invite.replace("Via", "Vio")):
            peer.send(garbage)
        peer.send(invite.replace("m=audio 9", "m=video 9"))
        await peer.receive("SIP/2.0 488")
        peer.send(peer.request("INVITE", cseq=2, body=SDP))
        await peer.receive("SIP/2.0 200")
        assert bot.agent.ignored == 4


async def test_a_retransmitted_invite_is_one_call_and_gets_the_same_answer() -> None:
    async with called_bot() as (bot, peer):
        invite = peer.request("INVITE", cseq=1, body=SDP)
        for _ in range(7):
            peer.send(invite)
        first, second = await peer.receive("SIP/2.0 200"), await peer.receive("SIP/2.0 200")
        assert first == second
        assert len(bot.calls) == 1


async def test_a_200_is_repeated_until_its_ack_and_ends_in_bye_without_one() -> None:
    async with called_bot() as (bot, peer):
        peer.send(peer.request("INVITE", cseq=1, body=SDP))
        for _ in range(5):
            await peer.receive("SIP/2.0 200")
        bye = await peer.receive("BYE")
        peer.send(peer.response(bye, 200))
        record = await bot.wait_over(0)
        assert record.ended == Ended(by_peer=False, reason="no ACK") and record.answered_ms is None


async def test_an_ack_with_the_invite_s_branch_is_an_ack() -> None:
    async with called_bot("finish") as (_bot, peer):
        peer.send(peer.request("INVITE", cseq=1, branch="x", body=SDP))
        tag = to_tag(await peer.receive("SIP/2.0 200"))
        peer.send(peer.request("ACK", cseq=1, branch="x", to_tag=tag))
        assert header(await peer.receive("BYE"), "X-Outcome") == "completed"


async def test_a_bye_s_reason_and_x_headers_are_kept() -> None:
    async with called_bot() as (bot, peer):
        tag = await set_up(peer)
        reason = 'Q.850;cause=16;text="customer gone"'
        peer.send(peer.request("BYE", cseq=2, to_tag=tag, headers=f"Reason: {reason}\r\nX-Y: z\r\nOther: o\r\n"))
        await peer.receive("SIP/2.0 200")
        record = await bot.wait_over(0)
        assert record.ended_by_peer
        assert (record.end_header("Reason"), record.end_header("X-Y"), record.end_header("Other")) == (
            reason,
            "z",
            None,
        )


async def test_a_cancel_that_overtakes_the_answer_ends_the_call() -> None:
    async with called_bot() as (bot, peer):
        invite = peer.request("INVITE", cseq=1, branch="x", body=SDP)
        peer.send(invite)
        peer.send(peer.request("CANCEL", cseq=1, branch="x"))
        assert "CSeq: 1 CANCEL" in await peer.receive("SIP/2.0 200")
        refused = await peer.receive("SIP/2.0 487")
        peer.send(peer.request("ACK", cseq=1, branch="x", to_tag=to_tag(refused)))
        assert isinstance((await bot.wait_over(0)).ended, Refused)


async def test_prack_stops_a_reliable_ringing_and_a_wrong_one_does_not() -> None:
    async with called_bot("slow:0.3") as (_bot, peer):
        peer.send(peer.request("INVITE", cseq=1, headers="Require: 100rel\r\n", body=SDP))
        ringing = await peer.receive("SIP/2.0 180")
        sequence, tag = header(ringing, "RSeq"), to_tag(ringing)
        await peer.receive("SIP/2.0 180")  # repeated
        peer.send(peer.request("PRACK", cseq=2, to_tag=tag, headers="RAck: 99 1 INVITE\r\n"))
        await peer.receive("SIP/2.0 481")
        peer.send(peer.request("PRACK", cseq=3, to_tag=tag, headers=f"RAck: {sequence} 1 INVITE\r\n"))
        assert "CSeq: 3 PRACK" in await peer.receive("SIP/2.0 200")
        assert "CSeq: 1 INVITE" in await peer.receive("SIP/2.0 200")


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("OPTIONS", "", 200),
        ("SUBSCRIBE", "Event: refer\r\n", 405),
        ("NOTIFY", "Event: presence\r\n", 489),
        ("REFER", "", 400),
        ("INFO", "Require: teleport\r\n", 420),
        ("PRACK", "RAck: 1 1 INVITE\r\n", 481),
        ("UPDATE", "Session-Expires: 90;refresher=uac\r\n", 200),
    ],
)
async def test_a_request_in_the_dialog_gets_its_status(method: str, headers: str, status: int) -> None:
    async with called_bot() as (_bot, peer):
        tag = await set_up(peer)
        peer.send(peer.request(method, cseq=2, to_tag=tag, headers=headers))
        answered = await peer.receive(f"SIP/2.0 {status}")
        if method == "UPDATE":
            assert header(answered, "Session-Expires") == "90;refresher=uac"


@pytest.mark.parametrize(("method", "status"), [("OPTIONS", 200), ("BYE", 481), ("SUBSCRIBE", 405)])
async def test_a_request_outside_any_dialog_gets_its_status(method: str, status: int) -> None:
    async with called_bot() as (_bot, peer):
        peer.send(peer.request(method, cseq=1))
        await peer.receive(f"SIP/2.0 {status}")
        peer.send(peer.request("BYE", cseq=2, to_tag="nobody"))
        await peer.receive("SIP/2.0 481")


async def test_an_old_request_is_out_of_order() -> None:
    async with called_bot() as (_bot, peer):
        tag = await set_up(peer)
        peer.send(peer.request("INFO", cseq=9, to_tag=tag))
        await peer.receive("SIP/2.0 200")
        peer.send(peer.request("INFO", cseq=8, to_tag=tag))
        await peer.receive("SIP/2.0 500")


async def test_an_invite_without_contact_is_refused() -> None:
    async with called_bot() as (bot, peer):
        peer.send(peer.request("INVITE", cseq=1, body=SDP).replace("Contact", "X-Contact"))
        await peer.receive("SIP/2.0 400")
        assert bot.calls == []


async def test_a_re_invite_while_the_bot_offers_is_glare() -> None:
    async with called_bot("hold:5") as (_bot, peer):
        tag = await set_up(peer)
        await peer.receive("INVITE")
        peer.send(peer.request("INVITE", cseq=2, to_tag=tag, body=SDP))
        await peer.receive("SIP/2.0 491")


async def test_a_session_that_nobody_refreshes_is_ended() -> None:
    async with called_bot() as (bot, peer):
        peer.send(peer.request("INVITE", cseq=1, headers="Session-Expires: 1;refresher=uac\r\n", body=SDP))
        tag = to_tag(await peer.receive("SIP/2.0 200"))
        peer.send(peer.request("ACK", cseq=1, to_tag=tag))
        bye = await peer.receive("BYE")
        assert "Session timer" in header(bye, "Reason")
        peer.send(peer.response(bye, 200))
        assert (await bot.wait_over(0)).ended_by_peer is False


# The caller, answered by the peer

PLAIN = InviteWishes()


@asynccontextmanager
async def placed_call(wishes: InviteWishes = PLAIN) -> AsyncIterator[tuple[Caller, ScriptedPeer, str]]:
    """A call of the caller to the peer; its INVITE."""
    with ScriptedPeer() as peer:
        settings = CallerSettings("127.0.0.1", peer.port, timers=QUICK, wishes=wishes)
        async with Caller(settings) as caller, asyncio.timeout(10):
            await caller.place(to_place())
            yield caller, peer, await peer.receive("INVITE")


def in_dialog(invite: str, method: str, *, routes: bool, cseq: int = 1) -> str:
    """A request of the called side in the dialog of this INVITE."""
    lines = [f"Route: {line.partition(': ')[2]}" for line in invite.split("\r\n") if line.startswith("Record-Route:")]
    route = "".join(f"{line}\r\n" for line in lines) if routes else ""
    contact = header(invite, "Contact").strip("<>")
    return (
        f"{method} {contact} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK{method}{cseq}\r\n{route}"
        f"From: {header(invite, 'To')};tag=peer\r\nTo: {header(invite, 'From')}\r\n"
        f"Call-ID: {header(invite, 'Call-ID')}\r\nCSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n"
    )


async def test_the_invite_has_livevox_s_layout_on_the_wire() -> None:
    async with placed_call() as (caller, peer, invite):
        lines = invite.split("\r\n")
        assert lines[0] == f"INVITE sip:+18990000001@127.0.0.1:{peer.port} SIP/2.0"
        assert [line.partition(":")[0] for line in lines[1:5]] == ["Record-Route"] * 3 + ["To"]
        assert sum(line.startswith("Via: ") for line in lines) == 3
        assert header(invite, "From").startswith('"Ann Example" <sip:2135551234@127.0.0.1:')
        assert header(invite, "CSeq") == "13096450 INVITE"
        assert header(invite, "LV-Transaction-Id") == to_place().transaction_id
        assert to_place().header_style is HeaderStyle.LV
        assert caller.calls["a"].header("Session-ID") == header(invite, "Session-ID")


async def test_every_repeated_200_gets_an_ack_through_the_proxies() -> None:
    async with placed_call() as (_caller, peer, invite):
        ok = peer.response(invite, 200, body=SDP)
        for _ in range(3):
            peer.send(ok)
            ack = await peer.receive("ACK")
            assert ack.startswith(f"ACK sip:peer@127.0.0.1:{peer.port} SIP/2.0")
            assert "Route:" not in ack  # its proxies have taken their own off
            assert ack.count("Via: ") == 3


async def test_a_bye_that_keeps_the_route_set_is_faultless() -> None:
    async with placed_call() as (caller, peer, invite):
        peer.send(peer.response(invite, 200, body=SDP))
        await peer.receive("ACK")
        peer.send(in_dialog(invite, "BYE", routes=True))
        await peer.receive("SIP/2.0 200")
        record = await caller.wait_over("a")
        assert record.ended_by_peer and record.faults == []


async def test_a_bye_that_lost_the_route_set_is_noted() -> None:
    async with placed_call() as (caller, peer, invite):
        peer.send(peer.response(invite, 200, body=SDP))
        await peer.receive("ACK")
        peer.send(in_dialog(invite, "BYE", routes=False))
        record = await caller.wait_over("a")
        assert len(record.faults) == 1 and "BYE has Route []" in record.faults[0]


async def test_a_response_that_lost_a_via_is_noted() -> None:
    async with placed_call() as (caller, peer, invite):
        whole = peer.response(invite, 486)
        lines = whole.split("\r\n")
        lines.remove([line for line in lines if line.startswith("Via: ")][2])
        peer.send("\r\n".join(lines))
        record = await caller.wait_over("a")
        assert record.ended == Refused(486) and "486 to INVITE has Via" in record.faults[0]


async def test_a_refusal_is_acknowledged_hop_by_hop() -> None:
    async with placed_call() as (caller, peer, invite):
        peer.send(peer.response(invite, 503, headers="Retry-After: 5\r\n"))
        ack = await peer.receive("ACK")
        assert ack.count("Via: ") == 1
        assert header(ack, "Via") == header(invite, "Via")
        record = await caller.wait_over("a")
        assert record.end_header("Retry-After") == "5"


async def test_an_unanswered_invite_is_sent_again() -> None:
    async with placed_call() as (_caller, peer, invite):
        assert await peer.receive("INVITE") == invite


async def test_a_cancel_waits_for_a_provisional_response() -> None:
    async with placed_call() as (caller, peer, invite):
        caller.hang_up("a")
        assert await peer.receive("INVITE") == invite  # still no CANCEL
        peer.send(peer.response(invite, 100))
        cancel = await peer.receive("CANCEL")
        assert header(cancel, "Via") == header(invite, "Via") and header(cancel, "CSeq") == "13096450 CANCEL"
        peer.send(peer.response(cancel, 200))
        peer.send(peer.response(invite, 487))
        assert (await caller.wait_over("a")).ended == Refused(487)


async def test_a_200_that_crosses_the_cancel_is_acknowledged_and_hung_up() -> None:
    async with placed_call() as (caller, peer, invite):
        peer.send(peer.response(invite, 180))
        await asyncio.sleep(0.05)
        caller.hang_up("a")
        cancel = await peer.receive("CANCEL")
        peer.send(peer.response(cancel, 481))
        peer.send(peer.response(invite, 200, body=SDP))
        await peer.receive("ACK")
        peer.send(peer.response(await peer.receive("BYE"), 200))
        assert isinstance((await caller.wait_over("a")).ended, Ended)


async def test_a_cancel_that_nobody_honours_is_given_up() -> None:
    async with placed_call() as (caller, peer, invite):
        peer.send(peer.response(invite, 180))
        await asyncio.sleep(0.05)
        caller.hang_up("a")
        assert (await caller.wait_over("a")).ended == Refused(487)


async def test_a_200_that_comes_after_we_gave_up_is_ended_at_once() -> None:
    async with placed_call() as (caller, peer, invite):
        peer.send(peer.response(invite, 180))
        await asyncio.sleep(0.05)
        caller.hang_up("a")
        await caller.wait_over("a")
        peer.send(peer.response(invite, 200, body=SDP))
        await peer.receive("ACK")
        await peer.receive("BYE")


async def test_a_bye_before_the_answer_is_no_bye() -> None:
    async with placed_call(InviteWishes(reliable=True)) as (caller, peer, invite):
        peer.send(peer.response(invite, 180, headers="Require: 100rel\r\nRSeq: 1\r\n"))
        await peer.receive("PRACK")
        peer.send(in_dialog(invite, "BYE", routes=True))
        await peer.receive("SIP/2.0 481")
        peer.send(peer.response(invite, 200, body=SDP))
        assert (await caller.wait_answered("a")).answered_ms is not None


async def test_holding_keeps_the_session_timer() -> None:
    async with placed_call(InviteWishes(session_expires_s=90)) as (caller, peer, invite):
        timer = "Session-Expires: 90;refresher=uac\r\n"
        peer.send(peer.response(invite, 200, headers=timer, body=SDP))
        await peer.receive("ACK")
        holding = asyncio.ensure_future(caller.session("a").reoffer(Direction.SENDONLY))
        again = await peer.receive("INVITE")
        assert header(again, "Session-Expires") == "90;refresher=uac" and "a=sendonly" in again
        peer.send(peer.response(again, 200, headers=timer, body=SDP + "a=recvonly\r\n"))
        assert await holding == 200
        assert caller.session("a").clock.interval == SessionInterval(90, we_refresh=True)
        assert caller.calls["a"].directions[-1].direction is Direction.SENDONLY


async def test_422_is_tried_again_with_the_longer_interval() -> None:
    async with placed_call(InviteWishes(session_expires_s=30)) as (_caller, peer, invite):
        assert header(invite, "Session-Expires") == "30;refresher=uac"
        peer.send(peer.response(invite, 422, headers="Min-SE: 90\r\n"))
        await peer.receive("ACK")
        again = await peer.receive("INVITE")
        assert header(again, "Session-Expires") == "90;refresher=uac"
        assert header(again, "CSeq") == "13096451 INVITE"
        assert header(again, "Call-ID") == header(invite, "Call-ID")


async def test_a_reliable_180_is_acknowledged_once_however_often_it_comes() -> None:
    async with placed_call(InviteWishes(reliable=True)) as (caller, peer, invite):
        assert header(invite, "Require") == "100rel"
        ringing = peer.response(invite, 180, headers="Require: 100rel\r\nRSeq: 7\r\n")
        peer.send(ringing)
        peer.send(ringing)
        prack = await peer.receive("PRACK")
        assert header(prack, "RAck") == "7 13096450 INVITE" and header(prack, "CSeq") == "13096451 PRACK"
        peer.send(peer.response(prack, 200))
        peer.send(peer.response(invite, 200, body=SDP))
        assert header(await peer.receive("ACK"), "CSeq") == "13096450 ACK"
        caller.hang_up("a")
        assert header(await peer.receive("BYE"), "CSeq") == "13096452 BYE"


async def test_an_answer_without_a_codec_of_ours_is_hung_up() -> None:
    async with placed_call() as (caller, peer, invite):
        peer.send(peer.response(invite, 200, body=SDP.replace("AVP 0 101", "AVP 18 101")))
        bye = await peer.receive("BYE")
        assert "cause=488" in header(bye, "Reason")
        peer.send(peer.response(bye, 200))
        assert (await caller.wait_over("a")).ended_by_peer is False


async def test_a_200_without_contact_is_a_fault_and_no_call() -> None:
    async with placed_call() as (caller, peer, invite):
        peer.send(peer.response(invite, 200, body=SDP).replace("Contact", "X-Contact"))
        record = await caller.wait_over("a")
        assert record.ended == Refused(500) and "Contact" in record.faults[0]


async def test_a_481_in_the_call_ends_it() -> None:
    async with placed_call() as (caller, peer, invite):
        peer.send(peer.response(invite, 200, body=SDP))
        await peer.receive("ACK")
        sending = asyncio.ensure_future(caller.session("a").info(b"{}"))
        peer.send(peer.response(await peer.receive("INFO"), 481))
        assert await sending == 481
        record = await caller.wait_over("a")
        assert record.ended == Ended(by_peer=True, reason="481 to our INFO")


async def test_nobody_can_call_livevox() -> None:
    async with placed_call() as (_caller, peer, _invite):
        peer.send(peer.request("INVITE", cseq=1, body=SDP))
        await peer.receive("SIP/2.0 403")


# Hostile input


async def test_mutated_datagrams_harm_neither_end_and_the_next_call_works() -> None:
    failures: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    chance = random.Random(4475)
    async with called_bot() as (bot, peer), Caller(CallerSettings("127.0.0.1", bot.port, timers=QUICK)) as caller:
        tag = await set_up(peer)
        with ScriptedPeer(caller.agent.address[1]) as other:
            seeds = [peer.request(method, cseq=3, to_tag=tag, body=SDP).encode() for method in ALLOW.split(", ")]
            for number in range(1500):
                (peer, other)[number % 2].send(mutated(chance.choice(seeds), chance))
                if number % 50 == 0:
                    await asyncio.sleep(0.002)
        await caller.place(to_place(after=0.1))
        record = await caller.wait_over("a")
        assert record.answered_ms is not None and record.heard.received > 0
        assert bot.agent.ignored > 200 and caller.agent.ignored > 200
    assert failures == []


def mutated(datagram: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, put in or cut out."""
    made = bytearray(datagram)
    for _ in range(chance.choice((1, 2, 5))):
        place = chance.randrange(len(made))
        made[place : place + chance.randrange(4)] = chance.choice(
            (b"", b"\xff", b"\r\n", b'"', b"<", b";", b"99999999999")
        )
    return bytes(made)


# The command


async def test_the_command_says_which_address_is_taken() -> None:
    parser = argparse.ArgumentParser()
    engine.add_arguments(parser)
    with ScriptedPeer() as taken:
        with pytest.raises(AddressInUse, match=f"127.0.0.1:{taken.port}"):
            await engine.run(parser.parse_args(["--listen", f"127.0.0.1:{taken.port}"]))


async def test_the_command_ends_with_1_when_the_script_crashes_it() -> None:
    parser = argparse.ArgumentParser()
    engine.add_arguments(parser)
    with ScriptedPeer() as free:
        port = free.port
    flags = ["--listen", f"127.0.0.1:{port}", "--script", "crash", "--speak-seconds", "0", "--after-seconds", "0"]
    running = asyncio.ensure_future(engine.run(parser.parse_args(flags)))
    async with Caller(CallerSettings("127.0.0.1", port, timers=QUICK)) as caller, asyncio.timeout(10):
        await caller.place(to_place())
        await caller.wait_answered("a")
        assert await running == 1
