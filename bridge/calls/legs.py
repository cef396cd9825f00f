"""[sans-IO] The two legs of one call: which of them lives, and what ends it."""

from bridge.calls.events import CallCommand, DropEngine, HangUpCustomer
from bridge.calls.states import LegState
from bridge.engines.events import Fate

#: A leg that an order can end.
ENDABLE = (LegState.PENDING, LegState.UP)


class CallLegs:
    """LiveVox's leg and the engine's."""

    def __init__(self) -> None:
        self.customer = LegState.PENDING
        self.engine = LegState.NONE
        self.answered = False
        """We have sent LiveVox 200, or were about to."""
        self.stranded = False
        """LiveVox has the customer on a leg that none of our workers holds any more."""

    @property
    def over(self) -> bool:
        """Neither is left."""
        return self.customer is LegState.GONE and self.engine in (LegState.NONE, LegState.GONE)

    def drop_engine(self, fate: Fate) -> list[CallCommand]:
        """End the engine's leg, if there is one to end."""
        if self.engine not in ENDABLE:
            return []
        self.engine = LegState.HANGING_UP
        return [DropEngine(fate)]

    def hang_up_customer(self, fate: Fate) -> list[CallCommand]:
        """End LiveVox's leg, if that is not done yet."""
        if self.customer not in ENDABLE:
            return []
        self.customer = LegState.HANGING_UP
        return [HangUpCustomer(fate)]

    def press_on(self, fate: Fate) -> list[CallCommand]:
        """It takes too long: a leg still up is hung up now, one that does not end is given up."""
        if self.engine is LegState.HANGING_UP:
            self.engine = LegState.GONE
        if self.customer is LegState.HANGING_UP:
            self.customer = LegState.GONE
        return [*self.drop_engine(fate), *self.hang_up_customer(fate)]

    def acknowledge(self) -> bool:
        """LiveVox has our 200. False: that is known, or its ACK has crossed our order to end the leg."""
        if self.customer is not LegState.PENDING:
            return False
        self.customer = LegState.UP
        return True

    def customer_gone(self) -> None:
        """LiveVox's leg is over; it says so even of one that no worker holds."""
        self.customer, self.stranded = LegState.GONE, False

    def lose_worker(self, fate: Fate) -> list[CallCommand]:
        """Nobody holds them any more. An INVITE that was not answered is refused by the edge.

        An engine that is not reached by SIP is still there: it is told.
        """
        self.stranded = self.answered and self.customer is not LegState.GONE
        drop = self.drop_engine(fate)
        self.customer = self.engine = LegState.GONE
        return drop
