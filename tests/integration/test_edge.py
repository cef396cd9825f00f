"""The edge on real sockets."""

from sip.dispatch import Dialog
from sip.messages import Leg
from tests.integration.edge_world import SDP, request, response, world


async def test_an_admitted_invite_reaches_the_worker_and_its_answer_the_caller() -> None:
    async with world() as w:
        invite = await w.at_the_worker()
        assert invite.uri == b"sip:+18990000001@192.0.2.1:5070"
        assert invite.value(b"x-bridge-call") == b"call1"
        assert invite.value(b"record-route") == f"<sip:127.0.0.1:{w.edge.inside_port};lr>".encode()
        assert invite.body == SDP.encode()
        assert w.dispatch.dialog("call-a@192.0.2.50") == Dialog("call1", Leg.CUSTOMER, 1)
        contact = f"Contact: <sip:bridge@127.0.0.1:{w.edge.public_port};w=1>"
        w.worker.send(response(invite, 100, "Trying"), w.edge.inside_port)
        w.worker.send(response(invite, 180, "Ringing", headers=(contact,)), w.edge.inside_port)
        w.worker.send(response(invite, 200, "OK", headers=(contact,)), w.edge.inside_port)
        assert (await w.livevox.hear()).status == 180
        answer = await w.livevox.hear()
        assert answer.status == 200
        assert len(answer.values(b"via")) == 1
        assert b"record-route" not in answer.keys
        uri = f"sip:bridge@127.0.0.1:{w.edge.public_port};w=1"
        w.livevox.send(request("ACK", w.livevox.port, uri=uri, branch="z9hG4bK-two", to_tag="worker1"), w.edge.public_port)
        assert (await w.worker.hear()).method == b"ACK"
        w.livevox.send(
            request("BYE", w.livevox.port, uri=uri, branch="z9hG4bK-three", to_tag="worker1", cseq=2), w.edge.public_port
        )
        bye = await w.worker.hear()
        assert bye.method == b"BYE"
        w.worker.send(response(bye, 200, "OK"), w.edge.inside_port)
        assert (await w.livevox.hear()).status == 200


async def test_an_engine_leg_passes_the_edge_both_ways_and_is_bound_to_its_call() -> None:
    async with world(allow=()) as w:
        invite = "\r\n".join(
            [
                f"INVITE sip:bot@127.0.0.1:{w.engine.port} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{w.worker.port};rport;branch=z9hG4bKPjx",
                f"Route: <sip:127.0.0.1:{w.edge.inside_port};lr>",
                "Max-Forwards: 70",
                "From: <sip:+12135550100@127.0.0.1>;tag=w",
                f"To: <sip:bot@127.0.0.1:{w.engine.port}>",
                "Call-ID: engine-leg-1",
                "CSeq: 7 INVITE",
                f"Contact: <sip:bridge@127.0.0.1:{w.edge.public_port};w=1>",
                "X-Bridge-Call: call1",
                "X-Call-ID: call1",
                "Content-Type: application/sdp",
                f"Content-Length: {len(SDP)}",
                "",
                SDP,
            ]
        )
        w.worker.send(invite, w.edge.inside_port)
        heard = await w.engine.hear()
        assert b"route" not in heard.keys
        assert b"x-bridge-call" not in heard.keys
        assert heard.value(b"x-call-id") == b"call1"
        assert heard.value(b"max-forwards") == b"69"
        assert w.dispatch.dialog("engine-leg-1") == Dialog("call1", Leg.ENGINE, 1)
        routes = ("Record-Route: <sip:proxy.example;lr>", "X-Bridge-Call: evil")
        w.engine.send(response(heard, 200, "OK", tag="bot", headers=routes), w.edge.public_port)
        answer = await w.worker.hear()
        assert answer.status == 200
        assert answer.values(b"record-route") == [
            b"<sip:proxy.example;lr>",
            f"<sip:127.0.0.1:{w.edge.inside_port};lr>".encode(),
        ]
        assert b"x-bridge-call" not in answer.keys
        bye = request(
            "BYE",
            w.engine.port,
            uri=f"sip:bridge@127.0.0.1:{w.edge.public_port};w=1",
            to_tag="w",
            call_id="engine-leg-1",
        )
        w.engine.send(bye, w.edge.public_port)
        assert (await w.worker.hear()).method == b"BYE"
