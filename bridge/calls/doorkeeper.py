"""Who is let in: what an INVITE, the agents and the engines' circuits say of a call before anything is taken for it."""

import secrets
from dataclasses import dataclass

from bridge.calls.agent_lines import AgentLines
from bridge.calls.offered_audio import OfferedAudio
from bridge.calls.refusals import Refusal
from bridge.calls.terms import Terms, TermsInForce
from sip.admission import Invite, Refused
from sip.errors import InvalidRequestURI, InvalidSdp
from sip.request_uri import RequestURI

AGENT_REFUSALS = {
    404: ("No virtual agent has this number", Refusal.UNKNOWN_NUMBER),
    480: ("The virtual agent is not in service", Refusal.AGENT_NOT_IN_SERVICE),
    486: ("The virtual agent is already on a call", Refusal.AGENT_BUSY),
}


@dataclass(frozen=True)
class Wanted:
    """A call that may be taken."""

    number: str
    """The virtual agent's."""
    audio: OfferedAudio
    terms: Terms


class Doorkeeper:
    """Decides on INVITEs."""

    def __init__(self, terms: TermsInForce, lines: AgentLines) -> None:
        self._terms = terms
        self._agents = terms.now.parts.agents
        self._lines = lines

    def decide(self, invite: Invite, held: int) -> Wanted | Refused:
        """The call, or why it is refused. `held`: how many calls hold ports and dialogs now."""
        try:
            number = RequestURI.parse(invite.request_uri).number
        except InvalidRequestURI as exc:
            return Refused(404, str(exc), why=Refusal.UNKNOWN_NUMBER)
        status, terms = self._agent_refusal(number), self._terms.of(number)
        if status is not None or terms is None:
            reason, why = AGENT_REFUSALS[status or 404]
            return Refused(status or 404, reason, why=why)
        refused = _refusal(terms, number, held)
        if refused is None:
            try:
                return Wanted(number, OfferedAudio.read(invite.sdp, terms.settings.codecs), terms)
            except InvalidSdp as exc:
                refused = Refused(488, str(exc), why=Refusal.NO_COMMON_CODEC)
        self._look_at(number)
        return refused

    def _agent_refusal(self, number: str) -> int | None:
        """404, 480 or 486; None: the agent may take the call.

        A call whose customer has left does not stand in the way, even if LiveVox has not confirmed its disposition yet:
        LiveVox would not send another one if it did.
        """
        if (status := self._agents.refusal(number)) is not None:
            return status
        return 486 if self._lines.is_taken(number) else None

    def _look_at(self, number: str) -> None:
        """LiveVox may set an agent Not Ready whose call is refused: one that is over at once makes the pool look."""
        call = secrets.token_hex(10)
        self._agents.call_started(number, call)
        self._agents.call_closed(number, call, None)


def _refusal(terms: Terms, number: str, held: int) -> Refused | None:
    settings, retry_after_s = terms.settings, terms.parts.retry_after_s
    if held >= settings.max_calls:
        return Refused(503, f"All {settings.max_calls} calls are taken", retry_after_s, Refusal.FULL)
    allows = terms.parts.engines.circuits.allows
    if any(allows(choice.name) for choice in settings.engines[number]):
        return None
    if settings.policy.answer_without_engine:
        return None
    return Refused(503, "All engines of the virtual agent fail", retry_after_s, Refusal.ENGINES_OUT)
