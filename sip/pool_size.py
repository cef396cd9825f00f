"""[sans-IO] How many workers there should be: ahead of need, never more than the calls allowed can fill."""

from dataclasses import dataclass

#: Dialogs of a call with a SIP engine, the largest kind.
DIALOGS_A_CALL = 2


@dataclass(frozen=True)
class PoolSize:
    """The rule for growing and shrinking."""

    spare_calls: int
    """Two-dialog calls there should be room for at once."""
    max_calls: int
    """Calls that are admitted at most."""

    def wanted_room(self, calls: int) -> int:
        """Calls there should be room for while that many are up."""
        return max(min(self.spare_calls, self.max_calls - calls), 0)

    def missing(self, calls: int, room: int, waiting: int, starting: int, capacity: int) -> int:
        """Workers to start now.

        `room` is what the workers that run can still take, `waiting` the calls that found none, `starting` the workers
        on their way, each to hold `capacity` dialogs.
        """
        per_worker = max(capacity // DIALOGS_A_CALL, 1)
        lacking = max(self.wanted_room(calls + waiting) + waiting - room, 0)
        return max(-(-lacking // per_worker) - starting, 0)

    def has_surplus(self, calls: int, room: int, capacity: int) -> bool:
        """One idle worker may go, and there is still twice the room wanted: stopping must not lead to starting."""
        per_worker = max(capacity // DIALOGS_A_CALL, 1)
        return room - per_worker >= 2 * self.wanted_room(calls) + per_worker
