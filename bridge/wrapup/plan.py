"""[sans-IO] What a wrap-up is told at its start: the outcome, where the customer may go, and the limits."""

import enum
from dataclasses import dataclass, replace
from typing import Self


class EndCallBy(enum.StrEnum):
    """How LiveVox wants a finished call ended; its documents do not say, so it is a setting."""

    BYE = "bye"
    #: SIP BYE, then the term code.
    CALL_END = "call_end"
    #: POST customer/call/end, then BYE.
    TERM_CODE = "term_code"
    #: The term code ends the call, then BYE.


class CustomerLeg(enum.Enum):
    """Our SIP dialog with LiveVox, and with it the customer."""

    UP = enum.auto()
    GONE = enum.auto()
    #: Ended, by whichever side.
    LOST = enum.auto()
    #: Nobody holds it any more: LiveVox still has the customer on it, and no BYE can be sent.


@dataclass(frozen=True)
class Disposition:
    """What LiveVox is to write down of a call."""

    outcome: str
    """Name of [outcomes]."""
    term_code: str
    """Name of a term code; each service has its own id for it."""
    notes: str = ""
    payment_amount: str = ""
    account: str = ""


@dataclass(frozen=True)
class CallIds:
    """LiveVox's names for a call, as its INVITE or an earlier status said; None: not known."""

    transaction_id: str | None = None
    session_id: str | None = None
    service_id: str | None = None


@dataclass(frozen=True)
class Limits:
    """Times in seconds."""

    poll_s: float = 1.0
    """Between two looks at the agent's status."""
    first_poll_s: float = 0.25
    """The first wait after a step that should change the status; it doubles up to `poll_s`."""
    first_look_s: float = 8.0
    """The INVITE may come before the status shows the call: how long to wait for it to appear."""
    end_s: float = 8.0
    """For LiveVox to notice the end of the call; then the next way of ending it is tried."""
    hang_up_s: float = 1.0
    """From our order to hang up to the first look, if our leg does not report its end before."""
    verify_s: float = 6.0
    """An acknowledged term code may show in the status so late; then it is set again."""
    prepare_s: float = 15.0
    """For LiveVox to take the order for a transfer: status, phonebook, the order itself; the customer hears nothing."""
    transfer_s: float = 60.0
    """For one contact to take the customer."""
    start_s: float = 5.0
    """For a transfer to show in the status; one that was not acknowledged has less on a line that has not changed."""
    settle_s: float = 2.0
    """After a request that may have been carried out: before the look that decides."""
    join_s: float = 5.0
    """For a human who has answered and the customer to be shown together."""
    reconnect_s: float = 10.0
    """For the customer to be back with us after a failed transfer."""
    retry_s: float = 1.0
    """The first wait after a failure; it doubles up to `retry_max_s`."""
    retry_max_s: float = 30.0
    retry_waiting_s: float = 2.0
    """Instead of `retry_max_s` while a customer waits for a transfer."""
    refused_s: float = 120.0
    """A step LiveVox refuses for so long, without trouble of its own, is given up."""
    give_up_s: float = 3600.0
    """Nothing matters after that: the disposition is reported as unconfirmed."""


@dataclass(frozen=True)
class OrderGiven:
    """Something LiveVox was asked for by a bridge that has died since."""

    name: str
    """Of the term code, or of the contact."""
    certain: bool
    """LiveVox has acknowledged it."""
    ago_s: float
    """When that was, in seconds before the wrap-up began."""


@dataclass(frozen=True)
class Before:
    """How far an earlier bridge had come with the same wrap-up."""

    contact: OrderGiven | None = None
    """The first one of `Plan.transfer` was ordered."""
    leaving: bool = False
    """That contact was there, and the conference was to be left."""
    handed_to: str = ""
    """The contact that has the customer; then nothing is transferred any more."""
    term_code: OrderGiven | None = None
    """It may have reached LiveVox: no other one is set."""


@dataclass(frozen=True)
class Plan:
    """What is to become of a call."""

    agent: str
    """Its number, 10 digits."""
    ids: CallIds
    disposition: Disposition
    """Of a call that just ends, and of one whose transfer succeeds."""
    customer_hung_up: Disposition
    """Of a call whose customer leaves while the transfer is under way."""
    transfer_failed: Disposition
    """Of a call that no contact took and no bot takes back."""
    default_term_code: str
    """Name of the term code of outcome `default`, for a service that lacks the one wanted."""
    transfer: tuple[str, ...] = ()
    """Names of phonebook contacts, in the order they are tried; none: no transfer."""
    end_call: EndCallBy = EndCallBy.BYE
    phone_dialed: str = ""
    """The customer's number; empty: as the status says it."""
    customer: CustomerLeg = CustomerLeg.UP
    bot_present: bool = False
    """A bot can take the customer back if the transfer fails."""
    seen_in_status: bool = False
    """The status has shown this call, or the call is so old that it must have: nothing on the line means it is over."""
    named_only: bool = False
    """Only a status that names this very call is of it: the call was given up, and the agent may have had others."""
    move_to_not_ready: bool = False
    """The agent is wanted Not Ready after the call: it is paused, drained or out of hours."""
    limits: Limits = Limits()
    before: Before = Before()

    def leaving(self) -> Self:
        """The same for an agent that is wanted out of service: Ready for a moment, it would get another customer."""
        return replace(self, move_to_not_ready=True)
