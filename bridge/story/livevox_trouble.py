"""[sans-IO] What went wrong between us and LiveVox: dispositions, transfers, screen pops, and faults of the bridge."""

from collections.abc import Iterator

from bridge.story.finding import Finding, Seen, seconds

#: From the end of the customer's leg to an agent that is Ready again; more is time in which it takes no calls.
SLOW_WRAP_UP_MS = 15_000
#: Entries of what a bot collected and LiveVox may not have.
_RECORD_FAILED = frozenset({"contact_not_written", "context_not_written", "customer_value_refused", "record_uncertain"})


def livevox_trouble(seen: Seen) -> Iterator[Finding]:
    """In the order of how much it matters."""
    yield from _faults(seen)
    yield from _transfers(seen)
    yield from _disposition(seen)
    yield from _wrap_up(seen)
    yield from _screen_pop(seen)
    yield from _record(seen)


def _faults(seen: Seen) -> Iterator[Finding]:
    for entry in seen.all("worker_lost"):
        sentence = "The SIP worker of this call died. The audio went on as silence, and LiveVox was told by REST."
        yield Finding("worker_lost", True, entry.elapsed_ms, sentence, "The bridge's log at that time: worker_died.")
    begun = seen.first("recovery_begun")
    if begun is not None:
        sentence = (
            "The bridge died while this call was going on, and the customer was cut off. "
            f"It was back, and looked after the call, {seconds(begun.elapsed_ms)} after its INVITE."
        )
        if not begun.facts.get("answered"):
            sentence = "The bridge died before this call was answered; it was looked after when the bridge was back."
        yield Finding("bridge_died", True, begun.elapsed_ms, sentence, "The log of the service manager at that time.")
    stuck = seen.first("time_limit_reached")
    if stuck is not None:
        state = str(stuck.facts.get("state")).lower()
        sentence, look_at = "Something that should have come did not come in time.", f"The call was {state} then."
        if state == "answering":
            sentence = "LiveVox never acknowledged our 200 OK: no ACK came, and there was no call."
            look_at = "Whether LiveVox can reach the address in the Contact of our 200 OK (below): sip.public_address."
        yield Finding("no_ack" if state == "answering" else "time_limit", True, stuck.elapsed_ms, sentence, look_at)
    if seen.line.get("fate") == "bridge_failure" and seen.first("worker_lost") is None:
        sentence = "Something in the bridge broke, and the call was ended or handed over."
        yield Finding("bridge_failure", True, None, sentence, "The bridge's log at the time of the call.")
    if seen.line.get("fate") == "drained":
        sentence = "The bridge was told to stop, and the call had to end: the time for calls to end was over."
        yield Finding("cut_by_drain", True, None, sentence, "Who stopped the bridge (GET /v1/audit), and sip.drain_s.")


def _transfers(seen: Seen) -> Iterator[Finding]:
    for entry in seen.all("transfer_failed"):
        back = "The bot had the customer again." if entry.facts.get("back_to_bot") else "The call was ended."
        sentence = f"No human took the customer. {back}"
        look_at = f"LiveVox: {entry.facts.get('reason') or 'it gave no reason'}"
        yield Finding("transfer_failed", True, entry.elapsed_ms, sentence, look_at.rstrip(".") + ".")


def _disposition(seen: Seen) -> Iterator[Finding]:
    last = seen.last("disposition")
    confirmation = last.facts.get("confirmation") if last else seen.line.get("confirmation")
    reason = str((last.facts.get("reason") if last else seen.line.get("why")) or "")
    at = last.elapsed_ms if last else None
    if confirmation == "unconfirmed":
        sentence = "Nobody can tell whether LiveVox has the disposition of this call."
        look_at = f"The call in LiveVox's reports, and the agent's state there. {reason}".strip()
        yield Finding("disposition_unconfirmed", True, at, sentence, look_at)
    elif reason and last is not None and last.facts.get("term_code"):
        sentence = f"Another term code than the one meant was set: {last.facts.get('term_code')}."
        look_at = f"The term codes of the service in LiveVox ({reason})."
        yield Finding("other_term_code", False, at, sentence, look_at)


def _wrap_up(seen: Seen) -> Iterator[Finding]:
    failed = [entry for entry in seen.all("rest_step") if entry.facts.get("error")]
    if failed:
        steps = ", ".join(dict.fromkeys(str(entry.facts.get("step")) for entry in failed))
        sentence = f"LiveVox's REST API failed {_times(len(failed))} in this call: {steps}."
        look_at = f"The first answer was: {failed[0].facts.get('error')}."
        yield Finding("livevox_failed", False, failed[0].elapsed_ms, sentence, look_at)
    gone, ready = seen.at("customer_leg_ended"), seen.at("disposition")
    if gone is not None and ready is not None and ready - gone > SLOW_WRAP_UP_MS:
        sentence = f"The agent was busy with the wrap-up for {seconds(ready - gone)} after the customer had left."
        yield Finding("slow_wrap_up", False, gone, sentence, "LiveVox's answers after the call, below.")


def _screen_pop(seen: Seen) -> Iterator[Finding]:
    entry = seen.first("screen_pop_missing")
    if entry is not None:
        sentence = "The bot did not learn who the customer is: no screen pop came from LiveVox in time."
        look_at = "Whether the service has a screen pop, and livevox.screen_pop_timeout_s."
        yield Finding("screen_pop_missing", False, entry.elapsed_ms, sentence, look_at)


def _record(seen: Seen) -> Iterator[Finding]:
    failed = [entry for entry in seen.entries if entry.what in _RECORD_FAILED]
    if failed:
        first = failed[0]
        fields = f": {first.facts['fields']}" if first.facts.get("fields") else ""
        was_not = "may not have been" if first.what == "record_uncertain" else "was not"
        sentence = f"What the bot collected of the customer {was_not} written into LiveVox{fields}."
        look_at = f"The contact in LiveVox: write it by hand if it matters. {first.facts.get('reason')}"
        yield Finding("record_not_written", False, first.elapsed_ms, sentence, look_at.rstrip(".") + ".")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
