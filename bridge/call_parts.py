"""What a call works with: the parts of the bridge, and its own ports."""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.agents.pool import AgentPool
from bridge.customer_data import CustomerData
from bridge.engines.connection import EngineMaker
from bridge.media.client import MediaProcess
from bridge.outcomes import Outcomes
from bridge.wrapup_requests import WrapUpRequests
from sip.messages import MediaOffer
from sip.pool import WorkerPool


@dataclass(frozen=True)
class CallParts:
    """What every call works with."""

    pool: WorkerPool
    media: MediaProcess
    agents: AgentPool
    outcomes: Outcomes
    customer_data: CustomerData
    requests: WrapUpRequests
    engines: Mapping[str, EngineMaker]
    retry_after_s: int
    """What a 503 tells LiveVox to wait."""


@dataclass(frozen=True)
class CallMedia:
    """The ports of a call and what our SDP says of them."""

    offer: MediaOffer
    """Ours to the customer's side."""
    engine_port: int
    late_offer: bool
    """The INVITE had no SDP: the engine's answer chooses the codec."""
