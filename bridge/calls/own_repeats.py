"""[sans-IO] Which wrap-ups the bridge repeats by itself, and when one is left to whoever frees stray calls' agents."""

from bridge.calls.repeat_plan import GIVE_UP_S, check_repeatable
from bridge.calls.rest_steps import NAMES
from bridge.errors import OrderRefused
from bridge.journal.open_call import ClosedCall
from bridge.journal.records import Effect
from bridge.livevox.agent_status import LineState
from bridge.wrapup.steps import Confirmation, Finished, SetTermCode

#: Repeats of one call in a row that may come to nothing while LiveVox is in trouble: half an hour of them.
TRIES = 10


class OwnRepeats:
    """How often each agent's call was repeated in vain."""

    def __init__(self) -> None:
        self._vain: dict[str, tuple[str, int]] = {}
        """Of each agent: its call, and how often."""

    def wants(self, state: str, call: ClosedCall) -> bool:
        """LiveVox shows this call in this state, and the term code that was meant is still the one to be sent.

        Where it may have reached LiveVox no other one ever is, however long that takes; the agent's alarm goes on.
        """
        if state != LineState.WRAPUP:
            return False
        try:
            check_repeatable(call)
        except OrderRefused:
            return False
        return _may_have_it(call) or self._tries(call) < TRIES

    def refused(self, call: ClosedCall) -> None:
        """It could not even begin."""
        self._vain[call.known.agent] = call.known.call, self._tries(call) + 1

    def ended(self, call: ClosedCall, result: Finished | None, lasted_s: float) -> None:
        """It is over; one that gave up before its time will not fare better the next time. None: it broke."""
        if result is not None and result.confirmation is Confirmation.CONFIRMED:
            self._vain.pop(call.known.agent, None)
            return
        unconfirmed = result is not None and result.confirmation is Confirmation.UNCONFIRMED
        hopeless = unconfirmed and lasted_s < GIVE_UP_S
        self._vain[call.known.agent] = call.known.call, TRIES if hopeless else self._tries(call) + 1

    def _tries(self, call: ClosedCall) -> int:
        id, tries = self._vain.get(call.known.agent, ("", 0))
        return tries if id == call.known.call else 0


def _may_have_it(call: ClosedCall) -> bool:
    """A term code has reached LiveVox, or may have."""
    return any(step.step == NAMES[SetTermCode] and step.effect is not Effect.NONE for step in call.known.steps)
