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
    """Interarrival jitter (RFC 3550 section 6.4.1), at the end; of a relayed stream seen in one packet of seven."""
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
    mos: float | None = None
    """The mean of QualitySample.mos over the seconds in which something came; None: there were none."""
    mos_worst: float | None = None
    """Of the worst of these seconds."""


@dataclass(frozen=True)
class QualitySample:
    """What came from one side of a call in the past second; of an engine by WebSocket: what was played of it."""

    received: int = 0
    """Packets."""
    lost: int = 0
    """Packets that were expected and did not come."""
    jitter_ms: float = 0.0
    """Interarrival jitter (RFC 3550 section 6.4.1), at the end of the second."""
    late_ms: float = 0.0
    """What we added at worst: how late words of an engine by WebSocket left, against their slot of 20 ms. Of packets
    that are relayed: how long the media process was busy with others, looked at in every tick."""
    level_dbfs: float = -96.0
    """The loudest sample of the packet that came last; -96: silence, or nothing came."""
    mos: float = 0.0
    """1.0 to 4.4 (see bridge.media.mos); 0: nothing came, so that there is nothing to judge."""


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
