"""[sans-IO] What the API needs of the calls that are going on; the controller has it."""

from typing import Protocol

from bridge.calls.timeline import Fact
from bridge.calls.view import CallView
from bridge.recording_words import RecordingState
from bridge.verdicts import NamedValues, Verdict


class OrderableCall(Protocol):
    """One call that is going on."""

    def view(self) -> CallView:
        """Its facts, now."""

    def order(self, verdict: Verdict, /) -> None:
        """Bring it to its end, or to a human; raises OrderRefused."""

    async def write_contact(self, values: NamedValues, /) -> None:
        """Write the customer's contact record; raises OrderRefused with the reason why it is not written."""

    def press(self, digits: str, /) -> bool:
        """Play keys to the customer; False: the customer does not hear us now."""

    def record(self, paused: bool, by: str, /) -> RecordingState:
        """Pause its recording, or go on with it; raises OrderRefused when there is none to go on with."""

    def note(self, what: str, /, **facts: Fact) -> None:
        """An entry of its timeline."""


class LiveCalls(Protocol):
    """All calls."""

    def call(self, id: str, /) -> OrderableCall | None:
        """The call with this id; None: it is over, or never was."""
