"""A call as the journal has it, for tests of its story."""

from collections.abc import Sequence
from dataclasses import replace

from bridge.journal.call_rows import CallRow, CallRows, EntryRow, MessageRow, QualityRow
from bridge.journal.records import Fact

BEGAN = 1_772_373_787.0
CALLER, AGENT = "+12135550107", "8990000001"

CALL = CallRow(
    call="0123456789abcdef0123",
    agent=AGENT,
    caller=CALLER,
    admitted_at=BEGAN,
    transaction_id="108821676851",
    session_id="U5EF8F001",
    service_id="46014",
    answered_at=BEGAN + 0.2,
    decided_at=BEGAN + 40.0,
    disposed_at=BEGAN + 40.5,
    closed_at=BEGAN + 40.6,
    fate="finished",
    outcome="paid",
    term_code="Paid",
    confirmation="confirmed",
    transferred_to="",
    agent_state="READY",
    reason="",
    line={"fate": "finished", "caller": CALLER, "turn_p50_ms": 700.0},
    trouble=(),
)


def entry(at_ms: float, what: str, **facts: Fact) -> EntryRow:
    """An entry so long after the INVITE."""
    return EntryRow(BEGAN + at_ms / 1000, at_ms, what, facts)


#: A call as it should be.
GOOD = (
    entry(0, "invite_received", caller=CALLER, source="192.0.2.7"),
    entry(20, "engine_dialled", engine="bot"),
    entry(60, "engine_answered", engine="bot"),
    entry(100, "answered", codec="PCMU"),
    entry(120, "acknowledged"),
    entry(130, "audio_started", side="customer"),
    entry(150, "audio_started", side="engine"),
    entry(170, "screen_pop", rows=7, ms=40.0),
    entry(40_000, "engine_leg_ended", by_us=False, lost=False, reason="", outcome="paid"),
    entry(40_010, "customer_hung_up_on", fate="finished"),
    entry(40_020, "customer_leg_ended", by_livevox=False, status=200),
    entry(40_400, "disposition", term_code="Paid", confirmation="confirmed", agent_state="READY", reason=""),
)

INVITE = (
    "INVITE sip:+18990000001@192.0.2.1:5070 SIP/2.0\n"
    "Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK123456\n"
    'From: "Jane Roe" <sip:+12135550107@192.0.2.7>;tag=a\n'
    "To: <sip:+18990000001@192.0.2.1>\n"
    "Call-ID: abc@192.0.2.7\n"
    "CSeq: 1 INVITE\n"
    "LV-Transaction-Id: 108821676851\n"
    "X-Account: 4711-0815\n\n"
    "v=0\no=jane 1 1 IN IP4 192.0.2.7\ns=Call of Jane\nc=IN IP4 192.0.2.7\nm=audio 4000 RTP/AVP 0\n"
)
TERM_CODE = (
    "PUT /callControl/agent/call/termCode?lineNumber=ACD\n\n"
    '{"callTransactionId": "108821676851", "phoneDialed": "2135550107", "notes": "owes money", "termCodeId": "12"}'
)


def message(at_ms: float, text: str, *, leg: str = "customer", sent: bool = False, protocol: str = "sip") -> MessageRow:
    """A message so long after the INVITE."""
    return MessageRow(BEGAN + at_ms / 1000, protocol, leg, sent, "192.0.2.7:5060", text)


def rows(
    entries: Sequence[EntryRow] = GOOD,
    messages: Sequence[MessageRow] = (),
    quality: Sequence[QualityRow] = (),
    **call: object,
) -> CallRows:
    """The call with these, its own row changed so."""
    return CallRows(replace(CALL, **call), tuple(entries), tuple(messages), tuple(quality))  # type: ignore[arg-type]
