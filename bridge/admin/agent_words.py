"""[sans-IO] What a virtual agent waits for, in words."""

from bridge.admin.instants import instant
from bridge.agents.messages import AgentPhase
from bridge.agents.view import AgentView

P = AgentPhase

_UNDER_WAY = {
    P.LOGGING_IN: "LiveVox's answer to its log-in",
    P.JOINING: "LiveVox to show it in its service",
    P.NOT_READY: "LiveVox to take it as Ready",
    P.CYCLING: "its hourly Not Ready and Ready to be done",
    P.LEAVING: "LiveVox to show it Not Ready",
    P.LOGGING_OUT: "LiveVox to let it leave and log out",
}


def waits_for(agent: AgentView, opens_at: float | None) -> str:
    """What must come before it moves on. `opens_at`: when the open hours begin, in epoch seconds; None: no more."""
    match agent.state:
        case P.READY:
            return "a call"
        case P.ON_CALL | P.WRAP_UP:
            return _busy(agent)
        case P.LOCKED:
            return "an operator: LiveVox refused its credentials; correct them, then resume it"
        case P.PAUSED:
            return "an operator to resume it"
        case P.CLOSED:
            return "the open hours" if opens_at is None else f"the open hours, which begin {instant(opens_at)}"
        case P.LOGGED_OUT:
            return _logged_out(agent)
    return _UNDER_WAY[agent.state] + _next_try(agent)


def _busy(agent: AgentView) -> str:
    then = ", then to be paused" if agent.paused else ""
    if agent.state is P.ON_CALL:
        what = f"the end of call {agent.call}" if agent.call else "the INVITE of the call LiveVox shows, or its end"
    elif agent.call:
        what = f"LiveVox to take the disposition of call {agent.call}"
    else:
        what = "the wrap-up of a call that is none of ours: the bridge sets its term code"
    return what + then


def _logged_out(agent: AgentView) -> str:
    if agent.next_step_s is None:
        return "nothing: the bridge stops"
    return f"its next log-in in {agent.next_step_s:.0f} s"


def _next_try(agent: AgentView) -> str:
    """Those that are soon are not worth a word."""
    return f", tried again in {agent.next_step_s:.0f} s" if (agent.next_step_s or 0) >= 1 else ""
