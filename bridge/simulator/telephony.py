"""The seam between the simulated platform and its telephony: which call to place, and what became of it."""

import enum
from dataclasses import dataclass
from typing import Literal, Protocol


class HeaderStyle(enum.StrEnum):
    """Which of LiveVox's own headers the INVITE carries; deployments differ."""

    LV = "LV"
    """LV-Agent-Login-Id, LV-Transaction-Id, Session-ID, DNIS."""
    X = "X"
    """X-agent-login-id, X-transaction-id, Session-ID, DNIS."""
    NONE = "NONE"
    """None of them, as in the guide's sample."""


@dataclass(frozen=True)
class CallToPlace:
    """One customer's call, routed to one virtual agent."""

    call_id: str
    """The simulator's own id of the call, not the SIP Call-ID."""
    agent_number: str
    """The agent's 899 number, 10 digits."""
    caller_number: str
    caller_name: str
    transaction_id: str
    """LiveVox's callTransactionId."""
    session_id: str
    """LiveVox's callSessionId."""
    agent_login: str
    account: str
    """The customer's account number; empty when LiveVox does not know the customer."""
    service_id: str
    header_style: HeaderStyle
    hang_up_after_s: float | None
    """The customer hangs up so long after the answer; None: not by itself."""
    digits: str
    """DTMF keys the customer presses after the answer."""
    codec: Literal["PCMU", "PCMA"]


class CallListener(Protocol):
    """Is told what becomes of a call; every method is called from the event loop's thread."""

    def answered(self, call_id: str) -> None:
        """200 OK came to the INVITE."""

    def refused(self, call_id: str, status: int) -> None:
        """A final response of 300 or more came, or none did (408)."""

    def ended(self, call_id: str, by_bridge: bool) -> None:
        """An answered call is over: the bridge's BYE (True), or ours."""

    def audio(self, call_id: str) -> None:
        """The first RTP packet from the bridge has arrived."""


class Telephony(Protocol):
    """Places real calls to the bridge."""

    async def place(self, call: CallToPlace, listener: CallListener) -> None:
        """Send the INVITE; returns at once, the listener hears the rest."""

    def hang_up(self, call_id: str) -> None:
        """LiveVox's side ends the call: CANCEL before the answer, BYE after it."""
