"""[sans-IO] What a dialect is: how one kind of speech engine is spoken to over a WebSocket, for one call."""

from dataclasses import dataclass, field
from typing import Protocol

from bridge.call_facts import ScreenPopRows
from bridge.verdicts import Verdict

#: A word or a number of a note; notes go to the call's timeline and the log, so nothing of the customer belongs there.
Fact = str | int | float | bool | None


@dataclass(frozen=True)
class Opening:
    """The HTTP request that opens the WebSocket."""

    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Its secret may stand in them."""
    subprotocols: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cut:
    """What a `clear` kept the customer from hearing."""

    item: str
    """The item that was being played or comes next; empty when nothing was waiting or it had no name."""
    played_ms: int
    """How much of that item the customer has heard, whole milliseconds, rounded down."""
    unheard: tuple[str, ...] = ()
    """Further items that waited behind it; nothing of them was heard."""


class Speaker(Protocol):
    """What a dialect can do for its call: the socket, the customer's ear, the bridge. Nothing blocks or raises."""

    def send(self, message: str | bytes) -> None:
        """A WebSocket message, text or binary; dropped while there is no connection."""

    def play(self, audio: bytes, item: str = "") -> None:
        """µ-law, 8 kHz, any length, for the customer: it is queued. `item` names what it belongs to, for `Cut`."""

    def mark(self, name: str) -> None:
        """`Dialect.mark_played` follows when all audio before this has been heard or cleared; at once if none waits."""

    def clear(self) -> Cut:
        """The customer hears no more of what is queued, from the next 20 ms on. Marks that waited are played first."""

    def played_ms(self, item: str) -> int:
        """How much of this item the customer has heard."""

    @property
    def waiting_ms(self) -> int:
        """How much audio is queued."""

    def press(self, digits: str) -> None:
        """Keys (0-9 * # A-D) for the customer's side, as RFC 4733 events."""

    def ready(self) -> None:
        """The engine can talk: the customer's call may be answered. Said once a connection, after a reconnect too."""

    def fail(self, reason: str) -> None:
        """The engine cannot or will not serve this call, now or while talking; the connection is closed."""

    def say(self, verdict: Verdict) -> None:
        """What the bot wants to become of the call."""

    def record(self, on: bool) -> None:
        """Pause the recording of the call, or go on with it; where there is none nothing happens."""

    def goodbye(self, verdict: Verdict | None) -> None:
        """The bot is done and has said all: what is queued is played, then the engine's part is over."""

    def note(self, what: str, **facts: Fact) -> None:
        """An entry of the call's timeline: a snake_case name. Nothing the customer said belongs here."""

    def transcript(self, role: str, text: str) -> None:
        """What was said: role "bot" or "customer". Kept with the call, never logged."""

    def use_tool(self, id: str, name: str, arguments: str) -> None:
        """A function that is forwarded by HTTP, its arguments a JSON object as text; `tool_answered` follows."""

    def renew(self) -> None:
        """Open another connection beside this one and go over to it once it is ready; `connected` is called again."""


class Dialect:
    """One engine's side of one call. What a dialect has no word for it leaves as it is here.

    `now` is in seconds, monotonic. A method may use the Speaker as often as it likes. What arrives from the engine is
    hostile: a message that cannot be used raises InvalidEngineMessage and costs the call nothing; too many of them end
    the connection.
    """

    deadline: float | None = None
    """When `expire` wants to be called."""

    def opening(self) -> Opening:
        """How the WebSocket is opened; asked for each try."""
        raise NotImplementedError

    def connected(self, now: float) -> None:
        """A WebSocket is open: the first, or one after a loss or a renewal."""

    def text(self, message: str, now: float) -> None:
        """A text message arrived; raises InvalidEngineMessage."""

    def binary(self, message: bytes, now: float) -> None:
        """A binary message arrived; raises InvalidEngineMessage."""

    def hear(self, audio: bytes, now: float) -> None:
        """20 ms of the customer: 160 bytes of µ-law. Every 20 ms while connected, silence included."""

    def answered(self, now: float) -> None:
        """The customer is on the line and hears what is played. Before that it waits in the queue."""

    def mark_played(self, name: str, now: float) -> None:
        """The customer has heard all that was queued before the mark, or it was cleared."""

    def key(self, digit: str, now: float) -> None:
        """The customer pressed a key."""

    def screen_pop(self, pop: ScreenPopRows, now: float) -> None:
        """LiveVox's data of the customer."""

    def transfer_progress(self, status: int, now: float) -> None:
        """How the transfer goes that the bot asked for: 100 it runs, 200 done, 300 and more it failed."""

    def tool_answered(self, id: str, output: str, now: float) -> None:
        """A forwarded function has an answer, or an error in the same shape: JSON as text."""

    def dead_air(self, silent_s: float, now: float) -> None:
        """Nobody has said anything for so long, or the bot owes the customer an answer."""

    def hang_up(self, fate: str) -> None:
        """The call is over for this engine: last words on the socket, which is closed after them."""

    def closed(self, code: int, now: float) -> bool:
        """The engine closed the WebSocket with this code (1006: it just vanished). True: it meant to end the call."""
        return False

    def expire(self, now: float) -> None:
        """`deadline` is reached."""
