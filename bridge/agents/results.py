"""[sans-IO] What the result of a virtual agent's step means, and what it does then."""

from bridge.agents.messages import (
    AgentCommand,
    AgentPhase,
    GoNotReady,
    GoReady,
    JoinService,
    LeaveService,
    LoggedIn,
    LoginRefused,
    LogOut,
    ReadStatus,
    StepDone,
    StepDropped,
    StepFailed,
    StepResult,
)
from bridge.agents.record import AgentRecord, Joined
from bridge.agents.settling import become_ready, join_failed, leave_failed, look_failed
from bridge.errors import InvalidTransition

P = AgentPhase


def login_result(agent: AgentRecord, result: StepResult, now: float) -> None:
    """A log-in has an end, good or bad."""
    match result:
        case LoggedIn(session, days):
            # Counted as a failure until the session has proved good: one that is lost at once must not be remade
            # again and again.
            agent.login_at = now + agent.logins.fail()
            agent.session, agent.joined, agent.arrived = session, None, True
            agent.days_until_password_expires = days
            # It may be in its service already: sessions outlive the bridge. And it may no longer be wanted there.
            agent.leaves.reset()
            agent.enter(P.JOINING if agent.wants_session else P.LEAVING, "logged in", (now, ReadStatus()))
            if days is not None and days < agent.policy.password_warning_days:
                agent.alarm(f"the password expires in {days} days: change it in LiveVox and in the settings")
        case StepDropped():
            agent.rest("not sent", now)
        case LoginRefused(permanent=True):
            agent.enter(P.LOCKED, result.detail)
            agent.alarm(f"no more log-ins until an operator resumes the agent: {result.detail}")
        case LoginRefused():
            agent.login_at = now + agent.refused_logins.fail(result.retry_after_s)
            agent.rest(result.detail, now)
            agent.alarm_if_lasting(agent.refused_logins, result.detail)
        case StepFailed():
            agent.login_at = now + agent.logins.fail(result.retry_after_s)
            agent.rest(result.detail, now)
            agent.alarm_if_lasting(agent.logins, result.detail)
        case _:
            raise InvalidTransition(agent.phase, type(result).__name__)


def step_result(agent: AgentRecord, command: AgentCommand, result: StepResult, now: float) -> None:
    """A step went well, or failed with its session alive."""
    phase = agent.phase
    match command, result:
        case ReadStatus(), StepFailed():
            look_failed(agent, result, now)
        case JoinService(), StepDone() if phase is P.JOINING:
            agent.joined = Joined(now, answered=True)
            agent.look(now)
        case JoinService(), StepFailed() if phase is P.JOINING:
            _join_failed(agent, result, now)
        case GoReady(), StepDone() if phase in (P.NOT_READY, P.CYCLING):
            become_ready(agent, "Ready", now)
            agent.look(now + agent.policy.verify_s)
        case GoReady(), StepFailed() if phase in (P.NOT_READY, P.CYCLING):
            wait = agent.readies.fail(result.retry_after_s)
            agent.alarm_if_lasting(agent.readies, result.detail)
            agent.enter(P.NOT_READY, result.detail, (now + wait, ReadStatus()))
        case GoNotReady(), StepDone() if phase in (P.CYCLING, P.LEAVING):
            agent.look(now)
        case GoNotReady(), StepFailed() if phase is P.CYCLING:
            agent.look(now + agent.policy.verify_s)
        case GoNotReady(), StepFailed() if phase is P.LEAVING:
            leave_failed(agent, result.detail, now)
        case GoNotReady(), _ if phase is P.READY:
            # It was under way while a call came and went: LiveVox may have done it after the call.
            agent.look(now)
        # In other phases something has happened meanwhile that has said already what is next.


def _join_failed(agent: AgentRecord, failure: StepFailed, now: float) -> None:
    if agent.call is not None:
        agent.enter(P.ON_CALL, "a call is open", (now + agent.policy.session_s / 2, ReadStatus()))
    elif failure.maybe_done:
        agent.joined = Joined(now, answered=False)
        agent.look(now + agent.policy.register_poll_s)
    else:
        join_failed(agent, failure.detail, now, failure.retry_after_s)


def log_out_result(agent: AgentRecord, command: AgentCommand, result: StepResult, now: float) -> None:
    """A step ended while the agent logs out: the next step, whatever happens, after a few tries."""
    lost = isinstance(result, StepFailed) and result.session_lost
    failed = isinstance(result, StepFailed) and not lost
    if failed and command in (LeaveService(), LogOut()):
        wait = agent.leaves.fail()
        if agent.leaves.failures < agent.policy.leave_tries:
            agent.next = (now + wait, command)
            return
    if lost or command == LogOut():
        agent.rest("logged out", now)
    elif command == LeaveService():
        agent.leaves.reset()
        agent.next = (now, LogOut())
