"""LiveVox's leg of one call: what is said on it."""

from collections.abc import Callable

from bridge.calls.audio import CallAudio
from bridge.calls.customer_commands import hang_up, refer_declined, refusal
from bridge.calls.events import AnswerCustomer, HangUpCustomer, RefuseCustomer
from bridge.engines.events import Fate
from sip.messages import Answer, Command, Leg, ReferReceived


class CustomerLine:
    """Commands to the worker, each with its entry in the call's timeline."""

    def __init__(
        self,
        call: str,
        audio: CallAudio,
        send: Callable[[Command], None],
        note: Callable[..., None],
        retry_after_s: int,
    ) -> None:
        self._call = call
        self._audio = audio
        self._send = send
        self._note = note
        self._retry_after_s = retry_after_s

    def say(self, command: AnswerCustomer | RefuseCustomer | HangUpCustomer) -> None:
        """What the call wants said."""
        match command:
            case AnswerCustomer():
                self._note("answered", codec=self._audio.offer.codecs[0])
                self._send(Answer(self._call, self._audio.offer))
            case RefuseCustomer(status, fate):
                self._note("refused", status=status, fate=fate)
                self._send(refusal(self._call, status, self._retry_after_s))
            case HangUpCustomer(fate):
                self._note("customer_hung_up_on", fate=fate)
                self.hang_up(fate)

    def hang_up(self, fate: Fate) -> None:
        """BYE, or what ends the leg in its state."""
        self._send(hang_up(self._call, Leg.CUSTOMER, fate))

    def referred(self, event: ReferReceived) -> None:
        """A REFER is declined."""
        if event.subscribe:
            self._send(refer_declined(event))
