"""[sans-IO] The entries of a timeline in words for people."""

from collections.abc import Callable, Mapping

from bridge.journal.records import Fact

Facts = Mapping[str, Fact]

_WHO = {"customer": "the customer", "engine": "the bot"}

#: By the entry's name; {…} is filled from its facts.
_SENTENCES: Mapping[str, str] = {
    "invite_received": "LiveVox sends the call",
    "admitted": "The call is taken, by SIP worker {worker}",
    "refused": "The call is refused with {status} ({fate})",
    "answered": "The call is answered, with {codec}",
    "acknowledged": "LiveVox acknowledges: the customer is on the line",
    "ordered": "The API orders: {verdict} {outcome}",
    "engine_dialled": "The engine {engine} is called",
    "engine_passed_over": "The engine {engine} is passed over: its circuit breaker is open",
    "engine_answered": "The engine {engine} is ready to talk",
    "engine_failed": "The engine {engine} cannot be had: {reason}",
    "engine_hung_up_on": "We hang up on the engine ({fate})",
    "engine_reconnecting": "The connection to the engine is broken, and tried again",
    "engine_reconnected": "The engine is back",
    "engine_error": "The engine reports an error: {code}",
    "engine_reads_slowly": "The engine does not read what it is sent",
    "engine_message_invalid": "The engine sends what its dialect does not know: {detail}",
    "engine_event_ignored": "The engine sends what its dialect has no use for: {unknown}",
    "engine_messages_unused": "Messages of the engine that were not used",
    "session_renewed": "A new session with the engine's server",
    "usage": "The engine counts what it used",
    "barge_in": "The customer interrupts the bot",
    "verdict_given": "The bot says the outcome: {outcome}",
    "transfer_asked": "The bot asks for a human: {target}",
    "transfer_under_way": "LiveVox calls {contact}",
    "transfer_succeeded": "{contact} has the customer",
    "transfer_failed": "No human takes the customer: {reason}",
    "back_to_bot": "The bot has the customer again",
    "screen_pop": "The screen pop is there: {rows} fields",
    "screen_pop_missing": "No screen pop came",
    "contact_written": "The contact record is written: {fields}",
    "contact_not_written": "The contact record is not written ({fields}): {reason}",
    "context_written": "The call's context is written: {fields}",
    "context_not_written": "The call's context is not written ({fields}): {reason}",
    "record_uncertain": "Whether LiveVox has what the bot collected is not known: {fields}",
    "customer_value_refused": "A value of the bot's is not written: {reason}",
    "worker_lost": "The SIP worker of the call died",
    "audio_lost": "The audio is lost: {reason}",
    "time_limit_reached": "A time limit is reached ({state})",
    "customer_hung_up_on": "We end the customer's leg ({fate})",
    "recovery_begun": "The bridge is back after it died, and looks after the call",
    "recovery_found": "LiveVox shows: {state}",
    "recovery_look_failed": "LiveVox could not be asked: {reason}",
    "recovered": "The call is brought to its end",
    "closed": "Nothing is left to be done",
}


def _leg_ended(facts: Facts) -> str:
    if facts.get("lost"):
        return f"The engine is lost: {facts.get('reason')}"
    if facts.get("by_us"):
        return "The engine's leg is over"
    outcome = facts.get("outcome")
    return f"The bot hangs up, with the outcome {outcome}" if outcome else "The bot hangs up"


def _customer_ended(facts: Facts) -> str:
    return "LiveVox ends the call: the customer is gone" if facts.get("by_livevox") else "The customer's leg is over"


def _dead_air(facts: Facts) -> str:
    owes = _WHO.get(str(facts.get("side")), "somebody")
    return f"Dead air: nothing of {owes} for {facts.get('silent_s')} s"


def _timed_out(facts: Facts) -> str:
    return f"The audio of {_WHO.get(str(facts.get('side')))} stopped, {facts.get('silent_s')} s ago"


def _audio_bad(facts: Facts) -> str:
    return f"What {_WHO.get(str(facts.get('side')))} says sounds bad: MOS {facts.get('mos')}"


def _audio_good(facts: Facts) -> str:
    return f"What {_WHO.get(str(facts.get('side')))} says sounds good again, after {facts.get('lasted_s')} s"


def _rest_step(facts: Facts) -> str:
    error = facts.get("error")
    return f"LiveVox's {facts.get('step')} failed: {error}" if error else f"LiveVox did {facts.get('step')}"


def _disposition(facts: Facts) -> str:
    code, state = facts.get("term_code") or "no term code", facts.get("agent_state") or "not known"
    return f"Disposition {facts.get('confirmation')}: {code}; the agent is {state}"


def _repeat_begun(facts: Facts) -> str:
    if facts.get("by") == "bridge":
        return "The bridge tries again by itself: LiveVox keeps the agent in wrap-up for this call, and is told again"
    return "An operator orders another try: LiveVox waits for the term code, and is told again"


_TOLD: Mapping[str, Callable[[Facts], str]] = {
    "engine_leg_ended": _leg_ended,
    "customer_leg_ended": _customer_ended,
    "dead_air": _dead_air,
    "rtp_timed_out": _timed_out,
    "audio_bad": _audio_bad,
    "audio_good": _audio_good,
    "audio_started": lambda facts: f"First audio of {_WHO.get(str(facts.get('side')))}",
    # Never which one: it may belong to a card number.
    "dtmf": lambda facts: f"A key is pressed by {_WHO.get(str(facts.get('side')))}",
    "dtmf_info": lambda facts: f"A key is pressed by {_WHO.get(str(facts.get('leg')))}, told by INFO",
    "rest_step": _rest_step,
    "disposition": _disposition,
    "repeat_begun": _repeat_begun,
}

#: Of these the customer or LiveVox feels something.
GRAVE = frozenset(
    "refused engine_failed dead_air rtp_timed_out audio_lost audio_bad worker_lost transfer_failed engine_reconnecting "
    "time_limit_reached recovery_begun recovery_look_failed engine_error screen_pop_missing "
    "contact_not_written context_not_written record_uncertain".split()
)


def sentence(what: str, facts: Facts) -> str:
    """What an entry says."""
    if what in _TOLD:
        return _TOLD[what](facts)
    template = _SENTENCES.get(what)
    if template is None:
        return what.replace("_", " ").capitalize()
    return template.format_map(_Facts(facts)).strip()


def is_grave(what: str, facts: Facts) -> bool:
    """It is worth a red mark."""
    if what == "engine_leg_ended":
        return bool(facts.get("lost"))
    if what == "rest_step":
        return bool(facts.get("error"))
    if what == "disposition":
        return facts.get("confirmation") == "unconfirmed"
    return what in GRAVE


class _Facts(dict[str, Fact]):
    """What is not said is left out."""

    def __missing__(self, name: str) -> str:
        return ""
