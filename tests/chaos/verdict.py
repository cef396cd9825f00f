"""[sans-IO] What the promise says and the evidence does not show: each breach of it is named.

Silence is a stretch without RTP at the socket of a customer who is on the line with our agent (LiveVox shows INCALL).
While a human is called for the customer LiveVox plays its own music, and after that the customer is not ours.

- While the bridge lives there is no silence longer than `silence_s`, whichever of its processes dies.
- Nobody sends RTP while the bridge itself is dead: from its kill -9 until it says that it has started, silence is not
  counted. It cannot take the call up again: the customer can only be moved, by REST. One who was on the line is with
  LiveVox's music, or the call is over, `rescue_s` after the bridge is back at the latest. Time in which LiveVox would
  not have it is not counted: while its REST is cut off, and from a request of the agent that it spoils to the next one
  that it answers.
- Silence that an engine leaves behind is filled by the bridge, which sends RTP to the customer all the same; `notice_s`
  after an engine went away without a word the bridge must be doing something about it; a media process that is killed
  meanwhile begins to wait anew.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from bridge.simulator.ledger import Entry, Kind
from tests.chaos.evidence import CustomerSeen, Evidence
from tests.chaos.plan import Target
from tests.chaos.spans import Span, without


class Rule(enum.StrEnum):
    """What was promised."""

    DISPOSED = "each call gets its disposition"
    ONCE = "no call gets two dispositions"
    OURS = "no call is left to LiveVox's default"
    NOT_AGAIN = "no term code is sent for a call that has one"
    HANDED_OVER_ONCE = "no customer is handed over twice"
    FREE = "no agent is stuck"
    ONE_SESSION = "no agent is logged in twice"
    SILENCE = "no customer is in silence"
    RESCUED = "a customer whose bridge has died is fetched as soon as it is back"
    NOTICED = "an engine that went away without a word is missed"
    AS_MEANT = "a call that nothing came between ends as its bot and its customer want"
    JOURNALLED = "the journal has every call, and all are closed"
    TRUE = "the journal says of no call what is not so"
    SERVED = "agents come back to take calls"
    SOUND = "nothing goes wrong by itself"


#: Entries of a timeline: what is to become of the call is decided, so that its engine is not needed any more.
_DECIDED = frozenset(
    {"transfer_asked", "verdict_given", "engine_hung_up_on", "customer_hung_up_on", "customer_leg_ended", "worker_lost"}
)
#: The bridge does something about an engine that is gone.
_ACTED = frozenset({"rtp_timed_out", "engine_leg_ended", "engine_dialled"}) | _DECIDED
#: So long a blow may still be felt, in seconds: circuits that opened, agents that were set Not Ready.
_AFTERMATH_S = 5.0


@dataclass(frozen=True)
class Limits:
    """In seconds."""

    silence_s: float = 2.0
    rescue_s: float = 10.0
    notice_s: float = 3.5
    """The RTP time-out of the settings, and two seconds."""


@dataclass(frozen=True)
class Violation:
    """One breach."""

    rule: Rule
    detail: str
    call: str = ""
    """The simulator's id of the call; empty: it concerns none."""


def violations(evidence: Evidence, limits: Limits = Limits()) -> list[Violation]:
    """All breaches, in the order of the calls."""
    by_call: dict[str, list[Entry]] = {}
    for entry in evidence.ledger:
        by_call.setdefault(entry.call, []).append(entry)
    found: list[Violation] = []
    for call in evidence.calls:
        entries = by_call.get(call.id, [])
        found += _dispositions(call, entries, evidence)
        found += _hand_overs(call, entries)
        found += _silences(call, entries, evidence, limits)
        found += _losses(call, entries, evidence, limits)
        found += _as_meant(call, entries, evidence)
        found += _journalled(call, entries, evidence)
    found += _agents(evidence)
    found += _rest(evidence)
    return found


def bridged(entries: list[Entry]) -> bool:
    """LiveVox had the customer on the line with our agent."""
    return any(entry.kind is Kind.STATE and entry.name == "INCALL" for entry in entries)


def disposition(entries: list[Entry]) -> Entry | None:
    """The first one of a call."""
    return next((entry for entry in entries if entry.kind is Kind.DISPOSITION), None)


def on_the_line(entries: list[Entry]) -> list[Span]:
    """When the customer was on the line with our agent."""
    spans: list[Span] = []
    begin: float | None = None
    for entry in entries:
        if entry.kind is not Kind.STATE:
            continue
        if begin is not None and entry.name != "INCALL":
            spans.append(Span(begin, entry.at))
        begin = entry.at if entry.name == "INCALL" else None
    return spans


def _dispositions(call: CustomerSeen, entries: list[Entry], evidence: Evidence) -> Iterator[Violation]:
    given = [entry for entry in entries if entry.kind is Kind.DISPOSITION]
    if bridged(entries) and not given:
        yield Violation(Rule.DISPOSED, "it has none", call.id)
    if len(given) > 1:
        yield Violation(Rule.ONCE, ", ".join(entry.name for entry in given), call.id)
    for entry in given:
        if entry.facts.get("by") != "agent":
            yield Violation(Rule.OURS, f"{entry.name}, by {entry.facts.get('by')}", call.id)
    again = [
        request
        for request in evidence.ledger
        if request.kind is Kind.REQUEST
        and request.name == "set_term_code"
        and given
        and request.number > given[0].number
        and call.transaction_id in str(request.facts.get("body"))
    ]
    if again:
        yield Violation(Rule.NOT_AGAIN, ", ".join(entry.step for entry in again), call.id)


def _hand_overs(call: CustomerSeen, entries: list[Entry]) -> Iterator[Violation]:
    steps = [entry.name for entry in entries if entry.kind is Kind.TRANSFER]
    if "left" in steps and ("started" in steps[steps.index("left") :] or steps.count("left") > 1):
        yield Violation(Rule.HANDED_OVER_ONCE, ", ".join(steps), call.id)
    if "customer_dropped" in steps:
        yield Violation(Rule.HANDED_OVER_ONCE, "the customer was dropped by leaving too early", call.id)


def _silences(call: CustomerSeen, entries: list[Entry], evidence: Evidence, limits: Limits) -> Iterator[Violation]:
    spans = on_the_line(entries)
    for held in spans:
        orphaned = any(down.meets(Span(spans[0].begin, held.end)) for down in evidence.down)
        unserved = [*evidence.cut, *_unserved(entries[0].agent, held, evidence)] if orphaned else []
        excused = [*evidence.down, *evidence.stalls, *unserved]
        silent = without(without([held], call.heard), excused)
        longest = max(silent, key=lambda span: span.lasts_s, default=Span(0, 0))
        limit = limits.rescue_s if orphaned else limits.silence_s
        if longest.lasts_s > limit:
            after = longest.begin - held.begin
            detail = f"{longest.lasts_s:.2f} s, {after:.2f} s after it had come on the line"
            yield Violation(Rule.RESCUED if orphaned else Rule.SILENCE, detail, call.id)


def _unserved(agent: str, held: Span, evidence: Evidence) -> Iterator[Span]:
    """From each request of the agent that LiveVox spoilt to the next one that it did not."""
    begin: float | None = None
    for entry in evidence.ledger:
        if entry.kind is not Kind.REQUEST or entry.agent != agent or not held.begin <= entry.at <= held.end:
            continue
        if "fault" in entry.facts and entry.facts["fault"] != "slow":
            begin = entry.at if begin is None else begin
        elif begin is not None:
            yield Span(begin, entry.at)
            begin = None
    if begin is not None:
        yield Span(begin, held.end)


def _losses(call: CustomerSeen, entries: list[Entry], evidence: Evidence, limits: Limits) -> Iterator[Violation]:
    names = {row.call for row in evidence.journal if row.transaction_id == call.transaction_id}
    for at, name in evidence.losses:
        awaited = _watched(at, evidence, limits)
        if name not in names or any(down.meets(awaited) for down in (*evidence.down, *evidence.stalls)):
            continue
        on_line = any(held.begin <= awaited.begin and awaited.end <= held.end for held in on_the_line(entries))
        story = evidence.stories.get(name, ())
        before = [
            entry["what"] for entry in story if entry["at"] <= at and entry["what"] in _DECIDED | {"engine_answered"}
        ]
        decided = before[-1:] != ["engine_answered"]
        acted = any(entry["what"] in _ACTED and awaited.begin <= entry["at"] <= awaited.end for entry in story)
        if on_line and not decided and not acted:
            yield Violation(Rule.NOTICED, f"nothing was done within {awaited.lasts_s:.1f} s", call.id)


def _watched(at: float, evidence: Evidence, limits: Limits) -> Span:
    """From the engine's end to when it must have been missed: a media process that dies takes its clocks along."""
    end = at + limits.notice_s
    for blow in evidence.blows:
        if blow.what == Target.MEDIA and at <= blow.at <= end:
            end = blow.at + limits.silence_s + limits.notice_s
    return Span(at, end)


def _as_meant(call: CustomerSeen, entries: list[Entry], evidence: Evidence) -> Iterator[Violation]:
    if not entries:
        return
    lasted = Span(entries[0].at, entries[-1].at)
    struck = [Span(blow.at, blow.at + blow.away_s + _AFTERMATH_S) for blow in evidence.blows]
    if any(span.meets(lasted) for span in (*struck, *evidence.down, *evidence.cut, *evidence.stalls)):
        return
    given = disposition(entries)
    meant = set(call.planned.ending.meant)
    if any(entry.name == "customer_hung_up" for entry in entries):  # LiveVox failed until the customer had enough
        meant.add("Customer Hung Up")
    if given is not None and given.name not in meant:
        yield Violation(Rule.AS_MEANT, f"{call.planned.ending.name} ended with {given.name!r}", call.id)
    if given is None and call.planned.ending.meant and not _without_session(entries[0].agent, lasted, evidence):
        yield Violation(Rule.AS_MEANT, f"{call.planned.ending.name} came not on the line", call.id)


def _without_session(agent: str, lasted: Span, evidence: Evidence) -> bool:
    """LiveVox has taken the agent's session away shortly before or during a call, which may be refused then."""
    shortly = Span(lasted.begin - _AFTERMATH_S, lasted.end)
    return any(
        entry.kind is Kind.SESSION and entry.agent == agent and shortly.begin <= entry.at <= shortly.end
        for entry in evidence.ledger
    )


def _journalled(call: CustomerSeen, entries: list[Entry], evidence: Evidence) -> Iterator[Violation]:
    if not bridged(entries):
        return
    rows = [row for row in evidence.journal if row.transaction_id == call.transaction_id]
    given = disposition(entries)
    if not rows:
        yield Violation(Rule.JOURNALLED, "it is not there", call.id)
    for row in rows:
        if row.confirmation == "confirmed" and (given is None or given.name != row.term_code):
            said = given.name if given else "nothing"
            yield Violation(Rule.TRUE, f"confirmed is {row.term_code!r}, LiveVox has {said!r}", call.id)
    if rows and given and all(row.confirmation == "nothing_to_set" for row in rows):
        yield Violation(Rule.TRUE, f"nothing to set, and LiveVox has {given.name!r}", call.id)


def _agents(evidence: Evidence) -> Iterator[Violation]:
    for agent in evidence.agents:
        if agent.state != "READY" or agent.call:
            yield Violation(Rule.FREE, f"{agent.login} is {agent.state}", agent.call)
        if agent.sessions != 1:
            yield Violation(Rule.ONE_SESSION, f"{agent.login} has {agent.sessions} sessions")


def _rest(evidence: Evidence) -> Iterator[Violation]:
    for row in evidence.journal:
        if not row.closed:
            yield Violation(Rule.JOURNALLED, f"call {row.call} of {row.agent} is still open ({row.fate or 'no fate'})")
    for call in evidence.not_placed:
        yield Violation(Rule.SERVED, f"nobody was Ready for customer {call.number}")
    for fault in evidence.faults:
        yield Violation(Rule.SOUND, fault)
