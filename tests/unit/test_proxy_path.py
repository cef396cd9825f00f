"""LiveVox's proxies: what they put on a request and take off it."""

from bridge.simulator.proxy_path import DirectPath, ProxyPath, via_faults
from bridge.simulator.sip_text import Request, Response, answer, parse
from sip.messages import Header

TOKEN = "0123456789abcdef0123456789abcdef"
PATH = ProxyPath(("127.0.0.1", 5060), lambda: TOKEN)


def bye(*routes: str) -> Request:
    headers = (
        *(Header("Route", route) for route in routes),
        Header("From", "<sip:b@192.0.2.1>;tag=callee"),
        Header("To", "<sip:a@127.0.0.1>;tag=caller"),
        Header("Call-ID", "one"),
        Header("CSeq", "1 BYE"),
    )
    return Request("BYE", "sip:a@127.0.0.1:5060", headers)


def test_a_dialog_has_three_record_routes_the_second_without_port() -> None:
    outer, inner, second = PATH.record_routes("one")
    did = outer.partition("did=")[2]
    assert outer == f"<sip:127.0.0.1:5060;r2=on;lr;did={did}"
    assert inner == f"<sip:127.0.0.1;r2=on;lr;did={did}"
    assert second.startswith("<sip:127.0.0.1:5060;lr;did=0c.") and did not in second
    assert PATH.record_routes("two") != PATH.record_routes("one")


def test_a_request_leaves_with_three_stacked_vias() -> None:
    vias = PATH.outbound(bye()).vias
    assert [via.branch for via in vias] == [
        "z9hG4bK0123.456789ab.0",
        "z9hG4bKcdef.01234567.0",
        "z9hG4bK01234567-0000-89abcdef-01234567-89abcdef",
    ]
    assert vias[1].return_address == ("127.0.0.1", 5060)


def test_the_proxies_take_their_own_routes_off_and_leave_the_others() -> None:
    recorded = PATH.record_routes("one")
    wired = PATH.outbound(bye(*reversed(recorded), "<sip:192.0.2.1;lr>"))
    assert wired.every("Route") == ["<sip:192.0.2.1;lr>"]


def test_a_request_with_the_whole_route_set_is_faultless() -> None:
    request, faults = PATH.inbound(bye(*PATH.record_routes("one")))
    assert faults == () and request.every("Route") == []


def test_the_parameters_of_a_route_may_change_places() -> None:
    swapped = [route.replace("r2=on;lr", "lr;r2=on") for route in PATH.record_routes("one")]
    assert PATH.inbound(bye(*swapped))[1] == ()


def test_a_request_that_lost_or_mixed_up_routes_is_at_fault() -> None:
    recorded = PATH.record_routes("one")
    for routes in ((), recorded[:2], tuple(reversed(recorded)), PATH.record_routes("two")):
        _, faults = PATH.inbound(bye(*routes))
        assert len(faults) == 1 and faults[0].startswith("BYE has Route")


def test_a_response_must_bring_every_via_back() -> None:
    sent = PATH.outbound(bye())
    assert via_faults(sent, answer(sent, 200)) == ()
    noted = parse(answer(sent, 200).encode().replace(b";branch=z9hG4bK0123", b";received=192.0.2.5;branch=z9hG4bK0123"))
    assert isinstance(noted, Response) and noted.vias[0].return_address == ("192.0.2.5", 5060)
    assert via_faults(sent, noted) == ()
    kept = tuple(header for header in answer(sent, 200).headers if header.value != str(sent.vias[1]))
    assert len(via_faults(sent, Response(200, "OK", kept))) == 1


def test_without_proxies_there_is_one_via_that_asks_for_rport() -> None:
    path = DirectPath(("127.0.0.1", 5092), lambda: TOKEN)
    top = path.outbound(bye()).vias[0]
    assert (top.host, top.port, top.branch) == ("127.0.0.1", 5092, f"z9hG4bK{TOKEN}")
    assert ("rport", None) in top.parameters
    assert path.inbound(bye()) == (bye(), ())
