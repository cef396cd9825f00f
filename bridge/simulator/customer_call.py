"""[sans-IO] What a customer's call shall be like, as a test or the control endpoint orders it."""

from dataclasses import dataclass
from typing import Literal

from bridge.simulator.floor import Agent, Call
from bridge.simulator.telephony import CallToPlace, HeaderStyle


@dataclass(frozen=True)
class CustomerCall:
    """What a customer's call shall be like."""

    agent: str = ""
    """Login or number of the agent that gets it; empty: the one that is Ready for longest."""
    service: int | None = None
    """Only agents of this service; None: of any."""
    caller: str = "2134634007"
    """The customer's number."""
    name: str = ""
    """The customer's name; empty: the contact's, where the account is one."""
    account: str = ""
    header_style: HeaderStyle = HeaderStyle.LV
    hang_up_after_s: float | None = None
    """The customer hangs up so long after the answer; None: not by itself."""
    digits: str = ""
    """DTMF keys pressed after the answer."""
    codec: Literal["PCMU", "PCMA"] = "PCMU"

    def to_place(self, call: Call, taker: Agent) -> CallToPlace:
        """What the telephony must know to place it."""
        return CallToPlace(
            call_id=call.id,
            agent_number=taker.number,
            caller_number=call.caller_number,
            caller_name=" ".join(part for part in (call.first_name, call.last_name) if part),
            transaction_id=call.transaction_id,
            session_id=call.session_id,
            agent_login=taker.login,
            account=call.account,
            service_id=str(call.service.id),
            header_style=self.header_style,
            hang_up_after_s=self.hang_up_after_s,
            digits=self.digits,
            codec=self.codec,
        )
