"""[sans-IO] What becomes of a call that was open when the bridge died, by what the journal says of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bridge.call_facts import CallFacts
from bridge.calls.events import StartWrapUp
from bridge.calls.outcomes import Outcomes
from bridge.calls.rest_steps import NAMES
from bridge.engines.events import Fate
from bridge.journal.open_call import JournalledStep, OpenCall
from bridge.journal.records import Effect
from bridge.livevox.agent_status import AgentStatus
from bridge.verdicts import Transfer, Verdict
from bridge.wrapup.plan import Before, CustomerLeg, Disposition, OrderGiven, Plan
from bridge.wrapup.sighting import CallRecord, Whose
from bridge.wrapup.steps import Confirmation, Finished, LeaveConference, Reconnect, SetTermCode, StartTransfer

#: LiveVox's status may show a call so much later than it was answered, and no more.
STATUS_LAG_S = 10.0
#: What is found on an agent's line that is not our call.
ELSE = {Whose.ANOTHERS: "another call", Whose.NOBODYS: "no call", Whose.UNKNOWN: "nothing"}


def by_agent(calls: Iterable[OpenCall]) -> dict[str, list[OpenCall]]:
    """Each agent's calls, the oldest first. Only the last one can still be on its agent's line."""
    grouped: dict[str, list[OpenCall]] = {}
    for call in sorted(calls, key=lambda call: call.admitted_at):
        grouped.setdefault(call.agent, []).append(call)
    return grouped


def meant(call: OpenCall, failure_target: str) -> tuple[Fate, Verdict | None]:
    """What was decided; of a call that was going on, that we failed and its customer shall have a human."""
    if call.fate in list(Fate):
        return Fate(call.fate), call.verdict
    verdict = Transfer(failure_target, outcome=Fate.BRIDGE_FAILURE) if failure_target else None
    return Fate.BRIDGE_FAILURE, verdict


def recovery_plan(
    call: OpenCall, fate: Fate, verdict: Verdict | None, outcomes: Outcomes, failure_target: str, now: float
) -> Plan:
    """The plan of its wrap-up; `now` in seconds since the epoch, as the journal's times are."""
    end = StartWrapUp(fate, verdict, CustomerLeg.LOST, bot_present=False, answered=call.answered)
    plan = outcomes.plan(end, call.ids, _facts(call), seen=call.answered and now - call.answered_at > STATUS_LAG_S)
    if fate is Fate.BRIDGE_FAILURE:  # a customer whom we leave in silence hangs up
        plan = replace(plan, customer_hung_up=plan.disposition)
    target = outcomes.target(failure_target)
    # A transfer of before the decision is over: it gave the customer back to the bot.
    steps = [
        step for step in call.steps if step.step == NAMES[SetTermCode] or (call.fate and step.at >= call.decided_at)
    ]
    return resumed(plan, steps, now, target.contacts if target else ())


def resumed(plan: Plan, steps: Sequence[JournalledStep], now: float, last_resort: tuple[str, ...]) -> Plan:
    """The plan of a wrap-up of which these steps were begun already.

    `last_resort`: contacts for a customer whom none of those that were wanted takes: there is no bot to go back to.
    """
    term_code, so_far = _term_code(steps, now), _transfer_so_far(steps)
    with_human = so_far.left or (so_far.leaving and term_code is not None)
    if term_code is not None or with_human:
        handed_to = so_far.contact if with_human else ""
        disposition = _disposition(plan, term_code.name) if term_code else plan.disposition
        before = Before(handed_to=handed_to, term_code=term_code)
        return replace(plan, disposition=disposition, transfer=(), before=before)
    contacts = _contacts(plan.transfer, last_resort, so_far.contact)
    return replace(plan, transfer=contacts, before=so_far.before(now) if contacts else Before())


def found(plan: Plan, status: AgentStatus | None) -> str:
    """What LiveVox shows: the line's state if our call is on it, else what is."""
    sighting = CallRecord(plan, 0.0).look(status, 0.0)
    return ELSE.get(sighting.whose, sighting.state)


def result_without_looking(call: OpenCall, reason: str) -> Finished:
    """What can be said of a call that is not on its agent's line any more."""
    if call.result is not None:
        return call.result
    code = _term_code(call.steps, 0.0)
    confirmation = Confirmation.UNCONFIRMED if call.answered else Confirmation.NOTHING_TO_SET
    if code is not None:
        confirmation = Confirmation.CONFIRMED if code.certain else Confirmation.UNCONFIRMED
    name = code.name if code else ""
    why = "" if confirmation is Confirmation.CONFIRMED else reason
    return Finished(confirmation, Disposition(call.fate, name), name, "", "", why)


def judged(call: OpenCall, result: Finished) -> Finished:
    """The result, and the truth about a call that was answered and that LiveVox does not show any more."""
    if result.confirmation is not Confirmation.NOTHING_TO_SET or not call.answered:
        return result
    reason = "LiveVox shows the call no more: while the bridge was away it may have written down its own default"
    return replace(result, confirmation=Confirmation.UNCONFIRMED, reason=reason)


# what an earlier bridge had done


@dataclass
class _TransferSoFar:
    """How far the last contact that was ordered had come; none: nobody was."""

    contact: str = ""
    effect: Effect = Effect.NONE
    at: float = 0.0
    leaving: bool = False
    left: bool = False

    def before(self, now: float) -> Before:
        """The same as the wrap-up wants it; an order that LiveVox refused was none."""
        if self.effect is Effect.NONE:
            return Before()
        return Before(OrderGiven(self.contact, self.effect is Effect.DONE, max(now - self.at, 0.0)), self.leaving)


def _transfer_so_far(steps: Iterable[JournalledStep]) -> _TransferSoFar:
    so_far = _TransferSoFar()
    for step in steps:
        if step.step == NAMES[StartTransfer]:
            so_far = _TransferSoFar(step.about, step.effect, step.at)
        elif step.step == NAMES[LeaveConference]:
            so_far.leaving, so_far.left = True, step.effect is Effect.DONE
        elif step.step == NAMES[Reconnect]:
            so_far.leaving = so_far.left = False
    return so_far


def _term_code(steps: Sequence[JournalledStep], now: float) -> OrderGiven | None:
    """The one that has reached LiveVox, or may have."""
    sent = [step for step in steps if step.step == NAMES[SetTermCode] and step.effect is not Effect.NONE]
    if not sent:
        return None
    last = max(sent, key=lambda step: (step.effect is Effect.DONE, step.at))
    return OrderGiven(last.about, last.effect is Effect.DONE, max(now - last.at, 0.0))


def _contacts(wanted: tuple[str, ...], last_resort: tuple[str, ...], tried: str) -> tuple[str, ...]:
    """Whom to try, from the one that was tried last on."""
    if not wanted:
        return ()
    contacts = tuple(dict.fromkeys((*wanted, *last_resort)))
    return contacts[contacts.index(tried) :] if tried in contacts else tuple(filter(None, (tried, *contacts)))


def _disposition(plan: Plan, term_code: str) -> Disposition:
    """The one whose term code was sent."""
    all_meant = (plan.disposition, plan.customer_hung_up, plan.transfer_failed)
    return next((each for each in all_meant if each.term_code == term_code), plan.disposition)


def _facts(call: OpenCall) -> CallFacts:
    ids = call.ids
    return CallFacts(
        call=call.call,
        agent_number=call.agent,
        caller=call.caller,
        caller_name="",
        transaction_id=ids.transaction_id or "",
        session_id=ids.session_id or "",
        service_id=ids.service_id or "",
    )
