"""In which order a wrap-up speaks to its call: the model of a call draws from it, that of a wrap-up is held to it."""

import enum

from bridge.wrapup.plan import CustomerLeg, Disposition
from bridge.wrapup.steps import (
    Confirmation,
    Finished,
    HangUpCustomer,
    Notice,
    ReturnToBot,
    TransferFailed,
    TransferSucceeded,
    TransferUnderWay,
)

FINISHED = Finished(Confirmation.CONFIRMED, Disposition("done", "Completed"), "Completed", "", "READY", "")


class Part(enum.Enum):
    """Where a wrap-up is, as far as its call can tell."""

    TRANSFER = enum.auto()
    RETURN = enum.auto()
    #: It has said that the bot goes on, and says nothing else but that it is over.
    DISPOSITION = enum.auto()
    OVER = enum.auto()


class Notices:
    """One wrap-up; it knows of the legs what its call has told it."""

    def __init__(self, customer: CustomerLeg, *, transfers: bool, bot: bool) -> None:
        self.customer = customer
        self.bot = bot
        self._part = Part.TRANSFER if transfers and customer is not CustomerLeg.GONE else Part.DISPOSITION

    @property
    def is_over(self) -> bool:
        """It says nothing more."""
        return self._part is Part.OVER

    # what it is told

    def customer_gone(self) -> None:
        """Our leg with LiveVox has ended."""
        self.customer = CustomerLeg.GONE

    def customer_lost(self) -> None:
        """Nobody holds our leg any more."""
        self.customer = CustomerLeg.LOST

    def bot_gone(self) -> None:
        """The bot cannot take the customer back."""
        self.bot = False

    # what it says

    def may_say(self, notice: Notice) -> bool:
        """Whether this can come next."""
        match notice:
            case TransferUnderWay() | TransferSucceeded() | TransferFailed(back_to_bot=False):
                return self._part is Part.TRANSFER
            case TransferFailed():
                return self._part is Part.TRANSFER and self.bot and self.customer is CustomerLeg.UP
            case ReturnToBot():
                return self._part is Part.RETURN
            case HangUpCustomer():
                return self._part in (Part.TRANSFER, Part.DISPOSITION) and self.customer is CustomerLeg.UP
            case Finished():  # our leg ends first
                return self._part in (Part.TRANSFER, Part.DISPOSITION) and self.customer is not CustomerLeg.UP

    def say(self, notice: Notice) -> None:
        """It is said."""
        assert self.may_say(notice), f"{notice} has no place in {self._part.name}, the customer is {self.customer.name}"
        match notice:
            case TransferFailed(back_to_bot=True):
                self._part = Part.RETURN
            case TransferSucceeded() | TransferFailed():
                self._part = Part.DISPOSITION
            case HangUpCustomer():
                self._part, self.customer = Part.DISPOSITION, CustomerLeg.GONE
            case Finished() | ReturnToBot():
                self._part = Part.OVER
