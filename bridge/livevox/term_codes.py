"""[sans-IO] Term codes: the list a service has, and the choice of one for a call (livevox_api 2.7)."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import TypeAdapter

from bridge.livevox.nested_objects import objects_in
from bridge.livevox.scalars import AnswerPart, Flag, Id, Listed, Text, key_of


class TermCode(AnswerPart):
    """One disposition; its id is of one service only."""

    id: Id
    name: Text = ""
    lv_result: Text = ""
    action_type: Text = ""
    payment_amt_required: Flag = False
    trigger_dnc: Flag = False


class _Category(AnswerPart):
    term_codes: Annotated[tuple[TermCode, ...], Listed] = ()


_BARE_LIST = TypeAdapter(tuple[TermCode, ...])


@dataclass(frozen=True)
class TermCodes:
    """The term codes of a service, in LiveVox's order."""

    codes: tuple[TermCode, ...] = ()

    @classmethod
    def read(cls, body: Any) -> "TermCodes":
        """From categories that hold `termCodes`, or a bare list; raises ValueError."""
        holders = [found for found in objects_in(body) if "termCodes" in found]
        if holders:
            return cls(tuple(code for holder in holders for code in _Category.model_validate(holder).term_codes))
        if isinstance(body, list):
            return cls(_BARE_LIST.validate_python(body))
        if isinstance(body, dict) and not body.get("termCodeCategories") and body.keys() <= {"termCodeCategories"}:
            return cls()
        raise ValueError("neither termCodeCategories nor a list of term codes")

    def by_name(self, name: str) -> TermCode | None:
        """The code of that name: exactly so if there is one, else whatever its case and blanks."""
        exact = (code for code in self.codes if code.name == name)
        alike = (code for code in self.codes if key_of(code.name) == key_of(name))
        return next(exact, None) or next(alike, None)


@dataclass(frozen=True)
class TermCodeChoice:
    """What PUT agent/call/termCode says."""

    call_transaction_id: str
    call_session_id: str
    term_code_id: str
    phone_dialed: str | None = None
    move_to_not_ready: bool = False
    notes: str = ""
    payment_amount: str = ""
    account: str = ""
    service_id: str = ""

    def body(self) -> dict[str, str]:
        """As the guide writes it: every value a string; what is empty is left out."""
        said = {
            "callTransactionId": self.call_transaction_id,
            "callSessionId": self.call_session_id,
            "termCodeId": self.term_code_id,
            "phoneDialed": self.phone_dialed or "",
            "moveAgentToNotReady": "true" if self.move_to_not_ready else "false",
            "serviceId": self.service_id,
            "paymentAmt": self.payment_amount,
            "account": self.account,
            "notes": self.notes,
        }
        return {key: value for key, value in said.items() if value}
