"""[sans-IO] Who may send to the edge, and how much: an allow-list of networks and a token bucket per source."""

import enum
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network

#: Sources with a bucket, and answers about sources kept; beyond that the one heard least recently is forgotten.
SOURCES_KEPT = 4096

#: Addresses our own requests went to, and how long each stays known after the last sign of it (seconds).
PEERS_KEPT = 1024
PEER_TIME = 4 * 3600.0

#: Refusals a second said to one source over its rate, and to all strangers together; the rest is silence.
REFUSALS_PER_S = 2.0
REFUSALS_AT_ONCE = 10


class Standing(enum.Enum):
    """What a source may do."""

    ALLOWED = "allowed"
    #: In a network of the allow-list: may call us.
    PEER = "peer"
    #: We have sent requests there (a SIP engine): may answer, and act inside dialogs.
    STRANGER = "stranger"


class Verdict(enum.Enum):
    """What to do with a request that begins something."""

    SERVE = "serve"
    REFUSE = "refuse"
    IGNORE = "ignore"


@dataclass(slots=True)
class TokenBucket:
    """Holds `burst` tokens at most and gains `rate` of them a second."""

    rate: float
    burst: float
    tokens: float
    at: float

    def is_empty(self, now: float) -> bool:
        """There is no token now."""
        return self.tokens + (now - self.at) * self.rate < 1

    def take(self, now: float) -> bool:
        """One token, if there is one."""
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Sources:
    """Knows every source by its IPv4 address; memory is bounded whatever arrives."""

    def __init__(self, allow: tuple[IPv4Network, ...], rate_per_s: float, burst: int) -> None:
        self._networks = _masks(allow)
        self._rate = rate_per_s
        self._burst = burst
        self._allowed: dict[str, bool] = {}
        self._peers: OrderedDict[str, float] = OrderedDict()
        self._buckets: OrderedDict[str, tuple[TokenBucket, TokenBucket]] = OrderedDict()
        self._strangers = TokenBucket(REFUSALS_PER_S, REFUSALS_AT_ONCE, REFUSALS_AT_ONCE, 0.0)

    def change(self, allow: tuple[IPv4Network, ...], rate_per_s: float, burst: int) -> None:
        """Others are allowed from now on, or may send more or less."""
        self._networks = _masks(allow)
        self._allowed.clear()
        self._rate, self._burst = rate_per_s, burst
        for requests, _ in self._buckets.values():
            requests.rate, requests.burst = rate_per_s, burst

    def standing(self, host: str, now: float) -> Standing:
        """What this address may do."""
        allowed = self._allowed.get(host)
        if allowed is None:
            allowed = self._look_up(host)
        if allowed:
            return Standing.ALLOWED
        if self._peers and self._peers.get(host, now) > now:
            self.sent_to(host, now)  # who is heard stays known: in a long call all refreshing may come from there
            return Standing.PEER
        return Standing.STRANGER

    def sent_to(self, host: str, now: float) -> None:
        """A request of ours went there; what it answers and asks inside dialogs is taken for a while."""
        self._peers[host] = now + PEER_TIME
        self._peers.move_to_end(host)
        if len(self._peers) > PEERS_KEPT:
            self._peers.popitem(last=False)

    def charge(self, host: str, now: float) -> Verdict:
        """Count a request that begins something against its source's rate."""
        buckets = self._buckets.get(host)
        if buckets is None:
            requests = TokenBucket(self._rate, self._burst, self._burst, now)
            refusals = TokenBucket(REFUSALS_PER_S, REFUSALS_AT_ONCE, REFUSALS_AT_ONCE, now)
            buckets = self._buckets[host] = requests, refusals
            if len(self._buckets) > SOURCES_KEPT:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(host)
        requests, refusals = buckets
        if requests.take(now):
            return Verdict.SERVE
        return Verdict.REFUSE if refusals.take(now) else Verdict.IGNORE

    def is_ignored(self, host: str, now: float) -> bool:
        """What it begins now would be ignored: it is over its rate, and has been told so often enough."""
        buckets = self._buckets.get(host)
        return buckets is not None and buckets[0].is_empty(now) and buckets[1].is_empty(now)

    def answer_stranger(self, now: float) -> bool:
        """Strangers may be told so now; all of them together are told only so often, as a source can be forged."""
        return self._strangers.take(now)

    def _look_up(self, host: str) -> bool:
        try:
            number = int(IPv4Address(host))
        except AddressValueError:
            return False
        allowed = any(number & mask == network for network, mask in self._networks)
        if len(self._allowed) >= SOURCES_KEPT:
            self._allowed.clear()
        self._allowed[host] = allowed
        return allowed


def _masks(networks: tuple[IPv4Network, ...]) -> list[tuple[int, int]]:
    return [(int(network.network_address), int(network.netmask)) for network in networks]
