"""[sans-IO] The answer of agent/status: an agent's lines, the call on each, how a transfer stands (livevox_api 2.5)."""

import enum
from typing import Annotated, Any

from pydantic import BeforeValidator

from bridge.livevox.scalars import AnswerPart, Flag, Listed, OptionalId, OptionalInt, Text

ACD_LINE = "ACD"


class LineState(enum.StrEnum):
    """The states LiveVox is known to say; a line's state is text and may be another."""

    LOGOFF = "LOGOFF"
    LOGON = "LOGON"
    REGISTERING = "REGISTERING"
    NOTREADY = "NOTREADY"
    READY = "READY"
    RESERVED = "RESERVED"
    DIALING = "DIALING"
    INCALL = "INCALL"
    HOLD = "HOLD"
    TRANSFERRING = "TRANSFERRING"
    WRAPUP = "WRAPUP"
    MANUALDIAL = "MANUALDIAL"
    PREVIEWDIAL = "PREVIEWDIAL"


def _state(value: Any) -> Any:
    """The realtime feed writes NOT_READY where agent/status writes NOTREADY."""
    if value is None:
        return ""
    return value.upper().replace("_", "").replace(" ", "") if isinstance(value, str) else value


class CallOnLine(AnswerPart):
    """The call on a line; it stays through wrap-up until the term code is saved."""

    call_transaction_id: OptionalId = None
    call_session_id: OptionalId = None
    service_id: OptionalId = None
    call_center_id: OptionalId = None
    account_number: Text = ""
    phone_number: Text = ""
    first_name: Text = ""
    last_name: Text = ""
    account_number_required: Flag = False
    call_recording_started: Flag = False


class Line(AnswerPart):
    """One line of an agent; virtual agents work on ACD."""

    line_number: Text = ACD_LINE
    state: Annotated[str, BeforeValidator(_state)] = ""
    state_changed_time: OptionalInt = None
    """Epoch milliseconds."""
    customer_disconnected_before_bridge: Flag = False
    conference_initiated: Flag = False
    supervisor_call_success_before_conferenced: Flag = False
    """The second party has answered and the customer is not with it yet."""
    call_conferenced: Flag = False
    transfer_to_queue: Flag = False
    transfer_to_queue_failed: Flag = False
    transfer_call_on_hold: Flag = False
    call_transferred_to_agent: Text = ""
    call: CallOnLine | None = None


class AgentStatus(AnswerPart):
    """What LiveVox says of the session's agent."""

    agent_call_connected: Flag = False
    """The agent's own audio leg is up."""
    agent_call_failed: Flag = False
    agent_call_failed_error_code: OptionalInt = None
    reason_code: Text = ""
    lines: Annotated[tuple[Line, ...], Listed] = ()

    def line(self, name: str = ACD_LINE) -> Line | None:
        """The line of that name."""
        return next((line for line in self.lines if line.line_number.upper() == name.upper()), None)

    @property
    def state(self) -> str:
        """The state of the ACD line; "" where there is none."""
        line = self.line()
        return line.state if line else ""

    @property
    def call(self) -> CallOnLine | None:
        """The call on the ACD line, if it has a transaction id."""
        line = self.line()
        return line.call if line and line.call and line.call.call_transaction_id else None


class AgentStatusAnswer(AnswerPart):
    """`agentStatus` is a list on live systems; an object, null or nothing at all are taken too."""

    agent_status: Annotated[tuple[AgentStatus, ...], Listed] = ()
