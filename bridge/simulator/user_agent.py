"""A small real SIP user agent on one UDP socket: it runs the transactions and finds the dialog a request belongs to."""

import asyncio
import ipaddress
import secrets
from collections.abc import Callable
from typing import Protocol

import structlog

from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.exchanges import Incoming, Sent
from bridge.simulator.proxy_path import Address, DirectPath, Path, via_faults
from bridge.simulator.sip_fields import NameAddress, SipUri
from bridge.simulator.sip_text import Request, Response, parse
from bridge.simulator.transactions import ClientTransaction, ServerTransaction, Timers, hop_request
from sip.messages import Header
from sip.udp import open_udp

ALLOW = "INVITE, ACK, BYE, CANCEL, UPDATE, INFO, REFER, NOTIFY, OPTIONS, PRACK"
SUPPORTED = frozenset({"timer", "100rel", "norefersub"})

log = structlog.get_logger()


def new_token() -> str:
    """32 hex digits that nobody else has."""
    return secrets.token_hex(16)


class DialogUser(Protocol):
    """Who takes the requests of one dialog."""

    def request_received(self, incoming: Incoming) -> None:
        """A new request inside the dialog, ACK and CANCEL excepted."""

    def ack_received(self, request: Request) -> None:
        """An ACK of a 2xx, perhaps not the first."""


class Owner(Protocol):
    """Who owns the user agent."""

    def invited(self, incoming: Incoming) -> None:
        """An INVITE outside any dialog."""

    def faulty(self, sip_call_id: str, fault: str) -> None:
        """The other side did something a SIP element must not do."""


class UserAgent(asyncio.DatagramProtocol):
    """One UDP socket, its transactions, and the dialogs that are registered with it."""

    def __init__(self, owner: Owner, timers: Timers, name: str) -> None:
        self.owner = owner
        self.timers = timers
        self.name = name
        self.loop = asyncio.get_running_loop()
        self.dialogs: dict[tuple[str, str], DialogUser] = {}
        """By Call-ID and our tag."""
        self.sent: dict[tuple[str, str], Sent] = {}
        self.incoming: dict[tuple[str, ...], Incoming] = {}
        self.ignored = 0
        """Datagrams that were not SIP."""
        self.address: Address = ("", 0)
        self.path: Path = DirectPath(self.address, new_token)
        self.closed = False
        self._silent: set[str] = set()
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, host: str, port: int, make_path: Callable[[Address, Callable[[], str]], Path]) -> None:
        """Bind; port 0 takes a free one. Raises AddressInUse or AddressUnusable."""
        transport, _ = await self.loop.create_datagram_endpoint(lambda: self, sock=open_udp(host, port))
        self._transport = transport
        self.address = transport.get_extra_info("sockname")[:2]
        self.path = make_path(self.address, new_token)

    def close(self) -> None:
        """Close the socket and forget everything; nothing more is sent."""
        self.closed = True
        for wire in (*self.sent.values(), *self.incoming.values()):
            wire.stop()
        if self._transport is not None:
            self._transport.close()

    def silence(self, sip_call_id: str) -> None:
        """Play dead in one call: nothing of it is heard or said any more."""
        self._silent.add(sip_call_id)

    def transmit(self, data: bytes, address: Address, sip_call_id: str) -> None:
        """Put a datagram on the wire."""
        if self._transport is not None and not self.closed and sip_call_id not in self._silent:
            self._transport.sendto(data, address)

    # Requests of ours

    def send(self, request: Request, on_response: Callable[[Response], None]) -> Sent:
        """Send a request, ACK excepted; `on_response` is told of every response, a 408 of our own when none comes.

        Raises InvalidDatagram when the next hop is not an IPv4 address.
        """
        return self._start(self.path.outbound(request), on_response)

    def cancel(self, invite: Sent) -> None:
        """Send the CANCEL of an INVITE that has had a provisional response."""
        self._start(hop_request(invite.request, "CANCEL"), lambda _: None)

    async def request(self, request: Request) -> Response:
        """Send a request that is not an INVITE and wait for its final response."""
        final: asyncio.Future[Response] = self.loop.create_future()

        def on_response(response: Response) -> None:
            if response.status >= 200 and not final.done():
                final.set_result(response)

        self.send(request, on_response)
        return await final

    def send_ack(self, request: Request) -> Callable[[], None]:
        """Send the ACK of a 2xx; returns what sends the same one again."""
        wired = self.path.outbound(request)
        data, address = wired.encode(), next_hop(wired)

        def again() -> None:
            self.transmit(data, address, request.call_id)

        again()
        return again

    def _start(self, wired: Request, on_response: Callable[[Response], None]) -> Sent:
        sent = Sent(self, ClientTransaction(wired, self.timers), next_hop(wired), on_response)
        key = wired.vias[0].branch, wired.method
        self.sent[key] = sent
        sent.on_over = lambda: self._forget_sent(key)
        sent.start()
        return sent

    # asyncio.DatagramProtocol

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if len(data) < 8:
            return  # keep-alives of NAT'ed peers: CRLF, or nothing
        try:
            message = parse(data)
            if message.call_id in self._silent:
                return
            if isinstance(message, Response):
                self._response_received(message)
            else:
                self._request_received(message, addr[:2])
        except InvalidDatagram as exc:
            self.ignored += 1
            log.debug("datagram_ignored", agent=self.name, source=f"{addr[0]}:{addr[1]}", reason=exc.detail)

    def error_received(self, exc: Exception) -> None:
        log.debug("socket_reported", agent=self.name, error=str(exc))

    # private

    def _response_received(self, response: Response) -> None:
        sent = self.sent.get((response.vias[0].branch, response.cseq.method))
        if sent is None:
            return
        for fault in via_faults(sent.request, response):
            self.owner.faulty(response.call_id, fault)
        sent.receive(response)

    def _request_received(self, raw: Request, source: Address) -> None:
        top = raw.vias[0].seen_from(source)
        # Via values become one header a line, the top one with what we noted on it.
        vias = [Header("Via", str(via)) for via in (top, *raw.vias[1:])]
        others = [header for header in raw.headers if header.name.lower() not in ("via", "v")]
        noted = Request(raw.method, raw.uri, (*vias, *others), raw.body)
        key = (top.branch, top.host, str(top.port), "INVITE" if raw.method == "ACK" else raw.method)
        known = self.incoming.get(key)
        if raw.method == "ACK":
            self._ack_received(noted, known)
        elif known is not None:
            known.receive_again()
        else:
            self._new_request(noted, key)

    def _ack_received(self, noted: Request, known: Incoming | None) -> None:
        # The ACK of a 2xx belongs to the dialog, even where the other side gave it the INVITE's branch.
        if known is not None and not known.accepted:
            known.acknowledge()
            return
        request = self._inbound(noted)
        user = self.dialogs.get((request.call_id, request.recipient.tag))
        if user is not None:
            user.ack_received(request)

    def _new_request(self, noted: Request, key: tuple[str, ...]) -> None:
        request = self._inbound(noted)
        core = ServerTransaction(request, self.timers)
        incoming = Incoming(self, core, request.vias[0].return_address)
        self.incoming[key] = incoming
        incoming.on_over = lambda: self._forget_incoming(key)
        user = self.dialogs.get((request.call_id, request.recipient.tag)) if request.recipient.tag else None
        unsupported = request.tokens("Require") - SUPPORTED
        if request.method == "CANCEL":
            self._cancelled(incoming, key)
        elif unsupported:
            incoming.respond(420, (Header("Unsupported", ", ".join(sorted(unsupported))),), tag=new_token()[:16])
        elif user is not None:
            user.request_received(incoming)
        elif request.recipient.tag:
            incoming.respond(481)
        else:
            self._outside_dialog(incoming)

    def _outside_dialog(self, incoming: Incoming) -> None:
        method = incoming.request.method
        if method == "INVITE":
            self.owner.invited(incoming)
        elif method == "OPTIONS":
            incoming.respond(200, capabilities(), tag=new_token()[:16])
        elif method in ("BYE", "UPDATE", "INFO", "REFER", "NOTIFY", "PRACK"):
            incoming.respond(481, tag=new_token()[:16])
        else:
            incoming.respond(405, (Header("Allow", ALLOW),), tag=new_token()[:16])

    def _cancelled(self, incoming: Incoming, key: tuple[str, ...]) -> None:
        invite = self.incoming.get((*key[:3], "INVITE"))
        if invite is None:
            incoming.respond(481, tag=new_token()[:16])
            return
        incoming.respond(200)
        invite.cancel(incoming.request)

    def _forget_sent(self, key: tuple[str, str]) -> None:
        self.sent.pop(key, None)

    def _forget_incoming(self, key: tuple[str, ...]) -> None:
        self.incoming.pop(key, None)

    def _inbound(self, request: Request) -> Request:
        stripped, faults = self.path.inbound(request)
        for fault in faults:
            self.owner.faulty(request.call_id, fault)
        return stripped


def capabilities() -> tuple[Header, ...]:
    """What we understand, for OPTIONS and for the answer to an INVITE."""
    return (
        Header("Allow", ALLOW),
        Header("Supported", ", ".join(sorted(SUPPORTED))),
        Header("Accept", "application/sdp, application/json"),
    )


def next_hop(request: Request) -> Address:
    """Where a request goes: its first Route, else its request URI (RFC 3261 section 8.1.2). Raises InvalidDatagram."""
    routes = request.every("Route")
    uri = NameAddress.parse(routes[0]).uri if routes else SipUri.parse(request.uri)
    host, port = uri.address
    try:
        return str(ipaddress.IPv4Address(host)), port
    except ValueError as exc:
        raise InvalidDatagram(f"{host!r} is not an IPv4 address to send to") from exc
