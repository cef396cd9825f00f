"""What a call is admitted with, and keeps to its end though the settings change meanwhile."""

from dataclasses import dataclass

from bridge.calls.controller_settings import ControllerSettings
from bridge.calls.parts import CallParts


@dataclass(frozen=True)
class Terms:
    """All that a call takes from the settings; never changed, only followed by others."""

    settings: ControllerSettings
    parts: CallParts

    def know(self, number: str) -> bool:
        """The settings have an agent with this number."""
        return number in self.settings.engines


class TermsInForce:
    """The terms for calls that come now.

    LiveVox may still send a call to an agent that is just leaving, because the settings have it no more: such a call
    is taken on the terms on which the agent was last known.
    """

    def __init__(self, first: Terms) -> None:
        self.now = first
        self._former: dict[str, Terms] = {}

    def change(self, terms: Terms) -> None:
        """Calls that come from now on have these."""
        agents = terms.parts.agents
        former = self._former | dict.fromkeys(self.now.settings.engines, self.now)
        self._former = {
            number: known
            for number, known in former.items()
            if not terms.know(number) and agents.find(number) is not None
        }
        self.now = terms

    def of(self, number: str) -> Terms | None:
        """Those for a call to this agent; None: it was never known."""
        return self.now if self.now.know(number) else self._former.get(number)
