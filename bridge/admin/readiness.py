"""[sans-IO] Whether the bridge can take calls, and what is wrong with it, in words.

What stands in the way is only what another bridge in this one's place would not have: a load balancer acts on it. What
they would share (LiveVox, the engines), and what calls go on without, is a warning.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bridge.admin.instants import instant
from bridge.agents.messages import AgentPhase


@dataclass(frozen=True)
class Reason:
    """One thing that is wrong."""

    code: str
    """A snake_case name."""
    message: str
    """For people: what it is, and what follows or helps."""


@dataclass(frozen=True)
class Condition:
    """What is looked at, at one moment; times in epoch seconds."""

    started: bool
    draining_since: float | None
    workers: int
    """SIP workers that run."""
    media_runs: bool
    agents: Mapping[AgentPhase, int]
    """How many are in each phase."""
    agents_in_service: int
    """Those an INVITE may be taken for."""
    full: bool
    """As many calls as are allowed."""
    journal_failing_s: float | None
    """For how long it could not be written; None: it can."""
    livevox_lost_since: float | None
    engines_out: Sequence[str] = field(default=())
    """Those that get no calls: their circuit is open."""


def obstacles(seen: Condition) -> list[Reason]:
    """Why no call can be taken; none: the bridge is ready."""
    return list(_obstacles(seen))


def warnings(seen: Condition) -> list[Reason]:
    """What an operator should look at, though calls are taken."""
    return list(_warnings(seen))


def _obstacles(seen: Condition) -> Iterator[Reason]:
    if not seen.started:
        yield Reason("starting", "the bridge is starting")
    if seen.draining_since is not None:
        since = instant(seen.draining_since)
        yield Reason("draining", f"the bridge takes no more calls since {since}, and stops when those it has are over")
    if not seen.workers and seen.started:
        yield Reason("no_sip_worker", "no SIP worker runs; the log says why (worker_lost, worker_not_started)")
    if not seen.media_runs:
        yield Reason("no_media_process", "the media process is being started again; the log says why")
    if not seen.agents_in_service and seen.draining_since is None:
        yield Reason("no_agent_in_service", f"every INVITE gets 480: {_whereabouts(seen.agents)}")


def _warnings(seen: Condition) -> Iterator[Reason]:
    if seen.full:
        yield Reason("full", "as many calls as sip.max_calls allows are up: more get 503")
    if seen.livevox_lost_since is not None:
        since = instant(seen.livevox_lost_since)
        yield Reason("livevox_unreachable", f"LiveVox's REST API fails since {since}: calls go on, dispositions wait")
    if seen.journal_failing_s is not None:
        lasted = f"{seen.journal_failing_s:.0f} s"
        yield Reason("journal_failing", f"the journal cannot be written for {lasted}: calls would not survive a crash")
    if seen.engines_out:
        names = ", ".join(seen.engines_out)
        yield Reason("engines_out", f"these engines failed too often and get no calls for now: {names}")
    if locked := seen.agents.get(AgentPhase.LOCKED, 0):
        remedy = "correct the password, then resume the agent"
        yield Reason("agents_locked", f"LiveVox refused the credentials of {_counted(locked)}: {remedy}")


def _whereabouts(agents: Mapping[AgentPhase, int]) -> str:
    total = sum(agents.values())
    parts = ", ".join(f"{count} {phase.replace('_', ' ')}" for phase, count in sorted(agents.items()) if count)
    return f"of {_counted(total)}, {parts}" if parts else "there are no agents"


def _counted(agents: int) -> str:
    return f"{agents} agent" if agents == 1 else f"{agents} agents"
