"""[sans-IO] What the edge is told when it is opened."""

from dataclasses import dataclass
from ipaddress import IPv4Network


@dataclass(frozen=True)
class EdgeSettings:
    """What the edge is told."""

    listen_host: str
    """IPv4 address of the outside socket; 0.0.0.0 for all."""
    listen_port: int
    """0 takes any free port."""
    public_address: str
    """The IPv4 address others reach us at: it stands in our Via and Contact."""
    allow: tuple[IPv4Network, ...]
    """Networks that may call us; none given means nobody. SIP engines need not be here: whoever our own requests
    went to may answer, and act inside dialogs."""
    refuse_strangers: bool = True
    """Others get 403; false: silence."""
    rate_per_s: float = 200.0
    """New requests a second that one source may send in the long run."""
    burst: int = 400
    """And at once."""
    retry_after: int = 5
    """Seconds in the Retry-After of a 503."""
    user_agent: str = "livevox-bridge"
    """The Server header of the edge's own responses."""
