"""[sans-IO] The request that sets a term code: what it says, and whether the platform accepts it."""

from dataclasses import dataclass
from typing import Any

from bridge.simulator.errors import RequestRefused
from bridge.simulator.states import AgentState
from bridge.simulator.world import Service


@dataclass(frozen=True)
class TermCodeRequest:
    """The body of PUT call/termCode (livevox_api section 2.7); empty text where a field was missing."""

    transaction_id: str
    session_id: str
    term_code_id: str
    phone_dialed: str
    move_to_not_ready: bool | None
    """None: missing."""
    payment: float | None
    account: str
    notes: str

    def missing(self, *, strict_phone: bool) -> list[str]:
        """The mandatory fields that are not there."""
        present = {
            "callTransactionId": bool(self.transaction_id),
            "callSessionId": bool(self.session_id),
            "termCodeId": bool(self.term_code_id),
            "phoneDialed": bool(self.phone_dialed) or not strict_phone,
            "moveAgentToNotReady": self.move_to_not_ready is not None,
        }
        return [name for name, there in present.items() if not there]


@dataclass(frozen=True)
class Disposition:
    """An accepted term code."""

    result: str
    """The term code's name."""
    term_code: str
    next_state: AgentState
    """Where the agent goes: READY or NOTREADY."""
    payment: float | None
    account: str
    notes: str

    @property
    def facts(self) -> dict[str, Any]:
        """What the ledger says of it."""
        facts: dict[str, Any] = {"by": "agent", "term_code": self.term_code}
        given = {"payment": self.payment, "account": self.account, "notes": self.notes}
        return facts | {name: value for name, value in given.items() if value not in (None, "")}


def accepted(request: TermCodeRequest, *, ids: tuple[str, str], service: Service, strict_phone: bool) -> Disposition:
    """The disposition of the call with these ids (transaction, session). Raises RequestRefused with status 400."""
    missing = request.missing(strict_phone=strict_phone)
    if missing:
        raise RequestRefused(400, f"missing: {', '.join(missing)}")
    if (request.transaction_id, request.session_id) != ids:
        raise RequestRefused(400, "callTransactionId and callSessionId do not name the agent's call")
    code = service.term_code(request.term_code_id)
    if code is None:
        raise RequestRefused(400, f"termCodeId is not valid for service {service.id}")
    if code.payment_amt_required and request.payment is None:
        raise RequestRefused(400, "paymentAmt is required for this term code")
    next_state = AgentState.NOTREADY if request.move_to_not_ready else AgentState.READY
    return Disposition(code.name, code.id, next_state, request.payment, request.account, request.notes)
