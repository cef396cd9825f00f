"""[sans-IO] What the pool asks of the zygote, the process that forks the SIP workers, and what the zygote reports."""

from dataclasses import dataclass

#: The shortest session interval, in seconds (RFC 4028 section 4); pjsip aborts when it is given less.
SHORTEST_SESSION_S = 90


@dataclass(frozen=True)
class WorkerSettings:
    """What every worker is started with, as one frame on the zygote's command line."""

    inside_port: int
    """The edge's port on 127.0.0.1: all that a worker sends goes there."""
    contact: str
    """Host and port of the edge as the other side sees them, "host:port"."""
    user_agent: str
    session_expires_s: int
    """Our Session-Expires (RFC 4028)."""
    min_se_s: int
    """Our Min-SE: shorter intervals are refused with 422."""
    transaction_timeout_s: float
    """How long an unanswered request is waited for: timers B, F and H of RFC 3261 section 17, which say 32 s."""


@dataclass(frozen=True)
class ForkWorker:
    """Fork a worker; its end of the channel comes with this message as a file descriptor."""

    worker: int


@dataclass(frozen=True)
class WorkerForked:
    """The worker's process exists."""

    worker: int
    pid: int


@dataclass(frozen=True)
class WorkerExited:
    """The worker's process is gone."""

    pid: int
    status: int
    """As os.waitstatus_to_exitcode says it: the exit code, or minus the signal's number."""
