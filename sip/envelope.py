"""[sans-IO] What every SIP message must carry to be answered or forwarded: Via, From, To, Call-ID and CSeq."""

from dataclasses import dataclass
from typing import Self

from sip.address import Address, Via, parse_cseq, scheme
from sip.errors import InvalidMessage
from sip.message import Message

_UNREADABLE = Address(b"", b"", b"")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The five headers of RFC 3261 section 8.1.1 that tie requests, responses, transactions and dialogs together."""

    via: Via
    """The topmost."""
    caller: Address
    """From."""
    callee: Address
    """To."""
    call_id: bytes
    number: int
    """Of CSeq; 0 when it cannot be read."""
    method: bytes
    """Of CSeq."""

    @classmethod
    def read(cls, message: Message) -> Self:
        """Raises InvalidMessage when one is missing; one that is there but wrong becomes `message.fault`."""
        vias, call_id, cseq = message.first(b"via"), message.value(b"call-id"), message.value(b"cseq")
        caller, callee = message.value(b"from"), message.value(b"to")
        via = Via.parse(vias) if vias is not None else None
        if via is None or caller is None or callee is None or call_id is None or cseq is None:
            raise InvalidMessage("Via, From, To, Call-ID or CSeq is missing")
        number, method = parse_cseq(cseq) or (0, b"")
        sender, target = Address.parse(caller), Address.parse(callee)
        if sender is None or target is None or not scheme(sender.uri) or not scheme(target.uri):
            message.blame("From or To is not an address")
        elif not call_id or b" " in call_id or b"\t" in call_id:
            message.blame("Call-ID is not one word")
        elif not method or (message.method and method != message.method):
            message.blame("CSeq does not fit the request")
        return cls(via, sender or _UNREADABLE, target or _UNREADABLE, call_id, number, method)
