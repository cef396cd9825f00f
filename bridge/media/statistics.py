"""[sans-IO] What is counted of one call's audio."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SideStatistics:
    """What arrived from one side and what was sent to it."""

    received: int = 0
    """RTP packets taken from this side."""
    lost: int = 0
    """Expected less received (RFC 3550 appendix A.3); never below 0."""
    jitter_ms: float = 0.0
    """Interarrival jitter (RFC 3550 section 6.4.1), at the end."""
    relayed: int = 0
    """Packets of the other side sent on to this one."""
    silence: int = 0
    """Packets of silence of ours sent to this side."""
    spoken: int = 0
    """Packets sent to this side with the words of an engine that is reached by WebSocket, or with a prompt."""
    unsent: int = 0
    """Packets among relayed, silence and spoken that the system refused to send."""
    unheard: int = 0
    """Packets of this side with nobody to hear them: the other side is not there yet, on hold, or in silence."""
    strangers: int = 0
    """Datagrams from another address than the SDP's: ignored."""
    invalid: int = 0
    """Datagrams that were not RTP: ignored."""
    digits: str = ""
    """Keys this side pressed."""


@dataclass(frozen=True)
class PlayoutStatistics:
    """What the customer heard of engines that were reached by WebSocket; times in milliseconds."""

    played_ms: int = 0
    """Audio of the engine that was sent."""
    cleared_ms: int = 0
    """Audio that was queued and taken back, by the engine or because it was gone."""
    dropped_ms: int = 0
    """Audio that did not fit the queue."""
    trimmed_ms: int = 0
    """Silence left out to catch up with an engine that sends in real time."""
    unheard_ms: int = 0
    """Audio whose time came while the customer was on hold or heard silence."""
    late_p50_ms: float = 0.0
    """How late packets left, against their slot of 20 ms."""
    late_p99_ms: float = 0.0
    late_max_ms: float = 0.0
    first_audio_ms: float | None = None
    """From the answer to the first audio of the engine."""
    barge_ins: int = 0
    barge_in_max_ms: float | None = None
    """From the engine's word to clear to the first packet without what was cleared."""
    turns: int = 0
    """How often the bot answered the customer."""
    turn_p50_ms: float | None = None
    """From the customer's last sound to the bot's first."""
    turn_max_ms: float | None = None
