"""What the edge asks about calls: while the bridge starts, they wait here for a while."""

import asyncio
from collections import Counter
from typing import Protocol

from bridge.calls.refusals import Refusal
from bridge.invite_burst import InviteBurst
from sip.admission import Admission, Admitted, Invite, Refused
from sip.errors import InvalidRequestURI
from sip.messages import EdgeEvent, LegEnded
from sip.request_uri import RequestURI

#: How long a call waits for the bridge to start and for its agent's session, in seconds. LiveVox sets an agent Not
#: Ready whose call is refused; it has 100 Trying and waits, and its customer may hear ringing so long.
PATIENCE_S = 5.0


class Arrivals(Protocol):
    """What is asked of the agents."""

    def is_arriving(self, number: str) -> bool:
        """The agent has had no session since the start, and is being logged in."""

    async def arrival(self, number: str) -> None:
        """Return once that has an end."""


class FrontDoor:
    """What the edge asks about calls: those that come before there is a controller, or before their agent, wait."""

    def __init__(self, retry_after_s: int, room: int, patience_s: float = PATIENCE_S) -> None:
        """`room`: so many calls may wait; one more is told at once."""
        self.refused: Counter[str] = Counter({refusal: 0 for refusal in Refusal})
        """How many new calls were not taken, by reason."""
        self.burst = InviteBurst()
        """Whether many new calls come at once."""
        self._retry_after_s = retry_after_s
        self._room, self._patience_s = room, patience_s
        self._waiting = 0
        self._inside: tuple[Admission, Arrivals] | None = None
        self._opened = asyncio.Event()

    def open(self, controller: Admission, agents: Arrivals) -> None:
        """The bridge has started."""
        self._inside = controller, agents
        self._opened.set()

    @property
    def is_open(self) -> bool:
        """The bridge has started."""
        return self._inside is not None

    @property
    def accepts_calls(self) -> bool:
        """False while draining."""
        return self._inside is None or self._inside[0].accepts_calls

    async def admit(self, invite: Invite) -> Admitted | Refused:
        """Ask the controller, as soon as there is one and the agent is there."""
        self.burst.came(asyncio.get_running_loop().time())
        number = _number(invite)
        if self._must_wait(number) and self._waiting < self._room:
            await self._wait(number)
        if self._inside is None:
            answer: Admitted | Refused = Refused(503, "Starting", self._retry_after_s, Refusal.STARTING)
        else:
            answer = await self._inside[0].admit(invite)
        if isinstance(answer, Refused):
            self.refused[answer.why] += 1
        return answer

    def sip_event(self, event: EdgeEvent | LegEnded) -> None:
        """Tell the controller."""
        if self._inside is not None:
            self._inside[0].sip_event(event)

    def _must_wait(self, number: str) -> bool:
        return self._inside is None or self._inside[1].is_arriving(number)

    async def _wait(self, number: str) -> None:
        """Until the controller can say something better than no, but not for long."""
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._opened.wait()
                if self._inside is not None:
                    await self._inside[1].arrival(number)
        except TimeoutError:
            pass
        finally:
            self._waiting -= 1


def _number(invite: Invite) -> str:
    """Whose call it is; "" if nobody's, as the controller will say."""
    try:
        return RequestURI.parse(invite.request_uri).number
    except InvalidRequestURI:
        return ""
