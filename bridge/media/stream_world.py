"""What all engines by WebSocket of one media process share."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bridge.media.outbox import STUCK_S
from bridge.media.stream_connector import StreamConnector
from bridge.media.stream_messages import StreamEvent


@dataclass(frozen=True)
class Patience:
    """How long an engine is waited for that is not what it should be; seconds."""

    heartbeat_s: float = 20.0
    """One that has sent nothing for so long is pinged."""
    silent_s: float = 30.0
    """One that has sent nothing for so long, no pong either, is gone."""
    stuck_s: float = STUCK_S
    """One that has read nothing of what waits for so long is given up."""


@dataclass(frozen=True)
class StreamWorld:
    """What a stream works with."""

    connector: StreamConnector
    report: Callable[[StreamEvent], None]
    press: Callable[[str, str], None]
    """Keys for the customer of this call."""
    spawn: Callable[[str, Coroutine[Any, Any, None]], asyncio.Task[None]]
    """Starts a task of this name."""
    over: Callable[[str, int], None]
    """This call's stream of this number has ended."""
    patience: Patience = Patience()
