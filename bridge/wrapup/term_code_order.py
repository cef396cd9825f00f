"""[sans-IO] A call's term code: which one it gets, and what became of the order to set it."""

from bridge.livevox.term_codes import TermCode, TermCodeChoice, TermCodes
from bridge.wrapup.plan import Disposition, OrderGiven, Plan
from bridge.wrapup.sighting import CallRecord
from bridge.wrapup.states import Sent
from bridge.wrapup.steps import ListTermCodes, SetTermCode

#: Definite refusals of one code before the next is tried.
MAX_REFUSALS = 3
#: A term code whose answer was lost is held to be set only if the agent is seen free within so many seconds.
DOUBT_S = 30.0


class TermCodeOrder:
    """Term codes by name, the one meant first; once one may have reached LiveVox, no other is chosen.

    A name is given up when a fresh list of the service lacks it, or LiveVox refuses it again and again. When none is
    left, none is set: LiveVox then writes down its own default ("Operator Transfer"), which is neutral, while any other
    code of the list would claim something that did not happen.
    """

    def __init__(self, plan: Plan, disposition: Disposition) -> None:
        self.sent = Sent.NO
        self.sent_name = ""
        """The code that was sent last; empty: none."""
        self.reasons: list[str] = []
        """Why names were given up."""
        self._disposition = disposition
        self._move_to_not_ready = plan.move_to_not_ready
        self._names = list(dict.fromkeys((disposition.term_code, plan.default_term_code)))
        self.wants_fresh_list = False
        """The next list must come from LiveVox: the one at hand lacks the code, or its id was refused."""
        self._codes: TermCodes | None = None
        self._refusals = 0
        self._verify_s = plan.limits.verify_s
        self._sent_at = 0.0
        self._may_show_until = 0.0
        self._acknowledged = 0

    # which one

    @property
    def is_exhausted(self) -> bool:
        """No name is left."""
        return not self._names

    def learn(self, codes: TermCodes, *, is_fresh: bool) -> None:
        """The service's list is here; names that a fresh one lacks are given up."""
        self._codes = codes
        self.wants_fresh_list = not is_fresh and self.code() is None
        while is_fresh and self._names and self.code() is None:
            self._give_up("the service has no term code {!r}")

    def code(self) -> TermCode | None:
        """The code to set; None: a list is needed first, or no name is left."""
        return self._codes.by_name(self._names[0]) if self._codes and self._names else None

    def next_step(self, record: CallRecord) -> SetTermCode | ListTermCodes:
        """Setting the code, or asking for the list that has it; the call's ids must be known."""
        ids, code = record.ids, self.code()
        assert ids.transaction_id and ids.session_id and ids.service_id
        if code is None:
            return ListTermCodes(ids.service_id, fresh=self.wants_fresh_list)
        choice = TermCodeChoice(
            call_transaction_id=ids.transaction_id,
            call_session_id=ids.session_id,
            term_code_id=code.id,
            phone_dialed=record.phone_dialed,
            move_to_not_ready=self._move_to_not_ready,
            notes=self._disposition.notes,
            payment_amount=self._disposition.payment_amount,
            account=self._disposition.account,
        )
        return SetTermCode(choice, code.name)

    # what became of it

    def resume(self, order: OrderGiven, now: float) -> None:
        """An earlier bridge has sent it."""
        self._names = [order.name]
        if order.certain:
            self.acknowledged(order.name, now - order.ago_s)
        else:
            self.unanswered(order.name, now - order.ago_s)

    def acknowledged(self, name: str, now: float) -> None:
        """LiveVox says that it is set; the status may say so late.

        The wait is longer each time: an answer of 204 without effect would otherwise be asked for without end.
        """
        self.sent, self.sent_name, self._sent_at = Sent.ACKNOWLEDGED, name, now
        self._may_show_until = now + self._verify_s * 2 ** min(self._acknowledged, 6)
        self._acknowledged += 1

    def unanswered(self, name: str, now: float) -> None:
        """It may have been set."""
        if self.sent is Sent.NO:
            self.sent = Sent.PERHAPS
        self.sent_name, self._sent_at = name, now

    def hasten(self) -> None:
        """It may be sent again as soon after it was acknowledged as the first time."""
        self._may_show_until = min(self._may_show_until, self._sent_at + self._verify_s)

    def refused(self, reason: str) -> None:
        """LiveVox does not take this code for this call; its id may be of yesterday."""
        if self.sent is not Sent.NO:
            return
        self._codes, self.wants_fresh_list = None, True
        self._refusals += 1
        if self._refusals >= MAX_REFUSALS and len(self._names) > 1:
            self._give_up(f"term code {{!r}} was refused ({reason})")

    def may_show_late(self, now: float) -> bool:
        """It was acknowledged so shortly ago that the status need not show it."""
        return self.sent is Sent.ACKNOWLEDGED and now < self._may_show_until

    def was_sent_recently(self, now: float) -> bool:
        """It was sent so shortly ago that LiveVox may be at work on it."""
        return self.sent is not Sent.NO and now - self._sent_at < self._verify_s

    def is_doubtful(self, now: float, *, agent_is_free: bool) -> bool:
        """The call has left wrap-up, and something else than our term code may be the cause.

        The end of LiveVox's wrap-up timer and a supervisor leave the agent Not Ready or logged off.
        """
        return self.sent is Sent.PERHAPS and (not agent_is_free or now - self._sent_at > DOUBT_S)

    def _give_up(self, sentence: str) -> None:
        self.reasons.append(sentence.format(self._names.pop(0)))
        self._refusals = 0
