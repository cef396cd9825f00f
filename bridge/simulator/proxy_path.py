"""[sans-IO] The way from an end to its peer: straight, or through LiveVox's two proxies."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from bridge.simulator.sip_fields import NameAddress, Via
from bridge.simulator.sip_text import Request, Response, without
from sip.messages import Header

Address = tuple[str, int]


class Path(Protocol):
    """What the proxies on the way put on a message and take off it."""

    def outbound(self, request: Request) -> Request:
        """A request as it leaves the last proxy: Via values on it, the proxies' own Routes gone."""

    def inbound(self, request: Request) -> tuple[Request, tuple[str, ...]]:
        """A request as the end sees it, and what the sender did wrong on the way."""


class DirectPath:
    """No proxy: one Via."""

    def __init__(self, address: Address, token: Callable[[], str]) -> None:
        self._address = address
        self._token = token

    def outbound(self, request: Request) -> Request:
        """One Via with rport, on top."""
        host, port = self._address
        via = Via(host, port, (("branch", f"z9hG4bK{self._token()}"), ("rport", None)))
        return replace(request, headers=(Header("Via", str(via)), *request.headers))

    def inbound(self, request: Request) -> tuple[Request, tuple[str, ...]]:
        """The request as it is."""
        return request, ()


class ProxyPath:
    """LiveVox's two proxies, of the OpenSIPS kind, both on the caller's own address.

    The outer one records itself twice (`r2=on`: it stands on two networks), without a port the second time; the inner
    one records itself once. Layout of the integration guide's sample INVITE.
    """

    def __init__(self, address: Address, token: Callable[[], str]) -> None:
        self._address = address
        self._token = token

    def record_routes(self, call_id: str) -> tuple[str, ...]:
        """The three Record-Route values of a dialog, as its INVITE carries them."""
        host, port = self._address
        digest = hashlib.sha256(call_id.encode()).hexdigest()
        outer, inner = f"0c.{digest[:8]}", f"0c.{digest[8:16]}"
        return (
            f"<sip:{host}:{port};r2=on;lr;did={outer}>",
            f"<sip:{host};r2=on;lr;did={outer}>",
            f"<sip:{host}:{port};lr;did={inner}>",
        )

    def outbound(self, request: Request) -> Request:
        """Three stacked Vias after the request's own headers, the outermost proxy's first."""
        host, port = self._address
        token = self._token()
        vias = (
            Via(host, port, (("branch", f"z9hG4bK{token[:4]}.{token[4:12]}.0"),)),
            Via(host, port, (("received", host), ("branch", f"z9hG4bK{token[12:16]}.{token[16:24]}.0"))),
            Via(host, port, (("branch", f"z9hG4bK{token[:8]}-0000-{token[8:16]}-{token[16:24]}-{token[24:32]}"),)),
        )
        routes = request.every("Route")
        while routes and self._is_ours(routes[0]):
            routes = routes[1:]
        stripped = without(request, "Route")
        lines = (*(Header("Route", route) for route in routes), *stripped.headers)
        return replace(stripped, headers=(*lines, *(Header("Via", str(via)) for via in vias)))

    def inbound(self, request: Request) -> tuple[Request, tuple[str, ...]]:
        """The proxies' Routes taken off; it is a fault when they are not what was recorded, all and in order."""
        routes = request.every("Route")
        recorded = self.record_routes(request.call_id)
        faults: tuple[str, ...] = ()
        if request.recipient.tag and request.method != "CANCEL" and _comparable(routes) != _comparable(recorded):
            faults = (f"{request.method} has Route {routes}, recorded was {list(recorded)}",)
        while routes and self._is_ours(routes[0]):
            routes = routes[1:]
        stripped = without(request, "Route")
        return replace(stripped, headers=(*(Header("Route", route) for route in routes), *stripped.headers)), faults

    def _is_ours(self, route: str) -> bool:
        uri = NameAddress.parse(route).uri
        return uri.parameter("did") is not None and uri.host == self._address[0]


def _comparable(routes: Iterable[str]) -> list[tuple[str, frozenset[tuple[str, str | None]]]]:
    # Parameters may change places (RFC 3261 section 19.1.4); everything else must stay.
    uris = [NameAddress.parse(route).uri for route in routes]
    return [(str(replace(uri, parameters=())), frozenset(uri.parameters)) for uri in uris]


def via_faults(sent: Request, response: Response) -> tuple[str, ...]:
    """What is wrong with a response's Via values: they must be the request's, save received and rport."""
    expected = [_bare(via) for via in sent.vias]
    found = [_bare(via) for via in response.vias]
    if found == expected:
        return ()
    return (f"the {response.status} to {sent.method} has Via {found}, sent was {expected}",)


def _bare(via: Via) -> str:
    kept = tuple(pair for pair in via.parameters if pair[0].lower() not in ("received", "rport"))
    return str(Via(via.host, via.port, kept, via.transport))
