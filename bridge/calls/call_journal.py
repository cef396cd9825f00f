"""What one call writes into the journal, and what it waits for there."""

from collections.abc import Mapping
from time import time

from bridge.calls.rest_steps import UNREPEATABLE, about, name_of
from bridge.calls.timeline import MAX_ENTRIES, Entry, Fact
from bridge.calls.transcript import MAX_LINES
from bridge.engines.events import Fate
from bridge.journal.record_keeper import RecordKeeper
from bridge.journal.records import (
    CallAdmitted,
    CallAnswered,
    CallClosed,
    CallDisposed,
    Effect,
    EntryNoted,
    IdsLearned,
    MessageSeen,
    OutcomeDecided,
    OutcomeReopened,
    QualityNoted,
    ScreenPopCame,
    StepBegun,
    StepEnded,
)
from bridge.verdicts import Verdict
from bridge.wrapup.plan import CallIds
from bridge.wrapup.steps import Failure, Finished, Request, SetTermCode
from sip.messages import Leg

#: More of one sentence is cut, in characters.
MAX_SENTENCE = 4_000


class CallJournal:
    """Only `before` waits; it is the wrap-up that does, never audio or signalling."""

    def __init__(
        self, keeper: RecordKeeper, call: str, ids: CallIds, *, stray: bool = False, transcripts: bool = False
    ) -> None:
        """`ids`: as far as LiveVox has said them, for a call that the journal knows already too.

        `stray`: it is none of ours; LiveVox shows it on an agent. `transcripts`: what is said is written down.
        """
        self._transcripts = transcripts
        self.call = call
        self._stray = stray
        self._keeper = keeper
        self._ids = ids
        self._entries = self._sentences = 0
        self._undecided = True
        """What was decided is not on disk yet."""

    def admitted(self, agent: str, caller: str) -> None:
        """The call is ours."""
        self._keeper.note(CallAdmitted(self.call, time(), agent, caller, self._ids, self._stray))

    def answered(self) -> None:
        """200 goes out."""
        self._keeper.note(CallAnswered(self.call, time(), self._stray))

    def screen_pop(self, rows: tuple[tuple[str, str], ...]) -> None:
        """LiveVox has shown who the customer is."""
        self._keeper.note(ScreenPopCame(self.call, time(), rows))

    def learned(self, ids: CallIds) -> None:
        """LiveVox has said more of its ids."""
        if ids != self._ids:
            self._ids = ids
            self._keeper.note(IdsLearned(self.call, ids))

    def decided(self, fate: Fate, verdict: Verdict | None) -> None:
        """What is to become of the call."""
        self._undecided = True
        self._keeper.note(OutcomeDecided(self.call, time(), fate, verdict))

    def reopened(self) -> None:
        """The bot has the customer back."""
        self._keeper.note(OutcomeReopened(self.call))

    async def before(self, step: Request) -> None:
        """Return when LiveVox may be asked: what was decided is on disk, and that it will be asked if that matters."""
        if isinstance(step, SetTermCode):
            said = step.choice
            self.learned(CallIds(said.call_transaction_id, said.call_session_id, self._ids.service_id))
        if isinstance(step, UNREPEATABLE):
            self._keeper.note(StepBegun(self.call, time(), name_of(step), about(step)))
        elif not self._undecided:
            return
        await self._keeper.on_disk(self.call)
        self._undecided = False

    def after(self, step: Request, ms: float, failure: Failure | None = None) -> None:
        """LiveVox has answered, or will not."""
        if not isinstance(step, UNREPEATABLE):
            return
        effect, error = Effect.DONE, ""
        if failure is not None:
            effect, error = Effect.UNKNOWN if failure.maybe_done else Effect.NONE, failure.reason
        self._keeper.note(StepEnded(self.call, time(), name_of(step), ms, effect, error))

    def entry(self, entry: Entry) -> None:
        """A listener of the call's timeline."""
        self._entries += 1
        if self._entries <= MAX_ENTRIES:
            self._keeper.note(EntryNoted(self.call, time(), entry.elapsed_ms, entry.what, entry.facts))

    def quality(self, side: str, at: float, samples: tuple[tuple[float, ...], ...]) -> None:
        """How the audio of one side was, second by second, from `at` on (seconds since the epoch)."""
        self._keeper.note(QualityNoted(self.call, at, side, samples))

    def said(self, role: str, text: str) -> None:
        """Somebody, "bot" or "customer", said this."""
        self._sentences += 1
        if self._transcripts and self._sentences <= MAX_LINES:
            leg = Leg.CUSTOMER if role == "customer" else Leg.ENGINE
            self._keeper.note(MessageSeen(self.call, time(), "speech", leg.value, False, "", text[:MAX_SENTENCE]))

    def disposed(self, result: Finished) -> None:
        """The wrap-up is over."""
        self._keeper.note(CallDisposed(self.call, time(), result))

    def closed(self, line: Mapping[str, Fact], trouble: tuple[str, ...] = ()) -> None:
        """Nothing is left to be done; what went wrong, by name."""
        self._keeper.note(CallClosed(self.call, time(), line, trouble, self._stray))
