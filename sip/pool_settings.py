"""[sans-IO] How the SIP workers are started, and how many."""

import sys
from dataclasses import dataclass

from sip.zygote import WorkerSettings


@dataclass(frozen=True)
class PoolSettings:
    """How the workers are started, and how many."""

    inside_port: int
    """The edge's port on 127.0.0.1, to which the workers send everything."""
    contact: str
    """The edge as the other side sees it, "host:port": the forced Contact without its w parameter."""
    spare_calls: int = 10
    """Two-dialog calls there is always room for, so that no caller waits for a process to start."""
    max_calls: int = 200
    """Calls that are admitted at most; no more workers are started than they need."""
    session_expires_s: int = 1800
    """Session-Expires (RFC 4028); at least min_se_s."""
    min_se_s: int = 90
    """Min-SE; the RFC's minimum is 90, and less is taken as 90."""
    transaction_timeout_s: float = 6.0
    """How long an unanswered request is waited for; a dead peer holds a dialog slot so long."""
    shrink_s: float = 5.0
    """Time between one idle worker's end and the next one's, when there are far too many."""
    user_agent: str = "livevox-bridge"
    python: str = sys.executable

    def for_workers(self) -> WorkerSettings:
        """What each worker must know of it."""
        return WorkerSettings(
            self.inside_port,
            self.contact,
            self.user_agent,
            self.session_expires_s,
            self.min_se_s,
            self.transaction_timeout_s,
        )
