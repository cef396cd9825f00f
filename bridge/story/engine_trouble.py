"""[sans-IO] What went wrong with a call's speech engines: not had, lost, slow."""

from collections.abc import Iterator

from bridge.story.finding import Finding, Seen, seconds

#: From INVITE to 200; the customer hears ringing, and LiveVox loses patience after some ten seconds.
SLOW_ANSWER_MS = 3_000
#: From the answer to the bot's first sound.
SLOW_FIRST_AUDIO_MS = 3_000
#: From the customer's last sound to the bot's first: half of all turns, or the worst.
SLOW_TURN_MS = 2_500
WORST_TURN_MS = 6_000


def engine_trouble(seen: Seen) -> Iterator[Finding]:
    """In the order of how much the customer felt it."""
    yield from _none(seen)
    yield from _lost(seen)
    yield from _failed_over(seen)
    yield from _slow(seen)
    yield from _complaints(seen)


def _none(seen: Seen) -> Iterator[Finding]:
    refused = seen.first("refused")
    answered = seen.first("engine_answered") is not None
    if refused is not None:
        status, fate = refused.facts.get("status"), refused.facts.get("fate")
        why = "no speech engine could be had" if fate == "engine_unavailable" else f"the call was {fate}"
        sentence = f"The customer was not answered: {why}, and LiveVox got {status}."
        yield Finding("refused", True, refused.elapsed_ms, sentence, _failures(seen))
    elif seen.first("engine_failed") is not None and not answered:
        at = seen.at("engine_failed")
        sentence = "No speech engine could be had."
        yield Finding("engine_unavailable", True, at, sentence, _failures(seen))


def _failures(seen: Seen) -> str:
    """What became of each engine that was tried."""
    failed = [f"{entry.facts.get('engine')}: {entry.facts.get('reason')}" for entry in seen.all("engine_failed")]
    passed = [f"{entry.facts.get('engine')}: its circuit breaker was open" for entry in seen.all("engine_passed_over")]
    dialled = [str(entry.facts.get("engine")) for entry in seen.all("engine_dialled")]
    told = "; ".join(failed + passed)
    if told:
        return f"The engines: {told}."
    return f"The engines that were tried: {', '.join(dialled)}." if dialled else "The bridge's log at that time."


def _lost(seen: Seen) -> Iterator[Finding]:
    for entry in seen.all("engine_leg_ended", lost=True):
        then = _after_loss(seen, entry.elapsed_ms)
        sentence = f"The speech engine was lost in the middle of the call. {then}"
        look_at = f"The engine's log at that time ({entry.facts.get('reason') or 'it gave no reason'})."
        yield Finding("engine_lost", True, entry.elapsed_ms, sentence, look_at)
    for entry in seen.all("engine_reconnecting"):
        again = next((each for each in seen.all("engine_reconnected") if each.elapsed_ms >= entry.elapsed_ms), None)
        gap = f" and came back after {seconds(again.elapsed_ms - entry.elapsed_ms)}" if again else ""
        sentence = f"The connection to the speech engine broke{gap}: the bot was silent meanwhile."
        look_at = "The network to the engine, and its log at that time."
        yield Finding("engine_reconnected", again is None, entry.elapsed_ms, sentence, look_at)


def _after_loss(seen: Seen, at_ms: float) -> str:
    """What the customer got then."""
    for entry in seen.entries:
        if entry.elapsed_ms < at_ms:
            continue
        match entry.what:
            case "engine_answered":
                return f"Another one took over after {seconds(entry.elapsed_ms - at_ms)}."
            case "transfer_succeeded":
                return f"A human had the customer after {seconds(entry.elapsed_ms - at_ms)}."
            case "customer_hung_up_on":
                return "No other one could be had, and the call was ended."
            case "customer_leg_ended":
                return "The customer left."
    return ""


def _failed_over(seen: Seen) -> Iterator[Finding]:
    answered = seen.first("engine_answered")
    failed = seen.first("engine_failed")
    passed = seen.first("engine_passed_over")
    first = failed or passed
    if answered is None or first is None:
        return
    sentence = f"The first choice of speech engine could not be had; {answered.facts.get('engine')} took the call."
    yield Finding("engine_failed_over", False, first.elapsed_ms, sentence, _failures(seen))


def _slow(seen: Seen) -> Iterator[Finding]:
    answered = seen.at("answered")
    if answered is not None and answered > SLOW_ANSWER_MS:
        sentence = f"The customer heard ringing for {seconds(answered)}: so long the speech engine took to be ready."
        look_at = "The engine's set-up time; connect_timeout_s and slow_connect_s bound it."
        yield Finding("slow_answer", True, answered, sentence, look_at)
    first = seen.number("first_audio_ms")
    if first > SLOW_FIRST_AUDIO_MS:
        sentence = f"After the answer the customer waited {seconds(first)} for the bot's first word."
        look_at = "The engine's greeting: whether it waits for the screen pop, or for its model."
        yield Finding("slow_first_audio", True, (answered or 0.0) + first, sentence, look_at)
    usual, worst = seen.number("turn_p50_ms"), seen.number("turn_max_ms")
    if usual > SLOW_TURN_MS or worst > WORST_TURN_MS:
        sentence = f"The bot was slow to reply: {seconds(usual)} usually, {seconds(worst)} at worst."
        look_at = "The engine: its turn detection and its model's latency."
        yield Finding("slow_turns", True, None, sentence, look_at)


def _complaints(seen: Seen) -> Iterator[Finding]:
    errors = list(seen.all("engine_error"))
    if errors:
        codes = ", ".join(dict.fromkeys(str(entry.facts.get("code")) for entry in errors))
        sentence = f"The speech engine reported {len(errors)} error{'s' if len(errors) > 1 else ''}: {codes}."
        yield Finding("engine_error", False, errors[0].elapsed_ms, sentence, "The engine's documents on that code.")
    invalid = seen.first("engine_message_invalid")
    if invalid is not None:
        sentence = "The speech engine sent what its dialect does not know; it was ignored."
        look_at = f"Whether the engine's kind in the settings is right ({invalid.facts.get('detail')})."
        yield Finding("engine_message_invalid", False, invalid.elapsed_ms, sentence, look_at)
