"""[sans-IO] Where a wrap-up, and a transfer in it, can be."""

import enum


class WrapUpState(enum.Enum):
    """Where a wrap-up is."""

    TRANSFERRING = enum.auto()
    REPORTING = enum.auto()
    #: The transfer is over, the controller is being told.
    DISPOSING = enum.auto()
    RETURNED = enum.auto()
    #: The call goes on with the bot.
    FINISHED = enum.auto()


class TransferState(enum.Enum):
    """Where a transfer is."""

    PREPARING = enum.auto()
    #: Status, phonebook, and the order for a contact.
    WATCHING = enum.auto()
    #: LiveVox brings contact and customer together.
    LEAVING = enum.auto()
    #: They are together, and we go.
    RECONNECTING = enum.auto()
    #: The contact failed: the customer is brought back to us.
    HANDED_OVER = enum.auto()
    FAILED = enum.auto()
    CUSTOMER_GONE = enum.auto()
    CALL_OVER = enum.auto()
    #: LiveVox no longer shows our call.

    @property
    def is_over(self) -> bool:
        """Nothing more comes."""
        return self in (self.HANDED_OVER, self.FAILED, self.CUSTOMER_GONE, self.CALL_OVER)


class Sent(enum.Enum):
    """What became of a call's term code."""

    NO = enum.auto()
    PERHAPS = enum.auto()
    #: Sent, and no answer came.
    ACKNOWLEDGED = enum.auto()


class CodeInCall(enum.Enum):
    """When a term code may be sent while LiveVox still shows the customer on the line; it is believed to hang up."""

    AT_ONCE = enum.auto()
    AT_LAST = enum.auto()
    #: When nothing else has ended the call.
    NEVER = enum.auto()
    #: LiveVox has refused it.
