"""[sans-IO] When nobody says anything in a call, and who should."""

import math
from dataclasses import dataclass

from bridge.media.messages import Side

#: A bot may ask "are you still there?" so often; the next silence is the last one, though the bot has just spoken.
ASKED_IN_VAIN = 2


@dataclass(frozen=True)
class FoundDeadAir:
    """Nobody has said anything for too long, or the bot has left the customer without an answer."""

    side: Side
    """Who owes the next word."""
    silent_s: float
    last: bool


class DeadAirWatch:
    """Looks at one call now and then.

    Both quiet for the limit, or the bot quiet for twice as long while the customer speaks, is the first finding;
    twice that the last one. Where looks come late the first comes all the same, and the last not before half the limit
    has passed since. Whoever did not speak last owes the next word: the bot, if nobody ever spoke. A bot that says
    something to each finding must not hold a line for ever on which no customer is left: after some findings without a
    word of the customer in between, one is the last.
    """

    __slots__ = ("_asked", "_first_at", "_found", "_limit_s", "_since", "_spoke_at")

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._spoke_at = dict.fromkeys(Side, -math.inf)
        #: Since when both are there and hear each other; None while not.
        self._since: float | None = None
        self._found = 0
        self._first_at = -math.inf
        #: Findings since the customer's last word in which the customer owed one.
        self._asked = 0

    def spoke(self, side: Side, at: float) -> None:
        """This side was speaking then; seconds, monotonic."""
        if at > self._spoke_at[side]:
            self._spoke_at[side] = at
            if side is Side.CUSTOMER:
                self._asked = 0

    def look(self, together: bool, now: float) -> FoundDeadAir | None:
        """A finding, once each; `together` says whether both are there and hear each other."""
        if not together or self._limit_s <= 0:
            self._since, self._found, self._asked = None, 0, 0
            return None
        if self._since is None:
            self._since = now
        customer, bot = self._spoke_at[Side.CUSTOMER], self._spoke_at[Side.ENGINE]
        quiet = now - max(customer, bot, self._since)
        bot_quiet = now - max(bot, self._since)
        found = self._grade(quiet, bot_quiet)
        if found == 2 and self._found < 2:
            found = self._second(now)
        if found <= self._found:
            self._found = found
            return None
        if found == 1:
            self._first_at = now
        self._found = found
        if quiet < self._limit_s:
            return FoundDeadAir(Side.ENGINE, bot_quiet, last=found == 2)
        if bot <= customer:
            return FoundDeadAir(Side.ENGINE, quiet, last=found == 2)
        self._asked += 1
        return FoundDeadAir(Side.CUSTOMER, quiet, last=found == 2 or self._asked > ASKED_IN_VAIN)

    def _second(self, now: float) -> int:
        """Which finding it is by now, when it is time for the last one."""
        return 2 if self._found == 1 and now - self._first_at >= self._limit_s / 2 else 1

    def _grade(self, quiet: float, bot_quiet: float) -> int:
        limit = self._limit_s
        if quiet >= 2 * limit or bot_quiet >= 4 * limit:
            return 2
        return 1 if quiet >= limit or bot_quiet >= 2 * limit else 0
