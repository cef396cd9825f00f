"""[sans-IO] agent/status, screenpop and the term code list as they look on the wire (livevox_api 2.5 to 2.7)."""

from typing import Any

from bridge.simulator.faults import StatusShape, StatusUnchanged, TermCodeShape
from bridge.simulator.floor import Agent, Call, Floor
from bridge.simulator.states import ON_THE_LINE, AgentState, BridgeLeg, Customer, TransferStep
from bridge.simulator.world import Service


def status_view(floor: Floor, agent: Agent, changed_after_ms: int | None) -> dict[str, Any]:
    """agent/status; without objects when nothing changed after the given time."""
    changed_ms = int(agent.changed_at * 1000)
    if changed_after_ms is not None and changed_ms <= changed_after_ms:
        return {} if floor.faults.status_unchanged is StatusUnchanged.MISSING else {"agentStatus": []}
    peers = [one for one in floor.agents.values() if one.service is agent.service and one.service is not None]
    view: dict[str, Any] = {
        "agentCallConnected": agent.call is not None and agent.call.leg is BridgeLeg.UP,
        "agentMuted": False,
        "agentCallFailed": agent.failed_status is not None,
        "service": {
            "callsInProgress": sum(1 for one in peers if one.state in ON_THE_LINE),
            "callsRemaining": 0,
            "callsOnHold": sum(1 for one in peers if one.state is AgentState.HOLD),
            "reloadServiceFeatures": False,
        },
        "lines": [_line(floor, agent, changed_ms)],
    }
    if agent.failed_status is not None:
        view["agentCallFailedErrorCode"] = agent.failed_status
    if agent.reason_code:
        view["reasonCode"] = agent.reason_code
    return {"agentStatus": view if floor.faults.status_shape is StatusShape.OBJECT else [view]}


def screen_pop(call: Call | None) -> dict[str, Any]:
    """The screen pop of the call on the line; an empty object without one."""
    if call is None:
        return {}
    rows = {
        "FIRST NAME": call.first_name,
        "LAST NAME": call.last_name,
        "ACCOUNT NUMBER": call.account,
        "PHONE DIALED": call.caller_number,
        "Call Direction": "Inbound",
        "Classification": "English",
        "Call Skill Name": "Virtual Agent",
    }
    return {"screenPopRow": [{"key": key, "value": value} for key, value in rows.items()]}


def term_code_list(service: Service, shape: TermCodeShape) -> Any:
    """The term codes of a service."""
    categories = []
    for category in service.categories:
        codes = [
            {
                "id": code.id,
                "name": code.name,
                "lvResultId": code.lv_result_id,
                "lvResult": code.lv_result,
                "reportDisplayOrder": order,
                "previewDialEnabled": False,
                "actionType": code.action_type,
                "paymentAmtRequired": code.payment_amt_required,
                "triggerDnc": False,
            }
            for order, code in enumerate(category.term_codes)
        ]
        categories.append({"name": category.name, "termCodes": codes})
    if shape is TermCodeShape.BARE:
        return [code for category in categories for code in category["termCodes"]]
    return {"termCodeCategories": categories}


def _line(floor: Floor, agent: Agent, changed_ms: int) -> dict[str, Any]:
    call = agent.call
    transfer = call.transfer if call else None
    step = transfer.step if transfer else None
    queue = transfer is not None and transfer.contact.internal_queue
    line: dict[str, Any] = {
        "lineNumber": "ACD",
        "displayName": "ACD",
        "active": True,
        "callControl": True,
        "state": str(agent.state),
        "stateChangedTime": str(changed_ms),
        "playingMessage": False,
        "customerDisconnectedBeforeBridge": agent.abandoned,
        "conferenceInitiated": transfer is not None and transfer.active,
        "supervisorCallSuccessBeforeConferenced": step is TransferStep.ANSWERED,
        "callConferenced": step is TransferStep.CONFERENCED,
        "transferToQueue": queue and transfer is not None and transfer.active,
        "transferToQueueFailed": queue and step is TransferStep.FAILED,
        "transferCallOnHold": transfer is not None and call is not None and call.customer is Customer.ON_HOLD,
    }
    if transfer is not None and transfer.contact.number:
        line["supervisorPhoneNumber"] = transfer.contact.number
    if call is not None and (agent.state is not AgentState.RESERVED or floor.faults.call_while_reserved):
        line["call"] = _call(call)
    return line


def _call(call: Call) -> dict[str, Any]:
    view = {
        "callTransactionId": call.transaction_id,
        "callSessionId": call.session_id,
        "firstName": call.first_name,
        "lastName": call.last_name,
        "callRequiresAcceptance": False,
        "callRecordingStarted": call.leg is BridgeLeg.UP,
        "serviceId": call.service.id,
        "callCenterId": call.service.call_centre_id,
        "phoneNumber": call.caller_number,
        "accountNumberRequired": False,
    }
    if call.account:
        view["accountNumber"] = call.account
    return view
