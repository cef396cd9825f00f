"""[sans-IO] What went wrong with a call's audio: who was not heard, and how bad it was."""

from collections.abc import Iterator

from bridge.story.finding import Finding, Seen, seconds

#: A side that has not been heard so long after the ACK is not heard at all.
UNHEARD_MS = 2_000
#: Share of packets lost that people hear.
LOSS = 0.02
#: Words that left so late are heard as gaps, in milliseconds.
LATE_MS = 60.0

_PACKETS = {"customer": "customer_packets", "engine": "engine_packets"}


def audio_trouble(seen: Seen) -> Iterator[Finding]:
    """In the order of how much the customer felt it."""
    yield from _never_heard(seen)
    yield from _dead_air(seen)
    yield from _timed_out(seen)
    yield from _lost(seen)
    yield from _bad(seen)
    yield from _late(seen)


def _never_heard(seen: Seen) -> Iterator[Finding]:
    """One-way audio: the commonest fault of the field."""
    spoken_from = seen.at("acknowledged")
    ended = seen.at("customer_leg_ended") or seen.last_ms
    if spoken_from is None or ended - spoken_from < UNHEARD_MS:
        return
    if seen.first("audio_started", side="customer") is None:
        strangers = int(seen.number("customer_strangers"))
        look_at = "The firewall and media.ports: LiveVox must reach the UDP port in our SDP (the 200 OK below)."
        if strangers:
            look_at = (
                f"{strangers} packets came from another address than LiveVox's SDP names and were not taken: "
                "see media.follow, and the c= line of the INVITE below."
            )
        sentence = "We never heard the customer: no audio of LiveVox's came. The bot listened to nothing."
        yield Finding("no_customer_audio", True, spoken_from, sentence, look_at)
    if seen.first("audio_started", side="engine") is None and _engine_was_there(seen):
        sentence = "The customer heard nothing but silence: the speech engine never sent any audio."
        look_at = "The engine's own log of this call; for an engine by RTP or SIP, whether its packets can reach us."
        yield Finding("no_engine_audio", True, spoken_from, sentence, look_at)


def _engine_was_there(seen: Seen) -> bool:
    return seen.first("engine_answered") is not None and not seen.number("playout_played_ms")


def _dead_air(seen: Seen) -> Iterator[Finding]:
    found = list(seen.all("dead_air"))
    if not found:
        return
    first, worst = found[0], max(found, key=lambda entry: float(entry.facts.get("silent_s") or 0))
    silent = seconds(float(worst.facts.get("silent_s") or 0) * 1000)
    if worst.facts.get("side") == "customer":
        sentence = f"Nobody said anything for {silent}: the customer did not answer the bot."
        look_at = "Whether the customer's audio came (levels below): a customer who is not heard cannot answer."
        yield Finding("dead_air", True, first.elapsed_ms, sentence, look_at)
        return
    sentence = f"The customer heard nothing for {silent}: it was the bot's turn to speak, and it did not."
    look_at = "The speech engine: its log at that time, its model's latency, what it made of the customer's last words."
    yield Finding("dead_air", True, first.elapsed_ms, sentence, look_at)


def _timed_out(seen: Seen) -> Iterator[Finding]:
    for entry in seen.all("rtp_timed_out"):
        silent = seconds(float(entry.facts.get("silent_s") or 0) * 1000)
        customer = entry.facts.get("side") == "customer"
        whose = "LiveVox" if customer else "the speech engine"
        sentence = f"The audio of {whose} stopped: nothing came for {silent} though the call was up."
        look_at = "The network between us and it, and whether it believed that the call was over (a BYE that was lost)."
        yield Finding("rtp_timed_out", True, entry.elapsed_ms, sentence, look_at)


def _lost(seen: Seen) -> Iterator[Finding]:
    for entry in seen.all("audio_lost"):
        sentence = "The bridge could carry the audio no more: the media process died and could not be given the call."
        look_at = f"The bridge's log at that time ({entry.facts.get('reason') or 'no reason was given'})."
        yield Finding("audio_lost", True, entry.elapsed_ms, sentence, look_at)
        return


def _bad(seen: Seen) -> Iterator[Finding]:
    for side, whose in (("customer", "What the customer said"), ("engine", "What the bot said")):
        received, lost = seen.number(f"{side}_packets"), seen.number(f"{side}_lost")
        share = lost / (received + lost) if received + lost else 0.0
        entry = seen.first("audio_bad", side=side)
        if share > LOSS:
            sentence = f"{whose} came with gaps: {share:.1%} of the packets were lost on their way to us."
            look_at = "The network between us and LiveVox." if side == "customer" else "The network to the engine."
            yield Finding("loss_high", True, entry.elapsed_ms if entry else None, sentence, look_at)
        elif entry is not None:
            sentence = f"{whose} sounded bad for a while: the estimate fell to MOS {entry.facts.get('mos')} of 4.4."
            look_at = "Loss, jitter and lateness second by second below: which of them rose."
            yield Finding("audio_bad", True, entry.elapsed_ms, sentence, look_at)


def _late(seen: Seen) -> Iterator[Finding]:
    late = seen.number("playout_late_p99_ms")
    if late > LATE_MS:
        sentence = f"The bot's words left the bridge late: 1 % of them by more than {late:.0f} ms, heard as gaps."
        yield Finding("late_audio", True, None, sentence, "The machine's CPU: too many calls, or others that take it.")
    dropped = seen.number("playout_dropped_ms")
    if dropped > 0:
        sentence = f"Of the bot's speech {seconds(dropped)} were thrown away: it sent more than fits the queue."
        look_at = "The engine: it sends far ahead of what is played."
        yield Finding("speech_dropped", True, None, sentence, look_at)
