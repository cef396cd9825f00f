"""The world around one Call: LiveVox's leg, engines, the wrap-up and the media process, and what must always hold.

What the world may say follows from what it was told: a worker acknowledges only what it has answered, an engine ends
only if it was reached, a wrap-up keeps the order of `Notices`. Within that, anything may come at any time.
"""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from bridge.calls import events as ev
from bridge.calls.call import Call
from bridge.calls.states import CallPolicy, CallState, EngineChoice
from bridge.engines.events import EngineEnded, EngineFailed, EngineReady
from bridge.media.messages import Flow, Prompt
from bridge.verdicts import Transfer
from bridge.wrapup.plan import CustomerLeg
from bridge.wrapup.steps import (
    Finished,
    HangUpCustomer,
    Notice,
    ReturnToBot,
    TransferFailed,
    TransferSucceeded,
    TransferUnderWay,
)
from sip.messages import Leg
from tests.wrapup_notices import Notices

OVER = (CallState.ENDING, CallState.CLOSED)


class Customer(enum.Enum):
    """LiveVox's leg, as its worker has it."""

    INVITING = enum.auto()
    RINGING = enum.auto()
    ANSWERED = enum.auto()
    CONFIRMED = enum.auto()
    ENDED = enum.auto()


@dataclass
class Bot:
    """The engine that counts; of one that was given up the call hears nothing."""

    name: str
    by_sip: bool
    ready: bool = False
    ended: bool = False
    dropped_at: float | None = None
    """When it was told to go."""

    @property
    def hears(self) -> bool:
        """The customer can talk with it."""
        return self.ready and not self.ended and self.dropped_at is None


class CallWorld:
    """Feeds the call, does what it wants, and looks after each event whether all is as it must be."""

    def __init__(self, engines: Mapping[str, bool], policy: CallPolicy, broken: Iterable[str]) -> None:
        """`engines` by name: whether they are reached by SIP."""
        self.now = 100.0
        self.broken = set(broken)
        """Engines whose circuit is open."""
        choices = [EngineChoice(name, 3.0) for name in engines]
        self.call = Call(choices, policy, self.now, lambda name: name not in self.broken)
        self.customer = Customer.INVITING
        self.worker_lives = True
        self.bot: Bot | None = None
        self.wrap_up: Notices | None = None
        """The one that is under way."""
        self.audio = (Flow.RELAY, Prompt.NONE)
        self.closed = False
        self.commands: list[ev.CallCommand] = []
        self._story: list[str] = []
        self.fault = False
        """An event was not got over."""
        self._by_sip = engines
        self._policy = policy
        self._answered = False
        self.hung_up_at: float | None = None
        """When LiveVox's leg was told to end, by BYE or a refusal."""
        self._bot_waits = False
        """The bot has not heard how the transfer that it wanted went."""
        self.feed(ev.CallOpened())

    def __repr__(self) -> str:
        return "\n".join([repr(self._policy), *self._story])

    # what happens

    def feed(self, event: ev.CallEvent) -> None:
        """Something happened."""
        self._take(str(event), partial(self.call.handle, event))

    def expire(self) -> None:
        """Time goes on to the call's deadline."""
        assert self.call.deadline is not None
        self.now = max(self.now, self.call.deadline)
        self._take("time is up", self.call.expire)

    def pass_time(self, seconds: float) -> None:
        """What falls due meanwhile happens."""
        until = self.now + seconds
        while self.call.deadline is not None and self.call.deadline <= until:
            self.expire()
        self.now = until

    def livevox_goes_on(self) -> None:
        """Its INVITE reaches the worker, or its ACK."""
        if self.customer is Customer.INVITING:
            self.customer = Customer.RINGING
            self.feed(ev.InviteTaken())
        elif self.customer is Customer.ANSWERED:
            self.customer = Customer.CONFIRMED
            self.feed(ev.CustomerAnswered())

    def engine_is_ready(self) -> None:
        """The engine that counts can talk."""
        if self.bot is not None:
            self.bot.ready = True
            self.feed(EngineReady())

    def end_customer(self, *, by_peer: bool) -> None:
        """LiveVox's leg ends."""
        self.customer = Customer.ENDED
        self.feed(ev.CustomerEnded(by_peer, 200))

    def end_bot(self, event: EngineEnded | EngineFailed) -> None:
        """The engine's connection ends, or could not be made."""
        assert self.bot is not None
        self.bot.ended = True
        self.feed(event)

    def lose_worker(self) -> None:
        """A worker takes a SIP engine's leg with it, and no other engine."""
        self.worker_lives = False
        if self.bot is not None and self.bot.by_sip:
            self.bot.ended = True
        self.feed(ev.WorkerLost())

    def say(self, notice: Notice) -> None:
        """The wrap-up says something; it knows itself what follows from it."""
        assert self.wrap_up is not None
        self.wrap_up.say(notice)
        match notice:
            case TransferFailed(reason, back_to_bot):
                if back_to_bot:
                    self.wrap_up.say(ReturnToBot())
                    self.wrap_up = None
                self.feed(ev.TransferFailed(reason, back_to_bot))
            case Finished():
                self.end_wrap_up()
            case TransferUnderWay():
                self.feed(ev.TransferUnderWay())
            case TransferSucceeded():
                self.feed(ev.TransferSucceeded())
            case HangUpCustomer():
                self.feed(ev.HangUpWanted())

    def end_wrap_up(self) -> None:
        """It is over: finished, or its driver had a fault."""
        self.wrap_up = None
        self.feed(ev.WrapUpFinished())

    # what it wants

    def _take(self, what: str, decide: Callable[[float], list[ev.CallCommand]]) -> None:
        self.fault = True
        self._story.append(f"{self.now:.1f} {self.call.state.name} {what}")
        commands = decide(self.now)
        assert not (self.closed and commands), f"after Close: {commands}"
        self._perform(commands)
        self.check()
        self.fault = False

    def _perform(self, commands: list[ev.CallCommand]) -> None:
        for command in commands:
            self.commands.append(command)
            self._story.append(f"    {command}")
            match command:
                case ev.AnswerCustomer():
                    assert self.customer is Customer.RINGING and not self._answered and self.hung_up_at is None
                    self._answered, self.customer = True, Customer.ANSWERED
                case ev.RefuseCustomer() | ev.HangUpCustomer():
                    assert self.hung_up_at is None, "LiveVox's leg is ended twice"
                    assert not (self._answered and isinstance(command, ev.RefuseCustomer))
                    self.hung_up_at = self.now
                case ev.SetAudio(flow, prompt):
                    self.audio = (flow, prompt)
                case _:
                    self._perform_other(command)

    def _perform_other(self, command: ev.CallCommand) -> None:
        match command:
            case ev.ConnectEngine(name):
                self._connect(name)
            case ev.PassOverEngine(name):
                assert name in self.broken
            case ev.DropEngine():
                assert self.bot is not None and self.bot.dropped_at is None, "an engine is ended twice"
                self.bot.dropped_at = self.now
            case ev.StartWrapUp():
                self._start_wrap_up(command)
            case ev.TellWrapUp(gone, worker_lost):
                self._tell_wrap_up(gone, worker_lost)
            case ev.ReportTransfer(status):
                self._bot_waits = status < 200
            case ev.Close():
                self._close()

    def _connect(self, name: str) -> None:
        assert name not in self.broken
        tried = [command.name for command in self.commands if isinstance(command, ev.ConnectEngine)]
        assert tried.count(name) == 1, f"{name} is tried again"
        assert self.wrap_up is None and self.call.fate is None, "an engine is reached after the end began"
        assert self.bot is None or self.bot.ended or self.bot.dropped_at, "two engines at once"
        self.bot = Bot(name, self._by_sip[name])

    def _start_wrap_up(self, command: ev.StartWrapUp) -> None:
        assert self.wrap_up is None, "two wrap-ups at once"
        assert (command.fate, command.answered) == (self.call.fate, self._answered)
        if self._answered:
            gone, lost = self.customer is Customer.ENDED, not self.worker_lives
            assert command.customer is (CustomerLeg.GONE if gone else CustomerLeg.LOST if lost else CustomerLeg.UP)
        assert not command.bot_present or (self.bot is not None and self.bot.hears), "a bot that is not there"
        human = isinstance(command.verdict, Transfer)
        self.wrap_up = Notices(command.customer, transfers=human, bot=command.bot_present)

    def _tell_wrap_up(self, gone: Leg, worker_lost: bool) -> None:
        """As WrapUpDriver.leg_gone; one that is over does not care."""
        if self.wrap_up is None:
            return
        if worker_lost:
            assert not self.worker_lives and self.customer is not Customer.ENDED
            self.wrap_up.bot_gone()
            self.wrap_up.customer_lost()
        elif gone is Leg.CUSTOMER:
            self.wrap_up.customer_gone()
        else:
            self.wrap_up.bot_gone()

    def _close(self) -> None:
        assert not self.closed, "closed twice"
        assert self.wrap_up is None, "closed before the wrap-up is finished"
        assert any(isinstance(command, ev.StartWrapUp) for command in self.commands)
        long_ago, bot = self.now - self._policy.leg_end_limit_s, self.bot
        if self.worker_lives:  # else nobody holds LiveVox's leg, and nothing more is waited for
            gone = self.customer is Customer.ENDED or (self.hung_up_at or self.now) <= long_ago
            assert gone, "closed with the customer on the line"
            ended = bot is None or bot.ended or (bot.dropped_at or self.now) <= long_ago
            assert ended, "closed with an engine"
        assert bot is None or bot.ended or bot.dropped_at, "nobody has ended the engine"
        self.closed = True

    # what always holds

    @property
    def customer_is_here(self) -> bool:
        """Answered, and neither side has ended it."""
        hears = self._answered and self.worker_lives and self.hung_up_at is None
        return hears and self.customer in (Customer.ANSWERED, Customer.CONFIRMED)

    def check(self) -> None:
        """Look at the call as it is now."""
        state, limit = self.call.state, self.call.deadline
        assert (state is CallState.CLOSED) == self.closed
        assert (state in (CallState.TRANSFERRING, *OVER)) == (self.call.fate is not None)
        if state is CallState.TRANSFERRING:
            assert self.wrap_up is not None, "nobody transfers"
        elif state not in OVER:
            assert self.wrap_up is None
            assert state is CallState.TALKING or limit is not None, "nothing ends this state"
        if self.wrap_up is not None and self.customer is Customer.ENDED:
            assert self.wrap_up.customer is CustomerLeg.GONE, "the wrap-up believes that the customer is here"
        if self.customer_is_here:
            self._check_that_somebody_cares()

    def _check_that_somebody_cares(self) -> None:
        """Who hears a customer on the line, and for how long that may be nobody."""
        state, (flow, prompt) = self.call.state, self.audio
        heard = self.bot is not None and self.bot.hears
        match state:
            case CallState.ANSWERING | CallState.TALKING:
                assert heard and flow is Flow.RELAY, "the customer talks to nobody"
                assert not self._bot_waits, "the bot believes that its transfer is under way"
            case CallState.REPLACING:
                assert (flow, prompt) == (Flow.SILENCE, Prompt.WAIT), "the customer hears no wait prompt"
            case CallState.TRANSFERRING:
                assert heard or flow is Flow.SILENCE, "the customer is relayed to nobody"
                assert isinstance(self.call.verdict, Transfer), "a transfer to nobody"
            case CallState.ENDING:
                assert self.call.deadline is not None, "nothing ends the customer's leg"
                assert self.call.deadline <= self.now + self._policy.leg_end_limit_s
            case _:
                raise AssertionError(f"a customer in {state}")
