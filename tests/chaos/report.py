"""[sans-IO] What a run has shown, in words: a table, and the story of each call that went wrong."""

from collections import Counter
from collections.abc import Mapping

from bridge.simulator.ledger import Entry, Kind
from tests.chaos.evidence import CustomerSeen, Evidence
from tests.chaos.verdict import Violation, bridged, disposition


def table(evidence: Evidence) -> str:
    """Counts of endings, dispositions, kills and faults, and times to the disposition."""
    by_call = _by_call(evidence)
    endings: dict[str, Counter[str]] = {}
    waits: list[tuple[float, str]] = []
    for call in evidence.calls:
        entries = by_call.get(call.id, [])
        given = disposition(entries)
        result = given.name if given else "none" if bridged(entries) else "not bridged"
        endings.setdefault(call.planned.ending.name, Counter())[result] += 1
        ended = next((e.at for e in entries if e.kind is Kind.STATE and e.name == "WRAPUP"), None)
        if given is not None and ended is not None:
            waits.append((given.at - ended, call.id))
    lines = ["", "ending          calls  dispositions"]
    for name, results in sorted(endings.items()):
        told = ", ".join(f"{count} {result}" for result, count in results.most_common())
        lines.append(f"{name:14} {results.total():6}  {told}")
    lines += ["", "what was done to it"]
    lines += [f"{count:6}  {what}" for what, count in Counter(blow.what for blow in evidence.blows).most_common()]
    faults = Counter(str(e.facts["fault"]) for e in evidence.ledger if e.kind is Kind.REQUEST and "fault" in e.facts)
    lines += [f"{count:6}  REST requests met {fault}" for fault, count in faults.most_common()]
    requests = sum(entry.kind is Kind.REQUEST for entry in evidence.ledger)
    lines.append(f"{requests:6}  REST requests in all")
    lines += ["", _times("wrap-up to disposition", sorted(wait for wait, _ in waits))]
    slowest = ", ".join(f"{call} {wait:.1f} s" for wait, call in sorted(waits, reverse=True)[:5])
    lines += [f"  the slowest: {slowest}", _times("bridge away", sorted(span.lasts_s for span in evidence.down))]
    return "\n".join(lines)


def story(violation: Violation, evidence: Evidence) -> str:
    """A violation, and all that LiveVox and the journal know of its call."""
    lines = [f"VIOLATION: {violation.rule}: {violation.detail}"]
    call = next((call for call in evidence.calls if call.id == violation.call), None)
    if call is None:
        return lines[0]
    return f"{lines[0]}\n{call_story(call, evidence)}"


def call_story(call: CustomerSeen, evidence: Evidence) -> str:
    """All that LiveVox and the journal know of a call."""
    headline = f"  {call.id}, customer {call.planned.number}, {call.planned.ending.name}, {call.transaction_id}"
    return "\n".join([headline, *(f"  {at:9.3f}  {said}" for at, said in _told(call, evidence))])


def _told(call: CustomerSeen, evidence: Evidence) -> list[tuple[float, str]]:
    entries = [
        entry
        for entry in evidence.ledger
        if entry.call == call.id or (entry.kind is Kind.REQUEST and call.transaction_id in str(entry.facts.get("body")))
    ]
    if not entries:
        return []
    begin, end = entries[0].at, entries[-1].at + 1
    agent = entries[0].agent
    own = {entry.number for entry in entries}
    told = [(entry.at, _said(entry)) for entry in evidence.ledger if entry.number in own or _concerns(entry, agent)]
    told += [(blow.at, f"*** {blow.what}") for blow in evidence.blows]
    told += [(span.end, "*** the bridge is back") for span in evidence.down]
    told += [(span.end, "*** REST is back") for span in evidence.cut]
    for heard in call.heard:
        told += [(heard.begin, "~~~ RTP comes"), (heard.end, "~~~ RTP stays away")]
    for row in evidence.journal:
        if row.transaction_id == call.transaction_id:
            told += [
                (entry["at"], f"    {row.call[:6]} {_facts(entry)}") for entry in evidence.stories.get(row.call, ())
            ]
    return [(at - begin, said) for at, said in sorted(told) if begin - 1 <= at <= end]


def _concerns(entry: Entry, agent: str) -> bool:
    return entry.agent == agent and entry.kind in (Kind.REQUEST, Kind.SESSION, Kind.STATE)


def _said(entry: Entry) -> str:
    fault = f" [{entry.facts['fault']}]" if "fault" in entry.facts else ""
    return f"LV {entry.step}{fault}"


def _facts(entry: Mapping[str, object]) -> str:
    return " ".join(
        str(value) if name == "what" else f"{name}={value}"
        for name, value in entry.items()
        if name != "at" and value not in (None, "")
    )


def _by_call(evidence: Evidence) -> dict[str, list[Entry]]:
    by_call: dict[str, list[Entry]] = {}
    for entry in evidence.ledger:
        by_call.setdefault(entry.call, []).append(entry)
    return by_call


def _times(what: str, seconds: list[float]) -> str:
    if not seconds:
        return f"{what}: never"
    at = [seconds[min(len(seconds) - 1, int(len(seconds) * share))] for share in (0.5, 0.95)]
    return f"{what}: p50 {at[0]:.3f} s, p95 {at[1]:.3f} s, longest {seconds[-1]:.3f} s, of {len(seconds)}"
