"""[sans-IO] What LiveVox shows of one contact's attempt to take the customer."""

import enum
from dataclasses import dataclass

from bridge.livevox.agent_status import Line, LineState
from bridge.wrapup.plan import Limits

#: Orders to join the customer that may get no answer, before we leave without, as the guide does.
MAX_JOINS = 3
#: Orders for one contact, when the first seems not to have reached LiveVox.
MAX_ORDERS = 2


class Sign(enum.Flag):
    """What a line says of a transfer; in which order LiveVox says it is not documented (livevox_api section 2.8)."""

    NONE = 0
    UNDER_WAY = enum.auto()
    QUEUE_FAILED = enum.auto()
    ANSWERED = enum.auto()
    #: The contact is there, the customer not yet with it.
    CONFERENCED = enum.auto()
    #: Contact, customer and we are together.


def signs_of(line: Line) -> Sign:
    """All that a line says, be it of this attempt or of an earlier one."""
    signs = Sign.NONE
    queued = line.transfer_to_queue and not line.transfer_to_queue_failed
    if line.conference_initiated or line.transfer_call_on_hold or queued:
        signs |= Sign.UNDER_WAY
    if line.transfer_to_queue_failed:
        signs |= Sign.QUEUE_FAILED
    if line.supervisor_call_success_before_conferenced:
        signs |= Sign.ANSWERED
    if line.call_conferenced:
        signs |= Sign.CONFERENCED
    return signs


def is_passed_on(line: Line) -> bool:
    """LiveVox says that the call went to an agent or a queue."""
    return bool(line.call_transferred_to_agent) or (line.transfer_to_queue and not line.transfer_to_queue_failed)


def is_with_us(line: Line) -> bool:
    """The customer hears us and nobody else: no transfer, no hold."""
    in_conference = line.conference_initiated or line.call_conferenced
    return not in_conference and line.state not in (LineState.TRANSFERRING, LineState.HOLD)


@dataclass
class Attempt:
    """One contact's attempt, from the order to its end."""

    contact: str
    orders: int = 0
    ordered_at: float = 0.0
    certain: bool = False
    """LiveVox has acknowledged the order."""
    announced: bool = False
    under_way: bool = False
    """The status has shown it."""
    conferenced: bool = False
    answered: bool = False
    joins: int = 0
    joined_at: float | None = None
    """The order to join the customer was acknowledged."""
    reconnected: bool = False
    """The order to bring the customer back was acknowledged."""
    reconnect_not_before: float = 0.0
    """When that order may be given again."""
    stale: Sign = Sign.NONE
    """What the line said before the order; it counts for nothing until it was once unsaid."""

    line_changed_at: int | None = None
    """stateChangedTime of the line before the order."""

    def order_follows(self, line: Line) -> None:
        """This is the line just before the order."""
        self.stale = signs_of(line)
        self.line_changed_at = line.state_changed_time

    def has_moved(self, line: Line) -> bool:
        """The line has changed since the order, if LiveVox says when it does: the order had an effect."""
        return None not in (line.state_changed_time, self.line_changed_at) and (
            line.state_changed_time != self.line_changed_at
        )

    def shows_within(self, line: Line, limits: Limits) -> float:
        """Seconds after the order, by which this line would show one that LiveVox has carried out.

        An order that LiveVox has not acknowledged is believed lost sooner if the line says that it has not changed.
        """
        unmoved = line.state_changed_time is not None and line.state_changed_time == self.line_changed_at
        return limits.settle_s if unmoved and not self.certain else limits.start_s

    def read(self, line: Line) -> Sign:
        """What the line says of this attempt."""
        said = signs_of(line)
        self.stale &= said
        fresh = said & ~self.stale
        if fresh & (Sign.UNDER_WAY | Sign.ANSWERED | Sign.CONFERENCED) or line.state == LineState.TRANSFERRING:
            self.under_way = True
        self.conferenced = self.conferenced or Sign.CONFERENCED in fresh
        return fresh
