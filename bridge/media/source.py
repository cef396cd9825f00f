"""[sans-IO] Whose packets are taken on an RTP port, and where replies go (symmetric RTP, RFC 4961)."""

from ipaddress import AddressValueError, IPv4Address

from bridge.media.messages import Follow

Address = tuple[str, int]

#: Another port of the same address is followed only when the one followed so far has said nothing for so long.
QUIET_S = 0.2


class Source:
    """The other end of one RTP port: what its SDP says, and what was learned from the packets that came.

    Nothing is taken from anywhere, and nothing sent, before the first `say`.
    """

    __slots__ = ("_follow", "_sdp", "latched", "remote")

    def __init__(self, follow: Follow) -> None:
        self._follow = follow
        self._sdp: Address | None = None
        #: Where packets go; None before the first SDP and while it wants none.
        self.remote: Address | None = None
        #: An RTP packet has come from `remote`.
        self.latched = False

    def say(self, address: str, port: int) -> None:
        """What the SDP says now. What was learned stays if that has not changed; with ANY it may be learned anew."""
        sdp = (address, port) if is_usable(address, port) else None
        if sdp != self._sdp:
            self._sdp = self.remote = sdp
            self.latched = False
        elif self._follow is Follow.ANY:
            self.latched = False

    def takes(self, source: Address, quiet_s: float) -> bool:
        """An RTP packet came from there, so many seconds after the last one that was taken: is it taken, too?

        What the SDP says is always taken: after a re-INVITE with a new port, packets still under way from the old one
        must not keep the new one out.
        """
        if source not in (self.remote, self._sdp) and not self._may_follow(source, quiet_s):
            return False
        self.remote, self.latched = source, True
        return True

    def _may_follow(self, source: Address, quiet_s: float) -> bool:
        if self._sdp is None or self._follow is Follow.NEVER:
            return False
        if self._follow is Follow.ANY:
            return not self.latched
        return source[0] == self._sdp[0] and (not self.latched or quiet_s >= QUIET_S)


def is_usable(address: str, port: int) -> bool:
    """RTP may be sent there: one host, not a group or everyone; 0.0.0.0 and port 0 say that none is wanted."""
    try:
        parsed = IPv4Address(address)
    except AddressValueError:
        return False
    return 0 < port < 65536 and not (parsed.is_multicast or parsed.is_unspecified or parsed.is_reserved)
