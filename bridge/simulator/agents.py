"""[sans-IO] What an agent asks for itself: its services, joining one, Ready and Not Ready, its status."""

from typing import Any

from bridge.simulator.calls import Calls
from bridge.simulator.errors import RequestRefused
from bridge.simulator.faults import MidCall
from bridge.simulator.floor import Agent, Floor
from bridge.simulator.ledger import Kind
from bridge.simulator.states import AgentState
from bridge.simulator.status import status_view
from bridge.simulator.world import Service


class Agents:
    """Moves agents in and out of service."""

    def __init__(self, floor: Floor, calls: Calls) -> None:
        self._floor = floor
        self._calls = calls

    def join(self, agent: Agent, service_id: int, phone_number: str, now: float) -> None:
        """Log an agent on to a service; joining the same one again changes nothing. Raises RequestRefused."""
        service = self.permitted(agent, service_id)
        if phone_number and not (len(phone_number) == 10 and phone_number.isascii() and phone_number.isdigit()):
            raise RequestRefused(400, "phoneNumber must have 10 digits")
        if agent.state is not AgentState.LOGOFF and agent.service is not service:
            raise RequestRefused(400, "The agent is logged on to another service")
        agent.number = phone_number or agent.seed.number
        if agent.state is AgentState.LOGOFF:
            agent.service = service
            agent.polls_left = self._floor.faults.registration_polls
            self._floor.move(agent, AgentState.REGISTERING, now)
            if agent.polls_left == 0:
                self._registered(agent, now)

    def leave(self, agent: Agent, now: float) -> None:
        """Log an agent off its service; a call in wrap-up gets the default result. Raises RequestRefused."""
        if agent.state is AgentState.LOGOFF:
            raise self._not_in_the_system()
        if agent.engaged and agent.state is not AgentState.WRAPUP:
            raise RequestRefused(self._floor.faults.mid_call_status, f"The agent is {agent.state}")
        self.log_off(agent, now, by="service/leave")

    def log_off(self, agent: Agent, now: float, by: str) -> None:
        """Take an agent out of its service, off its call if it has one."""
        agent.deferred = None
        if agent.call is not None:
            self._calls.abandon(agent, now, by)
        elif agent.state is not AgentState.LOGOFF:
            self._floor.move(agent, AgentState.LOGOFF, now)
        agent.service = None

    def ready(self, agent: Agent, now: float) -> None:
        """Make an agent Ready. Raises RequestRefused."""
        self._in_the_system(agent, now)
        if agent.engaged:
            self._mid_call(agent, AgentState.READY, self._floor.faults.ready_in_call)
        elif agent.state is AgentState.NOTREADY:
            agent.failed_status, agent.reason_code = None, ""
            self._floor.move(agent, AgentState.READY, now)

    def not_ready(self, agent: Agent, reason_code: str, now: float) -> None:
        """Make an agent Not Ready. Raises RequestRefused."""
        self._in_the_system(agent, now)
        if agent.engaged:
            self._mid_call(agent, AgentState.NOTREADY, self._floor.faults.not_ready_in_call)
            return
        agent.reason_code = reason_code
        if agent.state is AgentState.READY:
            self._floor.move(agent, AgentState.NOTREADY, now)

    def supervisor_not_ready(self, agent: Agent, now: float) -> None:
        """A supervisor puts a Ready agent into Not Ready; one on a call goes there after it."""
        self._floor.ledger.note(now, Kind.CONTROL, "supervisor_not_ready", agent=agent.login)
        if agent.engaged:
            agent.deferred = AgentState.NOTREADY
        elif agent.state is AgentState.READY:
            agent.reason_code = "OTHER"
            self._floor.move(agent, AgentState.NOTREADY, now)

    def supervisor_log_off(self, agent: Agent, now: float) -> None:
        """A supervisor logs an agent off, whatever it does."""
        self._floor.ledger.note(now, Kind.CONTROL, "supervisor_log_off", agent=agent.login)
        self.log_off(agent, now, by="supervisor")

    def expire_wrap_up(self, agent: Agent, now: float) -> None:
        """The agent's wrap-up time is used up now."""
        if agent.call is not None and agent.state is AgentState.WRAPUP:
            self._calls.wrap_up_over(agent.call, now)

    # What an agent reads.

    def status(self, agent: Agent, changed_after_ms: int | None, now: float) -> dict[str, Any]:
        """agent/status, with nothing in it if nothing changed after the given time. Raises RequestRefused."""
        if agent.state is not AgentState.LOGOFF or not self._floor.faults.logoff_is_shown:
            self._in_the_system(agent, now)
        return status_view(self._floor, agent, changed_after_ms)

    def access(self, agent: Agent) -> dict[str, Any]:
        """service/access: the services the agent may join."""
        services = [self._floor.world.service(service_id) for service_id in agent.seed.services]
        return {
            "services": [{"serviceId": s.id, "serviceName": s.name} for s in services if s is not None],
            "homeAgent": True,
            "phoneNumber": agent.number,
        }

    def stats(self, agent: Agent, now: float) -> dict[str, Any]:
        """service/stats: agents by state and calls of the agent's service. Raises RequestRefused."""
        self._in_the_system(agent, now)
        peers = [one for one in self._floor.agents.values() if one.service is agent.service]
        states = [one.state for one in peers]
        return {
            "serviceId": agent.service.id if agent.service else None,
            "agentsLoggedOn": len(peers),
            "agentsReady": states.count(AgentState.READY),
            "agentsNotReady": states.count(AgentState.NOTREADY),
            "agentsInCall": sum(1 for one in peers if one.engaged),
        }

    def permitted(self, agent: Agent, service_id: int) -> Service:
        """The service, if it exists and the agent may use it. Raises RequestRefused."""
        service = self._floor.world.service(service_id)
        if service is None:
            raise RequestRefused(404, f"Service {service_id} does not exist")
        if service_id not in agent.seed.services:
            raise RequestRefused(403, f"The agent has no access to service {service_id}")
        return service

    # Private.

    def _registered(self, agent: Agent, now: float) -> None:
        ready = self._floor.faults.ready_after_join
        self._floor.move(agent, AgentState.READY if ready else AgentState.NOTREADY, now)

    def _in_the_system(self, agent: Agent, now: float) -> None:
        if agent.state is AgentState.LOGOFF:
            raise self._not_in_the_system()
        if agent.state is AgentState.REGISTERING:
            if agent.polls_left > 0:
                agent.polls_left -= 1
                raise self._not_in_the_system()
            self._registered(agent, now)

    def _not_in_the_system(self) -> RequestRefused:
        return RequestRefused(self._floor.faults.unregistered_status, "The agent is not in the system")

    def _mid_call(self, agent: Agent, wanted: AgentState, rule: MidCall) -> None:
        if rule is MidCall.REFUSED:
            raise RequestRefused(self._floor.faults.mid_call_status, f"The agent is {agent.state}")
        if rule is MidCall.DEFERRED:
            agent.deferred = wanted


def features(world_client: tuple[int, str], service: Service) -> dict[str, Any]:
    """service/features: what the agent's desktop may do (livevox_api section 2.3)."""
    client_id, client_code = world_client
    return {
        "features": {
            "featureCode": service.feature_code,
            "termCodeEnabled": True,
            "phoneBookTransferEnabled": True,
            "manualTransferEnabled": True,
            "agentToAgentTransferEnabled": False,
            "transferOptionEnabled": True,
            "agentNotesEnabled": True,
            "strictAccountNumberEnabled": False,
            "callRecordingControlEnabled": False,
            "reasonCodesEnabled": False,
            "notReadyReasonCodes": list(service.not_ready_reason_codes),
        },
        "provideInstructions": False,
        "clientId": str(client_id),
        "clientCode": client_code,
        "serviceId": str(service.id),
        "serviceDescription": service.name,
        "callCenterId": service.call_centre_id,
        "callCenterName": "Virtual agents",
    }
