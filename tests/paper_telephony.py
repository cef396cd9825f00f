"""A telephony on paper: notes which calls it was asked to place and lets a test say what becomes of them."""

from bridge.simulator.telephony import CallListener, CallToPlace


class PaperTelephony:
    """Answers each call at once, unless told to let them ring; hanging up ends them."""

    def __init__(self, *, answers: bool = True) -> None:
        self.placed: list[CallToPlace] = []
        self.hung_up: list[str] = []
        self._answers = answers
        self._up: set[str] = set()
        self._listener: CallListener | None = None

    async def place(self, call: CallToPlace, listener: CallListener) -> None:
        """Note the call; the bridge answers."""
        self.placed.append(call)
        self._listener = listener
        if self._answers:
            self._up.add(call.call_id)
            listener.answered(call.call_id)
            listener.audio(call.call_id)

    def hang_up(self, call_id: str) -> None:
        """LiveVox's side ends the call."""
        self.hung_up.append(call_id)
        assert self._listener is not None
        if call_id in self._up:
            self._up.discard(call_id)
            self._listener.ended(call_id, False)
        else:
            self._listener.refused(call_id, 487)

    def bridge_hangs_up(self, call_id: str) -> None:
        """The bridge sends BYE."""
        self._up.discard(call_id)
        assert self._listener is not None
        self._listener.ended(call_id, True)
