"""[sans-IO] A request on its way through the edge."""

from dataclasses import dataclass
from typing import Self

from sip.envelope import Envelope
from sip.forwarding import Forwarder, note_source
from sip.message import Message
from sip.responses import Reply


@dataclass(frozen=True, slots=True)
class Request:
    """A request with what was read of it."""

    message: Message
    envelope: Envelope
    key: bytes
    """Names its transaction; see Forwarder.key."""
    source: tuple[str, int]
    """Address and port it came from."""
    received_at: float
    """Of the loop's clock, in seconds."""

    @classmethod
    def read(cls, message: Message, source: tuple[str, int], forwarder: Forwarder, now: float) -> Self:
        """Notes the source in the topmost Via; raises InvalidMessage when too little is there to be answered."""
        envelope = Envelope.read(message)
        note_source(message, source)
        return cls(message, envelope, forwarder.key(envelope), source, now)

    @property
    def origin(self) -> tuple[str, int]:
        """Where responses go: the source, at the port of the Via unless that has rport (RFC 3581 section 4).

        maddr is not followed: it would let a sender choose where our responses go.
        """
        via = self.envelope.via
        return self.source if via.wants_source_port else (self.source[0], via.port)

    @property
    def in_dialog(self) -> bool:
        """To has a tag."""
        return bool(self.envelope.callee.tag)

    @property
    def sip_call_id(self) -> str:
        """As Dispatch knows it."""
        return self.envelope.call_id.decode("latin-1")

    @property
    def caller(self) -> str:
        """The user of From, for people."""
        return self.envelope.caller.user.decode("utf-8", "replace")

    def reply(self, tag: bytes = b"") -> Reply:
        """How to answer it, under this To tag or one of our own; to be made before it is changed for forwarding."""
        return Reply.to_request(self.message, tag or self.key[-12:], bool(self.envelope.callee.tag), self.origin)
