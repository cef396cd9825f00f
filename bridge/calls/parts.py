"""What a call works with: the parts of the bridge, its own ports, and who is told of its end."""

from collections.abc import Callable
from dataclasses import dataclass

from bridge.agents.pool import AgentPool
from bridge.calls.customer_data import CustomerData
from bridge.calls.customer_records import CustomerRecords
from bridge.calls.engine import EngineParts
from bridge.calls.outcomes import Outcomes
from bridge.calls.wrapup_requests import WrapUpRequests
from bridge.journal.record_keeper import RecordKeeper
from bridge.media.client import MediaProcess
from bridge.recordings.terms import RecordingTerms
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
    customer_records: CustomerRecords
    requests: WrapUpRequests
    engines: EngineParts
    journal: RecordKeeper
    retry_after_s: int
    """What a 503 tells LiveVox to wait."""
    recording: RecordingTerms = RecordingTerms()
    transcripts: bool = False
    """What was said goes into the journal."""


@dataclass(frozen=True)
class CallMedia:
    """The ports of a call and what our SDP says of them."""

    offer: MediaOffer
    """Ours to the customer's side."""
    engine_port: int
    late_offer: bool
    """The INVITE had no SDP: the engine's answer chooses the codec."""


@dataclass(frozen=True)
class CallEnds:
    """Who is told of a call's ends, by its name; each is said once, the legs' before the call's."""

    legs_over: Callable[[str], None]
    """Ports and dialogs are free; the disposition may take longer."""
    closed: Callable[[str], None]
