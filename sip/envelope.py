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
        values = [message.value(key) for key in (b"from", b"to", b"call-id", b"cseq")]
        vias = message.first(b"via")
        via = Via.parse(vias) if vias is not None else None
        if via is None or None in values:
            raise InvalidMessage("Via, From, To, Call-ID or CSeq is missing")
        caller, callee, call_id, cseq = (value or b"" for value in values)
        number, method = parse_cseq(cseq) or (0, b"")
        addresses = Address.parse(caller), Address.parse(callee)
        if not all(address and scheme(address.uri) for address in addresses):
            message.blame("From or To is not an address")
        elif not call_id or b" " in call_id or b"\t" in call_id:
            message.blame("Call-ID is not one word")
        elif not method or (message.method and method != message.method):
            message.blame("CSeq does not fit the request")
        return cls(via, addresses[0] or _UNREADABLE, addresses[1] or _UNREADABLE, call_id, number, method)
