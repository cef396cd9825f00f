"""[sans-IO] The pool of RTP ports: even numbers, each resting a while before it is used again."""

from collections import deque


class PortPool:
    """Even ports from first to last, handed out in the order they came free.

    A port rests after use, so that late packets of the old call never reach a new one. Odd ports stay unused: RTCP is
    not relayed. The range should lie outside the system's ephemeral one (net.ipv4.ip_local_port_range), else other
    programs take ports of it.
    """

    def __init__(self, first: int, last: int, rest_s: float) -> None:
        self._rest_s = rest_s
        self._free = deque(range(first + first % 2, last + 1, 2))
        self._resting: deque[tuple[float, int]] = deque()  # until when, port; in order of time
        self._members = frozenset(self._free)

    def take(self, now: float) -> int | None:
        """The port that has been free longest; None when all are taken or rest."""
        self._wake(now)
        return self._free.popleft() if self._free else None

    def claim(self, port: int) -> None:
        """This port is used, whoever decided so: a session is opened again on its old ports."""
        if port in self._free:
            self._free.remove(port)
        else:
            self._resting = deque(entry for entry in self._resting if entry[1] != port)

    def put_back(self, port: int) -> None:
        """A port that was taken and not used: it is the next one again."""
        self._free.appendleft(port)

    def release(self, port: int, now: float) -> None:
        """The port is not used any more and begins its rest; a port outside the range is not kept."""
        if port in self._members:
            self._resting.append((now + self._rest_s, port))

    def _wake(self, now: float) -> None:
        while self._resting and self._resting[0][0] <= now:
            self._free.append(self._resting.popleft()[1])
