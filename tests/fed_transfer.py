"""A transfer fed by hand: what the agent's line says of it, and the steps it takes."""

from bridge.livevox.agent_status import AgentStatus
from bridge.wrapup import (
    Answer,
    Failure,
    JoinCustomer,
    LeaveConference,
    ListPhonebook,
    Reconnect,
    StartTransfer,
    TransferFailed,
)
from tests.fed_wrapup import Fed, plan, status

INCALL, WRAPUP, READY = status("INCALL"), status("WRAPUP"), status("READY", None)
RINGING = status("TRANSFERRING", conference_initiated=True)
ANSWERED = status("TRANSFERRING", conference_initiated=True, supervisor_call_success_before_conferenced=True)
TOGETHER = status("TRANSFERRING", conference_initiated=True, call_conferenced=True)
QUEUED = status("INCALL", transfer_to_queue=True)
QUEUE_FAILED = status("INCALL", transfer_to_queue=True, transfer_to_queue_failed=True)
ON_HOLD = status("HOLD", transfer_call_on_hold=True)
#: After which the rest of a wrap-up is not looked at.
END = {"TransferSucceeded", "TransferFailed", "HangUpCustomer", "ListTermCodes"}


def names(fed: Fed) -> list[str]:
    """The steps up to the end of the transfer."""
    found = []
    for name in fed.names:
        found.append(name)
        if name in END:
            break
    return found


def reason(fed: Fed) -> str:
    """Why the transfer failed, as it was told."""
    (failed,) = [step for step in fed.steps if isinstance(step, TransferFailed)]
    return failed.reason


def played(
    *statuses: AgentStatus | None | Failure,
    contacts: tuple[str, ...] = ("Desk",),
    **answers: list[Answer | Failure],
) -> Fed:
    """A transfer to Desk, or to these contacts, played to its end; `answers` by the name of their step."""
    kinds = {kind.__name__: kind for kind in (ListPhonebook, StartTransfer, JoinCustomer, LeaveConference, Reconnect)}
    fed = Fed(
        plan(transfer=contacts),
        [*statuses, WRAPUP, READY],
        {kinds[name]: given for name, given in answers.items()},
    )
    fed.play()
    return fed


BEGIN = ["ListPhonebook", "StartTransfer", "TransferUnderWay"]
HANDED_OVER = [*BEGIN, "LeaveConference", "TransferSucceeded"]


def fed_until(kind: type, *statuses: AgentStatus, **changes: bool) -> Fed:
    """Played until a step of this kind is in flight."""
    fed = Fed(plan(transfer=("Desk",), **changes), statuses)
    fed.play(before=kind)
    return fed
