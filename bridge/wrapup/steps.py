"""[sans-IO] The steps of a wrap-up: what LiveVox is asked, what the controller is told, and how a step can fail."""

import enum
from dataclasses import dataclass
from typing import Self

from bridge.livevox.agent_status import AgentStatus
from bridge.livevox.errors import LiveVoxError, LiveVoxRefused, SessionLost
from bridge.livevox.phonebook import Phonebook
from bridge.livevox.term_codes import TermCodeChoice, TermCodes
from bridge.wrapup.plan import Disposition

# For LiveVox. Each is done with the answer its docstring names, or it fails.


@dataclass(frozen=True)
class ReadStatus:
    """POST agent/status, without stateChangedAfter; answer: AgentStatus, or None when LiveVox says nothing."""


@dataclass(frozen=True)
class ListTermCodes:
    """GET agent/termCode; answer: TermCodes."""

    service_id: str
    fresh: bool
    """False: a list kept from an earlier answer will do."""


@dataclass(frozen=True)
class SetTermCode:
    """PUT agent/call/termCode; answer: None."""

    choice: TermCodeChoice
    name: str


@dataclass(frozen=True)
class EndCall:
    """POST agent/customer/call/end; answer: None."""


@dataclass(frozen=True)
class ReadyAgent:
    """POST agent/status/ready; answer: None."""


@dataclass(frozen=True)
class ListPhonebook:
    """GET agent/phonebook/ext; answer: Phonebook."""

    service_id: str
    fresh: bool
    """False: a list kept from an earlier answer will do."""


@dataclass(frozen=True)
class StartTransfer:
    """POST agent/conference/phonebook; answer: None."""

    book_id: str
    contact_id: str
    contact: str
    """Its name."""


@dataclass(frozen=True)
class JoinCustomer:
    """POST agent/conference/customer; answer: None."""


@dataclass(frozen=True)
class LeaveConference:
    """POST agent/conference/leave; answer: None."""


@dataclass(frozen=True)
class Reconnect:
    """POST agent/conference/reconnect; answer: None."""


Request = (
    ReadStatus
    | ListTermCodes
    | SetTermCode
    | EndCall
    | ReadyAgent
    | ListPhonebook
    | StartTransfer
    | JoinCustomer
    | LeaveConference
    | Reconnect
)
Answer = AgentStatus | TermCodes | Phonebook | None

# For the controller. Each is done, with None, as soon as it has been passed on.


class Confirmation(enum.StrEnum):
    """How sure it is that LiveVox has the disposition."""

    CONFIRMED = "confirmed"
    #: Set, and the agent's status shows that the call is disposed of.
    NOTHING_TO_SET = "nothing_to_set"
    #: LiveVox shows no call of ours in wrap-up, and none was shown before.
    UNCONFIRMED = "unconfirmed"
    #: Somebody must look: it was not set, or nobody can tell.


@dataclass(frozen=True)
class HangUpCustomer:
    """End our leg with LiveVox by BYE; said once, and never when the leg is already gone."""


@dataclass(frozen=True)
class TransferUnderWay:
    """LiveVox is calling a contact."""

    contact: str


@dataclass(frozen=True)
class TransferSucceeded:
    """The customer is with a human."""

    contact: str


@dataclass(frozen=True)
class TransferFailed:
    """No contact took the customer."""

    reason: str
    """A sentence for each contact."""
    back_to_bot: bool
    """The bot goes on with the call; ReturnToBot follows at once. Otherwise the call is ended."""


@dataclass(frozen=True)
class ReturnToBot:
    """The wrap-up is over, the call is not: its end will need another wrap-up."""


@dataclass(frozen=True)
class Finished:
    """The wrap-up is over."""

    confirmation: Confirmation
    disposition: Disposition
    """The one that was meant."""
    term_code: str
    """Name of the term code that was sent to LiveVox; empty: none was."""
    transferred_to: str
    """Name of the contact that has the customer; empty: none."""
    agent_state: str
    """The agent's state in the last status seen; empty: none was."""
    reason: str
    """Why it is not confirmed, or why another term code than the one meant was set; else empty."""


Notice = HangUpCustomer | TransferUnderWay | TransferSucceeded | TransferFailed | ReturnToBot | Finished
Step = Request | Notice


@dataclass(frozen=True)
class Failure:
    """How a request failed."""

    reason: str
    retryable: bool = True
    maybe_done: bool = False
    """It may have been carried out."""
    lost_session: bool = False
    status: int | None = None
    """LiveVox's answer; None: there was none."""
    retry_after_s: float | None = None

    @classmethod
    def of(cls, error: LiveVoxError) -> Self:
        """The facts of an error of the client."""
        return cls(
            reason=str(error),
            retryable=error.retryable,
            maybe_done=error.maybe_done,
            lost_session=isinstance(error, SessionLost),
            status=error.status if isinstance(error, LiveVoxRefused) else None,
            retry_after_s=error.retry_after_s,
        )

    @property
    def is_refusal(self) -> bool:
        """LiveVox has answered no, and nothing suggests that it will answer otherwise."""
        return not (self.retryable or self.maybe_done or self.lost_session)
