"""[sans-IO] What all sessions of one media process share."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge.media.messages import Event, Follow, Prompt
from bridge.media.party import Party

if TYPE_CHECKING:
    from bridge.media.session import Session


@dataclass(frozen=True)
class Exchange:
    """Where sessions report to, and what they are made with."""

    follow: Follow
    rng: random.Random
    report: Callable[[Event], None]
    on_voice: Callable[["Session"], None]
    """The session's `voiced` has changed: it wants to be ticked from now on, or not any more."""
    keys_down: set[Party] = field(default_factory=set)
    """Parties whose `expire_key` must be called."""
    dead_air_s: float = 0.0
    """See MediaSettings."""
    prompts: Mapping[Prompt, bytes] = field(default_factory=dict)
    """µ-law."""
