"""[sans-IO] Whether the bridge can take calls, and what is wrong with it, in words.

What stands in the way is only what another bridge in this one's place would not have: a load balancer acts on it. What
they would share (LiveVox, the engines), and what calls go on without, is a warning.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bridge.admin.instants import instant
from bridge.agents.messages import AgentPhase
from bridge.reload.result import Miss, Result

#: A webhook that takes nothing for so long is told, in seconds; one that is started anew takes less.
WEBHOOK_FAILS_S = 300.0


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
    webhooks_failing: Mapping[str, float] = field(default_factory=dict)
    """For how many seconds each of these has taken no message."""
    reload_missed: Miss | None = None
    """The last reload, if it was not done."""


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
    failing = [name for name, lasted in seen.webhooks_failing.items() if lasted >= WEBHOOK_FAILS_S]
    if failing:
        minutes = f"{WEBHOOK_FAILS_S / 60:.0f} minutes"
        yield Reason("webhooks_failing", f"these webhooks take no message for {minutes} or more: {', '.join(failing)}")
    if seen.reload_missed is not None:
        yield _not_reloaded(seen.reload_missed)
    if locked := seen.agents.get(AgentPhase.LOCKED, 0):
        remedy = "correct the password, then resume the agent"
        yield Reason("agents_locked", f"LiveVox refused the credentials of {_counted(locked)}: {remedy}")


def _not_reloaded(missed: Miss) -> Reason:
    at, problems = instant(missed.at), f" ({_counted(missed.problems, 'problem')})" if missed.problems else ""
    if missed.result is Result.FAILED:
        return Reason("settings_half_changed", f"the reload at {at} broke off by {missed.reason}: part of it may hold")
    return Reason("settings_not_reloaded", f"the reload at {at} was refused: {missed.reason}{problems}")


def _whereabouts(agents: Mapping[AgentPhase, int]) -> str:
    total = sum(agents.values())
    parts = ", ".join(f"{count} {phase.replace('_', ' ')}" for phase, count in sorted(agents.items()) if count)
    return f"of {_counted(total)}, {parts}" if parts else "there are no agents"


def _counted(number: int, noun: str = "agent") -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
