"""[sans-IO] The life of a call on the simulated platform: placed, answered, on the line, ended, disposed of."""

from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.disposition import Disposition, TermCodeRequest, accepted
from bridge.simulator.errors import CallNotPlaced, RequestRefused
from bridge.simulator.faults import EndCall, TermCodeInCall
from bridge.simulator.floor import Agent, Call, Floor, PlaceCall, ReleaseLeg, ShowCall, WrapUpOver
from bridge.simulator.ledger import Kind
from bridge.simulator.states import ON_THE_LINE, AgentState, BridgeLeg, Customer, TransferStep

#: The default result of a bridged call that nobody disposed of (livevox_api section 3.1).
OPERATOR_TRANSFER = "Operator Transfer"

_FIRST_TRANSACTION = 108821676850
_PLATFORM_ADDRESS = "10.101.21.216"


class Calls:
    """Places calls and moves them through their lives."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    # What the outside world does.

    def place(self, order: CustomerCall, now: float) -> Call:
        """Route a customer to an agent. Raises CallNotPlaced."""
        taker = self._taker(order.agent, order.service)
        assert taker.service is not None
        person = self._floor.world.contacts.get(order.account, {}).get("person", {})
        first, _, last = order.name.partition(" ")
        number = len(self._floor.calls) + 1
        call = Call(
            id=f"call-{number}",
            agent=taker.login,
            transaction_id=str(_FIRST_TRANSACTION + number),
            session_id=f"U{0x5EF8F000 + number:X}T{int(now):X}@{_PLATFORM_ADDRESS}",
            service=taker.service,
            account=order.account,
            caller_number=order.caller,
            first_name=first or str(person.get("firstName", "")),
            last_name=last or str(person.get("lastName", "")),
            placed_at=now,
        )
        self._floor.calls[call.id] = call
        taker.call, taker.failed_status, taker.abandoned = call, None, False
        self._floor.note_call(call, "placed", now, number=taker.number, transaction=call.transaction_id)
        self._floor.move(taker, AgentState.RESERVED, now)
        self._floor.commands.append(PlaceCall(order.to_place(call, taker)))
        return call

    def customer_hangs_up(self, call: Call, now: float) -> None:
        """The customer puts the telephone down."""
        if call.customer is Customer.GONE:
            return
        handed_over = call.customer is Customer.HANDED_OVER
        agent = self._floor.holder(call)
        call.customer = Customer.GONE
        self._floor.note_call(call, "customer_hung_up", now)
        if call.closed or handed_over:
            return
        self._floor.hang_up_leg(call)
        if call.leg is BridgeLeg.DIALING:
            agent.abandoned = True
            self._floor.release(agent, AgentState.READY, now)
        elif agent.state is not AgentState.WRAPUP:
            self.wrap_up(agent, now)

    # What the bridge's leg does.

    def answered(self, call: Call, now: float) -> None:
        """The bridge answered the INVITE."""
        if call.leg is not BridgeLeg.DIALING:
            return
        call.leg = BridgeLeg.UP
        self._floor.note_call(call, "answered", now)
        if call.closed:  # the customer left while the 200 was on its way
            self._floor.hang_up_leg(call)
            return
        lag = self._floor.faults.status_lag_s
        if lag > 0:
            self._floor.schedule(now + lag, ShowCall(call.id))
        else:
            self.show(call, now)

    def show(self, call: Call, now: float) -> None:
        """The answered call is on the agent's line, and agent/status says so."""
        agent = self._floor.holder(call)
        if agent.call is call and agent.state is AgentState.RESERVED:
            call.customer = Customer.TALKING
            self._floor.move(agent, AgentState.INCALL, now)

    def refused(self, call: Call, status: int, now: float) -> None:
        """The bridge refused the INVITE, or did not answer it."""
        if call.leg is not BridgeLeg.DIALING:
            return
        call.leg = BridgeLeg.GONE
        self._floor.note_call(call, "refused", now, status=status)
        if call.closed:
            return
        agent = self._floor.holder(call)
        agent.failed_status = status
        stays = self._floor.faults.ready_after_failed_invite
        self._floor.release(agent, AgentState.READY if stays else AgentState.NOTREADY, now)

    def ended(self, call: Call, by_bridge: bool, now: float) -> None:
        """The bridge's leg is over."""
        if call.leg is BridgeLeg.GONE:
            return
        call.leg = BridgeLeg.GONE
        self._floor.note_call(call, "bridge_hung_up" if by_bridge else "leg_ended", now)
        agent = self._floor.holder(call)
        if call.closed or agent.state is AgentState.WRAPUP:
            return
        if by_bridge:
            self._bridge_hung_up(agent, call, now)
        else:
            self.customer_hangs_up(call, now)

    def audio(self, call: Call, now: float) -> None:
        """The bridge's first RTP packet arrived."""
        self._floor.note_call(call, "audio", now, after_s=round(now - call.placed_at, 4))

    # What the agent asks by REST.

    def end(self, agent: Agent, now: float) -> None:
        """customer/call/end: the customer's call is ended, the agent wraps up. Raises RequestRefused."""
        call = self._on_the_line(agent)
        if self._floor.faults.require_end_call in (EndCall.BYE, EndCall.TERM_CODE):
            raise RequestRefused(400, "The call cannot be ended by this request")
        call.customer = Customer.GONE
        self._floor.hang_up_leg(call)
        self.wrap_up(agent, now)

    def hold(self, agent: Agent, now: float) -> None:
        """Put the customer on hold. Raises RequestRefused."""
        call = self._on_the_line(agent)
        if agent.state is AgentState.INCALL:
            call.customer = Customer.ON_HOLD
            self._floor.move(agent, AgentState.HOLD, now)

    def unhold(self, agent: Agent, now: float) -> None:
        """Take the customer off hold. Raises RequestRefused."""
        call = self._on_the_line(agent)
        if agent.state is not AgentState.HOLD:
            raise RequestRefused(400, "The call is not on hold")
        call.customer = Customer.TALKING
        self._floor.move(agent, AgentState.INCALL, now)

    def set_term_code(self, agent: Agent, request: TermCodeRequest, now: float) -> None:
        """Dispose of the agent's call and free the agent. Raises RequestRefused."""
        call = agent.call
        if call is None or agent.state is AgentState.RESERVED:
            raise RequestRefused(400, "There is no call to set a term code for")
        disposition = accepted(
            request,
            ids=(call.transaction_id, call.session_id),
            service=call.service,
            strict_phone=self._floor.faults.strict_phone_dialed,
        )
        if agent.state is AgentState.WRAPUP or self._ends_by_term_code(agent, call, disposition):
            self._save(agent, call, disposition, now)

    # Wrap-up.

    def wrap_up(self, agent: Agent, now: float) -> None:
        """The talk is over: the agent must dispose of the call, unless it has done so already."""
        call = agent.call
        assert call is not None
        if call.transfer is not None and call.transfer.active:
            call.transfer.step = TransferStep.GIVEN_UP
        self._floor.move(agent, AgentState.WRAPUP, now)
        if call.saved is not None:
            self._save(agent, call, call.saved, now)
        elif agent.wrap_up_s is not None:
            self._floor.schedule(now + agent.wrap_up_s, WrapUpOver(call.id))

    def wrap_up_over(self, call: Call, now: float) -> None:
        """Wrap-up has lasted too long: the default result, and the agent is put into Not Ready."""
        agent = self._floor.holder(call)
        if agent.call is call:
            self._floor.dispose(call, OPERATOR_TRANSFER, now, by="wrap-up timer")
            self._floor.release(agent, AgentState.NOTREADY, now)

    def abandon(self, agent: Agent, now: float, by: str) -> None:
        """The agent is taken off its call, which gets the default result."""
        call = agent.call
        assert call is not None
        self._floor.hang_up_leg(call)
        if call.leg is BridgeLeg.UP or agent.state is AgentState.WRAPUP:
            self._floor.dispose(call, OPERATOR_TRANSFER, now, by=by)
        if call.customer is not Customer.HANDED_OVER:
            call.customer = Customer.GONE
        self._floor.release(agent, AgentState.LOGOFF, now)

    def left(self, agent: Agent, now: float) -> None:
        """The agent has left a conference; its leg is let go after a while."""
        call = agent.call
        assert call is not None
        self.wrap_up(agent, now)
        delay = self._floor.faults.bye_after_leave_s
        if delay is not None and call.leg is BridgeLeg.UP:
            self._floor.schedule(now + delay, ReleaseLeg(call.id))

    # Private.

    def _taker(self, agent: str, service: int | None) -> Agent:
        agents = list(self._floor.agents.values())
        if agent:
            named = [one for one in agents if agent.upper() == one.login or agent == one.number]
            if not named:
                raise CallNotPlaced(f"no agent has the login or number {agent}")
            if named[0].state is not AgentState.READY:
                raise CallNotPlaced(f"agent {named[0].login} is {named[0].state}, not READY")
            return named[0]
        ready = [
            one
            for one in agents
            if one.state is AgentState.READY and (service is None or (one.service and one.service.id == service))
        ]
        if not ready:
            raise CallNotPlaced("no agent is READY")
        return min(ready, key=lambda one: one.changed_at)

    def _on_the_line(self, agent: Agent) -> Call:
        if agent.call is None or agent.state not in ON_THE_LINE:
            raise RequestRefused(400, "The agent has no call on the line")
        return agent.call

    def _bridge_hung_up(self, agent: Agent, call: Call, now: float) -> None:
        match self._floor.faults.require_end_call:
            case EndCall.CALL_END:
                self._floor.touch(agent, now)
                return  # the customer waits for customer/call/end
            case EndCall.TERM_CODE if call.saved is None:
                call.customer = Customer.GONE
                self._floor.dispose(call, OPERATOR_TRANSFER, now, by="BYE before the term code")
                self._floor.release(agent, AgentState.NOTREADY, now)
                return
        if call.transfer is not None and call.transfer.step is TransferStep.CONFERENCED:
            call.transfer.step = TransferStep.LEFT
            call.customer = Customer.HANDED_OVER
            self._floor.ledger.note(now, Kind.TRANSFER, "left", agent=agent.login, call=call.id, by="BYE")
        else:
            call.customer = Customer.GONE
        self.wrap_up(agent, now)

    def _save(self, agent: Agent, call: Call, disposition: Disposition, now: float) -> None:
        self._floor.dispose(call, disposition.result, now, **disposition.facts)
        self._floor.release(agent, disposition.next_state, now)

    def _ends_by_term_code(self, agent: Agent, call: Call, disposition: Disposition) -> bool:
        """Whether a term code on a live call ends it now; saves it where it waits. Raises RequestRefused."""
        faults = self._floor.faults
        insists = faults.require_end_call is EndCall.TERM_CODE
        forbidden = faults.require_end_call in (EndCall.BYE, EndCall.CALL_END)
        if agent.state is AgentState.TRANSFERRING or forbidden:
            raise RequestRefused(400, "The call must be ended before a term code is set")
        if faults.term_code_in_call is TermCodeInCall.REFUSED and not insists:
            raise RequestRefused(400, "The call must be ended before a term code is set")
        if faults.term_code_in_call is TermCodeInCall.WAITS and not insists:
            if call.saved is not None:
                raise RequestRefused(409, "The call has a term code already")
            call.saved = disposition
            return False
        call.customer = Customer.GONE
        self._floor.hang_up_leg(call)
        return True
