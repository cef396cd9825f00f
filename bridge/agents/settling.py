"""[sans-IO] What a look at agent/status means for a virtual agent, and what it does then."""

from bridge.agents.messages import (
    AgentCommand,
    AgentPhase,
    AgentStuck,
    GoNotReady,
    GoReady,
    JoinService,
    LeaveService,
    LogOut,
    ReadStatus,
    StatusRead,
    StepFailed,
)
from bridge.agents.policy import next_slot
from bridge.agents.record import AgentRecord, Joined, Standing

P = AgentPhase
LOOK = ReadStatus()


def settle(agent: AgentRecord, status: StatusRead, now: float) -> None:
    """LiveVox has said where the agent stands; it is believed."""
    agent.looks.reset()
    # The session is good: should it be lost now, the next one is not put off for old troubles.
    agent.logins.reset()
    agent.refused_logins.reset()
    agent.login_at = min(agent.login_at, now + agent.policy.login_backoff_s[0])
    standing = Standing.of(status.state)
    if standing is Standing.UNKNOWN and agent.phase is P.JOINING:
        # LiveVox may have nothing to say of an agent that is not in a service, or not yet.
        standing = Standing.OUT if agent.joined is None else Standing.COMING
    if standing is Standing.UNKNOWN:
        detail = f"state {status.state[:40]!r} is not known"
        look_failed(agent, StepFailed(retryable=True, maybe_done=False, session_lost=False, detail=detail), now)
    elif agent.call is not None:
        _settle_on_call(agent, standing, now)
    elif standing in (Standing.BUSY, Standing.WRAP_UP):
        _settle_busy(agent, standing, status, now)
    elif agent.holds:
        _settle_out(agent, standing, now)
    elif standing is Standing.NOT_READY:
        _settle_not_ready(agent, now)
    elif standing is Standing.READY:
        _settle_ready(agent, now)
    else:
        _settle_not_joined(agent, standing, now)


def look_failed(agent: AgentRecord, failure: StepFailed, now: float) -> None:
    """Status told nothing: wait and look again, or do without."""
    wait = agent.looks.fail(failure.retry_after_s)
    match agent.phase:
        case P.JOINING:
            _look_failed_joining(agent, failure, now, wait)
        case P.LEAVING:
            leave_failed(agent, failure.detail, now)
        case P.PAUSED:
            agent.look(now + agent.policy.reconcile_s)
        case P.ON_CALL | P.WRAP_UP if agent.call is not None:
            agent.look(now + agent.policy.session_s / 2)
        case P.READY | P.NOT_READY if not failure.retryable or agent.looks.failures >= agent.policy.look_limit:
            _join_again(agent, failure.detail, now + wait)
        case P.CYCLING | P.ON_CALL | P.WRAP_UP if not failure.retryable:
            _join_again(agent, failure.detail, now + wait)
        case _:
            agent.alarm_if_lasting(agent.looks, failure.detail)
            agent.look(now + wait)


def become_ready(agent: AgentRecord, reason: str, now: float) -> None:
    """LiveVox took the agent's Ready, or shows it."""
    agent.ready_since = now
    agent.cycle_at = next_slot(now, agent.policy.cycle_s, agent.identity.spread)
    agent.enter(P.READY, reason)
    look_when_due(agent, now)


def look_when_due(agent: AgentRecord, now: float) -> None:
    """The routine look at an idle agent, or the one that begins its cycle."""
    # From half a period to one and a half, and every agent at its own time.
    routine = next_slot(now + agent.policy.reconcile_s / 2, agent.policy.reconcile_s, agent.identity.spread)
    agent.look(min(routine, agent.cycle_at))


def join_failed(agent: AgentRecord, detail: str, now: float, at_least: float | None = None) -> None:
    """Look again later: the agent may have been joined by then, or joins again."""
    wait = agent.joins.fail(at_least)
    agent.joined = None
    agent.alarm_if_lasting(agent.joins, detail)
    agent.look(now + wait)


def leave_failed(agent: AgentRecord, detail: str, now: float, then: AgentCommand = LOOK) -> None:
    """A pause waits until LiveVox shows Not Ready; whoever logs out goes on after a few tries."""
    wait = agent.leaves.fail()
    if agent.leaves.failures >= agent.policy.leave_tries and not agent.only_paused:
        log_out(agent, detail, now)
    else:
        agent.alarm_if_lasting(agent.leaves, detail)
        agent.next = (now + wait, then)


def log_out(agent: AgentRecord, reason: str, now: float) -> None:
    """Leave the service, then log out."""
    agent.leaves.reset()
    agent.enter(P.LOGGING_OUT, reason, (now, LeaveService()))


def _settle_on_call(agent: AgentRecord, standing: Standing, now: float) -> None:
    """A call of ours is open: the INVITE is believed more than the status, and Ready is not touched."""
    joining = agent.phase is P.JOINING and standing in (Standing.OUT, Standing.COMING)
    if joining and agent.joined is None and standing is Standing.OUT:
        agent.next = (now, JoinService())
    elif joining and agent.still_registers(now):
        agent.look(now + agent.policy.register_poll_s)
    else:
        phase = P.WRAP_UP if standing is Standing.WRAP_UP else P.ON_CALL
        agent.enter(phase, f"LiveVox shows {standing.value}", (now + agent.policy.session_s / 2, ReadStatus()))


def _settle_busy(agent: AgentRecord, standing: Standing, status: StatusRead, now: float) -> None:
    """LiveVox shows a call or a wrap-up, and no call of ours is open: an INVITE is on its way, or someone is stuck."""
    wrap_up = standing is Standing.WRAP_UP
    phase = P.WRAP_UP if wrap_up else P.ON_CALL
    patience = agent.policy.stuck_wrap_up_s if wrap_up else agent.policy.stuck_call_s
    if agent.busy_since is None or agent.phase is not phase:
        agent.busy_since, agent.stuck_at = now, now + patience
    if now >= agent.stuck_at:
        lasted = now - agent.busy_since
        agent.alarm(f"LiveVox shows {status.state} for {lasted:.0f} s and no call of ours is open")
        number, transaction = agent.identity.number, status.transaction_id
        agent.outputs.append(AgentStuck(number, status.state, transaction, lasted, status.session_id))
        agent.stuck_at = now + patience
    next_look = min(now + agent.policy.busy_poll_s, agent.stuck_at)
    agent.enter(phase, f"LiveVox shows {status.state}", (next_look, ReadStatus()))


def _settle_out(agent: AgentRecord, standing: Standing, now: float) -> None:
    """The agent shall not serve and has no call."""
    if standing is Standing.READY and agent.phase is P.LEAVING:
        leave_failed(agent, "LiveVox leaves the agent Ready", now, GoNotReady())
    elif standing is Standing.READY:
        agent.leaves.reset()
        agent.enter(P.LEAVING, "out of service", (now, GoNotReady()))
    elif agent.only_paused:
        agent.enter(P.PAUSED, "out of service", (now + agent.policy.reconcile_s, ReadStatus()))
    elif standing is Standing.OUT:
        agent.enter(P.LOGGING_OUT, "out of service", (now, LogOut()))
    else:
        log_out(agent, "out of service", now)


def _settle_not_joined(agent: AgentRecord, standing: Standing, now: float) -> None:
    """Join, or wait until a join has worked."""
    at = now
    if agent.phase is not P.JOINING:
        # Somebody took the agent out: the first time it joins at once, then ever later, or the two would fight.
        first, wait = agent.joins.failures == 0, agent.joins.fail()
        agent.joined, at = None, now if first else now + wait
    if standing is Standing.COMING and agent.joined is None:
        agent.joined = Joined(now, answered=True)
    if agent.joined is None:
        agent.enter(P.JOINING, "not in the service", (at, JoinService()))
    elif agent.still_registers(now, logged_off=standing is Standing.OUT):
        agent.enter(P.JOINING, "joined", (now + agent.policy.register_poll_s, ReadStatus()))
    else:
        join_failed(agent, "LiveVox does not register the agent in its service", now)


def _settle_not_ready(agent: AgentRecord, now: float) -> None:
    if agent.phase is P.CYCLING:
        agent.next = (now, GoReady())
    elif agent.phase is P.READY:
        wait = agent.readies.fail()
        agent.alarm_if_lasting(agent.readies, "LiveVox makes the agent Not Ready")
        agent.enter(P.NOT_READY, "LiveVox made the agent Not Ready", (now + wait, GoReady()))
    else:
        agent.enter(P.NOT_READY, "LiveVox shows Not Ready", (now, GoReady()))


def _settle_ready(agent: AgentRecord, now: float) -> None:
    policy = agent.policy
    if agent.phase is P.CYCLING:
        # Not Ready was refused, or has not worked yet: the cycle is still due.
        become_ready(agent, "Not Ready had no effect", now)
        agent.cycle_at = now + policy.cycle_retry_s
        agent.look(now + policy.verify_s)
        return
    if agent.phase is not P.READY:
        become_ready(agent, "LiveVox shows Ready", now)
        return
    if now - agent.ready_since >= policy.steady_s:
        agent.readies.reset()
        agent.joins.reset()
    if now >= agent.cycle_at:
        agent.enter(P.CYCLING, "the cycle is due", (now, GoNotReady()))
    else:
        look_when_due(agent, now)


def _look_failed_joining(agent: AgentRecord, failure: StepFailed, now: float, wait: float) -> None:
    """Before joining an agent may have no status, and for a while after it too."""
    if agent.still_registers(now):
        agent.look(now + agent.policy.register_poll_s)
    elif agent.joined is None and not failure.retryable:
        agent.next = (now, JoinService())
    elif agent.call is not None:
        # Whether the session is good the call's own next request will tell; the customer does not wait for it.
        agent.enter(P.ON_CALL, "a call is open", (now + agent.policy.session_s / 2, ReadStatus()))
    elif agent.joined is not None:
        join_failed(agent, f"LiveVox does not register the agent in its service: {failure.detail}", now)
    elif agent.looks.failures < agent.policy.alarm_after:
        agent.look(now + wait)
    else:
        agent.next = (now, JoinService())


def _join_again(agent: AgentRecord, detail: str, at: float) -> None:
    agent.joined = None
    agent.enter(P.JOINING, f"perhaps no longer in the service: {detail}", (at, ReadStatus()))
