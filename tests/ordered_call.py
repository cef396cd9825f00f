"""A call for tests of the HTTP API: it takes orders and remembers them, and knows what any call refuses."""

from dataclasses import dataclass, field, replace

from bridge.calls.timeline import Fact
from bridge.calls.view import CallView
from bridge.errors import OrderRefused
from bridge.recording_words import RecordingState
from bridge.verdicts import NamedValues, Transfer, Verdict

CALL = "0123456789abcdef0123"

VIEW = CallView(
    call=CALL,
    agent_number="8990000001",
    caller="+12134634007",
    caller_name="JANE DOE",
    transaction_id="T1",
    session_id="S1",
    service_id="46014",
    state="talking",
    engine="bot",
    screen_pop=None,
    transcript=(),
    started_at=1_700_000_000.0,
    since=1_700_000_005.5,
)


@dataclass
class OrderedCall:
    """One call that is going on."""

    seen: CallView = VIEW
    targets: tuple[str, ...] = ("collections", "+15551230000")
    outcomes: tuple[str, ...] = ("", "paid")
    orders: list[Verdict] = field(default_factory=list)
    pressed: list[str] = field(default_factory=list)
    recorded: list[tuple[bool, str]] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Fact]]] = field(default_factory=list)
    written: list[NamedValues] = field(default_factory=list)
    write_refusal: OrderRefused | None = None

    def view(self) -> CallView:
        """Its facts, now."""
        return self.seen

    def order(self, verdict: Verdict, /) -> None:
        """End it, or hand it over; raises OrderRefused."""
        if self.seen.state == "ending":
            raise OrderRefused("call_over", "the call is over")
        if self.seen.state == "transferring":
            raise OrderRefused("transfer_running", "a transfer runs")
        if isinstance(verdict, Transfer) and verdict.target not in self.targets:
            raise OrderRefused("unknown_target", "no target is called so")
        if verdict.outcome not in self.outcomes:
            raise OrderRefused("unknown_outcome", "no outcome is called so")
        self.orders.append(verdict)
        self.seen = replace(self.seen, state="transferring" if isinstance(verdict, Transfer) else "ending")

    async def write_contact(self, values: NamedValues, /) -> None:
        """Write the customer's contact record; raises OrderRefused."""
        if self.write_refusal is not None:
            raise self.write_refusal
        self.written.append(values)

    def press(self, digits: str, /) -> bool:
        """Play keys to the customer."""
        if self.seen.state != "talking":
            return False
        self.pressed.append(digits)
        return True

    def record(self, paused: bool, by: str, /) -> RecordingState:
        """Pause its recording, or go on."""
        if self.seen.recording is RecordingState.OFF:
            raise OrderRefused("not_recorded", "the call is not recorded")
        self.recorded.append((paused, by))
        return RecordingState.PAUSED if paused else RecordingState.RECORDING

    def note(self, what: str, /, **facts: Fact) -> None:
        """An entry of its timeline."""
        self.notes.append((what, facts))


@dataclass
class OneCall:
    """The calls that are going on: this one."""

    live: OrderedCall

    def call(self, id: str, /) -> OrderedCall | None:
        """The call with this id."""
        return self.live if id == self.live.seen.call else None
