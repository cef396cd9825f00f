"""The edge on real sockets."""

import asyncio
from ipaddress import IPv4Network

import pytest
from structlog.testing import capture_logs

from sip.counters import Count
from sip.dispatch import Dialog, Dispatch
from sip.edge import Admitted, Edge, EdgeSettings, Invite, Refused
from sip.errors import AddressInUse
from sip.messages import InfoReceived, Leg, LegEnded
from tests.integration.edge_world import Desk, Phone, World, world
from tests.sip_texts import MEDIA, SDP, engine_invite, request, response


def in_dialog(w: World, method: str, *, cseq: int = 2, headers: tuple[str, ...] = (), body: str = "") -> str:
    uri = f"sip:bridge@127.0.0.1:{w.edge.public_port};w=1"
    branch = f"z9hG4bK-{method}-{cseq}"
    return request(
        method, w.livevox.sent_by, uri=uri, branch=branch, to_tag="ua1", cseq=cseq, headers=headers, body=body
    )


async def test_a_call_passes_from_invite_to_bye() -> None:
    async with world() as w:
        invite = await w.at_the_worker()
        assert invite.uri == b"sip:+18990000001@192.0.2.1:5070"
        assert invite.value(b"x-bridge-call") == b"call1"
        assert invite.value(b"record-route") == f"<sip:127.0.0.1:{w.edge.inside_port};lr>".encode()
        assert invite.body == SDP.encode()
        assert w.dispatch.dialog("call-a@192.0.2.50") == Dialog("call1", Leg.CUSTOMER, 1)
        for status in (100, 180, 200):
            w.worker.send(response(invite, status, "x"), w.edge.inside_port)
        assert (await w.livevox.hear()).status == 180
        answer = await w.livevox.hear()
        assert answer.status == 200
        assert len(answer.values(b"via")) == 1
        assert b"record-route" not in answer.keys
        w.livevox.send(in_dialog(w, "ACK"), w.edge.public_port)
        assert (await w.worker.hear()).method == b"ACK"
        w.livevox.send(in_dialog(w, "BYE"), w.edge.public_port)
        bye = await w.worker.hear()
        assert bye.method == b"BYE"
        w.worker.send(response(bye, 200, "OK"), w.edge.inside_port)
        assert (await w.livevox.hear()).status == 200


async def test_an_engine_leg_passes_both_ways_though_the_engine_may_not_call_us() -> None:
    async with world(allow=()) as w:
        w.worker.send(engine_invite(w.worker.port, w.edge.inside_port, w.engine.sent_by), w.edge.inside_port)
        heard = await w.engine.hear()
        assert b"route" not in heard.keys
        assert b"x-bridge-call" not in heard.keys
        assert w.dispatch.dialog("engine-leg-1") == Dialog("call1", Leg.ENGINE, 1)
        w.engine.send(response(heard, 200, "OK"), w.edge.public_port)
        answer = await w.worker.hear()
        assert answer.values(b"record-route") == [f"<sip:127.0.0.1:{w.edge.inside_port};lr>".encode()]
        contact = f"sip:bridge@127.0.0.1:{w.edge.public_port};w=1"
        bye = request("BYE", w.engine.sent_by, uri=contact, to_tag="w", call_id="engine-leg-1")
        w.engine.send(bye, w.edge.public_port)
        assert (await w.worker.hear()).method == b"BYE"


async def test_an_engine_is_found_by_its_name() -> None:
    async with world() as w:
        target = f"localhost:{w.engine.port}"
        w.worker.send(engine_invite(w.worker.port, w.edge.inside_port, target), w.edge.inside_port)
        assert (await w.engine.hear()).method == b"INVITE"


async def test_an_engine_whose_name_has_no_address_is_refused_to_the_worker() -> None:
    async with world() as w:
        invite = engine_invite(w.worker.port, w.edge.inside_port, f"{'x' * 64}.example")
        w.worker.send(invite, w.edge.inside_port)
        assert (await w.worker.hear()).status == 503
        assert w.edge.counters[Count.UNDELIVERABLE] == 1


async def test_a_name_that_leads_to_a_worker_is_refused() -> None:
    async with world() as w:
        target = f"localhost:{w.worker.port}"
        w.worker.send(engine_invite(w.worker.port, w.edge.inside_port, target), w.edge.inside_port)
        assert (await w.worker.hear()).status == 503


async def test_one_invite_sent_eight_times_is_one_call() -> None:
    async with world() as w:
        w.desk.gate.clear()
        text = request("INVITE", w.livevox.sent_by, body=SDP)
        for _ in range(4):
            w.livevox.send(text, w.edge.public_port)
            assert (await w.livevox.hear()).status == 100
        w.desk.gate.set()
        first = await w.worker.hear()
        for _ in range(4):
            w.livevox.send(text, w.edge.public_port)
            assert (await w.worker.hear()).to_bytes() == first.to_bytes()
        assert len(w.desk.invites) == 1


async def test_a_cancel_while_admission_decides_cancels_the_asking() -> None:
    async with world() as w:
        w.desk.gate.clear()
        w.livevox.send(request("INVITE", w.livevox.sent_by, body=SDP), w.edge.public_port)
        assert (await w.livevox.hear()).status == 100
        w.livevox.send(request("CANCEL", w.livevox.sent_by), w.edge.public_port)
        assert [(await w.livevox.hear()).status for _ in range(2)] == [200, 487]
        w.livevox.send(request("ACK", w.livevox.sent_by, to_tag="x"), w.edge.public_port)
        assert await w.worker.silence()
        assert (w.desk.cancelled, w.desk.events) == (1, [])


async def test_an_admission_that_will_not_be_cancelled_is_given_back() -> None:
    class Stubborn(Desk):
        async def admit(self, invite: Invite) -> Admitted | Refused:
            try:
                await self.gate.wait()
            except asyncio.CancelledError:
                return Admitted("call1", 1, MEDIA)
            return Refused(500, "not cancelled")

    desk = Stubborn(lambda invite: Refused(500, ""))
    async with world(desk) as w:
        desk.gate.clear()
        w.livevox.send(request("INVITE", w.livevox.sent_by, body=SDP), w.edge.public_port)
        await w.livevox.hear()
        w.livevox.send(request("CANCEL", w.livevox.sent_by), w.edge.public_port)
        assert [(await w.livevox.hear()).status for _ in range(2)] == [200, 487]
        assert await w.worker.silence()
        assert desk.events == [LegEnded("call1", Leg.CUSTOMER, True, 487, "cancelled")]


async def test_a_refusal_is_repeated_until_it_is_acknowledged() -> None:
    async with world() as w:
        w.desk.answer = lambda invite: Refused(486, "agent on a call")
        w.livevox.send(request("INVITE", w.livevox.sent_by, body=SDP), w.edge.public_port)
        assert [(await w.livevox.hear()).status for _ in range(3)] == [100, 486, 486]
        w.livevox.send(request("ACK", w.livevox.sent_by, to_tag="x"), w.edge.public_port)
        assert await w.livevox.silence(0.1)


async def test_a_worker_that_dies_before_the_answer_costs_the_caller_no_wait() -> None:
    async with world() as w:
        await w.at_the_worker()
        w.edge.worker_lost(w.dispatch.remove_worker(1))
        assert (await w.livevox.hear()).status == 503


async def test_an_info_is_answered_and_reported() -> None:
    async with world() as w:
        await w.at_the_worker()
        text = in_dialog(w, "INFO", headers=("Content-Type: application/json",), body="{}")
        for _ in range(2):
            w.livevox.send(text, w.edge.public_port)
            assert (await w.livevox.hear()).status == 200
        assert w.desk.events == [InfoReceived("call1", Leg.CUSTOMER, "application/json", b"{}")]


async def test_the_inside_socket_listens_to_living_workers_only() -> None:
    async with world() as w:
        w.livevox.send(engine_invite(w.livevox.port, w.edge.inside_port, w.engine.sent_by), w.edge.inside_port)
        assert await w.engine.silence()
        assert w.edge.counters[Count.NOT_A_WORKER] == 1


async def test_strangers_hear_403_and_leave_one_line_in_the_log() -> None:
    with capture_logs() as logs:
        async with world(allow=(IPv4Network("192.0.2.0/24"),)) as w:
            for _ in range(3):
                w.livevox.send(request("INVITE", w.livevox.sent_by), w.edge.public_port)
                assert (await w.livevox.hear()).status == 403
    assert len([line for line in logs if line["log_level"] == "warning"]) == 1
    refused = [line for line in logs if line["event"] == "request_refused"]
    assert [(line["why"], line["status"], line["method"]) for line in refused] == [(Count.STRANGERS, 403, "INVITE")] * 3


async def test_by_setting_strangers_hear_nothing() -> None:
    async with world(allow=(), refuse_strangers=False) as w:
        w.livevox.send(request("INVITE", w.livevox.sent_by), w.edge.public_port)
        assert await w.livevox.silence()
        assert w.edge.counters[Count.STRANGERS] == 1


async def test_an_admission_that_breaks_gives_500_and_a_trace() -> None:
    class Broken(Desk):
        async def admit(self, invite: Invite) -> Admitted | Refused:
            raise RuntimeError("out of order")

    with capture_logs() as logs:
        async with world(Broken(lambda invite: Refused(500, ""))) as w:
            w.livevox.send(request("INVITE", w.livevox.sent_by), w.edge.public_port)
            assert [(await w.livevox.hear()).status for _ in range(2)] == [100, 500]
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["admission_failed"]


async def test_a_datagram_whose_handling_fails_does_not_take_the_socket_with_it() -> None:
    class Deaf(Desk):
        def sip_event(self, event: object) -> None:
            raise RuntimeError("not listening")

    with capture_logs() as logs:
        async with world(Deaf(lambda invite: Admitted("call1", 1, MEDIA))) as w:
            w.desk.gate.set()
            await w.at_the_worker()
            w.livevox.send(in_dialog(w, "INFO"), w.edge.public_port)
            assert (await w.livevox.hear()).status == 200
            w.livevox.send(request("OPTIONS", w.livevox.sent_by), w.edge.public_port)
            assert (await w.livevox.hear()).status == 200
            assert w.edge.counters[Count.FAULTS] == 1
    assert "datagram_failed" in [line["event"] for line in logs]


async def test_a_worker_that_writes_garbage_is_named_in_the_log() -> None:
    with capture_logs() as logs:
        async with world() as w:
            w.worker.send("garbage", w.edge.inside_port)
            assert await w.worker.silence()
            port = w.worker.port
    assert [line["port"] for line in logs if line["event"] == "worker_datagram_unusable"] == [port]


async def test_options_follows_what_admission_accepts() -> None:
    async with world() as w:
        statuses = []
        for accepts in (True, False):
            w.desk.accepts_calls = accepts
            w.livevox.send(request("OPTIONS", w.livevox.sent_by), w.edge.public_port)
            statuses.append((await w.livevox.hear()).status)
        assert statuses == [200, 503]


async def test_a_port_in_use_is_an_error_that_names_the_port_and_its_holder() -> None:
    async with world() as w:
        settings = EdgeSettings("127.0.0.1", w.edge.public_port, "127.0.0.1", ())
        with pytest.raises(AddressInUse, match=rf"127.0.0.1:{w.edge.public_port} is in use by process \d+ \("):
            await Edge.open(settings, Dispatch(), w.desk)


async def test_after_closing_the_port_is_free_and_nobody_waits() -> None:
    async with world() as w:
        w.desk.gate.clear()
        w.livevox.send(request("INVITE", w.livevox.sent_by), w.edge.public_port)
        await w.livevox.hear()
        port = w.edge.public_port
        w.edge.close()
        w.edge.worker_lost(["call1"])
        await asyncio.sleep(0.01)
        assert w.desk.cancelled == 1
        again = await Edge.open(EdgeSettings("127.0.0.1", port, "127.0.0.1", ()), Dispatch(), w.desk)
        again.close()


async def test_forty_calls_at_once_all_arrive() -> None:
    async with world() as w:
        for number in range(40):
            text = request("INVITE", w.livevox.sent_by, branch=f"z9hG4bK{number}", call_id=f"c{number}", body=SDP)
            w.livevox.send(text, w.edge.public_port)
        heard = [await w.worker.hear() for _ in range(40)]
        assert {message.value(b"call-id") for message in heard} == {b"c%d" % number for number in range(40)}


async def test_a_peer_that_stopped_listening_does_no_harm() -> None:
    async with world() as w:
        gone = await Phone.open()
        port = gone.port
        gone.transport.close()
        await asyncio.sleep(0.01)
        target = f"127.0.0.1:{port}"
        for _ in range(2):
            w.worker.send(engine_invite(w.worker.port, w.edge.inside_port, target), w.edge.inside_port)
        assert await w.worker.silence()
        w.livevox.send(request("OPTIONS", w.livevox.sent_by), w.edge.public_port)
        assert (await w.livevox.hear()).status == 200
