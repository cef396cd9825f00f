"""[sans-IO] A wrap-up's requests by the names that timeline and journal have for them, and which are not repeated."""

from bridge.wrapup.steps import (
    EndCall,
    JoinCustomer,
    LeaveConference,
    ListPhonebook,
    ListTermCodes,
    ReadStatus,
    ReadyAgent,
    Reconnect,
    Request,
    SetTermCode,
    StartTransfer,
)

#: The endpoint as the API's documents name it.
NAMES: dict[type[Request], str] = {
    ReadStatus: "agent/status",
    ListTermCodes: "agent/termCode",
    SetTermCode: "call/termCode",
    EndCall: "customer/call/end",
    ReadyAgent: "status/ready",
    ListPhonebook: "phonebook/ext",
    StartTransfer: "conference/phonebook",
    JoinCustomer: "conference/customer",
    LeaveConference: "conference/leave",
    Reconnect: "conference/reconnect",
}
#: After one of these LiveVox must be looked at before it is given again: it is on disk before it is given.
UNREPEATABLE = (SetTermCode, StartTransfer, EndCall, JoinCustomer, LeaveConference, Reconnect)


def name_of(step: Request) -> str:
    """Its name in timeline and journal."""
    return NAMES[type(step)]


def about(step: Request) -> str:
    """The term code or the contact it is about; empty for the others."""
    match step:
        case SetTermCode(name=name):
            return name
        case StartTransfer(contact=contact):
            return contact
    return ""
