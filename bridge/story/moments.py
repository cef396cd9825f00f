"""[sans-IO] The one timeline of a call: messages of both legs and of REST, entries, and what was said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from bridge.journal.call_rows import CallRows, EntryRow, MessageRow
from bridge.story.veil import Veil
from bridge.story.words import is_grave, sentence


class Party(StrEnum):
    """Who has a lane in the ladder, from left to right."""

    REST = "LiveVox REST"
    CUSTOMER = "LiveVox SIP"
    BRIDGE = "bridge"
    ENGINE = "speech engine"


class Kind(StrEnum):
    """What a moment is."""

    SIP = "sip"
    REST = "rest"
    EVENT = "event"
    SPEECH = "speech"


#: By a message's protocol, as the journal has it.
_KINDS = {"sip": Kind.SIP, "rest": Kind.REST, "speech": Kind.SPEECH}


@dataclass(frozen=True)
class Moment:
    """One thing that happened."""

    at: float
    """Seconds since the epoch."""
    elapsed_ms: float
    """Since the call began."""
    kind: Kind
    source: Party
    target: Party
    """The same as `source` for what did not go over the wire."""
    title: str
    grave: bool = False
    peer: str = ""
    """host:port of the other end."""
    text: str = ""
    """The whole message."""
    name: str = ""
    """Of an entry."""
    facts: dict[str, object] = field(default_factory=dict)
    """Of an entry."""


def beginning(rows: CallRows) -> float:
    """When the call began, in seconds since the epoch: with its first message, if any was kept."""
    return min([rows.call.admitted_at, _origin(rows.entries), *(message.at for message in rows.messages[:1])])


def _origin(entries: Sequence[EntryRow]) -> float:
    """When the timeline began: entries are written down some time after they happened, one of them at once."""
    return min((entry.at - entry.elapsed_ms / 1000 for entry in entries), default=inf)


def moments(rows: CallRows, veil: Veil) -> tuple[Moment, ...]:
    """In the order in which they happened."""
    start = beginning(rows)
    rest_kept = any(message.protocol == Kind.REST for message in rows.messages)
    told = [_message(message, start, veil) for message in rows.messages if message.protocol in _KINDS]
    told += _entries(rows.entries, start, veil, rest_kept=rest_kept)
    return tuple(sorted(told, key=lambda moment: moment.at))


def _entries(entries: Sequence[EntryRow], start: float, veil: Veil, *, rest_kept: bool) -> Iterator[Moment]:
    origin = _origin(entries)
    for entry in entries:
        if entry.what in ("closed", "recovered", "repeated"):
            continue  # the canonical line, told above, and how it has changed
        if entry.what == "rest_step" and rest_kept and not entry.facts.get("error"):
            continue  # the messages tell it
        facts = veil.facts(entry.facts)
        party = _party(entry)
        title, grave = sentence(entry.what, facts), is_grave(entry.what, entry.facts)
        at = origin + entry.elapsed_ms / 1000
        yield Moment(
            at=at,
            elapsed_ms=_since(start, at),
            kind=Kind.EVENT,
            source=party,
            target=party,
            title=title,
            grave=grave,
            name=entry.what,
            facts=dict(facts),
        )


def _party(entry: EntryRow) -> Party:
    """In whose lane an entry stands."""
    if entry.what.startswith("engine_") or entry.facts.get("side") == "engine":
        return Party.ENGINE
    if entry.facts.get("side") == "customer":
        return Party.CUSTOMER
    if entry.what in ("rest_step", "transfer_under_way", "transfer_succeeded", "transfer_failed"):
        return Party.REST
    return Party.BRIDGE


def _message(message: MessageRow, start: float, veil: Veil) -> Moment:
    kind = _KINDS[message.protocol]
    if kind is Kind.SPEECH:
        return _speech(message, start, veil)
    if kind is Kind.REST:
        other, text = Party.REST, veil.rest(message.text)
        title = text.partition("\n")[0].partition("?")[0].replace(" /callControl/", " ")
    else:
        other, text = (Party.ENGINE if message.leg == "engine" else Party.CUSTOMER), veil.sip(message.text)
        title = _sip_title(text)
    ends = (Party.BRIDGE, other) if message.sent else (other, Party.BRIDGE)
    return Moment(
        at=message.at,
        elapsed_ms=_since(start, message.at),
        kind=kind,
        source=ends[0],
        target=ends[1],
        title=title,
        grave=_is_refusal(title, kind),
        peer=message.peer,
        text=text,
    )


def _speech(message: MessageRow, start: float, veil: Veil) -> Moment:
    party = Party.ENGINE if message.leg == "engine" else Party.CUSTOMER
    who = "The bot" if party is Party.ENGINE else "The customer"
    said = veil.speech(message.text)
    elapsed = _since(start, message.at)
    return Moment(message.at, elapsed, Kind.SPEECH, party, party, f"{who}: {said}")


def _sip_title(text: str) -> str:
    """INVITE, or 200 OK (INVITE): without the request URI, with the method a response is for."""
    start, _, rest = text.partition("\n")
    if not start.upper().startswith("SIP/2.0 "):
        return start.partition(" ")[0][:80]
    cseq = next((line for line in rest.split("\n") if line.lower().startswith("cseq:")), "")
    method = cseq.split()[-1] if cseq.split() else ""
    return f"{start[8:88]} ({method[:20]})" if method else start[8:88]


def _is_refusal(title: str, kind: Kind) -> bool:
    """An error of the protocol; 401 and 407 only ask for credentials, 487 follows a CANCEL."""
    status = title.partition(" ")[0]
    if kind is Kind.REST:
        return title.startswith("no answer") or (status.isdecimal() and int(status) >= 400)
    return status.isdecimal() and int(status) >= 400 and status not in ("401", "407", "487")


def _since(start: float, at: float) -> float:
    return round((at - start) * 1000, 1)
