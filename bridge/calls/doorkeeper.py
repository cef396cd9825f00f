"""Who is let in: what an INVITE, the agents and the engines' circuits say of a call before anything is taken for it."""

import secrets
from dataclasses import dataclass

from bridge.calls.agent_lines import AgentLines
from bridge.calls.controller_settings import ControllerSettings
from bridge.calls.offered_audio import OfferedAudio
from bridge.calls.parts import CallParts
from sip.admission import Invite, Refused
from sip.errors import InvalidRequestURI, InvalidSdp
from sip.request_uri import RequestURI

AGENT_REFUSALS = {
    404: "No virtual agent has this number",
    480: "The virtual agent is not in service",
    486: "The virtual agent is already on a call",
}


@dataclass(frozen=True)
class Wanted:
    """A call that may be taken."""

    number: str
    """The virtual agent's."""
    audio: OfferedAudio


class Doorkeeper:
    """Decides on INVITEs."""

    def __init__(self, settings: ControllerSettings, parts: CallParts, lines: AgentLines) -> None:
        self._settings = settings
        self._parts = parts
        self._lines = lines

    def decide(self, invite: Invite, held: int) -> Wanted | Refused:
        """The call, or why it is refused. `held`: how many calls hold ports and dialogs now."""
        try:
            number = RequestURI.parse(invite.request_uri).number
        except InvalidRequestURI as exc:
            return Refused(404, str(exc))
        status = self._agent_refusal(number)
        if status is not None:
            return Refused(status, AGENT_REFUSALS[status])
        refused = self._refusal(number, held)
        if refused is None:
            try:
                return Wanted(number, OfferedAudio.read(invite.sdp, self._settings.codecs))
            except InvalidSdp as exc:
                refused = Refused(488, str(exc))
        self._look_at(number)
        return refused

    def _agent_refusal(self, number: str) -> int | None:
        """404, 480 or 486; None: the agent may take the call.

        A call whose customer has left does not stand in the way, even if LiveVox has not confirmed its disposition yet:
        LiveVox would not send another one if it did.
        """
        if (status := self._parts.agents.refusal(number)) is not None:
            return status
        return 486 if self._lines.is_taken(number) else None

    def _refusal(self, number: str, held: int) -> Refused | None:
        if held >= self._settings.max_calls:
            return Refused(503, f"All {self._settings.max_calls} calls are taken", self._parts.retry_after_s)
        allows = self._parts.engines.circuits.allows
        if any(allows(choice.name) for choice in self._settings.engines[number]):
            return None
        if self._settings.policy.answer_without_engine:
            return None
        return Refused(503, "All engines of the virtual agent fail", self._parts.retry_after_s)

    def _look_at(self, number: str) -> None:
        """LiveVox may set an agent Not Ready whose call is refused: one that is over at once makes the pool look."""
        call = secrets.token_hex(10)
        self._parts.agents.call_started(number, call)
        self._parts.agents.call_closed(number, call, None)
