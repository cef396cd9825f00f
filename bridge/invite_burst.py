"""[sans-IO] Whether INVITEs come so fast that what can wait should wait."""

from collections import deque

#: So many INVITEs within so many seconds are a burst: more than 130 a second.
_INVITES, _WITHIN_S = 8, 0.06


class InviteBurst:
    """Told of every INVITE; a customer who is about to be answered goes before all that LiveVox can be told later."""

    def __init__(self) -> None:
        self._came: deque[float] = deque(maxlen=_INVITES)

    def came(self, now: float) -> None:
        """An INVITE; seconds, monotonic."""
        self._came.append(now)

    def goes_on(self, now: float) -> bool:
        """The latest INVITEs make a burst that is not over."""
        return len(self._came) == _INVITES and now - self._came[0] < _WITHIN_S
