"""[sans-IO] From what the bot or fate said of a call to the plan of its wrap-up, by [outcomes] and [targets]."""

from dataclasses import replace

from bridge.agents.messages import AgentStuck
from bridge.call_facts import CallFacts
from bridge.calls.contact_terms import ContactTerms
from bridge.calls.events import StartWrapUp
from bridge.engines.events import Fate
from bridge.livevox.agent_status import LineState
from bridge.settings import Settings
from bridge.settings.sections import FATES, Target
from bridge.verdicts import Remarks, Transfer, Verdict
from bridge.wrapup.plan import CallIds, CustomerLeg, Disposition, EndCallBy, Limits, Plan

#: How long a call that was never answered is looked for in LiveVox: it may show no trace of it.
UNANSWERED_LOOK_S = 2.0


class Outcomes:
    """The table that turns verdicts and fates into term codes and phonebook contacts, all by name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.contact = ContactTerms(settings.contact.fields, frozenset(settings.contact.context_keys))

    def target(self, text: str) -> Target | None:
        """The target that a bot names, by its name or an alias; None: there is none."""
        name = self._settings.target_by_alias(text)
        return self._settings.targets[name] if name else None

    def knows(self, outcome: str) -> bool:
        """The settings, or the bridge itself, have an outcome of this name; case does not matter."""
        return outcome.strip().lower() in {*self._settings.outcomes, *FATES}

    def plan(self, end: StartWrapUp, ids: CallIds, facts: CallFacts, *, seen: bool = False) -> Plan:
        """The plan for a call's end. `seen`: LiveVox's status has shown the call."""
        service = ids.service_id or self._service(facts.agent_number)
        contacts, outcome, remarks = self._meant(end.fate, end.verdict)

        def disposition(name: str) -> Disposition:
            return self._disposition(name, service, remarks)

        return Plan(
            agent=facts.agent_number,
            ids=ids,
            disposition=disposition(outcome),
            customer_hung_up=disposition(Fate.CUSTOMER_HUNG_UP),
            transfer_failed=disposition(Fate.TRANSFER_FAILED if end.fate is Fate.TRANSFERRED else end.fate),
            default_term_code=self._settings.outcome("default").term_code_for(service),
            transfer=contacts,
            end_call=EndCallBy(self._settings.livevox.end_call),
            phone_dialed=phone_number(facts.caller),
            customer=end.customer,
            bot_present=end.bot_present,
            seen_in_status=seen,
            move_to_not_ready=self._settings.outcome(outcome).move_to_not_ready,
            limits=self._limits(end.answered),
        )

    def stray_plan(self, stuck: AgentStuck) -> Plan:
        """The plan for a call that LiveVox shows on an agent and that is none of ours."""
        agent = self._settings.agent(stuck.number)
        service = agent.service_id if agent else ""
        target = self.target(self._settings.livevox.on_failure)
        failure = self._disposition(Fate.BRIDGE_FAILURE, service, Remarks())
        return Plan(
            agent=stuck.number,
            ids=CallIds(transaction_id=stuck.transaction_id),
            disposition=failure,
            customer_hung_up=failure,
            transfer_failed=failure,
            default_term_code=self._settings.outcome("default").term_code_for(service),
            transfer=target.contacts if target else (),
            end_call=EndCallBy(self._settings.livevox.end_call),
            customer=CustomerLeg.GONE if stuck.state == LineState.WRAPUP else CustomerLeg.LOST,
            seen_in_status=True,
            limits=self._limits(answered=True),
        )

    def _meant(self, fate: Fate, verdict: Verdict | None) -> tuple[tuple[str, ...], str, Remarks]:
        """The contacts to try, the outcome's name and what goes with it."""
        if isinstance(verdict, Transfer):
            target = self.target(verdict.target)
            contacts = target.contacts if target else ()
            return contacts, verdict.outcome or (target.outcome if target else fate), verdict.remarks
        if verdict is not None:
            return (), verdict.outcome or fate, verdict.remarks
        return (), fate, Remarks()

    def _disposition(self, name: str, service: str, remarks: Remarks) -> Disposition:
        outcome = self._settings.outcome(name)
        notes = "\n".join(text for text in (outcome.notes, remarks.notes) if text)
        return Disposition(name, outcome.term_code_for(service), notes, remarks.payment_amount)

    def _service(self, number: str) -> str:
        agent = self._settings.agent(number)
        return agent.service_id if agent else ""

    def _limits(self, answered: bool) -> Limits:
        livevox = self._settings.livevox
        limits = Limits(transfer_s=livevox.transfer_timeout_s, give_up_s=livevox.give_up_after_s)
        return limits if answered else replace(limits, first_look_s=UNANSWERED_LOOK_S)


def phone_number(caller: str) -> str:
    """A caller as LiveVox's phoneDialed has it: ten digits without +1; empty when it is no such number."""
    digits = "".join(character for character in caller if character.isascii() and character.isdigit())
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    return digits if len(digits) == 10 else ""
