"""[sans-IO] What the controller of all calls decides by."""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.calls.states import CallPolicy, EngineChoice
from sip.messages import Codec


@dataclass(frozen=True)
class ControllerSettings:
    """What the controller decides by."""

    max_calls: int
    codecs: tuple[Codec, ...]
    """In our order of preference."""
    media_address: str
    """The address in our SDP."""
    policy: CallPolicy
    engines: Mapping[str, tuple[EngineChoice, ...]]
    """The engines of each virtual agent, by its number."""
    dialogs: Mapping[str, int]
    """How many dialogs of a worker a call of each agent takes: two when one of its engines is reached by SIP."""
