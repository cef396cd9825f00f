"""[sans-IO] Which names may become labels: those of the settings and the bridge's own, so that they stay few."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from bridge.engines.events import Fate
from bridge.metrics.metric import OTHER
from bridge.settings import Settings
from bridge.settings.sections import DEFAULT_OUTCOME, FATES
from bridge.wrapup.steps import Confirmation

_FATES = frozenset({*Fate, *FATES})
_CONFIRMATIONS = frozenset(Confirmation)
#: Nothing is known of it: the wrap-up never came so far.
NONE = "none"


@dataclass(frozen=True)
class Names:
    """Asked anew each time: settings may change while the bridge runs."""

    settings: Callable[[], Settings]

    @property
    def bot_outcomes(self) -> Collection[str]:
        """Those of the settings that a bot gives to a call, and not the bridge."""
        return self.settings().outcomes.keys() - _FATES - {DEFAULT_OUTCOME}

    @property
    def engines(self) -> Collection[str]:
        """In the order of the settings."""
        return self.settings().engines.keys()

    def outcome(self, said: object) -> str:
        """A label for an outcome."""
        name = str(said or NONE).strip().lower()
        return name if name in self.settings().outcomes or name in _FATES or name == NONE else OTHER

    def fate(self, said: object) -> str:
        """A label for how a call ended."""
        return str(said) if said in _FATES else OTHER

    def confirmation(self, said: object) -> str:
        """A label for how sure it is that LiveVox has the disposition."""
        return str(said) if said in _CONFIRMATIONS else NONE

    def engine(self, said: object) -> str:
        """A label for an engine."""
        return str(said) if said in self.settings().engines else OTHER
