"""Reading agent/status."""

from typing import Any

import pytest
from pydantic import ValidationError

from bridge.livevox.agent_status import AgentStatus, AgentStatusAnswer, CallOnLine, Line, LineState

#: The shape of livevox_api section 2.5.
SAMPLE: dict[str, Any] = {
    "agentCallConnected": True,
    "agentMuted": False,
    "service": {"callsInProgress": 3, "callsRemaining": 0, "callsOnHold": 0, "reloadServiceFeatures": False},
    "lines": [
        {
            "lineNumber": "ACD",
            "active": True,
            "callControl": True,
            "state": "INCALL",
            "stateChangedTime": "1576798205000",
            "conferenceInitiated": False,
            "callConferenced": False,
            "transferToQueue": False,
            "call": {
                "callTransactionId": "108821676850",
                "callSessionId": "U5EF8FT5DFC07F9@10.101.21.216",
                "firstName": "LV",
                "lastName": "SUP",
                "callRequiresAcceptance": False,
                "callRecordingStarted": True,
                "serviceId": 22131,
                "callCenterId": 1623,
                "accountNumber": "abc",
                "phoneNumber": "2134634007",
                "accountNumberRequired": False,
            },
        }
    ],
}


def read(body: Any) -> AgentStatus | None:
    return next(iter(AgentStatusAnswer.model_validate(body).agent_status), None)


@pytest.mark.parametrize("body", [{"agentStatus": [SAMPLE]}, {"agentStatus": SAMPLE}])
def test_the_status_may_be_in_a_list_or_alone(body: Any) -> None:
    status = read(body)
    assert status is not None and status.call is not None
    assert (status.state, status.agent_call_connected) == (LineState.INCALL, True)
    assert status.call.call_transaction_id == "108821676850"
    assert status.call.call_session_id == "U5EF8FT5DFC07F9@10.101.21.216"
    assert (status.call.service_id, status.call.call_center_id) == ("22131", "1623")
    assert (status.call.phone_number, status.call.account_number) == ("2134634007", "abc")
    line = status.line("acd")
    assert line is not None and line.state_changed_time == 1576798205000


@pytest.mark.parametrize("body", [{"agentStatus": []}, {"agentStatus": None}, {}])
def test_nothing_is_said_when_nothing_changed(body: Any) -> None:
    assert read(body) is None


@pytest.mark.parametrize("lines", [None, [], [{"lineNumber": "DIRECT", "state": "READY"}]])
def test_without_an_acd_line_there_is_no_state_and_no_call(lines: Any) -> None:
    status = read({"agentStatus": [{"lines": lines}]})
    assert status is not None
    assert (status.line(), status.state, status.call) == (None, "", None)


@pytest.mark.parametrize("call", [None, {}, {"callTransactionId": None}, {"callTransactionId": ""}])
def test_a_call_without_a_transaction_id_is_none(call: Any) -> None:
    status = read({"agentStatus": [{"lines": [{"state": "READY", "call": call}]}]})
    assert status is not None and status.call is None


@pytest.mark.parametrize(
    ("said", "state"),
    [("WRAPUP", "WRAPUP"), ("WRAP_UP", "WRAPUP"), ("not_ready", "NOTREADY"), (None, ""), ("NEW_ONE", "NEWONE")],
)
def test_states_are_kept_known_or_not(said: Any, state: str) -> None:
    assert Line.model_validate({"state": said}).state == state


def test_every_flag_may_be_null_or_text() -> None:
    line = Line.model_validate(
        {
            "callConferenced": "true",
            "conferenceInitiated": None,
            "transferToQueueFailed": 1,
            "callTransferredToAgent": None,
        }
    )
    assert (line.call_conferenced, line.conference_initiated, line.transfer_to_queue_failed) == (True, False, True)
    assert line.call_transferred_to_agent == ""


@pytest.mark.parametrize(
    "body", [{"agentStatus": "READY"}, {"agentStatus": [SAMPLE | {"lines": 5}]}, {"agentStatus": [None]}, [], "x", 5]
)
def test_other_shapes_are_refused(body: Any) -> None:
    with pytest.raises(ValidationError):
        AgentStatusAnswer.model_validate(body)


def test_a_status_can_be_built_by_field_names() -> None:
    call = CallOnLine(call_transaction_id="7")
    assert AgentStatus(lines=(Line(state=LineState.WRAPUP, call=call),)).call == call
