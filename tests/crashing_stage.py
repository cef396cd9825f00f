"""A wrap-up played against the simulated platform by bridges that die, each leaving its journal to the next."""

import random
from dataclasses import replace
from typing import Any

from bridge.calls.recovery_plan import resumed
from bridge.calls.rest_steps import UNREPEATABLE, about, name_of
from bridge.journal.open_call import JournalledStep
from bridge.journal.records import Effect
from bridge.simulator.faults import Faults
from bridge.wrapup import CustomerLeg, Failure, Finished, Request, Step, WrapUp
from tests.wrapup_stage import Stage


class Died(Exception):
    """The bridge was killed."""


class CrashingStage(Stage):
    """A bridge dies at one of its requests, just before it, or after it was carried out; the next one goes on."""

    def __init__(self, faults: Faults | None, deaths: list[tuple[int, bool, float]], **rest: Any) -> None:
        """`deaths`: at which request, whether it reached LiveVox, and for how many seconds there is no bridge."""
        super().__init__(faults, **rest)
        self.journal: list[JournalledStep] = []
        self._deaths = list(deaths)
        self._requests = 0
        self._original = self.plan

    def survive(self) -> Finished | None:
        """Play until some bridge has come to the end."""
        while True:
            try:
                return self.play()
            except Died:
                self._start_anew()

    def _perform(self, step: Step) -> None:
        if not isinstance(step, Request):
            super()._perform(step)
            return
        self._requests += 1
        recorded = isinstance(step, UNREPEATABLE)
        if recorded:
            self.journal.append(JournalledStep(name_of(step), about(step), self.desk.now, Effect.UNKNOWN))
        if self._deaths and self._requests >= self._deaths[0][0]:
            if self._deaths[0][1]:
                super()._perform(step)
            else:
                self.errors.append(None)
            raise Died
        super()._perform(step)
        if recorded:
            error = self.errors[-1]
            failure = Failure.of(error) if error else None
            effect = Effect.DONE if failure is None else Effect.UNKNOWN if failure.maybe_done else Effect.NONE
            self.journal[-1] = replace(self.journal[-1], effect=effect)

    def _start_anew(self) -> None:
        _, _, away_s = self._deaths.pop(0)
        self._requests = 0
        if self.leg is CustomerLeg.UP:
            self.worker_dies()
        self.pass_time(self.desk.now + away_s)
        plan = replace(self._original, customer=CustomerLeg.LOST, bot_present=False)
        self.plan = resumed(plan, self.journal, self.desk.now, ())
        self.wrap_up = WrapUp(self.plan, self.desk.now, random.Random(1))
