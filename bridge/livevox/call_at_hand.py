"""For which call LiveVox is asked: said by the task that asks, for those who hear of every exchange."""

from contextvars import ContextVar

#: The call that this task is at work for; empty: none. An agent's own requests are no call's.
CALL_AT_HAND: ContextVar[str] = ContextVar("call_at_hand", default="")
