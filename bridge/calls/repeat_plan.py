"""[sans-IO] Whether a wrap-up that was given up may be repeated, and its plan: never two dispositions for one call."""

from collections.abc import Collection
from dataclasses import replace

from bridge.calls.outcomes import Outcomes
from bridge.calls.recovery_plan import ELSE, meant, recovery_plan
from bridge.errors import OrderRefused
from bridge.journal.open_call import ClosedCall, OpenCall
from bridge.journal.records import Fact
from bridge.livevox.agent_status import AgentStatus
from bridge.wrapup.plan import Before, CustomerLeg, Plan
from bridge.wrapup.sighting import CallRecord, Whose
from bridge.wrapup.steps import Confirmation, Finished

#: LiveVox has just said that it waits for the term code: a repeat that fails for longer is given up again.
#: More than `Limits.refused_s`: one that LiveVox refuses all the time ends before, and says so.
GIVE_UP_S = 180.0
#: The trouble of a call that is repeated.
TROUBLE = "disposition_unconfirmed"


def check_repeatable(call: ClosedCall) -> None:
    """Raises OrderRefused where the journal alone says that nothing may be sent."""
    known, result = call.known, call.known.result
    if not call.closed:
        raise OrderRefused("not_wrapping_up", "the call is not over: its disposition is set at its end")
    if not known.answered or (result is not None and result.confirmation is Confirmation.NOTHING_TO_SET):
        raise OrderRefused("nothing_to_set", "LiveVox wants no term code for this call")
    if result is not None and result.confirmation is Confirmation.CONFIRMED:
        code = f" ({result.term_code})" if result.term_code else ""
        raise OrderRefused("already_disposed", f"LiveVox has this call's disposition{code}: a second one is never sent")
    if known.ids.transaction_id is None:
        what = "LiveVox never said which of its calls this was, so nobody can tell whether it waits for a term code"
        raise OrderRefused("not_in_wrap_up", f"{what}: {_by_hand(known)}")
    if call.succeeded:
        raise not_in_wrap_up(known, "a later call")


def not_in_wrap_up(call: OpenCall, shown: str) -> OrderRefused:
    """LiveVox shows something else on the agent than this call's wrap-up."""
    what = f"LiveVox waits for no term code of this call any more (its agent has {shown}), so nothing was sent"
    return OrderRefused("not_in_wrap_up", f"{what}: {_by_hand(call)}")


def repeat_plan(call: OpenCall, outcomes: Outcomes, now: float) -> Plan:
    """The plan: nothing but the disposition, and only while the status names this very call; `now` in epoch seconds."""
    plan = recovery_plan(call, *meant(call, ""), outcomes, "", now)
    result, before = call.result, plan.before
    outcome, handed_to = (result.disposition.outcome, result.transferred_to) if result else ("", before.handed_to)
    all_meant = (plan.disposition, plan.customer_hung_up, plan.transfer_failed)
    codes = (before.term_code.name,) if before.term_code else tuple(each.term_code for each in all_meant)
    of_then = (each for each in all_meant if each.outcome == outcome and each.term_code in codes)
    return replace(
        plan,
        disposition=next(of_then, plan.disposition),
        transfer=(),
        customer=CustomerLeg.GONE,
        seen_in_status=True,
        named_only=True,
        limits=replace(plan.limits, give_up_s=GIVE_UP_S),
        before=Before(handed_to=handed_to, term_code=before.term_code),
    )


def shown_instead(plan: Plan, status: AgentStatus | None) -> str:
    """What LiveVox shows on the agent in place of the call's wrap-up; empty: it waits for the call's term code."""
    sighting = CallRecord(plan, 0.0).look(status, 0.0)
    if sighting.whose is Whose.OURS:
        return ""
    return f"{ELSE[sighting.whose]}, state {sighting.state}" if sighting.state else ELSE[sighting.whose]


def repeated(call: ClosedCall, result: Finished) -> tuple[Finished, dict[str, Fact], tuple[str, ...]]:
    """What a repeat has come to: the result, and the call's canonical line and trouble with it."""
    if result.confirmation is Confirmation.NOTHING_TO_SET:
        reason = "it left wrap-up before the term code was sent again"
        result = replace(result, confirmation=Confirmation.UNCONFIRMED, reason=reason)
    line: dict[str, Fact] = {
        **call.line,
        "outcome": result.disposition.outcome,
        "term_code": result.term_code,
        "confirmation": result.confirmation,
        "transferred_to": result.transferred_to,
        "agent_state": result.agent_state,
        "why": result.reason,
    }
    return result, line, _trouble(call.trouble, result)


def _trouble(before: Collection[str], result: Finished) -> tuple[str, ...]:
    others = tuple(name for name in before if name != TROUBLE)
    return others if result.confirmation is Confirmation.CONFIRMED else (*others, TROUBLE)


def _by_hand(call: OpenCall) -> str:
    """What is left to people."""
    transaction = f" by its transaction {call.ids.transaction_id}" if call.ids.transaction_id else ""
    code = call.result.term_code if call.result else ""
    sent = f"; the bridge had sent {code}" if code else ""
    return f"look the call up in LiveVox's reports{transaction}, and correct its result there if it is wrong{sent}"
