"""[sans-IO] What one end saw of one SIP call, for tests and tables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.simulator.rtp_reception import Reception
from bridge.simulator.session_events import (
    Answered,
    Ended,
    InfoArrived,
    MediaAgreed,
    NotifyArrived,
    Progress,
    ReferArrived,
    Refreshed,
    Refused,
    SessionEvent,
)
from sip.messages import Header


@dataclass
class CallRecord:
    """One call as one end saw it; times are milliseconds since its INVITE."""

    sip_call_id: str
    began_at: float
    """On the event loop's clock, in seconds."""
    heard: Reception
    headers: tuple[Header, ...] = ()
    """Of the INVITE."""
    statuses: list[tuple[int, int]] = field(default_factory=list)
    """Each response to the INVITE above 100: when, and its status."""
    answered_ms: int | None = None
    ended_ms: int | None = None
    ended: Ended | Refused | None = None
    descriptions: list[bytes] = field(default_factory=list)
    """The other side's SDPs that were agreed on, the first one first."""
    directions: list[MediaAgreed] = field(default_factory=list)
    infos: list[InfoArrived] = field(default_factory=list)
    notifies: list[NotifyArrived] = field(default_factory=list)
    refers: list[ReferArrived] = field(default_factory=list)
    refreshes: list[Refreshed] = field(default_factory=list)
    packets_sent: int = 0
    faults: list[str] = field(default_factory=list)
    """What the other side did that a SIP element must not do: Route or Via values lost, and the like."""

    def take(self, event: SessionEvent, now: float) -> None:
        """Note an event of the session."""
        ms = self.ms(now)
        match event:
            case Progress():
                self.statuses.append((ms, event.status))
            case Answered():
                self.statuses.append((ms, 200))
                self.answered_ms = ms
            case Refused() | Ended():
                if isinstance(event, Refused):
                    self.statuses.append((ms, event.status))
                self.ended, self.ended_ms = event, ms
            case MediaAgreed():
                self.directions.append(event)
            case InfoArrived():
                self.infos.append(event)
            case NotifyArrived():
                self.notifies.append(event)
            case ReferArrived():
                self.refers.append(event)
            case Refreshed():
                self.refreshes.append(event)

    def ms(self, now: float) -> int:
        """Milliseconds since the INVITE."""
        return round((now - self.began_at) * 1000)

    def header(self, name: str) -> str | None:
        """The first header of this name in the INVITE, in any case."""
        return _find(self.headers, name)

    def end_header(self, name: str) -> str | None:
        """The first header of this name in the BYE, or in what refused the call."""
        return _find(self.ended.headers, name) if self.ended else None

    @property
    def ended_by_peer(self) -> bool:
        """The other side ended an answered call."""
        return isinstance(self.ended, Ended) and self.ended.by_peer

    @property
    def first_audio_ms(self) -> int | None:
        """From the answer to the first RTP packet that came; negative when it came before."""
        if self.heard.first_at is None or self.answered_ms is None:
            return None
        return self.ms(self.heard.first_at) - self.answered_ms

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        """The JSON objects that came by INFO."""
        found: list[Mapping[str, Any]] = []
        for info in self.infos:
            try:
                read = json.loads(info.body) if info.content_type == "application/json" else None
            except ValueError:
                read = None
            if isinstance(read, dict):
                found.append(read)
        return found


def _find(headers: tuple[Header, ...], name: str) -> str | None:
    wanted = name.lower()
    return next((header.value for header in headers if header.name.lower() == wanted), None)
