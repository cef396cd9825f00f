"""[sans-IO] When a virtual agent does things: its intervals and limits, and the arithmetic of waiting."""

import math
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class AgentPolicy:
    """Intervals and limits of a virtual agent's life; all in seconds."""

    cycle_s: float = 3600
    """An idle agent goes Not Ready and Ready again so often (LiveVox's guide: every hour)."""
    cycle_retry_s: float = 300
    """A cycle that did not succeed is tried again after that."""
    session_s: float = 7200
    """LiveVox drops a session that is not used for so long."""
    reconcile_s: float = 300
    """How often an idle agent's state is compared with LiveVox's."""
    verify_s: float = 1
    """After Ready, when the state is read to see that it held."""
    step_timeout_s: float = 30
    """A step that has no result by then counts as failed, perhaps done."""
    login_backoff_s: tuple[float, float] = (1, 300)
    """Wait after a log-in before the next one, the longest it grows to while sessions do not come or do not last."""
    refused_login_backoff_s: tuple[float, float] = (30, 900)
    """The same while LiveVox answers log-ins with an error that may mean a wrong password: five of those lock it."""
    join_backoff_s: tuple[float, float] = (5, 300)
    ready_backoff_s: tuple[float, float] = (5, 300)
    """Wait before Ready again when LiveVox does not leave the agent Ready."""
    look_backoff_s: tuple[float, float] = (1, 60)
    """Wait after failed status requests."""
    look_limit: int = 6
    """So many failed status requests in a row say that an idle agent may have lost its service."""
    register_poll_s: float = 1
    register_limit_s: float = 300
    """After joining, status fails until LiveVox knows the agent: so long it is awaited."""
    join_grace_s: float = 15
    """So long it is awaited where the join had no answer, where status answers LOGOFF, or where a call waits for it."""
    busy_poll_s: float = 5
    """How often an agent is looked at that is busy without a call of ours."""
    stuck_wrap_up_s: float = 30
    """Wrap-up without a call of ours is reported after that, and again each time so much more has passed."""
    stuck_call_s: float = 120
    """The same for a call that only LiveVox's status shows."""
    steady_s: float = 600
    """An agent that was Ready for so long has no old troubles."""
    alarm_after: int = 3
    """So many failures in a row are an alarm."""
    leave_backoff_s: tuple[float, float] = (1, 60)
    leave_tries: int = 3
    """So often each step of leaving is tried before the next one is taken."""
    password_warning_days: int = 7


class Backoff:
    """Waits that double from the first limit to the second, each lengthened by up to a half so that agents spread."""

    def __init__(self, limits: tuple[float, float], chance: Random) -> None:
        self.failures = 0
        self._first, self._longest = limits
        self._chance = chance

    def fail(self, at_least: float | None = None) -> float:
        """Count a failure; returns how long to wait, in seconds."""
        # 2 ** 60 times any first wait is past every longest one; much larger powers do not fit a float.
        wait: float = min(self._first * 2.0 ** min(self.failures, 60), self._longest)
        self.failures += 1
        return max(wait * self._chance.uniform(1.0, 1.5), at_least or 0.0)

    def reset(self) -> None:
        """It worked: the next failure is the first again."""
        self.failures = 0


class LoginPace:
    """Lets log-ins of all agents begin one after the other, `per_s` a second; a call that waits for one goes first."""

    def __init__(self, per_s: float) -> None:
        self._interval_s = 1 / per_s
        self._free_at = -math.inf

    def change(self, per_s: float) -> None:
        """So many a second from now on; slots that were given stay."""
        self._interval_s = 1 / per_s

    def slot(self, now: float, *, urgent: bool = False) -> float:
        """When the next log-in may begin."""
        at = now if urgent else max(now, self._free_at)
        self._free_at = max(now, self._free_at) + self._interval_s
        return at


def next_slot(after: float, period_s: float, spread: float) -> float:
    """The first moment later than `after` that lies `spread` of a period into a period."""
    offset = period_s * spread
    slot = (math.floor((after - offset) / period_s) + 1) * period_s + offset
    # Rounding may land on `after` itself.
    return slot if slot > after else slot + period_s
