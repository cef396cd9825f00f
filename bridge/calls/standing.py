"""[sans-IO] How a call stands: state, legs, limit and fate, and the ways to its end that every state has."""

from bridge.calls import events as ev
from bridge.calls.engine_queue import EngineQueue
from bridge.calls.events import CallCommand
from bridge.calls.legs import CallLegs
from bridge.calls.states import CallPolicy, CallState, LegState
from bridge.engines.events import Fate
from bridge.media.messages import Flow, Prompt
from bridge.verdicts import Complete, Transfer, Verdict
from bridge.wrapup.plan import CustomerLeg


class Standing:
    """What all states of a call share. Its methods return what is to be done."""

    def __init__(self, engines: EngineQueue, policy: CallPolicy, now: float) -> None:
        self.state = CallState.ADMITTED
        self.legs = CallLegs()
        self.fate: Fate | None = None
        self.verdict: Verdict | None = None
        self.deadline: float | None = now + policy.arrival_limit_s
        self.policy = policy
        self.wrapped_up = True
        """No wrap-up is under way."""
        self._bot_is_heard = False
        """In a transfer: customer and bot still hear each other."""
        self._engines = engines

    @property
    def why(self) -> Fate:
        """The fate to tell others."""
        return self.fate or Fate.FINISHED

    def enter(self, state: CallState, deadline: float | None) -> None:
        """The only place where the state changes."""
        self.state = state
        self.deadline = deadline

    def reach_engine(self, state: CallState, now: float) -> tuple[list[CallCommand], bool]:
        """Try the next engine, in a state where one is waited for; False: there is none."""
        passed, choice = self._engines.next()
        if choice is None:
            return [*passed], False
        self.legs.engine = LegState.PENDING
        self.enter(state, now + choice.connect_timeout_s)
        return [*passed, ev.ConnectEngine(choice.name)], True

    def refuse(self, fate: Fate, status: int, now: float) -> list[CallCommand]:
        """The customer is not answered: LiveVox may route on."""
        self.fate = fate
        drop = self.legs.drop_engine(fate)
        self.enter(CallState.ENDING, now + self.policy.leg_end_limit_s)
        self.legs.customer = LegState.HANGING_UP
        return [ev.RefuseCustomer(status, fate), *drop, self._wrap_up(answered=False)]

    def rescue(self, fate: Fate, now: float) -> list[CallCommand]:
        """The customer is still there and no bot can go on: to a human, if one is named."""
        if not self.policy.failure_target:
            return self.finish(fate, None, now)
        drop = self.legs.drop_engine(fate)
        verdict = Transfer(self.policy.failure_target, outcome=fate)
        return [ev.SetAudio(Flow.SILENCE, Prompt.UNAVAILABLE), *drop, *self.transfer(fate, verdict)]

    def transfer(self, fate: Fate, verdict: Transfer) -> list[CallCommand]:
        """LiveVox is asked to bring the customer to a human."""
        self.fate, self.verdict = fate, verdict
        self.enter(CallState.TRANSFERRING, None)
        self._bot_is_heard = self.legs.engine is LegState.UP
        return [self._wrap_up(answered=True)]

    def hush(self) -> list[CallCommand]:
        """In a transfer the customer is not relayed to a bot that is gone."""
        heard, self._bot_is_heard = self._bot_is_heard, False
        return [ev.SetAudio(Flow.SILENCE)] if heard else []

    def finish(self, fate: Fate, verdict: Complete | None, now: float, *, answered: bool = True) -> list[CallCommand]:
        """The call comes to its end."""
        self.fate, self.verdict = fate, verdict
        drop = self.legs.drop_engine(fate)
        self.enter(CallState.ENDING, now + self.policy.leg_end_limit_s)
        return [*drop, self._wrap_up(answered=answered)]

    def hang_up_customer(self, now: float) -> list[CallCommand]:
        """LiveVox's leg has its time to end, however long ago the end of the call began."""
        commands = self.legs.hang_up_customer(self.why)
        if commands and self.state is CallState.ENDING:
            self.deadline = now + self.policy.leg_end_limit_s
        return commands

    def end_legs(self, now: float) -> list[CallCommand]:
        """LiveVox knows all; what is still up is ended."""
        if self.state is CallState.CLOSED:
            return []
        commands = [*self.legs.drop_engine(self.why), *self.legs.hang_up_customer(self.why)]
        self.enter(CallState.ENDING, now + self.policy.leg_end_limit_s)
        return [*commands, *self.close_if_over()]

    def press_on(self, now: float) -> list[CallCommand]:
        """The end takes too long."""
        commands = self.legs.press_on(self.why)
        self.deadline = now + self.policy.leg_end_limit_s if commands else None
        return [*commands, *self.close_if_over()]

    def close_if_over(self) -> list[CallCommand]:
        """Closed, once both legs are gone and LiveVox has its disposition."""
        if not (self.legs.over and self.wrapped_up):
            return []
        self.enter(CallState.CLOSED, None)
        return [ev.Close()]

    def _wrap_up(self, *, answered: bool) -> ev.StartWrapUp:
        assert self.fate is not None
        self.wrapped_up = False
        present = answered and self.legs.customer is not LegState.GONE
        customer = CustomerLeg.LOST if self.legs.stranded else CustomerLeg.UP if present else CustomerLeg.GONE
        return ev.StartWrapUp(
            self.fate,
            self.verdict,
            customer=customer,
            bot_present=self.legs.engine is LegState.UP and self.state is CallState.TRANSFERRING,
            answered=answered,
        )
